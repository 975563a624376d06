import { parseNetEntry } from "../net/net_policy.ts";
import { findSandboxOptionProblem } from "../sandbox/mod.ts";
import { emitWarning, isPlainObject, type JsonObject, type OnWarning, setOwn } from "../util/mod.ts";
import { AGENT_KEYS, PROXY_KEYS, SANDBOX_KEYS } from "./_known_keys.ts";
import { describeOrigin, type Origin, originOf } from "./_origins.ts";
import { parsePackageIndex } from "./_package_index.ts";
import { warnOfUnknownKeys } from "./_unknown_keys.ts";
import { type Place, ValueReader } from "./_value_reader.ts";
import type { AgentSource, AgentSpec, ContextManagerSpec, ProxySpec, SandboxSpec } from "./agent_spec.ts";
import { mergeConfig } from "./merge_config.ts";

/** What the reading of one agent needs to know. */
export interface ParseAgentOptions {
  readonly place: Place;
  /** The config around the agent. */
  readonly config: ValueReader;
  readonly root: Origin | undefined;
  readonly onWarning: OnWarning | undefined;
}

/** Reads one agent; `raw` is its entry with `global` already merged in. */
export function parseAgent(
  name: string,
  raw: Record<string, unknown>,
  options: ParseAgentOptions,
): AgentSpec {
  const { place, config } = options;
  const reader = new ValueReader(raw, place);
  warnOfUnknownKeys(raw, AGENT_KEYS, { ...options, where: `agent "${name}"`, data: place.data });
  const proxy = parseProxy(name, reader, options);
  const sandbox = parseSandbox(name, reader, options);
  const invoker = reader.text("invoker") ?? config.text("invoker");
  const script = parseScript(reader) ?? parseScript(config);
  return {
    name,
    modelName: reader.requiredText("model_name"),
    modelArgs: collectModelArgs(raw, reader),
    ...parsePrompt(name, reader, options),
    apiType: reader.oneOf("api_type", ["completion", "response"]) ?? "completion",
    tools: reader.texts("tools"),
    ...(proxy === undefined ? {} : { proxy }),
    ...(sandbox === undefined ? {} : { sandbox }),
    contextManager: parseContextManager(reader, place),
    skills: reader.texts("skills"),
    ...parseSkillHosts(reader),
    extraSettings: reader.mapping("extra_settings") ?? {},
    maxExceptionRetry: reader.count("max_exception_retry", 0) ?? 3,
    maxInterruptSteps: reader.count("max_interrupt_steps", 0) ?? 5,
    maxLlmRecall: reader.count("max_llm_recall", 0) ?? 0,
    ...(invoker === undefined ? {} : { invoker }),
    ...(script === undefined ? {} : { script }),
    source: readSource(raw, options.root),
  };
}

function collectModelArgs(raw: Record<string, unknown>, reader: ValueReader): Record<string, unknown> {
  const args = mergeConfig({}, reader.mapping("model_args") ?? {});
  for (const key of Object.keys(raw)) {
    if (!(AGENT_KEYS as readonly string[]).includes(key)) setOwn(args, key, raw[key]);
  }
  return args;
}

function parsePrompt(
  agent: string,
  reader: ValueReader,
  { place, root, onWarning }: ParseAgentOptions,
): { systemPrompt: string } | { systemPromptPath: string } {
  const systemPrompt = reader.text("system_prompt");
  const systemPromptPath = reader.text("system_prompt_path");
  if (systemPrompt !== undefined) {
    if (systemPromptPath !== undefined) {
      emitWarning({
        code: "two_prompts",
        message: `Agent "${agent}" has a system_prompt and a system_prompt_path in ${
          describeOrigin(root)
        }: system_prompt is used; set the other one to null`,
        data: { ...place.data, file: root?.file, key: "system_prompt_path" },
      }, { sink: root?.resolver, ...(onWarning === undefined ? {} : { onWarning }) });
    }
    return { systemPrompt };
  }
  if (systemPromptPath !== undefined && systemPromptPath !== "") return { systemPromptPath };
  throw reader.missing(["system_prompt", "system_prompt_path"], "a text", systemPromptPath);
}

function parseProxy(agent: string, reader: ValueReader, options: ParseAgentOptions): ProxySpec | undefined {
  const raw = reader.mapping("proxy");
  if (raw === undefined) return undefined;
  const proxy = nested("proxy", agent, raw, PROXY_KEYS, options);
  const timeout = proxy.positive("timeout") ?? 60;
  const timeoutMs = Math.round(timeout * 1000);
  if (findSandboxOptionProblem("timeoutMs", timeoutMs) !== undefined) {
    throw proxy.error("timeout", "seconds from 0.001 to 2147483", timeout);
  }
  const execEnv = proxy.oneOf("exec_env", ["interpreter", "typescript", "jupyter"]);
  return {
    activateProxies: proxy.texts("activate_proxies"),
    cutoffDate: parseDate(proxy),
    deployMode: proxy.flag("deploy_mode") ?? false,
    execEnv: execEnv ?? (proxy.has("exec_env") ? null : "interpreter"),
    maxOutputChars: proxy.count("max_output_chars", 0) ?? 5000,
    truncationIndicator: proxy.text("truncation_indicator") ?? "... (truncated)",
    timeout,
    timeoutMs,
    promptTemplate: proxy.text("prompt_template") ?? null,
  };
}

function parseDate(proxy: ValueReader): string | null {
  const value = proxy.get("cutoff_date");
  if (value === undefined) return null;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (typeof value === "string" && /^\d{4}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value))) {
    return value;
  }
  throw proxy.error("cutoff_date", "an ISO date", value);
}

/** The keys of `sandbox` that are options of a sandbox. */
const SANDBOX_OPTIONS = {
  memory_mb: "memoryMb",
  grace_ms: "graceMs",
  max_api_calls: "maxApiCalls",
  max_cells: "maxCells",
  max_processes: "maxProcesses",
  allow_net: "allowNet",
  packages: "packages",
} as const;

function parseSandbox(
  agent: string,
  reader: ValueReader,
  options: ParseAgentOptions,
): SandboxSpec | undefined {
  const raw = reader.mapping("sandbox");
  if (raw === undefined) return undefined;
  const sandbox = nested("sandbox", agent, raw, SANDBOX_KEYS, options);
  const packageIndex = parsePackageIndex(sandbox, options.place, options.root?.file);
  const given: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(SANDBOX_OPTIONS)) {
    const isList = option === "allowNet" || option === "packages";
    const value = isList && sandbox.get(key) !== undefined ? sandbox.texts(key) : sandbox.get(key);
    if (value === undefined) continue;
    const problem = findSandboxOptionProblem(option, value);
    if (problem !== undefined) throw sandbox.error(key, problem.expected, problem.found);
    given[option] = value;
  }
  return { ...given, ...(packageIndex === undefined ? {} : { packageIndex }) };
}

function parseContextManager(reader: ValueReader, place: Place): ContextManagerSpec | null {
  const value = reader.get("context_manager");
  if (value === undefined) return null;
  if (typeof value === "string") return isNone(value) ? null : { type: value };
  if (!isPlainObject(value)) throw reader.error("context_manager", "a mapping or null", value);
  const manager = new ValueReader(value, { ...place, prefix: "context_manager." });
  if (manager.has("type") && manager.get("type") === undefined) return null;
  const type = manager.text("type") ?? "default";
  if (isNone(type)) return null;
  const spec: Record<string, unknown> = { type };
  const maxTokens = manager.count("max_tokens", 1);
  if (maxTokens !== undefined) spec.maxTokens = maxTokens;
  for (const key of Object.keys(value)) {
    if (key !== "type" && key !== "max_tokens") setOwn(spec, camelCase(key), value[key]);
  }
  return spec as ContextManagerSpec;
}

/** Configs of the Python original may say in words that there is no context manager. */
function isNone(type: string): boolean {
  return type === "null" || type === "none";
}

function parseSkillHosts(reader: ValueReader): Pick<AgentSpec, "skillsAllowNet"> {
  const hosts = reader.texts("skills_allow_net");
  const wrong = hosts.find((host) => parseNetEntry(host) === null);
  if (wrong !== undefined) throw reader.error("skills_allow_net", "hosts as host or host:port", wrong);
  return hosts.length === 0 ? {} : { skillsAllowNet: hosts };
}

function parseScript(reader: ValueReader): string | JsonObject | undefined {
  const value = reader.get("script");
  if (value === undefined || typeof value === "string") return value;
  if (isPlainObject(value)) return value as JsonObject;
  throw reader.error("script", "a path or a mapping of rules", value);
}

function nested(
  key: string,
  agent: string,
  raw: Record<string, unknown>,
  known: readonly string[],
  options: ParseAgentOptions,
): ValueReader {
  const { place } = options;
  warnOfUnknownKeys(raw, known, {
    ...options,
    all: true,
    where: `${key} of agent "${agent}"`,
    data: place.data,
  });
  return new ValueReader(raw, { ...place, prefix: `${key}.` });
}

function readSource(raw: Record<string, unknown>, root: Origin | undefined): AgentSource {
  const packageOf = (key: string) => (originOf(raw, key) ?? root)?.package;
  const [prompt, tools, manager] = [
    packageOf("system_prompt_path"),
    packageOf("tools"),
    packageOf("context_manager"),
  ];
  return {
    ...(root?.file === undefined ? {} : { file: root.file }),
    ...(prompt === undefined ? {} : { systemPromptPackage: prompt }),
    ...(tools === undefined ? {} : { toolsPackage: tools }),
    ...(manager === undefined ? {} : { contextManagerPackage: manager }),
  };
}

function camelCase(key: string): string {
  return key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
