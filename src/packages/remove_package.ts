import { LLLMError } from "../errors.ts";
import { getDefaultRuntime, type Runtime } from "../runtime/mod.ts";
import { packageNotFound } from "./_find_package.ts";
import { checkScope, foldersOfScopes, type PackageScope, type ScopeFolders } from "./_scopes.ts";
import { removeFolder } from "./_staging.ts";
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
  const { basename, SEPARATOR } = await import("@std/path");
  const listed: ListedPackage[] = [];
  for (const [each, folder] of await foldersOfScopes(scope, options, runtime)) {
    listed.push(...await listScope(each, folder));
  }
  const named = listed.filter((item) => item.name === name);
  const found = named.length > 0 ? named : listed.filter((item) => basename(item.path) === name);
  if (found.length > 1) throw ambiguous(name, found);
  if (found.length === 0) throw packageNotFound(name, listed.map((item) => item.name));
  const { path } = found[0]!;
  const real = await removeFound(path, name);
  for (const [key, info] of [...runtime.packages]) {
    const isIn = info.baseDir === real || info.baseDir.startsWith(real + SEPARATOR);
    if (info.alias === undefined && isIn) runtime.unregisterPackage(key);
  }
  return path;
}

/** Removes a folder and gives where it really was; another program may be faster. */
async function removeFound(path: string, name: string): Promise<string> {
  try {
    const real = await Deno.realPath(path);
    await removeFolder(path);
    return real;
  } catch (error) {
    throw error instanceof Deno.errors.NotFound ? packageNotFound(name, []) : error;
  }
}

function ambiguous(name: string, found: readonly ListedPackage[]): LLLMError {
  const paths = found.map(({ path }) => path);
  return new LLLMError(
    `Cannot remove package "${name}": expected one, found it at ${paths.join(" and at ")}; give the scope`,
    { code: "package_ambiguous", data: { package: name, paths } },
  );
}
