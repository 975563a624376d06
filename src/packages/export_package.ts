import { LLLMError } from "../errors.ts";
import { manifestIn } from "../runtime/discover.ts";
import { getDefaultRuntime, type Runtime } from "../runtime/mod.ts";
import { kindOfPath, type OnWarning, type Warning } from "../util/mod.ts";
import { writeZip } from "../util/write_zip.ts";
import { checkPaths } from "./_check_paths.ts";
import { collectPacked } from "./_collect_packed.ts";
import { readManifestOf } from "./_dependencies.ts";
import { planPaths } from "./_export_paths.ts";
import { findPackage } from "./_find_package.ts";
import { MAX_ARCHIVE_BYTES } from "./_limits.ts";
import { Packer } from "./_packer.ts";
import { exportRefusal } from "./_refuse.ts";
import type { ScopeFolders } from "./_scopes.ts";

/** Options of {@linkcode exportPackage}. */
export interface ExportPackageOptions extends ScopeFolders {
  /** Whether the packages that it depends on, and those in its `lllm_packages/`, go with it. Default: `false`. */
  bundleDeps?: boolean;
  /** Whether a file that is there already is replaced. Default: `false`, so that it is an error. */
  overwrite?: boolean;
  /** Hears of warnings, beside the runtime. Default: nobody. */
  onWarning?: OnWarning;
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
 * What a manifest lists outside of its package goes along, and the `paths` in the archive lead to it: in the dependency that it
 * belongs to, else in `from_outside/`. Without `bundleDeps`, what belongs to a dependency is left out, with a warning.
 *
 * @param name the package, or its alias
 * @param out where the archive goes; `.zip` is added where it is missing. Its folder must be there
 * @returns the path of the archive
 * @throws {LLLMError} `package_not_found`, for the folder of the archive too; `package_exists`, for a file that is there;
 *   `manifest_invalid`; `package_unsafe`, for a path that could not be installed; `package_ambiguous`, for two dependencies
 *   whose folders have one name
 */
export async function exportPackage(
  name: string,
  out: string | URL,
  options: ExportPackageOptions = {},
): Promise<string> {
  const { bundleDeps = false, overwrite = false, onWarning, runtime = getDefaultRuntime() } = options;
  const folder = await Deno.realPath(await findPackage(name, options, runtime));
  if (manifestIn(folder) === undefined) {
    throw new LLLMError(`Cannot export package "${name}": expected lllm.toml in ${folder}, found none`, {
      code: "manifest_invalid",
      data: { package: name, path: folder },
    });
  }
  const path = await checkOut(out, overwrite);
  const warn = (warning: Warning) => {
    runtime.warn(warning);
    onWarning?.(warning);
  };
  const top = (await readManifestOf(folder)).name;
  const packer = new Packer(top, path, warn);
  const { packed, left } = await collectPacked(folder, bundleDeps, warn);
  for (const own of packed) {
    if (!own.isPart) await packer.add(own.tree, own.place);
  }
  for (const own of packed) await packer.settlePaths(own, await planPaths(own, packed, left));
  const { files } = packer;
  try {
    checkPaths(files.map((file) => file.path));
  } catch (error) {
    throw exportRefusal(name, (error as Error).message, error);
  }
  const zip = await writeZip(files);
  if (zip.length > MAX_ARCHIVE_BYTES) {
    throw exportRefusal(name, `the archive has more than ${MAX_ARCHIVE_BYTES} bytes`);
  }
  await placeFile(path, zip, overwrite);
  return path;
}

/** Gives the path of the archive; it must be free, and its folder there. */
async function checkOut(out: string | URL, overwrite: boolean): Promise<string> {
  const { dirname, fromFileUrl, resolve } = await import("@std/path");
  const given = resolve(out instanceof URL ? fromFileUrl(out) : out);
  const path = /\.zip$/i.test(given) ? given : `${given}.zip`;
  if (await kindOfPath(dirname(path)) !== "folder") {
    throw new LLLMError(`Cannot export to ${path}: expected the folder ${dirname(path)}, found none`, {
      code: "package_not_found",
      data: { path: dirname(path) },
    });
  }
  const kind = await kindOfPath(path);
  if (kind === undefined || (kind === "file" && overwrite)) return path;
  throw fileExists(path, kind);
}

function fileExists(path: string, kind: "file" | "folder"): LLLMError {
  const hint = kind === "file" ? "; to replace it, say overwrite (--force)" : "";
  return new LLLMError(`Cannot export to ${path}: expected nothing there, found a ${kind}${hint}`, {
    code: "package_exists",
    data: { path },
  });
}

/** Writes beside the file, then takes its place: nobody sees half of it. */
async function placeFile(path: string, bytes: Uint8Array, overwrite: boolean): Promise<void> {
  const { dirname, join } = await import("@std/path");
  const temporary = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
  try {
    await Deno.writeFile(temporary, bytes, { createNew: true });
    if (!overwrite && await kindOfPath(path) !== undefined) throw fileExists(path, "file"); // somebody was faster
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
