import { Agent, type ContextManager, DefaultContextManager } from "../agent/mod.ts";
import { LLLMError, ResourceNotFoundError } from "../errors.ts";
import type { Invoker, StreamHandler } from "../invokers/mod.ts";
import { escapeBraces, Prompt } from "../prompt/mod.ts";
import { proxyTools } from "../proxies/mod.ts";
import type { Clock, ResolvedResource, Resolver } from "../run/mod.ts";
import type { SkillCache } from "../skills/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import { type AgentSkills, openSkills } from "./_agent_skills.ts";
import { type ApiAccess, openApiAccess, openProxies } from "./_api_access.ts";
import type { AgentSpec } from "./agent_spec.ts";
import { allowNotebooks } from "./open_notebook.ts";
import { qualifyKey } from "./qualify_key.ts";

/** Options of {@linkcode buildAgent}. */
export interface BuildAgentOptions {
  /** Asks the model. */
  invoker: Invoker;
  /** Finds prompts, tools, proxies and context managers. Default: none, so that keys do not resolve. */
  resolver?: Resolver;
  /** Makes a tool of a resource (no proxy) that the spec's `tools` name. */
  toolOfResource: (node: ResolvedResource, resolver: Resolver) => Promise<FunctionTool>;
  /** Hears of replies while they arrive. Default: replies are not streamed. */
  streamHandler?: StreamHandler;
  /** Keeps what URLs of skills gave, for the next agent that is built. Default: each agent asks anew. */
  skillCache?: SkillCache;
  /** Waits between attempts. Default: the machine's clock. */
  clock?: Clock;
}

/**
 * Builds an agent from its spec: finds its prompt and tools, adds what its `proxy` setting gives (tools for the sandbox and the API
 * documentation, and a block of the system prompt that explains them), and what its `skills` give: a list of them in the system
 * prompt, and the tool that reads one.
 *
 * @throws {LLLMError} `resource_not_found`, when a key does not resolve; `config_invalid`.
 */
export async function buildAgent(spec: AgentSpec, options: BuildAgentOptions): Promise<Agent> {
  const { resolver, invoker, streamHandler, clock, skillCache } = options;
  const [base, tools, skills, contextManager] = await Promise.all([
    findSystemPrompt(spec, resolver),
    findTools(spec, options),
    openSkills(spec, { resolver, cache: skillCache }).catch((error) => {
      throw located(error, spec, "skills");
    }),
    findContextManager(spec, resolver),
  ]);
  const api = spec.proxy === undefined
    ? undefined
    : placed(spec, "proxy", () => openApiAccess(spec, resolver));
  const agent = new Agent({
    name: spec.name,
    systemPrompt: composePrompt(base, {
      tools: [...tools, ...api?.tools ?? [], ...skills.tools],
      api,
      skills,
    }),
    model: spec.modelName,
    invoker,
    apiType: spec.apiType,
    modelArgs: skills.modelArgs,
    maxExceptionRetry: spec.maxExceptionRetry,
    maxInterruptSteps: spec.maxInterruptSteps,
    maxLlmRecall: spec.maxLlmRecall,
    contextManager,
    ...(streamHandler === undefined ? {} : { streamHandler }),
    ...(resolver === undefined ? {} : { runtime: resolver }),
    ...(clock === undefined ? {} : { clock }),
    ...(api === undefined ? {} : { onDispose: api.dispose }),
  });
  if (api?.openNotebook !== undefined) allowNotebooks(agent, api.openNotebook);
  return agent;
}

function composePrompt(
  base: Prompt,
  added: { tools: readonly FunctionTool[]; api: ApiAccess | undefined; skills: AgentSkills },
): Prompt {
  const { tools, api, skills } = added;
  if (tools.length === 0 && api === undefined) return base;
  const blocks = [api?.promptBlock ?? "", skills.promptBlock].filter((block) => block !== "");
  return base.extend({
    path: base.path,
    prompt: [base.prompt, ...blocks.map(escapeBraces)].join("\n\n"),
    functions: [...new Map([...base.functions.values(), ...tools].map((tool) => [tool.name, tool])).values()],
    ...(api?.parser === undefined || base.parser !== null || base.format !== null
      ? {}
      : { parser: api.parser }),
  });
}

async function findSystemPrompt(spec: AgentSpec, resolver: Resolver | undefined): Promise<Prompt> {
  if (spec.systemPrompt !== undefined) {
    return new Prompt({ path: `${spec.name}/system`, prompt: spec.systemPrompt });
  }
  const node = findNode(spec, spec.systemPromptPath!, resolver, {
    setting: "system_prompt_path",
    type: "prompt",
    packageName: spec.source.systemPromptPackage,
  });
  return await node.load() as Prompt;
}

/** What a spec's `tools` may name, in the order in which a bare key is looked for. */
const TOOL_TYPES = ["tool", "tactic", "proxy"];

async function findTools(spec: AgentSpec, options: BuildAgentOptions): Promise<FunctionTool[]> {
  const { resolver, toolOfResource } = options;
  const found = await Promise.all(spec.tools.map(async (ref) => {
    const { toolsPackage: packageName } = spec.source;
    const type = TOOL_TYPES.find((type) =>
      resolver?.has(qualifyKey(resolver, ref, { packageName, type }), type)
    );
    const reference = { setting: "tools", packageName, ...(type === undefined ? {} : { type }) };
    const node = findNode(spec, ref, resolver, reference);
    if (node.resourceType !== "proxy") return await toolOfResource(node, resolver!);
    await node.load();
    const manager = openProxies(spec, resolver, [node.qualifiedKey]);
    return proxyTools(manager, node.qualifiedKey);
  }));
  return found.flat();
}

async function findContextManager(
  spec: AgentSpec,
  resolver: Resolver | undefined,
): Promise<ContextManager | null> {
  if (spec.contextManager === null) return null;
  const { type, ...settings } = spec.contextManager;
  if (type === "default") return new DefaultContextManager(spec.modelName, settings);
  const node = findNode(spec, type, resolver, {
    setting: "context_manager.type",
    type: "context_manager",
    packageName: spec.source.contextManagerPackage,
  });
  const ManagerClass = await node.load() as new (model: string, settings: unknown) => ContextManager;
  return new ManagerClass(spec.modelName, settings);
}

/** Finds a resource that a spec refers to: in the config's own package first, then by the usual rules. */
function findNode(
  spec: AgentSpec,
  key: string,
  resolver: Resolver | undefined,
  reference: { setting: string; type?: string; packageName: string | undefined },
): ResolvedResource {
  const { setting, type, packageName } = reference;
  if (resolver === undefined) {
    throw new LLLMError(
      `Cannot build agent "${spec.name}": ${setting} names "${key}": expected a runtime to find it in, found none`,
      { code: "config_invalid", data: { agent: spec.name, key: setting } },
    );
  }
  const qualified = qualifyKey(resolver, key, { packageName, ...(type === undefined ? {} : { type }) });
  return placed(spec, setting, () => resolver.getNode(qualified, type));
}

/** Does what a setting asks for; an error says whose setting it was, and in which file. */
function placed<T>(spec: AgentSpec, setting: string, effect: () => T): T {
  try {
    return effect();
  } catch (error) {
    throw located(error, spec, setting);
  }
}

/** Gives an error that says whose setting led to another one, and in which file. */
function located(error: unknown, spec: AgentSpec, setting: string): unknown {
  if (!LLLMError.isInstance(error)) return error;
  const { file } = spec.source;
  const message = `${error.message} (${setting} of agent "${spec.name}"${
    file === undefined ? "" : ` in ${file}`
  })`;
  if (error.code === "resource_not_found") {
    return new ResourceNotFoundError(error.data as ConstructorParameters<typeof ResourceNotFoundError>[0], {
      message,
    });
  }
  const data = { ...error.data, agent: spec.name, ...(file === undefined ? {} : { file }) };
  return new LLLMError(message, { code: error.code, data, cause: error });
}
