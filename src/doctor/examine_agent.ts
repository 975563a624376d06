import { type AgentSpec, qualifyKey } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { modelNeeds } from "../invokers/model_needs.ts";
import { ProxyManager } from "../proxies/mod.ts";
import type { ResourceNode, Runtime } from "../runtime/mod.ts";
import { sandboxNeeds } from "../sandbox/sandbox_needs.ts";
import type { Findings } from "./findings.ts";
import type { AgentReport } from "./types.ts";

/** Where an agent is examined. */
export interface ExamineAgentOptions {
  readonly runtime: Runtime;
  readonly findings: Findings;
}

/** An agent, and what its settings lead to. */
export interface ExaminedAgent {
  readonly report: AgentReport;
  /** The resources that its settings name, as far as they are there. */
  readonly nodes: readonly ResourceNode[];
  /** The sandbox that its code runs in. */
  readonly sandbox?: { readonly language: string; readonly folder: string; readonly isPrepared: boolean };
}

/** Looks at everything that an agent's settings name, and finds out what the agent needs when it runs. */
export async function examineAgent(spec: AgentSpec, options: ExamineAgentOptions): Promise<ExaminedAgent> {
  const { invoker = "openai", proxy } = spec;
  const nodes = examineRefs(spec, options);
  await examineModel(spec, invoker, options);
  examineProxies(spec, options);
  const execEnv = proxy?.execEnv ?? undefined;
  const sandbox = execEnv === undefined ? undefined : await examineSandbox(spec, execEnv, options);
  return {
    report: {
      name: spec.name,
      model: spec.modelName,
      invoker,
      ...(execEnv === undefined ? {} : { execEnv }),
    },
    nodes,
    ...(sandbox === undefined ? {} : { sandbox }),
  };
}

/** What a spec's `tools` may name, in the order in which a bare key is looked for. */
const TOOL_TYPES = ["tool", "tactic", "proxy"];

function examineRefs(spec: AgentSpec, { runtime, findings }: ExamineAgentOptions): ResourceNode[] {
  const { systemPromptPath, tools, contextManager, source } = spec;
  const nodes: ResourceNode[] = [];
  const find = (setting: string, key: string, types: readonly string[], packageName: string | undefined) => {
    const qualified = (type: string) => qualifyKey(runtime, key, { type, packageName });
    const type = types.find((type) => runtime.has(qualified(type), type)) ?? types[0]!;
    try {
      nodes.push(runtime.getNode(qualified(type), types.length === 1 ? type : undefined));
    } catch (error) {
      if (!LLLMError.isInstance(error)) throw error;
      findings.failure(
        new LLLMError(`${error.message} (${placeOf(spec, setting)})`, { code: error.code, cause: error }),
      );
    }
  };
  if (systemPromptPath !== undefined) {
    find("system_prompt_path", systemPromptPath, ["prompt"], source.systemPromptPackage);
  }
  for (const tool of tools) find("tools", tool, TOOL_TYPES, source.toolsPackage);
  if (contextManager !== null && contextManager.type !== "default") {
    find("context_manager", contextManager.type, ["context_manager"], source.contextManagerPackage);
  }
  return nodes;
}

async function examineModel(spec: AgentSpec, invoker: string, options: ExamineAgentOptions): Promise<void> {
  const { findings } = options;
  if (invoker === "scripted") return await examineScript(spec, findings);
  if (invoker !== "openai" && invoker !== "litellm") {
    findings.warning({
      code: "unknown_invoker",
      message: `Invoker "${invoker}" is none of the library's: the program has to register it (${
        placeOf(spec, "invoker")
      })`,
      data: {},
    });
    return;
  }
  const { modelName, modelArgs, apiType } = spec;
  const needs = modelNeeds(modelName, modelArgs, apiType);
  const by = `model ${modelName}`;
  for (const host of needs.hosts) findings.needs.add("net", host, by);
  for (const file of needs.files) findings.needs.add("read", file, by);
  for (const name of needs.variables) {
    findings.needs.add("env", name, by);
    findings.variable(name, by);
  }
  for (const name of needs.optional) {
    findings.optional.add("env", name, by);
    findings.variable(name, by);
  }
  for (const choice of needs.missing) {
    for (const name of choice) findings.variable(name, by, { isMissing: true });
    findings.problem({
      kind: "missing",
      code: "missing_api_key",
      message: `${choice.join(" or ")} is not set: models of ${needs.provider} need it`,
      advice: `set it in the environment: export ${choice[0]}=…`,
    });
  }
  if (needs.problem !== undefined) {
    findings.problem({
      kind: "invalid",
      code: "config_invalid",
      message: `${needs.problem} (${placeOf(spec, "model_name")})`,
      advice: "name the model as provider/name",
    });
  }
}

/** A script may be a text of its own, or rules; a path is relative to the config. */
async function examineScript(spec: AgentSpec, findings: Findings): Promise<void> {
  const { script, source } = spec;
  const advice = "write the script, or name another one as script";
  if (script === undefined) {
    const message = `A scripted model has no script (${placeOf(spec, "script")})`;
    findings.problem({ kind: "missing", code: "config_invalid", message, advice });
  }
  if (typeof script !== "string" || script.includes("\n")) return;
  const { dirname, resolve } = await import("@std/path");
  const path = source.file === undefined ? resolve(script) : resolve(dirname(source.file), script);
  findings.needs.add("read", path, "script of a model");
  try {
    await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const message = `There is no script at ${path} (${placeOf(spec, "script")})`;
    findings.problem({ kind: "missing", code: "config_invalid", message, advice });
  }
}

function examineProxies(spec: AgentSpec, { runtime, findings }: ExamineAgentOptions): void {
  if (spec.proxy === undefined) return;
  try {
    new ProxyManager({ activateProxies: spec.proxy.activateProxies, runtime, agentName: spec.name });
  } catch (error) {
    if (!LLLMError.isInstance(error)) throw error;
    findings.problem({
      kind: "missing",
      code: error.code,
      message: `${error.message} (${placeOf(spec, "proxy.activate_proxies")})`,
      advice: "lllm keys --type proxy lists what there is",
    });
  }
}

async function examineSandbox(
  spec: AgentSpec,
  execEnv: string,
  { findings }: ExamineAgentOptions,
): Promise<ExaminedAgent["sandbox"]> {
  const { allowNet, packages, packageIndex } = spec.sandbox ?? {};
  const language = execEnv === "typescript" ? "typescript" : "python";
  try {
    const needs = await sandboxNeeds({
      language,
      ...(allowNet === undefined ? {} : { allowNet }),
      ...(packages === undefined ? {} : { packages }),
      ...(packageIndex === undefined ? {} : { packageIndex }),
    });
    const by = needs.isPrepared ? "the sandbox" : "the sandbox, whose files are made at the first start";
    for (const name of ["read", "write", "env", "run"] as const) {
      for (const value of needs[name]) findings.needs.add(name, value, by);
    }
    for (const host of needs.net) findings.needs.add("net", host, whyHost(host, allowNet) ?? by);
    for (const warning of needs.warnings) findings.warning(warning);
    return { language, folder: needs.cacheRoot, isPrepared: needs.isPrepared };
  } catch (error) {
    findings.failure(error);
    return undefined;
  }
}

/** Says why a permission is wider than the list of hosts; `undefined` for one that is not. */
function whyHost(host: string, allowNet: readonly string[] = []): string | undefined {
  const entries = allowNet.filter((entry) => entry.startsWith(`${host}:`)).map((entry) => `"${entry}"`);
  if (entries.length === 0) return undefined;
  return `the sandbox's allow_net ${
    entries.join(", ")
  }: Deno looks a name up only with the permission for all its ports`;
}

/** Says which setting of which agent it is. */
export function placeOf({ name, source }: AgentSpec, setting: string): string {
  return `${setting} of agent "${name}"${source.file === undefined ? "" : ` in ${source.file}`}`;
}
