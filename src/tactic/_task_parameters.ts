import { type JsonSchema, type Schema, toJsonSchema } from "../util/mod.ts";
import type { ParameterMode } from "./tactic_as_function.ts";

/** What of a tactic its parameters depend on. */
interface TaskOf {
  readonly name: string;
  readonly inputSchema?: Schema<unknown>;
}

/**
 * Writes a tactic's task as the parameters of a call: one parameter `task`, or the keys of an object task.
 *
 * @throws {TypeError} when the mode is `"kwargs"` and the task is no object.
 */
export function taskParameters(tactic: TaskOf, mode: ParameterMode, what: string): JsonSchema {
  const schema: Record<string, unknown> = tactic.inputSchema === undefined
    ? { type: "string" }
    : { ...toJsonSchema(tactic.inputSchema) as Record<string, unknown> };
  delete schema.$schema;
  if (mode === "kwargs") {
    if (schema.type === "object") return schema;
    throw new TypeError(
      `Cannot make a ${what} of tactic "${tactic.name}": expected an object inputSchema for kwargs, found ${
        JSON.stringify(schema.type ?? "none")
      }`,
    );
  }
  const { $defs, ...task } = schema;
  return {
    type: "object",
    properties: { task },
    required: ["task"],
    additionalProperties: false,
    ...($defs === undefined ? {} : { $defs }),
  };
}
