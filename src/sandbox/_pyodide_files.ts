/**
 * Pyodide's files: where they are on this machine, and the form in which the guest loads them.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { withPermission } from "./_permission_error.ts";

/** Pyodide's files that a guest needs, with the hashes of the one version that this library works with. */
export const PYODIDE_FILES: Readonly<Record<string, string>> = {
  "pyodide.mjs": "6f1d60f7bf529beb300f0f47983c921d3982363640ba20af0e38efdddbc66109",
  "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
  "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
  "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
  "pyodide-lock.json": "5dc2fc119108bc148c7457dc86e7675b5c87e1cafd420b9c34c1eaef7b36c010",
};

/** Where this version's packages are. */
export const PYODIDE_PACKAGES = "https://cdn.jsdelivr.net/pyodide/v314.0.7/full/";

/** The files that the guest is given. */
export const GUEST_PYODIDE_FILES: readonly string[] = Object.keys(PYODIDE_FILES).map(guestName);

/** Reads a file by the name that the guest knows it by; throws if it is not the one that this library works with. */
export async function readPyodideFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const original = Object.keys(PYODIDE_FILES).find((file) => guestName(file) === name)!;
  const source = new URL(original, await locatePyodide());
  const bytes = await withPermission(
    "read Pyodide's files",
    `--allow-read=${new URL(".", source).pathname}`,
    () => Deno.readFile(source),
  );
  const found = await sha256(bytes);
  if (found === PYODIDE_FILES[original]) return name === original ? bytes : toCommonJs(bytes);
  throw new LLLMError(
    `Cannot use "${source.pathname}": expected SHA-256 ${PYODIDE_FILES[original]}, found ${found}`,
    {
      code: "config_invalid",
      data: { file: source.href },
    },
  );
}

/** Reads a file that a runtime folder has unchanged, or the original if that copy is not there or not whole. */
export async function readPyodideCopy(
  name: string,
  runtimeFolder?: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const copy = runtimeFolder === undefined
    ? null
    : await Deno.readFile(`${runtimeFolder}/pyodide/${name}`).catch(() => null);
  if (copy !== null && await sha256(copy) === PYODIDE_FILES[name]) return copy;
  return await readPyodideFile(name);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Deno parses a module before V8 does, which for this one file costs a third of a session's start; not so CommonJS. */
function guestName(file: string): string {
  return file === "pyodide.asm.mjs" ? "pyodide.asm.cjs" : file;
}

function toCommonJs(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const source = new TextDecoder().decode(module)
    .replace("export default _createPyodideModule", "module.exports=_createPyodideModule")
    .replaceAll("import.meta.url", "moduleUrl");
  const head = `"use strict";const moduleUrl=require("node:url").pathToFileURL(__filename).href;`;
  return new TextEncoder().encode(head + source);
}

/**
 * Finds the folder of the npm package `pyodide`, wherever Deno keeps it.
 *
 * Deno resolves `npm:` specifiers to themselves, so no path is to be had that way. But the package's code, once
 * imported, is called with an option that looks at who reads it: a stack trace names files by their place on disk.
 */
export async function locatePyodide(): Promise<URL> {
  const { loadPyodide } = await import("pyodide");
  let stack = "";
  const seen = new Error("seen");
  const options = {
    get lockFileContents(): never {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 50;
      stack = new Error().stack ?? "";
      Error.stackTraceLimit = limit;
      throw seen;
    },
  };
  await loadPyodide(options).catch((error) => {
    if (error !== seen) throw error;
  });
  const match = /file:\/\/[^\s()]*\/pyodide\.mjs/.exec(stack);
  if (match === null) {
    throw new Error("Cannot find Pyodide's files: expected pyodide.mjs in the stack, found none");
  }
  return new URL(".", match[0]);
}
