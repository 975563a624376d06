import { FunctionCall, Message, type MessageInit, Role, type TokenLogprob } from "../message/mod.ts";
import { CallIds } from "./_call_ids.ts";
import type { HostedMcpCall } from "./mcp_approval.ts";
import { listOf, objectOf, type Wire } from "./_settings.ts";
import type { InvokeRequest } from "./types.ts";
import type { WireNames } from "./wire_names.ts";

/** A call of a tool as it came: its arguments still a text. */
export interface RawCall {
  /** The provider's id. */
  readonly id: unknown;
  /** The name on the wire. */
  readonly name: unknown;
  /** The arguments as JSON, or what was meant to be. */
  readonly arguments: unknown;
  /** What the provider wants back with the call. Default: nothing. */
  readonly extra?: unknown;
  /** Set where the provider makes the call itself, and asks whether it may. Default: it does not. */
  readonly approval?: HostedMcpCall;
}

/** What a reply holds, whichever interface it came by. */
export interface ReplyParts {
  readonly content: MessageInit["content"];
  readonly modality?: "text" | "audio";
  readonly calls: readonly RawCall[];
  readonly reasoning: string | null;
  readonly refused: boolean;
  readonly finishReason: string | null;
  readonly logprobs: readonly TokenLogprob[];
  readonly usage: Wire;
  /** Further facts for the message's metadata. */
  readonly metadata: Wire;
}

/** Facts about a reply by which it is read later. */
const REPLY_FACTS = ["refusal", "rawArguments", "callExtras", "mcpApprovalRequests", "responseItems"];

/** What a request wants told of its reply: all but facts about another reply, whose metadata was handed on. */
export function requestFacts({ metadata }: InvokeRequest): Wire {
  const facts = { ...metadata };
  for (const key of REPLY_FACTS) if (key in facts) delete facts[key];
  return facts;
}

/** Makes the message of a reply. */
export function replyMessage(parts: ReplyParts, request: InvokeRequest, names: WireNames): Message {
  const ids = new CallIds();
  const rawArguments: Record<string, string> = {};
  const callExtras: Wire = {};
  const mcpApprovalRequests: Record<string, HostedMcpCall> = {};
  const calls = parts.calls.map((call) => {
    const id = ids.accept(call.id);
    if (call.extra) callExtras[id] = call.extra;
    if (call.approval !== undefined) mcpApprovalRequests[id] = call.approval;
    const parsed = parseArguments(call.arguments);
    if (parsed === undefined) rawArguments[id] = String(call.arguments);
    return new FunctionCall({ id, name: names.fromWire(String(call.name ?? "")), arguments: parsed ?? {} });
  });
  const isCall = calls.length > 0;
  return new Message({
    role: isCall ? Role.TOOL_CALL : Role.ASSISTANT,
    content: parts.content,
    name: request.responder ?? request.dialog.owner,
    modality: isCall ? "function_call" : parts.modality ?? "text",
    functionCalls: calls,
    usage: parts.usage,
    model: request.model,
    logprobs: parts.logprobs,
    reasoning: parts.reasoning,
    apiType: request.apiType ?? "completion",
    metadata: {
      ...requestFacts(request),
      ...parts.metadata,
      finishReason: parts.finishReason,
      ...(parts.refused ? { refusal: true } : {}),
      ...(Object.keys(rawArguments).length > 0 ? { rawArguments } : {}),
      ...(Object.keys(callExtras).length > 0 ? { callExtras } : {}),
      ...(Object.keys(mcpApprovalRequests).length > 0 ? { mcpApprovalRequests } : {}),
    },
  });
}

/** Reads the arguments of a call; `undefined` where they are no JSON object. No text at all means no arguments. */
export function parseArguments(text: unknown): Record<string, unknown> | undefined {
  if (typeof text === "object" && text !== null && !Array.isArray(text)) return text as Wire; // some send it parsed
  if (text === undefined || text === null || String(text).trim() === "") return {};
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Wire : undefined;
  } catch {
    return undefined;
  }
}

/** Reads log-probabilities; both interfaces write them the same way. */
export function readLogprobs(entries: unknown): TokenLogprob[] {
  return listOf(entries).map((entry) => {
    const { token, logprob, bytes, top_logprobs } = objectOf(entry);
    return {
      token: String(token),
      logprob: Number(logprob),
      ...(bytes === undefined ? {} : { bytes: bytes as number[] | null }),
      ...(listOf(top_logprobs).length === 0 ? {} : { topLogprobs: readLogprobs(top_logprobs) }),
    };
  });
}
