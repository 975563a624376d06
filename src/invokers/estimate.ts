import { type ContentPart, type Message, Role } from "../message/mod.ts";
import { contractOf, listOf, objectOf, type Wire, wireTools } from "./_settings.ts";
import { splitArgs } from "./_model_args.ts";
import { type ModelPrice, priceOf } from "./prices.ts";
import type { InvokeRequest } from "./types.ts";

/** What a call of a model may use at most. */
export interface CallEstimate {
  /** Tokens of the request. */
  readonly inputTokens: number;
  /** Tokens of the longest reply, reasoning included; of all replies where several are asked for. */
  readonly maxOutputTokens: number;
  /** Whether the request says itself how long the reply may be. */
  readonly hasOutputLimit: boolean;
  /** US dollars per token sent and received; `undefined` where no price is known. */
  readonly rates: { readonly input: number; readonly output: number } | undefined;
}

/** The longest reply of a model of which nothing is known. Units: tokens. */
const UNKNOWN_MAX_OUTPUT = 32_768;
/** What marks a message's role and ends. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_REQUEST = 8;
const TOKENS_PER_TOOL = 16;
/** The largest image in high detail; one model counts them far higher. */
const TOKENS_PER_IMAGE = 3_000;
const TOKENS_PER_IMAGE_4O_MINI = 50_000;
/** Characters of base64 per token of sound: MP3 at a low rate has some 200. */
const AUDIO_CHARS_PER_TOKEN = 50;

/**
 * Estimates what a call may use at most, without sending it. A token is never less than a byte of text, so that a text has at
 * most as many tokens as bytes; what an earlier reply in the dialog tells of the tokens before it counts for these.
 *
 * The longest reply is what the request says (`max_completion_tokens`, `max_tokens`, `max_output_tokens`), else the model's
 * own limit by the price table or file, else 32,768 tokens. What tools at the provider read (web search) is not foreseen.
 *
 * Units: tokens; US dollars.
 *
 * @example
 * ```ts
 * import { estimateCall } from "@lllm/lllm/invokers";
 * import { Dialog } from "@lllm/lllm/dialog";
 * import assert from "node:assert/strict";
 *
 * const dialog = new Dialog({ owner: "poet" });
 * dialog.putText("About rain.");
 * const estimate = estimateCall({ dialog, model: "gpt-4o-mini", modelArgs: { max_tokens: 100 } });
 * assert.equal(estimate.maxOutputTokens, 100);
 * assert(estimate.inputTokens >= 11);
 * ```
 *
 * @throws {LLLMError} `config_invalid` when the file that `LLLM_MODEL_PRICES` names is no price file
 */
export function estimateCall(request: InvokeRequest): CallEstimate {
  const { sent, extraBody, tools } = splitArgs(request.modelArgs ?? {});
  const args = { ...sent, ...extraBody };
  const price = priceOf(request.model);
  const given = args.max_completion_tokens ?? args.max_output_tokens ?? args.max_tokens;
  const hasOutputLimit = typeof given === "number" && given > 0;
  const choices = typeof args.n === "number" && args.n > 1 ? args.n : 1;
  const maxOutput = hasOutputLimit ? given : price?.maxOutputTokens ?? UNKNOWN_MAX_OUTPUT;
  const inputTokens = countInput(request, args, tools);
  return {
    inputTokens,
    maxOutputTokens: maxOutput * choices,
    hasOutputLimit,
    rates: price === undefined ? undefined : ratesOf(price, inputTokens, request, args),
  };
}

function ratesOf(
  price: ModelPrice,
  inputTokens: number,
  { dialog }: InvokeRequest,
  args: Wire,
): { input: number; output: number } {
  const long = price.longPrompt;
  const isLong = long !== undefined && inputTokens > long.aboveTokens;
  const hears = dialog.messages.some(({ content }) =>
    typeof content !== "string" && content.some((part) => part.type === "audio")
  );
  const speaks = listOf(args.modalities).includes("audio");
  return {
    input: Math.max(
      price.inputCostPerToken,
      price.cacheReadInputTokenCost ?? 0,
      isLong ? long.inputCostPerToken : 0,
      hears ? price.inputCostPerAudioToken ?? 0 : 0,
    ),
    output: Math.max(
      price.outputCostPerToken,
      isLong ? long.outputCostPerToken : 0,
      speaks ? price.outputCostPerAudioToken ?? 0 : 0,
    ),
  };
}

function countInput(request: InvokeRequest, args: Wire, extraTools: readonly unknown[]): number {
  const { messages } = request.dialog;
  const contract = contractOf(request.prompt ?? request.dialog.topPrompt);
  const tools = [...wireTools(contract, request.apiType ?? "completion"), ...extraTools];
  const declared = tools.reduce<number>((sum, tool) => sum + jsonBytes(tool) + TOKENS_PER_TOOL, 0) +
    (contract.format === null ? 0 : jsonBytes(contract.format.schema)) +
    jsonBytes(args.response_format) + jsonBytes(objectOf(args.text).format) + jsonBytes(args.instructions);
  const count = (from: number) => {
    let sum = 0;
    for (let index = from; index < messages.length; index++) {
      sum += countMessage(messages[index]!, request.model);
    }
    return sum;
  };
  const known = messages.findLastIndex((message) => isReplyTo(message, request));
  const { promptTokens, completionTokens } = messages[known]?.cost ??
    { promptTokens: 0, completionTokens: 0 };
  const counted = known === -1 || promptTokens === 0
    ? count(0)
    : Math.min(count(0), promptTokens + completionTokens + count(known + 1));
  return counted + declared + TOKENS_PER_REQUEST;
}

/** Whether a message is an earlier reply to the same agent by the same model, whose count of tokens is that of this dialog. */
function isReplyTo(message: Message, { model, responder, dialog }: InvokeRequest): boolean {
  if (message.role !== Role.ASSISTANT && message.role !== Role.TOOL_CALL) return false;
  if (message.name !== (responder ?? dialog.owner) || message.model === null) return false;
  return message.model === model || message.model.startsWith(model.slice(model.lastIndexOf("/") + 1));
}

/** Messages never change: each is counted once. The count of one with images depends on the model, and is not kept. */
const counts = new WeakMap<Message, number>();

function countMessage(message: Message, model: string): number {
  const kept = counts.get(message);
  if (kept !== undefined) return kept;
  const { content, functionCalls, name, reasoning } = message;
  const calls = functionCalls.reduce(
    (sum, call) => sum + utf8Bytes(call.name) + jsonBytes(call.arguments) + TOKENS_PER_MESSAGE,
    0,
  );
  const about = TOKENS_PER_MESSAGE + utf8Bytes(name) + calls + utf8Bytes(reasoning ?? "");
  if (typeof content !== "string") {
    return about + content.reduce((sum, part) => sum + countPart(part, model), 0);
  }
  const count = about + utf8Bytes(content);
  counts.set(message, count);
  return count;
}

function countPart(part: ContentPart, model: string): number {
  switch (part.type) {
    case "text":
      return utf8Bytes(part.text);
    case "image":
    case "image_url":
      return model.includes("gpt-4o-mini") ? TOKENS_PER_IMAGE_4O_MINI : TOKENS_PER_IMAGE;
    case "audio":
      return Math.ceil(part.data.length / AUDIO_CHARS_PER_TOKEN);
  }
}

function jsonBytes(value: unknown): number {
  return value === undefined || value === null ? 0 : utf8Bytes(JSON.stringify(value) ?? "");
}

/** The length of a text in UTF-8, without making it. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    // Halves of pairs count two bytes each, four together.
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
