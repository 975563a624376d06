import { LLLMError } from "../errors.ts";
import { emitWarning, isPlainObject, nearest, type OnWarning } from "../util/mod.ts";
import { describeOrigin, type Origin, rootOriginOf } from "./_origins.ts";
import { CONFIG_KEYS } from "./_known_keys.ts";
import { parseAgent } from "./_parse_agent.ts";
import { describeFound, type Place, ValueReader } from "./_value_reader.ts";
import { warnOfUnknownKeys } from "./_unknown_keys.ts";
import type { AgentSpec } from "./agent_spec.ts";
import { mergeConfig } from "./merge_config.ts";

/** Options of {@linkcode parseAgentConfigs}. */
export interface ParseAgentConfigsOptions {
  /** Hears of keys that look misspelled. Default: the runtime that the config comes from, else the console. */
  onWarning?: OnWarning;
}

/**
 * Reads the agents of a tactic from its (resolved) config: for each name of the group, `global` with the agent's own
 * entry merged over it.
 *
 * Shape: a record by agent name, in the order of the group. Entries of agents that are not in the group are not read.
 *
 * @example
 * ```ts
 * import { parseAgentConfigs } from "@lllm/lllm/config";
 * import assert from "node:assert/strict";
 *
 * const { writer } = parseAgentConfigs({
 *   global: { model_name: "gpt-4o-mini", model_args: { temperature: 0.1 } },
 *   agent_configs: [{ name: "writer", system_prompt: "You write about {topic}.", top_p: 0.9 }],
 * }, ["writer"], "brief");
 * assert.equal(writer!.modelName, "gpt-4o-mini");
 * assert.deepEqual(writer!.modelArgs, { temperature: 0.1, top_p: 0.9 });
 * ```
 *
 * @param config the config of the tactic, with `base` already resolved
 * @param agentGroup the names of the agents that the tactic has
 * @param name the tactic's name, for errors
 * @throws {LLLMError} `config_invalid`, naming file, agent, key, what was expected and what was found
 */
export function parseAgentConfigs(
  config: Readonly<Record<string, unknown>>,
  agentGroup: readonly string[],
  name: string,
  options: ParseAgentConfigsOptions = {},
): Record<string, AgentSpec> {
  const root = rootOriginOf(config);
  const place: Place = { action: `Cannot build tactic "${name}"`, data: { tactic: name }, root };
  if (!isPlainObject(config)) {
    throw new LLLMError(`${place.action}: expected a mapping as config, found ${describeFound(config)}`, {
      code: "config_invalid",
      data: { ...place.data, expected: "a mapping", found: describeFound(config) },
    });
  }
  const warnings = { root, onWarning: options.onWarning };
  warnOfUnknownKeys(config, CONFIG_KEYS, {
    ...warnings,
    where: `the config of tactic "${name}"`,
    data: place.data,
  });
  const reader = new ValueReader(config, place);
  reader.count("max_workers", 1);
  const shared = reader.mapping("global") ?? {};
  const entries = collectEntries(reader, { ...warnings, name });
  const specs: Record<string, AgentSpec> = {};
  for (const agent of agentGroup) {
    const entry = entries.get(agent);
    if (entry === undefined) throw missingAgent(agent, [...entries.keys()], reader);
    const merged = mergeConfig(shared, entry);
    const own = {
      action: `Cannot build agent "${agent}" of tactic "${name}"`,
      data: { ...place.data, agent },
      root,
    };
    specs[agent] = parseAgent(agent, merged, { place: own, config: reader, ...warnings });
  }
  return specs;
}

/** Reads the agents under both keys; of two with one name the later one is used, with a warning. */
function collectEntries(
  reader: ValueReader,
  options: { name: string; root: Origin | undefined; onWarning: OnWarning | undefined },
): Map<string, Record<string, unknown>> {
  const { name, root, onWarning } = options;
  const entries = new Map<string, Record<string, unknown>>();
  for (const key of ["agent_group_configs", "agent_configs"]) {
    for (const [agent, entry] of readEntries(key, reader)) {
      if (entries.has(agent)) {
        emitWarning({
          code: "duplicate_agent",
          message: `Agent "${agent}" of tactic "${name}" has two entries in ${
            describeOrigin(root)
          }: the later one, in ${key}, is used`,
          data: { tactic: name, agent, key, file: root?.file },
        }, { sink: root?.resolver, ...(onWarning === undefined ? {} : { onWarning }) });
      }
      entries.set(agent, entry);
    }
  }
  return entries;
}

/** Reads both forms of a group of agents: a list of entries with names, and a mapping by name. */
function readEntries(key: string, reader: ValueReader): [string, Record<string, unknown>][] {
  const value = reader.get(key);
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    return value.map((entry, index) => {
      if (!isPlainObject(entry)) throw reader.error(`${key}[${index}]`, "a mapping", entry);
      if (typeof entry.name === "string" && entry.name !== "") return [entry.name, entry];
      throw reader.error(`${key}[${index}].name`, "the name of an agent", entry.name ?? undefined);
    });
  }
  if (!isPlainObject(value)) throw reader.error(key, "a list of agents, or a mapping by name", value);
  return Object.entries(value).map(([name, entry]) => {
    if (entry === null) return [name, {}];
    if (!isPlainObject(entry)) throw reader.error(`${key}.${name}`, "a mapping", entry);
    if (entry.name !== undefined && entry.name !== name) {
      throw reader.error(`${key}.${name}.name`, `"${name}"`, entry.name);
    }
    return [name, entry];
  });
}

function missingAgent(agent: string, names: string[], reader: ValueReader): LLLMError {
  const near = nearest(agent, names, 1);
  const found = names.length === 0 ? "none" : `only ${names.sort().map((name) => `"${name}"`).join(", ")}`;
  const hint = near.length === 0 || names.length === 1 ? "" : `; did you mean "${near[0]}"?`;
  const error = reader.error("agent_configs", `an entry for agent "${agent}"`, undefined);
  return new LLLMError(error.message.replace("found none", () => `found ${found}${hint}`), {
    code: "config_invalid",
    data: { ...error.data, agent, found, near },
  });
}
