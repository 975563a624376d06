import { type DirectoryDetail, renderDirectory } from "./_directory_text.ts";
import { exampleCall } from "./_example_call.ts";
import type { ProxyManager } from "./proxy_manager.ts";

/** Where the code that a model writes runs; `null`: nowhere, the model only reads about the APIs. */
export type ExecEnv = "interpreter" | "typescript" | "jupyter" | null;

/** Options of {@linkcode execEnvBlock}: the limits that the model is told about. */
export interface ExecEnvBlockOptions {
  /** How much of an output the model sees, in UTF-16 units; 0: all of it. Default: 5,000. */
  readonly maxOutputChars?: number;
  /** What marks a cut output. Default: `"... (truncated)"`. */
  readonly truncationIndicator?: string;
  /** How long a cell may run, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
  /** How much memory a cell has, in MB; told if given. Default: not told. */
  readonly memoryMb?: number;
  /** The hosts that code may reach. Default: none. */
  readonly allowNet?: readonly string[];
  /** Python packages beyond the standard library. Default: none. */
  readonly packages?: readonly string[];
  /**
   * A text in place of the usual one; `{api_directory}`, `{max_output_chars}`, `{truncation_indicator}` and `{timeout}`
   * (seconds) in it are filled in, all else stays as it is. Default: none.
   */
  readonly promptTemplate?: string | null;
}

/**
 * Writes the part of a system prompt that explains how code is run, how it calls APIs, and which APIs there are. The
 * text is not escaped: whoever puts it into a template escapes its braces.
 *
 * @example
 * ```ts
 * import { defineProxy, execEnvBlock, ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const manager = new ProxyManager();
 * manager.register(
 *   "clock",
 *   defineProxy({
 *     path: "clock",
 *     name: "Clock",
 *     description: "Tells the time",
 *     endpoints: { hour: { description: "The hour of the day", handler: () => 12 } },
 *   }),
 * );
 * const block = execEnvBlock("interpreter", manager, { timeoutMs: 10_000 });
 * assert.match(block, /CALL_API\("clock\/hour"\)/);
 * assert.match(block, /10 seconds/);
 * ```
 *
 * @throws {TypeError} for an unknown environment
 */
export function execEnvBlock(
  execEnv: ExecEnv,
  manager: ProxyManager,
  options: ExecEnvBlockOptions = {},
): string {
  if (execEnv !== null && !Object.hasOwn(INTRODUCTIONS, execEnv)) {
    throw new TypeError(
      `Cannot describe execution environment "${execEnv}": expected ${
        Object.keys(INTRODUCTIONS).join(", ")
      } or null`,
    );
  }
  const { maxOutputChars = 5000, truncationIndicator = "... (truncated)", timeoutMs = 60_000 } = options;
  const directories = Object.values(manager.apiCatalog()).filter((directory) =>
    directory.endpoints.length > 0
  );
  const { text: directory, detail } = renderDirectory(directories, {
    declarations: execEnv === "typescript",
  });
  if (typeof options.promptTemplate === "string") {
    const slots: Record<string, string> = {
      api_directory: directory,
      max_output_chars: String(maxOutputChars),
      truncation_indicator: truncationIndicator,
      timeout: String(timeoutMs / 1000),
    };
    return options.promptTemplate.replace(
      /\{(\w+)\}/g,
      (slot, name: string) => Object.hasOwn(slots, name) ? slots[name]! : slot,
    );
  }
  const hasApis = directories.length > 0;
  const parts: string[] = [];
  if (execEnv !== null) {
    const language = execEnv === "typescript" ? "typescript" : "python";
    parts.push(INTRODUCTIONS[execEnv]);
    if (hasApis) parts.push(callText(language, exampleCall(directories, language)));
    parts.push(rules(execEnv, hasApis, { maxOutputChars, truncationIndicator, timeoutMs, ...options }));
  }
  parts.push(
    hasApis ? `## APIs\n\n${directory}\n\n${lookUp(execEnv, detail)}` : "## APIs\n\nNone.",
  );
  return parts.join("\n\n");
}

const INTRODUCTIONS: Record<NonNullable<ExecEnv>, string> = {
  interpreter: "## Running Python\n\n" +
    "Compute with the tool run_python(code); do not guess what code can tell you. Each call runs one cell.",
  typescript: "## Running TypeScript\n\n" +
    "Compute with the tool run_typescript(code); do not guess what code can tell you. Each call runs one cell; " +
    "top-level await works, imports do not.",
  jupyter: "## Notebook\n\n" +
    "You write a Jupyter notebook. Put Python between <python_cell> and </python_cell>, text in Markdown between " +
    "<markdown_cell> and </markdown_cell>; a reply may have several cells. They run in order, and you are told their " +
    "output. Do not guess an output before you have seen it. When the notebook is complete, write <TERMINATE_NOTEBOOK>.",
};

/** How the model finds out more than the directory tells. */
function lookUp(execEnv: ExecEnv, detail: DirectoryDetail): string {
  const tool = "the tool query_api_doc(proxy_name?, query?)";
  if (detail === "groups") {
    return `These are groups of endpoints. Find endpoints by words of what they do, such as their group's name, with ${tool}; ` +
      "it tells how each is called.";
  }
  if (detail === "declarations") {
    return `The types are for you to read; parameters are checked when a call is made. Details of an endpoint, and an example ` +
      `answer: ${tool}.`;
  }
  if (execEnv === null) return `\`?\` marks optional parameters. Details: ${tool}.`;
  const marks = detail === "signatures" ? "`?` marks optional parameters. " : "";
  return `${marks}Before you first use an endpoint, read its parameters and an example answer with ${tool}.`;
}

function callText(language: "python" | "typescript", example: string): string {
  const python = language === "python";
  const signature = python
    ? "CALL_API(path: str, params: dict = {})"
    : "CALL_API(path: string, params?: Record<string, unknown>): Promise<any>";
  const behaviour = python
    ? "It is already defined, waits for the answer (no await), and returns plain data (dict, list, str, number, bool, " +
      "None). If a call fails it raises an exception that says why."
    : "It is already defined, and resolves with plain JSON data. If a call fails it throws an error that says why.";
  return `Call the APIs below with \`${signature}\`. ${behaviour} Example:\n\n\`\`\`${language}\n${example}\n\`\`\``;
}

function rules(
  execEnv: NonNullable<ExecEnv>,
  hasApis: boolean,
  limits: ExecEnvBlockOptions & { maxOutputChars: number; truncationIndicator: string; timeoutMs: number },
): string {
  const { maxOutputChars, truncationIndicator, timeoutMs, memoryMb, allowNet = [], packages = [] } = limits;
  const python = execEnv !== "typescript";
  const lines = [
    `Variables, functions${
      python ? ", imports" : ""
    } and files stay from cell to cell, also after an error; only ` +
    '"State was lost" means that you start anew.',
    `You see what is printed${
      python ? "" : " (console.log)"
    }, the value of the last expression, and errors.` +
    (maxOutputChars > 0
      ? ` Output over ${maxOutputChars} characters is cut ("${truncationIndicator}"): print summaries, keep data in ` +
        "variables."
      : ""),
    `A cell may run ${formatSeconds(timeoutMs)}${
      memoryMb === undefined ? "" : ` and use ${memoryMb} MB of memory`
    }.`,
  ];
  if (python) {
    lines.push(
      packages.length === 0
        ? "Only the standard library can be imported."
        : `Beside the standard library you can import ${packages.join(", ")}.`,
    );
  }
  const reach = hasApis ? "CALL_API is the only way to data outside." : "";
  lines.push(
    allowNet.length === 0
      ? `There is no network and no access to files of the host. ${reach}`.trim()
      : `Of the network only ${allowNet.join(", ")} can be reached${
        python ? "" : ", by fetch"
      }; there is no access to files of the host.`,
  );
  return `Rules:\n${lines.map((line) => `- ${line}`).join("\n")}`;
}

function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
}
