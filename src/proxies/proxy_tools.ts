import { type FunctionTool, tool } from "../tools/mod.ts";
import { foreignSchema, type JsonSchema } from "../util/mod.ts";
import { readParams } from "./_params.ts";
import type { ProxyManager } from "./proxy_manager.ts";
import type { EndpointInfo, ParamType } from "./types.ts";

/**
 * Makes a tool of each endpoint of a proxy, for a model that calls APIs itself and not by code; `market/prices` becomes
 * `market_prices`.
 *
 * @example
 * ```ts
 * import { defineProxy, ProxyManager, proxyTools } from "@lllm/lllm/proxies";
 * import { FunctionCall } from "@lllm/lllm/message";
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
 * const [hour] = proxyTools(manager, "clock");
 * assert.equal(hour!.name, "clock_hour");
 * assert.equal((await hour!.call(new FunctionCall({ id: "1", name: "clock_hour", arguments: {} }))).result, 12);
 * ```
 *
 * @throws {LLLMError} `endpoint_not_found` when there is no such proxy
 */
export function proxyTools(manager: ProxyManager, proxyName: string): FunctionTool[] {
  const { id, endpoints } = manager.getApiDirectory(proxyName);
  return endpoints.map((endpoint) =>
    tool<Record<string, unknown>, unknown>({
      name: `${id}_${endpoint.callable}`.replaceAll(/[^A-Za-z0-9_-]/g, "_"),
      description: endpoint.description,
      parameters: foreignSchema(schemaOf(endpoint)), // the call checks them in full,
      execute: (args, { signal }) => manager.call(`${id}/${endpoint.callable}`, args, { signal }),
    })
  );
}

const TYPES: Record<ParamType, JsonSchema> = {
  string: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  array: { type: "array", items: {} },
  object: { type: "object" },
  any: {},
};

function schemaOf({ params, inputSchema }: EndpointInfo): JsonSchema {
  if (inputSchema !== undefined) return inputSchema;
  const declared = readParams(params);
  return {
    type: "object",
    properties: Object.fromEntries(declared.map(({ name, type, example, description = "" }) => {
      const hint = example === undefined ? "" : `e.g. ${JSON.stringify(example)}`;
      const text = [description, hint].filter((part) => part !== "").join("; ");
      return [name, { ...TYPES[type], ...(text === "" ? {} : { description: text }) }];
    })),
    required: declared.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
}
