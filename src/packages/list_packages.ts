import { parseManifestText } from "../runtime/manifest_text.ts";
import { manifestIn } from "../runtime/discover.ts";
import { getDefaultRuntime, type Runtime } from "../runtime/mod.ts";
import { checkScope, foldersOfScopes, type PackageScope, type ScopeFolders } from "./_scopes.ts";

/** Options of {@linkcode listPackages}. */
export interface ListPackagesOptions extends ScopeFolders {
  /** Lists one scope alone. Default: both, and what the runtime has loaded from elsewhere. */
  scope?: PackageScope;
  /** Whose packages are listed too. Default: the default runtime. */
  runtime?: Runtime;
}

/** A package that is installed, or that a runtime has loaded. */
export interface ListedPackage {
  /** The name in its manifest; where that cannot be read, its folder's. */
  readonly name: string;
  /** The version in its manifest, or empty. */
  readonly version: string;
  /** The description in its manifest, or empty; where that cannot be read, why. */
  readonly description: string;
  /** Where it is installed; `"runtime"`: it is not, but the runtime has loaded it. */
  readonly scope: PackageScope | "runtime";
  /** Its folder, absolute. */
  readonly path: string;
}

/**
 * Lists the packages that are installed, and those that the runtime has loaded from elsewhere, by scope, then by name.
 *
 * No code of theirs is run. Where there is no home folder, the user's packages are left out, with a warning. A folder without a manifest is no package; one whose manifest cannot be read is listed.
 *
 * @throws {RangeError} for another scope
 */
export async function listPackages(options: ListPackagesOptions = {}): Promise<ListedPackage[]> {
  const { scope, runtime = getDefaultRuntime() } = options;
  if (scope !== undefined) checkScope(scope);
  const listed: ListedPackage[] = [];
  for (const [each, folder] of await foldersOfScopes(scope, options, runtime)) {
    listed.push(...await listScope(each, folder));
  }
  if (scope !== undefined) return listed;
  const installed = new Set(await Promise.all(listed.map(({ path }) => realPath(path))));
  const loaded = [...runtime.packages.values()]
    .filter(({ alias, baseDir }) => alias === undefined && !installed.has(baseDir))
    .map(({ name, version, description, baseDir }) =>
      ({ name, version, description, scope: "runtime", path: baseDir }) as const
    );
  return [...listed, ...loaded.sort((a, b) => a.name < b.name ? -1 : 1)];
}

/** Lists the packages in the folder of a scope, by name. */
export async function listScope(scope: PackageScope, folder: string): Promise<ListedPackage[]> {
  const { join } = await import("@std/path");
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (!/^[._]/.test(name)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const found = await Promise.all(names.map((name) => describe(name, join(folder, name), scope)));
  return found.filter((item) => item !== undefined).sort((a, b) => a.name < b.name ? -1 : 1);
}

async function describe(
  folderName: string,
  path: string,
  scope: PackageScope,
): Promise<ListedPackage | undefined> {
  const file = manifestIn(path);
  if (file === undefined) return undefined;
  try {
    const { name, version, description } = await parseManifestText(await Deno.readTextFile(file), {
      file,
      folderName,
    });
    return { name, version, description, scope, path };
  } catch (error) {
    return { name: folderName, version: "", description: (error as Error).message, scope, path };
  }
}

async function realPath(path: string): Promise<string> {
  return await Deno.realPath(path).catch(() => path);
}
