import { LLLMError } from "../errors.ts";
import { manifestIn } from "../runtime/discover.ts";
import type { Runtime } from "../runtime/mod.ts";
import { nearest } from "../util/mod.ts";
import { collectDependencies, readManifestOf } from "./_dependencies.ts";
import { findProject, foldersOfScopes, type ScopeFolders } from "./_scopes.ts";
import { listScope } from "./list_packages.ts";

/**
 * Finds the folder of a package: among those of the runtime, else those installed, else the project itself and what it
 * depends on.
 *
 * @throws {LLLMError} `package_not_found`, with near names
 */
export async function findPackage(name: string, folders: ScopeFolders, runtime: Runtime): Promise<string> {
  const loaded = runtime.packages.get(name);
  if (loaded !== undefined && loaded.baseDir !== "") return loaded.baseDir;
  const known = [...runtime.packages.keys()];
  for (const [scope, folder] of await foldersOfScopes(undefined, folders, runtime)) {
    const listed = await listScope(scope, folder);
    const found = listed.find((item) => item.name === name);
    if (found !== undefined) return found.path;
    known.push(...listed.map((item) => item.name));
  }
  const project = folders.projectDir ?? await findProject(runtime);
  if (manifestIn(project) !== undefined) {
    const root = { folder: project, name: (await readManifestOf(project)).name };
    const all = [root, ...(await collectDependencies(project)).found];
    const found = all.find((item) => item.name === name);
    if (found !== undefined) return found.folder;
    known.push(...all.map((item) => item.name));
  }
  throw packageNotFound(name, known);
}

/** The error for a package that is not there. */
export function packageNotFound(name: string, known: readonly string[]): LLLMError {
  const near = nearest(name, known);
  const hint = near.length === 0 ? "" : `; near it: ${near.join(", ")}`;
  return new LLLMError(
    `Cannot find package "${name}": expected one that is installed or loaded, found none${hint}`,
    {
      code: "package_not_found",
      data: { package: name, near },
    },
  );
}
