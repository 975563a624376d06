import type { FunctionCall } from "../message/mod.ts";
import type { SchemaInput } from "../util/mod.ts";
import { FunctionTool, type FunctionToolInit } from "./function_tool.ts";
import type { ToolContext } from "./tool_context.ts";

/** The fields of {@linkcode tool}. `T` is what the validated arguments are, `R` what the code returns. */
export interface ToolOptions<T, R = unknown> {
  /** What the model calls it. */
  name: string;
  /** What it does and when to use it, for the model. */
  description: string;
  /** The arguments: a schema with an object at its root. */
  parameters: SchemaInput<T>;
  /**
   * Does the work. Default: none; the tool is then bound when the agent runs, to `ref`, else to
   * `<package of the prompt>.tools:<name>`.
   */
  execute?: (args: T, context: ToolContext) => R | Promise<R>;
  /** Writes what the model is told of a result. Default: name, arguments, and the result between `---` lines. */
  processor?: (result: R, call: FunctionCall) => string;
  /** Milliseconds before a call is given up and the model is told so. Default: no limit. */
  timeoutMs?: number;
  /** Whether calls must be approved by the run's `onApproval`; a function decides by the arguments, not yet validated. Default: `false`. */
  needsApproval?: boolean | ((args: Partial<T>) => boolean);
  /** Whether an identical call may be run again in one `respond()`. Default: `false`. */
  repeatable?: boolean;
  /** Key of the resource that does the work, where `execute` is left out. Default: none. */
  ref?: string;
  /**
   * How Responses requests declare the tool, where the provider itself defines it (`{ type: "computer" }`). Chat Completions has it as
   * a function like any other. Default: none.
   */
  hosted?: Readonly<Record<string, unknown>>;
}

/**
 * Makes a tool: a function that a model may call.
 *
 * @example
 * ```ts
 * import { tool } from "@lllm/lllm/tools";
 * import { FunctionCall } from "@lllm/lllm/message";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const add = tool({
 *   name: "add",
 *   description: "Adds two numbers",
 *   parameters: z.object({ a: z.number(), b: z.number() }),
 *   execute: ({ a, b }) => a + b,
 * });
 * const done = await add.call(new FunctionCall({ id: "1", name: "add", arguments: { a: 1, b: 2 } }));
 * assert.equal(done.result, 3);
 * const failed = await add.call(new FunctionCall({ id: "2", name: "add", arguments: { a: 1 } }));
 * assert.match(failed.errorMessage!, /b: Invalid input: expected number/);
 * ```
 *
 * @throws {TypeError} when the name is empty, or `parameters` is no object schema with a JSON Schema
 */
export function tool<T = Record<string, unknown>, R = unknown>(options: ToolOptions<T, R>): FunctionTool {
  return new FunctionTool(options as unknown as FunctionToolInit);
}
