import { LLLMError } from "../errors.ts";
import { manifestIn } from "../runtime/discover.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import { getDefaultRuntime, type Runtime } from "../runtime/mod.ts";
import type { ZipFile } from "../util/read_zip.ts";
import { writeZip } from "../util/write_zip.ts";
import { checkPaths } from "./_check_paths.ts";
import { collectDependencies, isPartOf, readManifestOf } from "./_dependencies.ts";
import { findPackage } from "./_find_package.ts";
import { openFolder } from "./_folder_tree.ts";
import type { ScopeFolders } from "./_scopes.ts";
import type { SourceTree } from "./_source_tree.ts";

/** Options of {@linkcode exportPackage}. */
export interface ExportPackageOptions extends ScopeFolders {
  /** Whether the packages that it depends on, and those in its `lllm_packages/`, go with it. Default: `false`. */
  bundleDeps?: boolean;
  /** Whose package it is. Default: the default runtime. */
  runtime?: Runtime;
}

/**
 * Packs a package into a zip archive that {@linkcode installPackage} takes: the same files give the same bytes.
 *
 * Hidden files, `node_modules` and caches are left out; so are links that lead out of the package, with a warning. With
 * `bundleDeps`, dependencies go to `lllm_packages/` inside, theirs too, each once. A package that is not loaded
 * is looked for among those installed, and among what the project depends on.
 *
 * @param name the package, or its alias
 * @param out where the archive goes; `.zip` is added where it is missing. A file that is there is replaced
 * @returns the path of the archive
 * @throws {LLLMError} `package_not_found`; `manifest_invalid`; `package_unsafe`, for a path that could not be installed;
 *   `package_ambiguous`, for two dependencies whose folders have one name
 */
export async function exportPackage(
  name: string,
  out: string | URL,
  options: ExportPackageOptions = {},
): Promise<string> {
  const { bundleDeps = false, runtime = getDefaultRuntime() } = options;
  const { fromFileUrl, join, resolve } = await import("@std/path");
  const folder = await Deno.realPath(await findPackage(name, options, runtime));
  if (manifestIn(folder) === undefined) {
    throw new LLLMError(`Cannot export package "${name}": expected lllm.toml in ${folder}, found none`, {
      code: "manifest_invalid",
      data: { package: name, path: folder },
    });
  }
  const given = resolve(out instanceof URL ? fromFileUrl(out) : out);
  const path = /\.zip$/i.test(given) ? given : `${given}.zip`;
  const top = (await readManifestOf(folder)).name;
  const packer = new Packer(runtime, path);
  const tree = await openFolder(folder);
  await packer.add(tree, top);
  if (bundleDeps) {
    for (const bundled of tree.bundled) {
      await packer.addWhole(bundled, `${top}/${NESTED_FOLDER}/${bundled.folderName}`);
    }
    await addDependencies(folder, `${top}/${NESTED_FOLDER}`, packer, runtime);
  }
  const files = packer.files;
  try {
    checkPaths(files.map((file) => file.path));
  } catch (error) {
    throw new LLLMError(`Cannot export package "${name}": ${(error as Error).message}`, {
      code: "package_unsafe",
      data: { package: name, reason: (error as Error).message },
      cause: error,
    });
  }
  await replaceFile(path, await writeZip(files), join);
  return path;
}

async function addDependencies(
  folder: string,
  prefix: string,
  packer: Packer,
  runtime: Runtime,
): Promise<void> {
  const { found, missing } = await collectDependencies(folder);
  for (const { package: name, path } of missing) {
    runtime.warn({
      code: "missing_dependency",
      message: `Package "${name}" depends on ${path}, which is not there to be exported`,
      data: { package: name, dependency: path },
    });
  }
  const nested = `${folder}/${NESTED_FOLDER}`.replaceAll("\\", "/");
  const taken = new Map<string, string>();
  for (const dependency of found) {
    const place = dependency.folder.replaceAll("\\", "/");
    if (await isPartOf(dependency.folder, folder) || place.startsWith(`${nested}/`)) continue;
    const within = found.some((other) => place.startsWith(`${other.folder.replaceAll("\\", "/")}/`));
    if (within) continue; // it goes with the package that it is in
    const other = taken.get(dependency.folderName);
    if (other !== undefined) {
      throw new LLLMError(
        `Cannot export the dependencies: expected folders of different names, found ${other} and ${dependency.folder}`,
        { code: "package_ambiguous", data: { paths: [other, dependency.folder] } },
      );
    }
    taken.set(dependency.folderName, dependency.folder);
    await packer.addWhole(await openFolder(dependency.folder), `${prefix}/${dependency.folderName}`);
  }
}

/** Reads files into what becomes the archive. */
class Packer {
  readonly files: ZipFile[] = [];
  readonly #runtime: Runtime;
  readonly #out: string;

  constructor(runtime: Runtime, out: string) {
    this.#runtime = runtime;
    this.#out = out;
  }

  /** Adds a package without those that came with it. */
  async add(tree: SourceTree, prefix: string): Promise<void> {
    const { join } = await import("@std/path");
    const root = await Deno.realPath(tree.name);
    for (const file of tree.files) {
      const path = join(tree.name, file);
      const real = await Deno.realPath(path);
      if (path === this.#out || real === this.#out) continue;
      if (!`${real}/`.startsWith(`${root}/`) && !real.startsWith(`${root}\\`)) {
        this.#runtime.warn({
          code: "link_left_out",
          message: `Left out of the archive: ${path} is a link that leads out of the package`,
          data: { path, target: real },
        });
        continue;
      }
      this.files.push({ path: `${prefix}/${file}`, bytes: await Deno.readFile(path) });
    }
  }

  /** Adds a package with those that came with it. */
  async addWhole(tree: SourceTree, prefix: string): Promise<void> {
    await this.add(tree, prefix);
    for (const bundled of tree.bundled) {
      await this.addWhole(bundled, `${prefix}/${NESTED_FOLDER}/${bundled.folderName}`);
    }
  }
}

/** Writes beside the file, then takes its place: nobody sees half of it. */
async function replaceFile(
  path: string,
  bytes: Uint8Array,
  join: (...parts: string[]) => string,
): Promise<void> {
  const { dirname } = await import("@std/path");
  await Deno.mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
  try {
    await Deno.writeFile(temporary, bytes, { createNew: true });
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
