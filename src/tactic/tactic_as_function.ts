import { type FunctionTool, tool } from "../tools/mod.ts";
import type { Schema } from "../util/mod.ts";
import { taskParameters } from "./_task_parameters.ts";

/** How a tactic's task becomes a tool's parameters: one parameter `task`, or the keys of an object task. */
export type ParameterMode = "task" | "kwargs";

/** What is needed to call a tactic as a tool: local, native or remote. */
export interface CallableTactic<In, Out> {
  /** The tactic's name: the tool's name. */
  readonly name: string;
  /** What it does, for the model. */
  readonly description?: string;
  /** What a task looks like. Default: a text. */
  readonly inputSchema?: Schema<In>;
  /** Runs it once. */
  run(task: In, options?: { signal?: AbortSignal }): Promise<Out>;
}

/**
 * Makes a tool of a tactic: a model can call it, and its run appears in the session of the run around.
 *
 * @throws {TypeError} when the mode is `"kwargs"` and the task is no object.
 */
export function tacticAsFunction<In, Out>(
  tactic: CallableTactic<In, Out>,
  options: { parameterMode?: ParameterMode } = {},
): FunctionTool {
  const { parameterMode = "task" } = options;
  return tool<Record<string, unknown>>({
    name: tactic.name,
    description: tactic.description ?? `Runs the tactic ${tactic.name}`,
    parameters: taskParameters(tactic, parameterMode, "tool"),
    execute: (args, { signal }) =>
      tactic.run((parameterMode === "kwargs" ? args : args.task) as In, { signal }),
  });
}
