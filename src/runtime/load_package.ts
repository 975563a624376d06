import type { OnWarning, Warning } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { NESTED_FOLDER } from "./find_dependency.ts";
import { collectPackages, packageExists, type PackageSource, type PackageTree } from "./_collect_packages.ts";
import { kindOf, paths, toPath, withReadHint } from "./_platform.ts";
import { type ScannedPackage, scanPackage } from "./_scan_package.ts";
import { getDefaultRuntime } from "./default_runtime.ts";
import { manifestIn } from "./discover.ts";
import type { PackageInfo } from "./package_info.ts";
import type { Runtime } from "./runtime.ts";

/** Options of {@linkcode loadPackage}. */
export interface LoadPackageOptions {
  /** Where the resources are registered. Default: the default runtime. */
  runtime?: Runtime;
  /** Hears of warnings, beside the runtime. Default: nobody. */
  onWarning?: OnWarning;
}

/**
 * Loads a package with its dependencies, and the packages in its `lllm_packages` folder.
 *
 * Modules are imported, Markdown prompts read; configs and assets are read at first use. A package that is there already
 * is not loaded again. If anything fails, nothing is registered. A dependency that is missing, a listed folder that is
 * missing, and a nested package that cannot be loaded are warnings.
 *
 * @example
 * ```ts
 * import { loadPackage, Runtime } from "@lllm/lllm/runtime";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/prompts`);
 * await Deno.writeTextFile(`${folder}/lllm.toml`, '[package]\nname = "desk"\n');
 * await Deno.writeTextFile(`${folder}/prompts/greet.md`, "Hello {name}");
 *
 * const runtime = new Runtime();
 * const { name } = await loadPackage(folder, { runtime });
 * assert.equal(name, "desk");
 * assert.equal(runtime.getPrompt("desk:greet").render({ name: "Ann" }), "Hello Ann");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param path the package's folder, or its manifest
 * @throws {LLLMError} `package_not_found`, `package_exists`, `manifest_invalid`, `module_load_failed`
 */
export async function loadPackage(
  path: string | URL,
  options: LoadPackageOptions = {},
): Promise<PackageInfo> {
  const { runtime = getDefaultRuntime(), onWarning } = options;
  const info = await loadSource(locate(path), runtime, {
    nested: true,
    ...(onWarning === undefined ? {} : { onWarning }),
  });
  runtime.projectDir ??= info.baseDir;
  return info;
}

/** Options of {@linkcode loadSource}. */
export interface LoadSourceOptions {
  /** Whether the packages that come with a package are loaded too. */
  readonly nested: boolean;
  /** Whether what cannot be loaded is a warning. Default: false. */
  readonly keepGoing?: boolean;
  readonly onWarning?: OnWarning;
}

/** Loads a package from a place that is known to be one. */
export async function loadSource(
  source: PackageSource,
  runtime: Runtime,
  options: LoadSourceOptions,
): Promise<PackageInfo> {
  const tree = await collectPackages(source, runtime.packages);
  const scanned = await scanAll(tree, options.keepGoing ?? false);
  const warn = (warning: Warning) => {
    runtime.warn(warning);
    options.onWarning?.(warning);
  };
  const registered = register(tree, scanned, runtime, warn);
  for (const warning of [...tree.warnings, ...scanned.flatMap(({ warnings }) => warnings)]) warn(warning);
  if (options.nested) {
    for (const { baseDir } of registered) {
      await loadDropIns(paths().join(baseDir, NESTED_FOLDER), runtime, warn);
    }
  }
  return runtime.packages.get(tree.root.name) ?? tree.root;
}

/** Loads every package in a folder, in the order of their names; of two with one name the first is kept. */
export async function loadDropIns(folder: string, runtime: Runtime, warn: OnWarning): Promise<void> {
  if (kindOf(folder) !== "folder") return;
  const names = withReadHint(folder, () => [...Deno.readDirSync(folder)]).map((entry) => entry.name).sort();
  for (const name of names.filter((name) => !/^[_.]/.test(name))) {
    const manifest = manifestIn(paths().join(folder, name));
    if (manifest === undefined) continue;
    try {
      await loadSource({ manifest }, runtime, { nested: true, onWarning: warn });
    } catch (error) {
      if (LLLMError.isInstance(error) && error.code === "package_exists") continue; // the first one wins
      warn({
        code: "package_failed",
        message: `Skipped package ${paths().dirname(manifest)}: ${(error as Error).message}`,
        data: { path: paths().dirname(manifest), reason: (error as Error).message },
      });
    }
  }
}

/** Reads all packages of a tree in parallel; of several failures, the first package's is told. */
async function scanAll({ found }: PackageTree, keepGoing: boolean): Promise<ScannedPackage[]> {
  const settled = await Promise.allSettled(
    found.map(({ info, manifest }) => scanPackage(manifest, info.baseDir, { keepGoing })),
  );
  return settled.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** Puts everything into the runtime, at once: nobody sees a package without its resources. */
function register(
  tree: PackageTree,
  scanned: readonly ScannedPackage[],
  runtime: Runtime,
  warn: OnWarning,
): PackageInfo[] {
  const registered: PackageInfo[] = [];
  // Another load, at the same time, may have been first: with the same package, or with one of the same name.
  const fresh = tree.found.map(({ info }) => {
    const other = runtime.packages.get(info.name);
    if (other !== undefined && other.baseDir !== "" && other.baseDir !== info.baseDir) {
      throw packageExists(info, other);
    }
    return other?.baseDir !== info.baseDir;
  });
  for (const [index, { info }] of tree.found.entries()) {
    if (!fresh[index]) continue;
    registered.push(runtime.registerPackage(info));
    for (const node of scanned[index]!.nodes) runtime.register(node);
  }
  for (const { name, alias } of tree.aliases) {
    const taken = runtime.packages.get(alias)?.name;
    if (taken === undefined || taken === name) runtime.registerAlias(name, alias);
    else {
      warn({
        code: "alias_taken",
        message: `Package "${name}" does not get the alias "${alias}": it belongs to "${taken}" already`,
        data: { package: name, alias, taken },
      });
    }
  }
  return registered;
}

function locate(path: string | URL): PackageSource {
  const place = paths().resolve(toPath(path));
  const kind = kindOf(place);
  const manifest = kind === "folder" ? manifestIn(place) : kind === "file" ? place : undefined;
  if (manifest !== undefined) return { manifest };
  const found = kind === undefined ? "nothing" : "none";
  throw new LLLMError(`Cannot load package "${path}": expected lllm.toml in ${place}, found ${found}`, {
    code: "package_not_found",
    data: { path: place },
  });
}
