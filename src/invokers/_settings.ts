import type { Prompt } from "../prompt/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import { thawLists, toStrictSchema } from "../util/mod.ts";
import { type WireNames, wireNames } from "./wire_names.ts";

/** A JSON object of the wire. */
export type Wire = Record<string, unknown>;

/** What the contract in force asks of a request, in terms that both interfaces share. */
export interface Contract {
  /** The prompt it comes from, if there is one. */
  readonly prompt: Prompt | null;
  /** The tools that are sent. */
  readonly tools: readonly FunctionTool[];
  /** How their names travel. */
  readonly names: WireNames;
  /** The form that the reply must have, if any. */
  readonly format: { readonly name: string; readonly schema: unknown; readonly strict: boolean } | null;
}

const NONE: Contract = { prompt: null, tools: [], names: wireNames([]), format: null };

/** Reads a prompt as the contract of a request. */
export function contractOf(prompt: Prompt | null | undefined): Contract {
  if (!prompt) return NONE;
  const tools = [...prompt.functions.values()];
  return {
    prompt,
    tools,
    names: tools.length === 0 ? NONE.names : wireNames(tools.map((tool) => tool.name)),
    format: prompt.formatSchema === null
      ? null
      : { name: formatName(prompt.path), ...toStrictSchema(prompt.formatSchema) },
  };
}

/** Names a format after its prompt, in the characters that providers take. */
function formatName(path: string): string {
  return path.replace(/[^A-Za-z0-9_-]/gu, "_").slice(-64) || "output";
}

/** Lists the tools in the form of one of the interfaces, under their wire names. */
export function wireTools(contract: Contract, apiType: "completion" | "response"): Wire[] {
  return contract.tools.map((tool) => {
    const wire = sendable(tool.toTool(apiType));
    const name = contract.names.toWire(tool.name);
    if (name === tool.name) return wire;
    return apiType === "completion"
      ? { ...wire, function: { ...wire.function as Wire, name } }
      : { ...wire, name };
  });
}

const thawed = new WeakMap<object, Wire>();

/** A definition is sent with every request: as it is to be written, it is made once. */
function sendable(definition: Wire): Wire {
  let wire = thawed.get(definition);
  if (wire === undefined) thawed.set(definition, wire = thawLists(definition));
  return wire;
}

/** Reads a JSON object out of something unknown; empty if it is none. */
export function objectOf(value: unknown): Wire {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Wire : {};
}

/** Reads a list out of something unknown; empty if it is none. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
