import { LLLMError } from "../errors.ts";
import { getDefaultRuntime, loadPackage, type PackageInfo, type Runtime } from "../runtime/mod.ts";
import { createPackageInfo } from "../runtime/package_info.ts";
import { openArchive } from "./_archive.ts";
import { problemOfFolderName } from "./_check_manifest.ts";
import { renameManifest } from "./_rename_manifest.ts";
import { checkScope, folderOfScope, type PackageScope, type ScopeFolders } from "./_scopes.ts";
import { exists, packageExists, placeFolder, removeEmpty, removeFolder } from "./_staging.ts";
import { listScope } from "./list_packages.ts";

/** Options of {@linkcode installPackage}. */
export interface InstallPackageOptions extends ScopeFolders {
  /** Another name, for the folder and in the manifest. Default: the name in its manifest. */
  alias?: string;
  /** For the user, `~/.lllm/packages/`, or for the project, `<project>/lllm_packages/`. Default: `"user"`. */
  scope?: PackageScope;
  /** Whether the package is loaded at once, which runs its code. Default: `true`. */
  load?: boolean;
  /** Where it is loaded. Default: the default runtime. */
  runtime?: Runtime;
}

/**
 * Installs a package from a zip archive, whole or not at all: if anything is wrong with it, or it cannot be loaded,
 * nothing of it is left.
 *
 * The archive is not trusted. Paths that lead out of the package, links, names that are one on some systems, archives that
 * unpack to far more than they are or that two programs would read differently are refused. What the package's *code*
 * does is another matter: loading it gives it the permissions of the program. {@linkcode inspectPackage} tells what
 * it asks for before.
 *
 * @example
 * ```ts
 * import { exportPackage, installPackage } from "@lllm/lllm/packages";
 * import { loadPackage, Runtime } from "@lllm/lllm/runtime";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/prompts`);
 * await Deno.writeTextFile(`${folder}/lllm.toml`, '[package]\nname = "desk"\n');
 * await Deno.writeTextFile(`${folder}/prompts/greet.md`, "Hello {name}");
 *
 * const author = new Runtime();
 * await loadPackage(folder, { runtime: author });
 * const zip = await exportPackage("desk", `${folder}/desk`, { runtime: author });
 *
 * const runtime = new Runtime();
 * await installPackage(zip, { runtime, homeDir: `${folder}/home` });
 * assert.equal(runtime.getPrompt("desk:greet").render({ name: "Ann" }), "Hello Ann");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param zip the archive's path
 * @returns what is known of the package, under the name that it has now
 * @throws {LLLMError} `package_not_found`, `package_unsafe`, `package_exists`, `manifest_invalid`, `module_load_failed`
 * @throws {TypeError} for an alias that is no name of a package
 * @throws {RangeError} for another scope
 */
export async function installPackage(
  zip: string | URL,
  options: InstallPackageOptions = {},
): Promise<PackageInfo> {
  const { alias, scope = "user", load = true, runtime = getDefaultRuntime() } = options;
  checkScope(scope);
  checkAlias(alias);
  const { join } = await import("@std/path");
  const { manifest, manifestPath, files, brought } = await openArchive(zip);
  const name = alias ?? manifest.name;
  if (alias !== undefined && brought.includes(alias)) throw nameOfAnother(alias, manifest.name);
  const placed = new Map(files);
  if (name !== manifest.name) {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(files.get(manifestPath));
    placed.set(manifestPath, new TextEncoder().encode(await renameManifest(text, name, manifestPath)));
  }
  const folder = await folderOfScope(scope, options, runtime);
  const target = join(folder, name);
  const other = (await listScope(scope, folder)).find((listed) => listed.name === name);
  if (other !== undefined || await exists(target)) throw packageExists(other?.path ?? target);
  const made = await withWriteHint(folder, () => placeFolder(target, placed));
  const { version, description } = manifest;
  if (!load) return createPackageInfo({ name, version, description, baseDir: await Deno.realPath(target) });
  try {
    return await loadPackage(target, { runtime });
  } catch (error) {
    await removeFolder(target);
    await removeEmpty(made);
    throw error;
  }
}

function checkAlias(alias: unknown): void {
  if (alias === undefined) return;
  const problem = typeof alias === "string" ? problemOfFolderName(alias) : "is no text";
  if (problem !== undefined) {
    throw new TypeError(
      `Cannot install under the alias ${
        JSON.stringify(alias)
      }: expected the name of a package, found that it ${problem}`,
    );
  }
}

/** Under that name it would hide the other one, and be what depends on the other one is given. */
function nameOfAnother(alias: string, name: string): LLLMError {
  return new LLLMError(
    `Cannot install "${name}" under the alias "${alias}": ` +
      "expected a name that no package has which comes with it, found that of one",
    { code: "package_exists", data: { package: name, alias } },
  );
}

async function withWriteHint<T>(folder: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    const message = `Cannot install into ${folder}: run with --allow-read and --allow-write of that folder`;
    throw new Deno.errors.NotCapable(message, { cause: error });
  }
}
