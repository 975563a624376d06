import { LLLMError } from "../errors.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import type { PackageManifest } from "../runtime/mod.ts";
import { readZip, type ZipFile } from "../util/read_zip.ts";
import { checkManifest } from "./_check_manifest.ts";
import { checkPaths } from "./_check_paths.ts";
import { refusal } from "./_refuse.ts";
import { chooseBelow, fromFolder, joinPath, MANIFEST_NAMES, type SourceTree } from "./_source_tree.ts";

/** A package in an archive, checked. */
export interface PackageArchive {
  readonly manifest: PackageManifest;
  /** The path of the manifest among the files. */
  readonly manifestPath: string;
  /** Its files, with paths from the package's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly tree: SourceTree;
}

const MAX_ARCHIVE_BYTES = 256 * 1024 * 1024;
const LIMITS = { maxBytes: 256 * 1024 * 1024, maxEntries: 20_000, maxRatio: 200, checkPaths };
const MAX_TEXT_BYTES = 8 * 1024 * 1024;
const MAX_NESTING = 8;

/**
 * Opens an archive and checks all of it; nothing is written.
 *
 * @throws {LLLMError} `package_not_found`, `package_unsafe`, `manifest_invalid`
 */
export async function openArchive(zip: string | URL): Promise<PackageArchive> {
  const { basename, fromFileUrl } = await import("@std/path");
  const path = zip instanceof URL || zip.startsWith("file:") ? fromFileUrl(zip) : zip;
  const name = basename(path);
  const bytes = await readArchive(path);
  let files: ZipFile[];
  try {
    files = await readZip(bytes, LIMITS);
  } catch (error) {
    throw refusal(name, (error as Error).message, error);
  }
  const { rooted, folder } = findRoot(files, name);
  const folderName = folder ?? name.replace(/\.zip$/i, "");
  const tree = openTree(name, folderName, rooted);
  const manifest = await checkManifest(name, folderName, rooted);
  const manifestPath = MANIFEST_NAMES.find((file) => rooted.has(file))!;
  return { manifest, manifestPath, files: rooted, tree };
}

async function readArchive(path: string): Promise<Uint8Array> {
  const notFound = (found: string, cause?: unknown) =>
    new LLLMError(`Cannot use package "${path}": expected a zip archive, found ${found}`, {
      code: "package_not_found",
      data: { path },
      cause,
    });
  try {
    const { isFile, isDirectory, size } = await Deno.stat(path);
    if (!isFile) throw notFound(isDirectory ? "a folder" : "a pipe, a device or the like");
    if (size > MAX_ARCHIVE_BYTES) {
      throw refusal(path, `it has ${size} bytes, more than ${MAX_ARCHIVE_BYTES}`);
    }
    return await Deno.readFile(path);
  } catch (error) {
    throw error instanceof Deno.errors.NotFound ? notFound("none", error) : error;
  }
}

/** Takes off the one folder that may hold the package, and what macOS puts beside it. */
function findRoot(
  files: readonly ZipFile[],
  name: string,
): { rooted: ReadonlyMap<string, Uint8Array>; folder?: string } {
  const own = files.filter(({ path }) => !/^__MACOSX(\/|$)/.test(path));
  const paths = own.map(({ path }) => path);
  let prefix = "";
  if (!paths.some((path) => MANIFEST_NAMES.includes(path))) {
    const folders = [...new Set(paths.map((path) => path.split("/")[0]!))];
    prefix = `${folders[0]}/`;
    const found = paths.some((path) => MANIFEST_NAMES.includes(path.slice(prefix.length)));
    if (folders.length !== 1 || !found) throw noManifest(name, paths);
  }
  const manifests = MANIFEST_NAMES.filter((manifest) => paths.includes(prefix + manifest));
  if (manifests.length > 1) {
    throw refusal(name, `it has ${manifests.length} manifests: ${manifests.join(", ")}`);
  }
  const rooted = new Map(own.map(({ path, bytes }) => [path.slice(prefix.length), bytes]));
  return prefix === "" ? { rooted } : { rooted, folder: prefix.slice(0, -1) };
}

function noManifest(name: string, paths: readonly string[]): LLLMError {
  const elsewhere = paths.find((path) => MANIFEST_NAMES.some((manifest) => path.endsWith(`/${manifest}`)));
  if (elsewhere !== undefined) {
    return refusal(name, `its manifest is not at the top, or in the one folder there, but at "${elsewhere}"`);
  }
  return new LLLMError(`Cannot use package "${name}": expected lllm.toml at its top, found none`, {
    code: "manifest_invalid",
    data: { package: name },
  });
}

/** Makes a tree of the files in a folder of an archive; the packages that came with the package become trees of their own. */
function openTree(
  name: string,
  folderName: string,
  all: ReadonlyMap<string, Uint8Array>,
  place = "",
  depth = 0,
): SourceTree {
  if (depth > MAX_NESTING) throw refusal(name, `packages are nested more than ${MAX_NESTING} deep`);
  const prefix = place === "" ? "" : `${place}/`;
  const below = [...all.keys()].filter((path) => path.startsWith(prefix)).map((path) =>
    path.slice(prefix.length)
  );
  const isBrought = (path: string) => path.startsWith(`${NESTED_FOLDER}/`) && path.split("/").length > 2;
  const bundled = below.filter(isBrought).map((path) => path.split("/")[1]!);
  return {
    name,
    folderName,
    files: below.filter((path) => !isBrought(path)).sort(),
    // A manifest may name what is in another package of the archive.
    filesBelow: (path) =>
      chooseBelow([...all.keys()], joinPath(place, path))?.map((file) => fromFolder(place, file)).sort(),
    readText: (path) => {
      const bytes = all.get(joinPath(place, path));
      return bytes === undefined || bytes.length > MAX_TEXT_BYTES
        ? undefined
        : new TextDecoder().decode(bytes);
    },
    bundled: [...new Set(bundled)]
      .filter((folder) =>
        MANIFEST_NAMES.some((file) => all.has(`${prefix}${NESTED_FOLDER}/${folder}/${file}`))
      )
      .map((folder) => openTree(folder, folder, all, `${prefix}${NESTED_FOLDER}/${folder}`, depth + 1)),
  };
}
