import { defineProxy, type EndpointDefinition, type ProxyClass } from "../proxies/mod.ts";
import { type JsonSchema, type Schema, toJsonSchema } from "../util/mod.ts";
import { taskParameters } from "./_task_parameters.ts";
import type { CallableTactic, ParameterMode } from "./tactic_as_function.ts";

/** Options of {@linkcode tacticProxy}. */
export interface TacticProxyOptions {
  /** The name in calls. Default: the tactic's name, with `_` for white space. */
  readonly path?: string;
  /** The endpoint's name. Default: `"run"`. */
  readonly endpoint?: string;
  /** How the task is given: as the parameter `task`, or its keys as parameters. Default: `"task"`. */
  readonly parameterMode?: ParameterMode;
  /** Whether each call needs the approval of the run's `onApproval`. Default: false. */
  readonly needsApproval?: boolean;
}

/**
 * Makes a proxy of a tactic, so that code which a model writes can call it: `CALL_API("research/run", { task: "…" })`.
 *
 * Each call is a run of its own. Within a run of another tactic it appears in that one's session and cost, and asks the same
 * `onApproval`; when the cell that calls it is cancelled or reaches its time limit, the run is cancelled too. Of a failure the
 * code sees the message. A manager's `cutoffDate` does not reach the tactic: whatever it looks up is its own affair.
 *
 * Shape: task and result are JSON data; they are described by `inputSchema` and `outputSchema`.
 *
 * @example
 * ```ts
 * import { ProxyManager } from "@lllm/lllm/proxies";
 * import { Tactic, tacticProxy } from "@lllm/lllm/tactic";
 * import assert from "node:assert/strict";
 *
 * class Shout extends Tactic<string, string> {
 *   name = "shout";
 *   override description = "Makes a text loud";
 *   call(task: string) {
 *     return task.toUpperCase();
 *   }
 * }
 * const manager = new ProxyManager();
 * manager.register("shout", tacticProxy(new Shout()));
 * assert.equal(await manager.call("shout/run", { task: "hello" }), "HELLO");
 * ```
 *
 * @throws {TypeError} when the mode is `"kwargs"` and the task is no object, or the tactic's name is no path
 */
export function tacticProxy<In, Out>(
  tactic: CallableTactic<In, Out> & { readonly outputSchema?: Schema<Out> },
  options: TacticProxyOptions = {},
): ProxyClass {
  const { path = tactic.name.replaceAll(/\s+/g, "_"), endpoint = "run", parameterMode = "task" } = options;
  const description = tactic.description ?? `Runs the tactic ${tactic.name}`;
  const outputSchema = resultSchema(tactic.outputSchema);
  const run: EndpointDefinition = {
    category: "tactics",
    name: tactic.name,
    description,
    method: "POST",
    inputSchema: taskParameters(tactic, parameterMode, "proxy"),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    needsApproval: options.needsApproval ?? false,
    handler: (params: Record<string, unknown>, { signal }) =>
      tactic.run(
        (parameterMode === "kwargs" ? params : params.task) as In,
        signal === undefined ? {} : { signal },
      ),
  };
  return defineProxy({ path, name: tactic.name, description, endpoints: { [endpoint]: run } });
}

/** What a result looks like, where that can be said. */
function resultSchema(schema: Schema<unknown> | undefined): JsonSchema | undefined {
  if (schema === undefined) return undefined;
  try {
    return toJsonSchema(schema) as JsonSchema;
  } catch {
    return undefined; // types without JSON Schema: the result is validated all the same
  }
}
