import type { TraceScope } from "../run/mod.ts";
import { content, inputMessages, toolDefinitions } from "./_content.ts";
import type { TracingSettings } from "./setup_tracing.ts";

/** Attributes of a span. */
export type Attributes = Record<string, string | number | boolean | string[]>;

/** How a span starts. */
export interface SpanStart {
  readonly name: string;
  /** Whether the scope asks another process. */
  readonly isClient: boolean;
  readonly attributes: Attributes;
}

type Facts = Readonly<Record<string, unknown>>;

/**
 * Names and describes the span of a scope.
 *
 * Source: the GenAI semantic conventions of OpenTelemetry (spans of inference, agents, workflows and tools); what they have no word
 * for is under `lllm.`.
 */
export function describeStart(scope: TraceScope, settings: TracingSettings): SpanStart {
  const { kind, name, path } = scope;
  const details = scope.details?.() ?? {};
  const place: Attributes = path === undefined || path === "" ? {} : { "lllm.step.path": path };
  const internal = (name: string, attributes: Attributes): SpanStart => ({
    name,
    isClient: false,
    attributes: { ...attributes, ...place },
  });
  switch (kind) {
    case "model":
      return describeModel(scope, details, place, settings);
    case "agent":
      return internal(`invoke_agent ${name}`, {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": providerName(details.provider),
        "gen_ai.agent.name": name,
        ...texts({ "gen_ai.request.model": details.model, "gen_ai.conversation.id": details.dialogId }),
      });
    case "tactic":
      return internal(`invoke_workflow ${name}`, {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": name,
        ...texts({ "lllm.session.id": details.sessionId, "lllm.tactic.path": details.tacticPath }),
      });
    case "tool":
      return internal(`execute_tool ${name}`, {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.type": "function",
        ...texts({ "gen_ai.tool.call.id": details.callId, "gen_ai.tool.description": details.description }),
        ...content(settings, "gen_ai.tool.call.arguments", () => (scope.input as Facts | null)?.arguments),
      });
    case "cell":
      return internal(`run_cell ${name}`, {
        "lllm.cell.language": name,
        ...content(settings, "lllm.cell.code", () => (scope.input as Facts | null)?.code),
      });
    case "api":
      return internal(`call_api ${name}`, {
        "lllm.api.path": name,
        ...content(settings, "lllm.api.params", () => scope.input),
      });
    case "effect":
      return internal(name.replace(/^step:/, "step "), {});
  }
}

function describeModel(
  scope: TraceScope,
  details: Facts,
  place: Attributes,
  settings: TracingSettings,
): SpanStart {
  const input = (scope.input ?? {}) as Facts;
  const args = (input.modelArgs ?? {}) as Facts;
  const model = typeof details.model === "string" ? details.model : scope.name;
  const prompt = (input.prompt ?? {}) as Facts;
  const wantsJson = prompt.hasFormat === true || args.response_format !== undefined;
  return {
    name: `chat ${model}`,
    isClient: true,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": providerName(details.provider),
      "gen_ai.request.model": model,
      ...server(details.baseUrl),
      ...texts({
        "gen_ai.agent.name": input.agent,
        "gen_ai.conversation.id": details.dialogId,
        "gen_ai.prompt.name": prompt.path,
        "gen_ai.prompt.version": prompt.promptHash,
        "gen_ai.request.reasoning.level": args.reasoning_effort ??
          (args.reasoning as Facts | undefined)?.effort,
        "gen_ai.output.type": wantsJson ? "json" : undefined,
      }),
      ...numbers({
        "gen_ai.request.max_tokens": args.max_completion_tokens ?? args.max_output_tokens ?? args.max_tokens,
        "gen_ai.request.temperature": args.temperature,
        "gen_ai.request.top_p": args.top_p,
        "gen_ai.request.top_k": args.top_k,
        "gen_ai.request.seed": args.seed,
        "gen_ai.request.frequency_penalty": args.frequency_penalty,
        "gen_ai.request.presence_penalty": args.presence_penalty,
        "gen_ai.request.choice.count": args.n === 1 ? undefined : args.n,
      }),
      ...(args.stop === undefined ? {} : { "gen_ai.request.stop_sequences": [args.stop].flat().map(String) }),
      ...(details.stream === true ? { "gen_ai.request.stream": true } : {}),
      ...content(settings, "gen_ai.input.messages", () => inputMessages(input.messages)),
      ...content(settings, "gen_ai.tool.definitions", () => toolDefinitions(input.tools)),
      ...place,
    },
  };
}

/** The providers that the conventions know by another name than ours. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: "azure.ai.openai",
  gemini: "gcp.gemini",
  vertex_ai: "gcp.vertex_ai",
  mistral: "mistral_ai",
  xai: "x_ai",
};

/** The conventions' name of a provider. An invoker of somebody else that does not say is `custom`. */
function providerName(provider: unknown): string {
  return typeof provider === "string" ? PROVIDERS[provider] ?? provider : "custom";
}

function server(baseUrl: unknown): Attributes {
  const url = typeof baseUrl === "string" ? URL.parse(baseUrl) : null;
  if (url === null) return {};
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  return { "server.address": url.hostname, "server.port": port };
}

/** The entries that are texts. */
export function texts(entries: Facts): Attributes {
  const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === "string";
  return Object.fromEntries(Object.entries(entries).filter(isText));
}

/** The entries that are numbers. */
export function numbers(entries: Facts): Attributes {
  const isNumber = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === "number";
  return Object.fromEntries(Object.entries(entries).filter(isNumber));
}
