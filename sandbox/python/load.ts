/**
 * Loads Pyodide from the files beside the guest: from a memory snapshot where there is one, else from the start.
 *
 * @module
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { CreateModule, EmscriptenSettings, LoadOptions, Pyodide } from "./pyodide.ts";
import { readSnapshot, type Snapshot } from "./snapshot_file.ts";

const PYODIDE = new URL("../../pyodide/", import.meta.url);
const SNAPSHOT = new URL("../../python.snapshot", import.meta.url);

/** The interpreter's imports by which Python reads, changes and calls JavaScript objects. */
const JAVASCRIPT_ACCESS =
  /^(JsProxy_\w+_js|JsvFunction_(Construct|CallBound|Call_OneArg)|JsvObject_(CallMethod\w*|Entries|Keys|Values|SetAttr)|raw_call_js|JsModule_GetAll_js|JsObjMap_\w+_js|JsMap_\w+_js|JsException_new_helper)$/;

/** Emscripten's number for "function not implemented". */
const ENOSYS = 52;

/** Packages are handed in by the host, so that the interpreter starts with an empty list of them. */
const EMPTY_LOCK = JSON.stringify({
  info: { abi_version: "2026_0", arch: "wasm32", platform: "emscripten_5_0_3", python: "3.14.2" },
  packages: {},
});

/** Options of {@linkcode loadInterpreter}. */
export interface LoadInterpreterOptions {
  /**
   * What it is for: to run cells; to be made a snapshot of; or only to look at the memory of a module that has not
   * started Python. Default: `"cells"`.
   */
  readonly purpose?: "cells" | "snapshot" | "look";
  /** Called with the module's memory as it is before a snapshot is restored into it. */
  readonly onModule?: (heap: Uint8Array) => void;
}

/** Whom Python takes itself for. */
const USER_ID = 1000;

/** What Python takes for its own file. Emscripten would tell the path of the guest's. */
const EXECUTABLE = "/usr/bin/python3";

/** What Emscripten starts from. The locale would be the machine's. */
const ENVIRONMENT = { HOME: "/home/user", LANG: "C.UTF-8", TZ: "UTC", USER: "user", LOGNAME: "user" };

/** An interpreter, and the switch that cuts its code off from JavaScript. */
export interface LoadedInterpreter {
  readonly interpreter: Pyodide;
  /** From now on, whatever Python does to a JavaScript object gives nothing. */
  readonly seal: () => void;
}

/** Loads the interpreter; from the snapshot if it is to run cells and there is one. */
export async function loadInterpreter(options: LoadInterpreterOptions = {}): Promise<LoadedInterpreter> {
  const wasm = WebAssembly.compile(Deno.readFileSync(new URL("pyodide.asm.wasm", PYODIDE)));
  const { purpose = "cells" } = options;
  const snapshot = purpose === "cells" ? readSnapshot(SNAPSHOT) : null;
  const { loadPyodide }: { loadPyodide(options: LoadOptions): Promise<Pyodide> } = await import(
    new URL("pyodide.mjs", PYODIDE).href
  );
  const createModule: CreateModule = createRequire(import.meta.url)(
    fileURLToPath(new URL("pyodide.asm.cjs", PYODIDE)),
  );
  const gate = { open: true };
  const interpreter = await loadPyodide({
    indexURL: fileURLToPath(PYODIDE),
    jsglobals: Object.freeze(Object.create(null)),
    _sysExecutable: EXECUTABLE,
    env: ENVIRONMENT,
    lockFileContents: Promise.resolve(EMPTY_LOCK),
    createPyodideModule: (settings) =>
      startModule(settings, createModule, { wasm, snapshot, gate, ...options }),
    ...(purpose === "snapshot" ? { _makeSnapshot: true } : {}),
    ...(snapshot === null ? {} : { _loadSnapshot: snapshot.head }),
  });
  return { interpreter, seal: () => gate.open = false };
}

interface ModuleOptions extends LoadInterpreterOptions {
  readonly wasm: Promise<WebAssembly.Module>;
  readonly snapshot: Snapshot | null;
  readonly gate: { readonly open: boolean };
}

async function startModule(
  settings: EmscriptenSettings,
  createModule: CreateModule,
  { wasm, snapshot, gate, purpose, onModule }: ModuleOptions,
): ReturnType<CreateModule> {
  // Pyodide sizes the memory by the snapshot that it is given, and here that is only the snapshot's head.
  delete settings.INITIAL_MEMORY;
  if (purpose === "look") settings.noInitialRun = true;
  settings.instantiateWasm = (imports, done) => {
    const error = Symbol("error");
    const { env } = imports;
    env["Jsv_GetError_import"] = () => error;
    env["JsvError_Check"] = (value: unknown) => value === error;
    env["_emscripten_system"] = () => -ENOSYS;
    env["_setitimer_js"] = () => -ENOSYS; // nothing runs between cells
    env["__syscall_getuid32_js"] = () => USER_ID;
    for (const [name, original] of Object.entries(env)) {
      if (JAVASCRIPT_ACCESS.test(name)) env[name] = gated(original as (...args: unknown[]) => unknown, gate);
    }
    wasm.then(async (module) =>
      done(await WebAssembly.instantiate(module, imports as WebAssembly.Imports), module)
    );
    return {};
  };
  const module = await createModule(settings);
  onModule?.(module.HEAPU8);
  snapshot?.restore(module.HEAPU8);
  return module;
}

function gated(original: (...args: unknown[]) => unknown, gate: { readonly open: boolean }): unknown {
  return (...args: unknown[]) => gate.open ? original(...args) : undefined;
}
