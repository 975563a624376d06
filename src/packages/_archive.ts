import { LLLMError } from "../errors.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import type { PackageManifest } from "../runtime/mod.ts";
import { readZip, type ZipFile } from "../util/read_zip.ts";
import { checkManifests } from "./_check_manifest.ts";
import { checkPaths } from "./_check_paths.ts";
import { MAX_ARCHIVE_BYTES, MAX_BYTES, MAX_ENTRIES, MAX_RATIO } from "./_limits.ts";
import { refusal } from "./_refuse.ts";
import {
  chooseBelow,
  folderOf,
  fromFolder,
  joinPath,
  MANIFEST_NAMES,
  type SourceTree,
} from "./_source_tree.ts";

/** A package in an archive, checked. */
export interface PackageArchive {
  readonly manifest: PackageManifest;
  /** The path of the manifest among the files. */
  readonly manifestPath: string;
  /** Its files, with paths from the package's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly tree: SourceTree;
  /** The names of the packages that come with it. */
  readonly brought: readonly string[];
}

const LIMITS = { maxBytes: MAX_BYTES, maxEntries: MAX_ENTRIES, maxRatio: MAX_RATIO, checkPaths };
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
  const opener = new TreeOpener(name, rooted);
  opener.open("", name, folderName); // the nesting is checked before any manifest is read
  const { manifest, files: manifests, brought } = await checkManifests(name, folderName, rooted);
  const tree = opener.openAll(folderName, manifests);
  const manifestPath = MANIFEST_NAMES.find((file) => rooted.has(file))!;
  return { manifest, manifestPath, files: rooted, tree, brought };
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

/** Makes trees of the folders of an archive; the packages that came with a package become trees of their own. */
class TreeOpener {
  readonly #name: string;
  readonly #all: ReadonlyMap<string, Uint8Array>;
  /** The folders of all packages that were opened. */
  readonly #opened = new Set<string>();

  constructor(name: string, all: ReadonlyMap<string, Uint8Array>) {
    this.#name = name;
    this.#all = all;
  }

  /** Opens the archive's own package; packages that are a part of it, by their manifests, come with it like others. */
  openAll(folderName: string, manifests: readonly string[]): SourceTree {
    const parts = manifests.filter((file) => {
      const folder = folderOf(file);
      const name = folder.split("/").at(-1)!;
      const isOpen = this.#opened.has(folder) &&
        MANIFEST_NAMES.includes(file.slice(file.lastIndexOf("/") + 1));
      if (!isOpen) this.open(folder, name, name); // with those that came with it
      return !isOpen;
    });
    const folders = parts.map(folderOf);
    const tree = this.open("", this.#name, folderName, folders);
    const opened = parts.map((file) => {
      const folder = folderOf(file);
      const name = folder.split("/").at(-1)!;
      return { ...this.open(folder, name, name, folders), manifest: file.slice(folder.length + 1) };
    });
    return { ...tree, bundled: [...tree.bundled, ...opened] };
  }

  open(
    place: string,
    name: string,
    folderName: string,
    parts: readonly string[] = [],
    depth = 0,
  ): SourceTree {
    if (depth > MAX_NESTING) throw refusal(this.#name, `packages are nested more than ${MAX_NESTING} deep`);
    this.#opened.add(place);
    const prefix = place === "" ? "" : `${place}/`;
    const apart = parts.filter((part) => part !== place && part.startsWith(prefix)).map((part) => `${part}/`);
    const below = [...this.#all.keys()]
      .filter((path) => path.startsWith(prefix) && !apart.some((part) => path.startsWith(part)))
      .map((path) => path.slice(prefix.length));
    const isBrought = (path: string) => path.startsWith(`${NESTED_FOLDER}/`) && path.split("/").length > 2;
    const brought = new Set(below.filter(isBrought).map((path) => path.split("/")[1]!));
    const folders = [...brought].map((folder) => [folder, `${prefix}${NESTED_FOLDER}/${folder}`] as const)
      .filter(([, path]) => MANIFEST_NAMES.some((file) => this.#all.has(`${path}/${file}`)));
    return {
      name,
      folderName,
      files: below.filter((path) => !isBrought(path)).sort(),
      // A manifest may name what is in another package of the archive.
      filesBelow: (path) =>
        chooseBelow([...this.#all.keys()], joinPath(place, path))?.map((file) => fromFolder(place, file))
          .sort(),
      readText: (path) => {
        const bytes = this.#all.get(joinPath(place, path));
        return bytes === undefined || bytes.length > MAX_TEXT_BYTES
          ? undefined
          : new TextDecoder().decode(bytes);
      },
      bundled: folders.map(([folder, path]) => this.open(path, folder, folder, parts, depth + 1)),
    };
  }
}
