import { LLLMError } from "../errors.ts";
import { findConfigFile } from "../runtime/discover.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import type { Runtime } from "../runtime/mod.ts";

/** Where packages are installed: for the user, or for a project. */
export type PackageScope = "user" | "project";

/** Where the scopes are. */
export interface ScopeFolders {
  /**
   * The project's folder, whose packages are in `lllm_packages/`. Default: that of the runtime's first package, else that
   * of the manifest which is found from the working folder upwards, else the working folder.
   */
  projectDir?: string;
  /** The user's folder, whose packages are in `.lllm/packages/`. Default: `$HOME`. */
  homeDir?: string;
}

/** The scopes in the order in which they are listed. */
export const SCOPES: readonly PackageScope[] = ["user", "project"];

/** Checks a scope that a caller gave. */
export function checkScope(scope: unknown): void {
  if (scope === "user" || scope === "project") return;
  throw new RangeError(`Cannot use scope ${JSON.stringify(scope)}: expected "user" or "project"`);
}

/** The folder that a scope's packages are in; it need not be there. */
export async function folderOfScope(
  scope: PackageScope,
  folders: ScopeFolders,
  runtime: Runtime,
): Promise<string> {
  const { join, resolve } = await import("@std/path");
  if (scope === "user") return join(resolve(folders.homeDir ?? findHome()), ".lllm", "packages");
  return join(resolve(folders.projectDir ?? await findProject(runtime)), NESTED_FOLDER);
}

/**
 * The folders of the scopes: of one, or of all. Where all are meant and there is no home, the user's is left out, with a
 * warning.
 */
export async function foldersOfScopes(
  wanted: PackageScope | undefined,
  folders: ScopeFolders,
  runtime: Runtime,
): Promise<[PackageScope, string][]> {
  const found: [PackageScope, string][] = [];
  for (const scope of wanted === undefined ? SCOPES : [wanted]) {
    try {
      found.push([scope, await folderOfScope(scope, folders, runtime)]);
    } catch (error) {
      if (wanted !== undefined || !LLLMError.isInstance(error) || error.data.variable === undefined) {
        throw error;
      }
      const { message, data } = error;
      runtime.warn({ code: "no_home", message: `${message}; they are left out`, data });
    }
  }
  return found;
}

/** The project that a runtime was loaded for, else the one around the working folder. */
export async function findProject(runtime: Runtime): Promise<string> {
  const { basename, dirname } = await import("@std/path");
  const root = runtime.packages.get(runtime.defaultNamespace ?? "")?.baseDir ?? "";
  const parent = dirname(root);
  const isInstalled = basename(parent) === NESTED_FOLDER ||
    (basename(parent) === "packages" && basename(dirname(parent)) === ".lllm");
  if (root !== "" && !isInstalled) return root;
  const manifest = findConfigFile();
  return manifest === undefined ? Deno.cwd() : dirname(manifest);
}

function findHome(): string {
  const variable = Deno.build.os === "windows" ? "USERPROFILE" : "HOME";
  const home = Deno.env.get(variable);
  if (home) return home;
  throw new LLLMError(`Cannot find the user's packages: expected ${variable} to be set, found it empty`, {
    code: "config_invalid",
    data: { variable },
  });
}
