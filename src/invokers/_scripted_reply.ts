import type { LLLMError } from "../errors.ts";
import { contentText, FunctionCall, Message, Role } from "../message/mod.ts";
import { addCosts } from "./_costs.ts";
import { brokenReply } from "./_provider_error.ts";
import { parseArguments, requestFacts } from "./_reply.ts";
import { fillSlots, fillText } from "./_script_slots.ts";
import { priceOf } from "./prices.ts";
import type { ScriptedError, ScriptedReply, ScriptedToolCall } from "./scripted.ts";
import type { InvokeRequest, StreamHandler } from "./types.ts";

/** Makes the message of a scripted reply, in the form that a provider's has. */
export function scriptedMessage(reply: ScriptedReply, request: InvokeRequest, turn: number): Message {
  const { messages } = request.dialog;
  const rawArguments: Record<string, string> = {};
  const calls = (reply.tool_calls ?? []).map((call, index) => {
    const id = call.id ?? `call_${turn}_${index}`;
    const args = parseArguments(fillSlots(call.arguments ?? {}, messages));
    if (args === undefined) rawArguments[id] = String(call.arguments);
    return new FunctionCall({ id, name: call.name, arguments: args ?? {} });
  });
  const content = reply.refusal ?? textOf(reply, messages);
  const isCall = calls.length > 0;
  return new Message({
    role: isCall ? Role.TOOL_CALL : Role.ASSISTANT,
    content,
    name: request.responder ?? request.dialog.owner,
    modality: isCall ? "function_call" : "text",
    functionCalls: calls,
    usage: usageOf(reply, request, content, reply.tool_calls ?? []),
    model: request.model,
    reasoning: reply.reasoning ?? null,
    apiType: request.apiType ?? "completion",
    metadata: {
      ...requestFacts(request),
      finishReason: reply.finish_reason ?? (isCall ? "tool_calls" : "stop"),
      ...(reply.refusal === undefined ? {} : { refusal: true }),
      ...(Object.keys(rawArguments).length > 0 ? { rawArguments } : {}),
    },
  });
}

function textOf(reply: ScriptedReply, messages: readonly Message[]): string {
  if (reply.json !== undefined) return JSON.stringify(fillSlots(reply.json, messages));
  return reply.text === undefined ? "" : fillText(reply.text, messages);
}

/** What the script says, with dollars at the model's list price; else an estimate at four characters per token, for free. */
function usageOf(
  reply: ScriptedReply,
  request: InvokeRequest,
  content: string,
  calls: readonly ScriptedToolCall[],
): Record<string, unknown> {
  if (reply.usage !== undefined) {
    const { usage } = reply;
    if (usage.response_cost !== undefined) return { ...usage };
    return addCosts({ ...usage }, priceOf(request.model));
  }
  const sent = request.dialog.messages.reduce((sum, message) => sum + contentText(message.content).length, 0);
  const received = content.length + (calls.length === 0 ? 0 : JSON.stringify(calls).length);
  const prompt_tokens = Math.ceil(sent / 4);
  const completion_tokens = Math.ceil(received / 4);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** Streams a message in pieces, as a provider would. */
export async function streamMessage(
  message: Message,
  request: InvokeRequest,
  chunkSize: number,
): Promise<void> {
  const handler: StreamHandler = request.streamHandler!;
  for (const text of pieces(message.reasoning ?? "", chunkSize)) {
    await handler.handleChunk("", { type: "reasoning_delta", text });
    request.signal?.throwIfAborted();
  }
  for (const text of pieces(contentText(message.content), chunkSize)) {
    await handler.handleChunk(text, { type: "text_delta", text });
    request.signal?.throwIfAborted();
  }
  const raw = message.metadata.rawArguments as Record<string, string> | undefined;
  for (const [index, call] of message.functionCalls.entries()) {
    const head = { type: "tool_call_delta", index, callId: call.id, name: call.name, argumentsDelta: "" };
    await handler.handleChunk("", head);
    for (const argumentsDelta of pieces(raw?.[call.id] ?? JSON.stringify(call.arguments), chunkSize)) {
      await handler.handleChunk("", { type: "tool_call_delta", index, argumentsDelta });
      request.signal?.throwIfAborted();
    }
  }
}

/** Cuts a text into pieces of whole characters. */
function* pieces(text: string, size: number): Generator<string> {
  for (let start = 0; start < text.length;) {
    let end = start + Math.max(1, size);
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last <= 0xdbff) end++; // the first half of a pair
    yield text.slice(start, end);
    start = end;
  }
}

/** Makes the error of a scripted failure, as a provider's failure is told. */
export function scriptedError(error: ScriptedError, model: string): LLLMError {
  const { status, retry_after, message } = error;
  const problem = message ??
    (status === undefined ? "the script lets the network fail" : `the script answers ${status}`);
  return brokenReply(model, problem, {
    ...(status === undefined ? {} : { status }),
    ...(retry_after === undefined ? {} : { retryAfterMs: retry_after * 1000 }),
  });
}
