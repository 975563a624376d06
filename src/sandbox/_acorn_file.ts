/**
 * The file of the parser acorn: where it is on this machine.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { withPermission } from "./_permission_error.ts";

/** The hash of the one version that the guest works with. */
export const ACORN_SHA256 = "b95392d79457d0357555c5ed3e56302d074b92dff119bcf3b44179500b10e9df";

/** Reads the parser as CommonJS, which Deno does not parse before V8 does. */
export async function readAcorn(): Promise<Uint8Array<ArrayBuffer>> {
  const source = new URL("acorn.js", await locateAcorn());
  const bytes = await withPermission(
    "read acorn's file",
    `--allow-read=${new URL(".", source).pathname}`,
    () => Deno.readFile(source),
  );
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (found === ACORN_SHA256) return bytes;
  throw new LLLMError(
    `Cannot use "${source.pathname}": expected SHA-256 ${ACORN_SHA256}, found ${found}`,
    { code: "config_invalid", data: { file: source.href } },
  );
}

/** Finds the package's folder as that of Pyodide is found: by a stack from within. */
export async function locateAcorn(): Promise<URL> {
  const { parse } = await import("acorn");
  let stack = "";
  const options = {
    get ecmaVersion(): "latest" {
      stack = new Error().stack ?? "";
      return "latest";
    },
  };
  parse("", options);
  const match = /file:\/\/[^\s()]*\/acorn\.m?js/.exec(stack);
  if (match === null) {
    throw new Error("Cannot find acorn's file: expected acorn.mjs in the stack, found none");
  }
  return new URL(".", match[0]);
}
