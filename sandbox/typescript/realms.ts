/**
 * The two realms besides the worker's own: that of the cells, and that of the harness. Neither has anything but the
 * language, and neither can make code of strings.
 *
 * @module
 */
import { constants, createContext, Script } from "node:vm";
import type { CellParts, CellRealm, CellSide, Harness, Host } from "./realm/harness.ts";

/** The harness's files, in an order in which each finds what it needs at once. */
const HARNESS = [
  "stack_frames",
  "quote",
  "properties",
  "errors",
  "inspect_layout",
  "inspect_builtins",
  "inspect",
  "thrown",
  "display",
  "api_params",
  "console",
  "requests",
  "harness",
];

/** The files of what cells find in their realm. */
const GLOBALS = [
  "stack_frames",
  "border",
  "stacks",
  "dom_exception",
  "text",
  "random",
  "url_params",
  "url",
  "abort",
  "headers",
  "body",
  "fetch",
  "describe",
  "structured_clone",
  "globals",
];

/** Code that is compiled but has not run. */
export type CompiledCode = Script;

/** Where cells run. */
export class Realms {
  /** The harness; it takes and gives strings and numbers, besides functions of the cells' realm. */
  readonly harness: Harness;
  readonly #cells = createRealm();
  readonly #harnessRealm = createRealm();
  readonly #run = new Script("run()", { filename: "<sandbox>" });

  constructor(host: Host, maxChars: number) {
    const create = readRealmScript(HARNESS, "createHarness", this.#harnessRealm) as (
      host: Host,
      maxChars: number,
    ) => Harness;
    this.harness = create(host, maxChars);
    (this.#harnessRealm as { run?: () => void }).run = this.harness.run;
    const install = readRealmScript(GLOBALS, "installGlobals", this.#cells) as (
      side: CellSide,
    ) => CellRealm;
    this.harness.connect(install(this.harness.cellSide));
  }

  /** Compiles an expression; throws a `SyntaxError`. `columnOffset`: added to the columns of the first line. */
  compile(code: string, filename: string, columnOffset: number): CompiledCode {
    return new Script(code, { filename, columnOffset });
  }

  /** The value of compiled code: a function of the cells' realm. */
  evaluate(code: CompiledCode): CellParts["body"] {
    return code.runInContext(this.#cells);
  }

  /** Runs the harness's job for at most so many milliseconds. False: it had to be stopped. */
  runJob(timeoutMs: number): boolean {
    try {
      this.#run.runInContext(this.#harnessRealm, { timeout: Math.max(1, Math.ceil(timeoutMs)) });
      return true;
    } catch {
      return false;
    }
  }
}

function createRealm(): object {
  const options = { codeGeneration: { strings: false, wasm: false } };
  return createContext(constants.DONT_CONTEXTIFY as unknown as object, options);
}

/**
 * Makes one script of modules, since a realm takes scripts alone: their imports and the word `export` are left out.
 * Gives the value that `name` has in it.
 */
function readRealmScript(files: readonly string[], name: string, realm: object): unknown {
  const parts = files.map((file) =>
    Deno.readTextFileSync(new URL(`./realm/${file}.js`, import.meta.url))
      .replaceAll(/^import [^;]*;$/gm, "")
      .replaceAll(/^export /gm, "")
  );
  const code = `(function () { "use strict"; ${parts.join("\n")}\nreturn ${name}; })()`;
  return new Script(code, { filename: "<sandbox>" }).runInContext(realm);
}
