import type { OnWarning } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { NESTED_FOLDER } from "./find_dependency.ts";
import type { PackageSource } from "./_collect_packages.ts";
import { kindOf, paths, toPath } from "./_platform.ts";
import { setDefaultRuntime, setNamedRuntime } from "./default_runtime.ts";
import { findConfigFile, findUpwards, manifestIn, startFolder, userPackagesFolder } from "./discover.ts";
import { loadDropIns, loadSource } from "./load_package.ts";
import { Runtime } from "./runtime.ts";

/** Options of {@linkcode loadRuntime}. */
export interface LoadRuntimeOptions {
  /** Keeps the runtime under this name. Default: it becomes the default runtime. */
  name?: string;
  /** Whether a folder without a manifest that has standard folders is loaded as a package. Default: `true`. */
  discover?: boolean;
  /** Whether packages in `lllm_packages/` and `~/.lllm/packages/` are loaded too. Default: `true`. */
  sharedPackages?: boolean;
  /**
   * Whether a module or prompt that cannot be loaded is a warning, with the code of the error, and all else is loaded. Default:
   * `false`, so that the load fails.
   */
  keepGoing?: boolean;
  /** Hears of warnings, beside the runtime's list. Default: nobody. */
  onWarning?: OnWarning;
}

/** Folders that make a folder without a manifest a package. */
const STANDARD_FOLDERS = ["prompts", "configs", "tactics", "proxies", "tools"];

/**
 * Creates a runtime and fills it from the project's manifest, its dependencies and drop-in packages.
 *
 * Without a path, the manifest is found as {@linkcode findConfigFile} finds it. A project without a manifest that has
 * standard folders (`prompts/`, `tactics/`, …) is loaded as a package with its folder's name, with a warning; one that
 * has none gives an empty runtime. A load that fails replaces nothing.
 *
 * @example
 * ```ts
 * import { loadPrompt, loadRuntime } from "@lllm/lllm/runtime";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/prompts`);
 * await Deno.writeTextFile(`${folder}/lllm.toml`, '[package]\nname = "desk"\n');
 * await Deno.writeTextFile(`${folder}/prompts/greet.md`, "Hello {name}");
 *
 * const runtime = await loadRuntime(folder, { name: "desk", sharedPackages: false });
 * assert.deepEqual(runtime.keys(), ["desk.prompts:greet"]);
 * assert.equal((await loadPrompt("greet", { runtime })).prompt, "Hello {name}");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param path the manifest, or the folder to start from; default: the working folder
 * @throws {LLLMError} `package_not_found`, `manifest_invalid`, `module_load_failed`
 */
export async function loadRuntime(path?: string | URL, options: LoadRuntimeOptions = {}): Promise<Runtime> {
  const { name, discover = true, sharedPackages = true, keepGoing = false, onWarning } = options;
  const runtime = new Runtime(onWarning === undefined ? {} : { onWarning });
  const warn: OnWarning = (warning) => runtime.warn(warning);
  const manifest = findManifest(path, warn);
  const project = manifest === undefined ? startFolder(path) : paths().dirname(manifest);
  const source = manifest === undefined ? (discover ? standInFor(project, warn) : undefined) : { manifest };
  if (source !== undefined) {
    runtime.projectDir = (await loadSource(source, runtime, { nested: sharedPackages, keepGoing })).baseDir;
  }
  if (sharedPackages) {
    if (source === undefined) await loadDropIns(paths().join(project, NESTED_FOLDER), runtime, warn);
    const userFolder = userPackagesFolder();
    if (userFolder !== undefined) await loadDropIns(userFolder, runtime, warn);
  }
  if (name === undefined) setDefaultRuntime(runtime);
  else setNamedRuntime(name, runtime);
  return runtime;
}

function findManifest(path: string | URL | undefined, warn: OnWarning): string | undefined {
  if (path === undefined) return findConfigFile(undefined, { onWarning: warn });
  const place = paths().resolve(toPath(path));
  const kind = kindOf(place);
  if (kind === "file") return place;
  if (kind === "folder") return manifestIn(place) ?? findUpwards(place);
  throw new LLLMError(
    `Cannot load runtime "${path}": expected a manifest or a folder, found nothing at ${place}`,
    {
      code: "package_not_found",
      data: { path: place },
    },
  );
}

/** A folder that has standard folders stands in for a package. */
function standInFor(folder: string, warn: OnWarning): PackageSource | undefined {
  if (!STANDARD_FOLDERS.some((name) => kindOf(paths().join(folder, name)) === "folder")) return undefined;
  warn({
    code: "missing_manifest",
    message: `Loaded ${folder} without a manifest; add a lllm.toml to name the package and its dependencies`,
    data: { path: folder },
  });
  return { folder };
}
