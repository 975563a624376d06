/**
 * What of a project is served as tools: its tactics, and the endpoints of its proxies.
 *
 * @module
 */
import type { ServedCallContext, ServedTool } from "../mcp/mod.ts";
import { type ProxyManager, proxyTools } from "../proxies/mod.ts";
import { directRunner, type ResolvedResource, RunContext } from "../run/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import type { SessionEvent } from "../session/mod.ts";
import { instantiateTactic, type Tactic } from "../tactic/mod.ts";
import { FunctionCall } from "../message/mod.ts";
import { isPlainObject, type JsonSchema, toJsonSchema } from "../util/mod.ts";

/** Makes a tool of a tactic: an object task is the tool's arguments, any other one is its argument `task`. */
export function tacticTool(
  node: ResolvedResource,
  runtime: Runtime,
  tactic: Tactic<unknown, unknown>,
): ServedTool {
  const { name, description = `Runs the tactic ${name}` } = tactic;
  const task = tactic.inputSchema === undefined ? { type: "string" } : plainSchema(tactic.inputSchema);
  const isObject = task.type === "object";
  const output = tactic.outputSchema === undefined ? undefined : plainSchema(tactic.outputSchema);
  return {
    name: toolName(name),
    description,
    inputSchema: isObject ? task : wrapped(task),
    ...(output?.type === "object" ? { outputSchema: output } : {}),
    call: async (args, { signal, onApproval, onProgress }) => {
      // An instance of its own, so that what is observed is this call.
      const own = instantiateTactic(node, { runtime });
      const stop = own.observe(progressOf(onProgress));
      try {
        return await own.run(isObject ? args : args.task, { signal, onApproval });
      } finally {
        stop();
      }
    },
  };
}

/** Makes a tool of each endpoint of a proxy: `market/prices` is called `market_prices`. */
export function endpointTools(manager: ProxyManager, proxyName: string, runtime: Runtime): ServedTool[] {
  return proxyTools(manager, proxyName).map((tool) => ({
    name: toolName(tool.name),
    description: tool.description,
    inputSchema: tool.parameters,
    call: async (args, { signal, onApproval, onProgress }) => {
      const run = new RunContext({
        signal,
        steps: directRunner,
        resolver: runtime,
        onApproval,
        emit: progressOf(onProgress) as (event: { type: string }) => void,
      });
      const call = new FunctionCall({ id: crypto.randomUUID(), name: tool.name, arguments: args });
      const { success, result, errorMessage } = await run.enter(() => tool.call(call, { signal }));
      if (!success) throw new Error(errorMessage ?? "The call failed");
      return result;
    },
  }));
}

/** Names that clients can call; one that is taken gets a number. */
export function withDistinctNames(tools: readonly ServedTool[]): ServedTool[] {
  const taken = new Set<string>();
  return tools.map((tool) => {
    let { name } = tool;
    for (let i = 2; taken.has(name); i++) name = `${tool.name}_${i}`;
    taken.add(name);
    return { ...tool, name };
  });
}

/** Tells what happens in a run as progress: a count that grows, and what it is that was done. */
function progressOf(onProgress: ServedCallContext["onProgress"]): (event: SessionEvent) => void {
  let progress = 0;
  return (event) => {
    const message = describe(event);
    if (message !== undefined) onProgress({ progress: ++progress, message });
  };
}

function describe(event: SessionEvent): string | undefined {
  switch (event.type) {
    case "model_start":
      return `${event.agentName} asks ${event.model}`;
    case "tool_start":
      return `${event.agentName} calls ${event.call.name}`;
    case "recall":
      return `${event.agentName} waits for its provider`;
    case "tactic_start":
      return `${event.session.tacticName} starts`;
    default:
      return undefined;
  }
}

function plainSchema(schema: NonNullable<Tactic<unknown, unknown>["inputSchema"]>): JsonSchema {
  const { $schema: _dialect, ...plain } = toJsonSchema(schema);
  return plain;
}

function wrapped({ $defs, ...task }: JsonSchema): JsonSchema {
  return {
    type: "object",
    properties: { task },
    required: ["task"],
    additionalProperties: false,
    ...(isPlainObject($defs) ? { $defs } : {}),
  };
}

function toolName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]/g, "_").slice(0, 120) || "_";
}
