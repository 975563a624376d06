import { LLLMError } from "../errors.ts";
import { getDefaultRuntime, type Runtime } from "../runtime/mod.ts";
import { packageNotFound } from "./_find_package.ts";
import { checkScope, foldersOfScopes, type PackageScope, type ScopeFolders } from "./_scopes.ts";
import { exists, removeFolder } from "./_staging.ts";
import { type ListedPackage, listScope } from "./list_packages.ts";

/** Options of {@linkcode removePackage}. */
export interface RemovePackageOptions extends ScopeFolders {
  /** Where it is installed. Default: wherever it is; in both is an error. */
  scope?: PackageScope;
  /** The runtime that forgets it. Default: the default runtime. */
  runtime?: Runtime;
}

/**
 * Removes an installed package, and makes the runtime forget it. A folder that is a symbolic link is unlinked: what it
 * leads to stays.
 *
 * @param name the package's name, or that of its folder
 * @returns the path that is gone
 * @throws {LLLMError} `package_not_found`; `package_ambiguous`, if both scopes have it
 * @throws {RangeError} for another scope
 */
export async function removePackage(name: string, options: RemovePackageOptions = {}): Promise<string> {
  const { scope, runtime = getDefaultRuntime() } = options;
  if (scope !== undefined) checkScope(scope);
  const { basename } = await import("@std/path");
  const listed: ListedPackage[] = [];
  const folders = await foldersOfScopes(scope, options, runtime);
  for (const [each, folder] of folders) listed.push(...await listScope(each, folder));
  const named = listed.filter((item) => item.name === name);
  const found = named.length > 0 ? named : listed.filter((item) => basename(item.path) === name);
  if (found.length > 1) throw ambiguous(name, found);
  if (found.length === 0) {
    await forgetGone(name, folders.map(([, folder]) => folder), runtime);
    throw packageNotFound(name, listed.map((item) => item.name));
  }
  const { path } = found[0]!;
  const real = await realPathOf(path);
  try {
    await removeFolder(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await forget(real, runtime); // another program was faster
    throw packageNotFound(name, []);
  }
  await forget(real, runtime);
  return path;
}

/** Forgets the packages in a folder. */
async function forget(folder: string, runtime: Runtime): Promise<void> {
  const { SEPARATOR } = await import("@std/path");
  for (const [key, { alias, baseDir }] of [...runtime.packages]) {
    const isIn = baseDir === folder || baseDir.startsWith(folder + SEPARATOR);
    if (alias === undefined && isIn) runtime.unregisterPackage(key);
  }
}

/** Forgets a package that was loaded from the folder of a scope, and that another program has removed since. */
async function forgetGone(name: string, folders: readonly string[], runtime: Runtime): Promise<void> {
  const { basename, dirname } = await import("@std/path");
  const real = await Promise.all(folders.map(realPathOf));
  for (const { name: own, baseDir } of [...runtime.packages.values()]) {
    const isNamed = own === name || basename(baseDir) === name;
    if (isNamed && real.includes(dirname(baseDir)) && !await exists(baseDir)) await forget(baseDir, runtime);
  }
}

/** Where a path really is; of one that is gone, where it was. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const { basename, dirname, join } = await import("@std/path");
    const parent = dirname(path);
    return parent === path ? path : join(await realPathOf(parent), basename(path));
  }
}

function ambiguous(name: string, found: readonly ListedPackage[]): LLLMError {
  const paths = found.map(({ path }) => path);
  return new LLLMError(
    `Cannot remove package "${name}": expected one, found it at ${paths.join(" and at ")}; give the scope`,
    { code: "package_ambiguous", data: { package: name, paths } },
  );
}
