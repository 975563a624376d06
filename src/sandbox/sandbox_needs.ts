/**
 * What a sandbox needs of the program that starts it.
 *
 * @module
 */
import { canonicalAddress, parseNetEntry } from "../net/mod.ts";
import type { Warning } from "../util/mod.ts";
import { locateAcorn } from "./_acorn_file.ts";
import { findCacheRoot } from "./_cache_root.ts";
import { LIMITER, LIMITER_ABSENT, limitsWarning } from "./_guest_command.ts";
import type { SandboxOptions } from "./_options.ts";
import { arePackagesPrepared } from "./_prepare_packages.ts";
import { locatePyodide, PYODIDE_PACKAGES } from "./_pyodide_files.ts";
import { findRuntimeFolder } from "./_runtime_folder.ts";
import type { PackageIndex } from "./package_index.ts";

/** The permissions that a sandbox needs, as values of Deno's flags, and the state of its files. */
export interface SandboxNeeds {
  /** The folder for the sandbox's files. */
  readonly cacheRoot: string;
  /** Whether its own files are there, and its packages. If not, the first start makes them. */
  readonly isPrepared: boolean;
  /** Environment variables that lead to the folder. */
  readonly env: readonly string[];
  /** Paths that it reads. */
  readonly read: readonly string[];
  /** Paths that it writes: none once its files are there. */
  readonly write: readonly string[];
  /** The program that it starts. */
  readonly run: readonly string[];
  /** What its starts will warn of, whatever the permissions are. */
  readonly warnings: readonly Warning[];
  /** Hosts that it asks, for itself or for its code. */
  readonly net: readonly string[];
}

/** Options of {@linkcode sandboxNeeds}: those of the sandbox that matter. */
export type SandboxNeedsOptions = Pick<
  SandboxOptions,
  "language" | "allowNet" | "packages" | "packageIndex" | "cacheDir"
>;

/**
 * Finds out what a sandbox with these options needs on this machine, and in its present state, without starting it.
 *
 * @throws {LLLMError} `package_not_found` for a package that the index lacks; `config_invalid` without a cache folder.
 */
export async function sandboxNeeds(options: SandboxNeedsOptions): Promise<SandboxNeeds> {
  const { language, allowNet = [], packages = [], packageIndex = {}, cacheDir } = options;
  const cacheRoot = await findCacheRoot(cacheDir);
  const folder = await findRuntimeFolder(cacheRoot, language);
  const havePackages = packages.length === 0 ||
    await arePackagesPrepared(packages, {
      index: packageIndex,
      cacheRoot,
      ...(folder === undefined ? {} : { runtimeFolder: folder }),
    });
  const isPrepared = folder !== undefined && havePackages;
  const source = folder === undefined ? [await sourceFolder(language)] : [];
  const local = packages.length === 0 ? [] : indexPlaces(packageIndex, havePackages);
  return {
    cacheRoot,
    isPrepared,
    env: cacheDir === undefined ? cacheVariables() : [],
    read: [cacheRoot, ...source, ...local.filter((place) => !isUrl(place))],
    write: isPrepared ? [] : [cacheRoot],
    run: [findStarter()],
    warnings: LIMITER === null || isOnPath(LIMITER) ? [] : [limitsWarning(LIMITER_ABSENT)],
    net: [
      ...local.filter(isUrl).map((place) => new URL(place).host),
      ...allowNet.flatMap(permissionsOfEntry),
    ],
  };
}

/** The variables up to the one that leads to the folder. */
function cacheVariables(): string[] {
  const names = ["LLLM_CACHE", "XDG_CACHE_HOME", Deno.build.os === "windows" ? "LOCALAPPDATA" : "HOME"];
  const first = names.findIndex((name) => Deno.env.get(name));
  return first < 0 ? names : names.slice(0, first + 1);
}

async function sourceFolder(language: SandboxOptions["language"]): Promise<string> {
  const { fromFileUrl } = await import("@std/path");
  return fromFileUrl(language === "python" ? await locatePyodide() : await locateAcorn()).replace(
    /[/\\]$/,
    "",
  );
}

/** Where the index is; the wheels only if they have to be fetched. */
function indexPlaces({ lockFile, wheels }: PackageIndex, havePackages: boolean): string[] {
  const lock = lockFile === undefined ? [] : [String(lockFile)];
  if (havePackages) return lock;
  const folder = lock[0]?.replace(/[^/\\]*$/, "");
  return [...lock, String(wheels ?? folder ?? PYODIDE_PACKAGES)];
}

function isUrl(place: string): boolean {
  return /^https?:/.test(place);
}

/** A name is also resolved, for which a permission for one of its ports is too little. */
function permissionsOfEntry(entry: string): string[] {
  const parsed = parseNetEntry(entry);
  if (parsed === null) return [];
  const { host, ports } = parsed;
  return canonicalAddress(host) === null ? [host] : ports.map((port) => `${host}:${port}`);
}

/** What starts Deno under the kernel's limits needs a permission; Deno itself needs none then. */
function findStarter(): string {
  if (LIMITER !== null && isOnPath(LIMITER)) return LIMITER;
  return isOnPath(Deno.build.os === "windows" ? "deno.exe" : "deno") ? "deno" : Deno.execPath();
}

function isOnPath(program: string): boolean {
  const windows = Deno.build.os === "windows";
  return (Deno.env.get("PATH") ?? "").split(windows ? ";" : ":").some((folder) => {
    try {
      return folder !== "" && Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}
