import { isObject } from "./fields.ts";
import type { Answer } from "./frames.ts";
import { type IdSource, nowSeconds } from "./ids.ts";
import { mcpItems } from "./mcp_items.ts";
import {
  argumentText,
  countTokens,
  logprobsOf,
  replyText,
  summaryParts,
  type TokenCounts,
} from "./reply_text.ts";
import { responseFrames } from "./response_events.ts";
import type { JsonObject, Reply } from "./types.ts";

/** Turns a reply into a response object, and the events that a stream of it has. */
export function responsesAnswer(
  reply: Reply,
  request: JsonObject,
  requestLength: number,
  ids: IdSource,
  context: readonly JsonObject[] = [],
): Answer {
  const cut = reply.finishReason === "length" || reply.finishReason === "content_filter";
  const failed = reply.fault?.kind === "failed" ? reply.fault : undefined;
  const output = failed !== undefined
    ? []
    : outputItems(reply, request, context, ids, cut ? "incomplete" : "completed");
  const usage = reply.usage === null ? null : responseUsage(countTokens(reply, requestLength));
  const created = nowSeconds();
  const opening = {
    ...envelope(request, ids.next("resp_", 48), created),
    status: "in_progress",
    output: [],
    usage: null,
  };
  const body = {
    ...opening,
    status: failed !== undefined ? "failed" : cut ? "incomplete" : "completed",
    completed_at: failed !== undefined || cut ? null : created,
    error: failed === undefined ? null : {
      code: failed.code ?? "server_error",
      message: failed.message ?? "The server had an error while processing your request.",
    },
    incomplete_details: cut
      ? { reason: reply.finishReason === "length" ? "max_output_tokens" : "content_filter" }
      : null,
    output,
    usage: failed !== undefined ? null : usage,
  };
  return { body, frames: () => responseFrames(opening, body, reply) };
}

/** What a response says back of its request. */
function envelope(request: JsonObject, id: string, created: number): JsonObject {
  const settings = isObject(request.text) ? request.text : {};
  const reasoning = isObject(request.reasoning) ? request.reasoning : {};
  return {
    id,
    object: "response",
    created_at: created,
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    model: String(request.model),
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: request.safety_identifier ?? null,
    service_tier: "default",
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: { verbosity: settings.verbosity ?? "medium", format: settings.format ?? { type: "text" } },
    tool_choice: request.tool_choice ?? "auto",
    tools: request.tools ?? [],
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? "disabled",
    user: request.user ?? null,
  };
}

function outputItems(
  reply: Reply,
  request: JsonObject,
  context: readonly JsonObject[],
  ids: IdSource,
  status: string,
): JsonObject[] {
  const hosted = mcpItems(reply, request, context, ids);
  const items = hosted.filter((item) => item.type === "mcp_list_tools");
  const thoughts = summaryParts(reply.reasoning);
  if (thoughts !== null) items.push(reasoningItem(thoughts, request, ids));
  items.push(...hosted.filter((item) => item.type !== "mcp_list_tools"));
  const content = replyText(reply);
  const calls = reply.toolCalls ?? [];
  const screen = reply.computerCalls ?? [];
  if (reply.refusal !== undefined) {
    items.push(messageItem([{ type: "refusal", refusal: reply.refusal }], ids, status));
  } else if (
    content !== null ||
    (calls.length + screen.length + (reply.mcpCalls?.length ?? 0) === 0 && thoughts === null)
  ) {
    items.push(messageItem([textPart(content ?? "", reply, request)], ids, status));
  }
  for (const call of calls) {
    const before = summaryParts(call.reasoning);
    if (before !== null) items.push(reasoningItem(before, request, ids));
    items.push({
      id: ids.next("fc_", 48),
      type: "function_call",
      status,
      arguments: argumentText(call.arguments),
      call_id: call.id ?? ids.next("call_"),
      name: call.name,
    });
  }
  for (const call of screen) {
    const before = summaryParts(call.reasoning);
    if (before !== null) items.push(reasoningItem(before, request, ids));
    items.push({
      id: ids.next("cu_", 48),
      type: "computer_call",
      status,
      call_id: call.id ?? ids.next("call_"),
      ...(call.action === undefined ? {} : { action: call.action }),
      ...(call.actions === undefined ? {} : { actions: call.actions }),
      pending_safety_checks: call.safetyChecks ?? [],
    });
  }
  return items;
}

function included(request: JsonObject, name: string): boolean {
  return Array.isArray(request.include) && request.include.includes(name);
}

function reasoningItem(thoughts: readonly string[], request: JsonObject, ids: IdSource): JsonObject {
  const item: JsonObject = {
    id: ids.next("rs_", 48),
    type: "reasoning",
    summary: thoughts.map((text) => ({ type: "summary_text", text })),
  };
  if (included(request, "reasoning.encrypted_content")) item.encrypted_content = ids.next("gAAAAA", 64);
  return item;
}

function messageItem(content: JsonObject[], ids: IdSource, status: string): JsonObject {
  return { id: ids.next("msg_", 48), type: "message", status, role: "assistant", content };
}

function textPart(content: string, reply: Reply, request: JsonObject): JsonObject {
  const asked = included(request, "message.output_text.logprobs");
  const top = typeof request.top_logprobs === "number" ? request.top_logprobs : 0;
  return {
    type: "output_text",
    annotations: [],
    logprobs: asked ? logprobsOf(content, reply, top) : [],
    text: content,
  };
}

function responseUsage(counts: TokenCounts): JsonObject {
  return {
    input_tokens: counts.inputTokens,
    input_tokens_details: { cached_tokens: counts.cachedTokens, cache_write_tokens: 0 },
    output_tokens: counts.outputTokens,
    output_tokens_details: { reasoning_tokens: counts.reasoningTokens },
    total_tokens: counts.inputTokens + counts.outputTokens,
  };
}
