import { type CallEstimate, estimateCall, type Invoker, type InvokeRequest } from "../invokers/mod.ts";
import { LLLMError } from "../errors.ts";
import { contentText, InvokeCost, type Message } from "../message/mod.ts";
import type { StepCost, StepEstimate } from "../run/mod.ts";
import { InvokeResult } from "../session/mod.ts";

/** A reply shorter than this is of no use; one of the providers refuses less. */
const LEAST_OUTPUT = 16;
/** Text that was streamed counts as a token for so many bytes, or for each piece, whichever is more. */
const CHARS_PER_TOKEN = 3;

/**
 * What one call of a model may use, and has used: what a budget asks about the step of that call. Nothing is computed where no
 * budget asks.
 */
export class Allowance {
  /** The longest reply that a budget has room for, where the request does not say itself how long it may be. */
  outputCap: number | undefined;
  readonly #invoker: Invoker;
  readonly #request: InvokeRequest;
  #estimate: CallEstimate | undefined;
  #counted: StepCost | undefined;
  #isSent = false;
  #isAnswered = false;
  #pieces = 0;
  #chars = 0;
  #reply: Message | undefined;

  constructor(invoker: Invoker, request: InvokeRequest) {
    this.#invoker = invoker;
    this.#request = request;
  }

  /** Notes that the request leaves. */
  sent(): void {
    this.#isSent = true;
  }

  /** Notes a piece of a reply that is streamed. */
  streamed(text: string): void {
    this.#pieces++;
    this.#chars += text.length;
  }

  /** Notes the reply: what it cost is told by itself, unless the provider does not count. */
  answered(result: unknown): void {
    this.#isAnswered = true;
    if (result instanceof InvokeResult) this.#reply = result.message;
  }

  /** Notes a failure. Where nothing came back, only a request that was given up on counts: the provider may be working on it. */
  failed(error: unknown, signal: AbortSignal | undefined): void {
    if (signal?.aborted !== true) this.#isSent = false;
    const usage = LLLMError.isInstance(error) ? error.data.usage : undefined;
    if (typeof usage !== "object" || usage === null) return;
    const { totalTokens: tokens, cost: costUsd } = InvokeCost.fromUsage(usage as Record<string, unknown>);
    if (tokens > 0) this.#counted = { tokens, costUsd };
  }

  /** What the call may use at most, as it is now. */
  estimate(): StepEstimate {
    const { hasOutputLimit, maxOutputTokens } = this.#told();
    const full = this.#cost(Math.min(maxOutputTokens, this.outputCap ?? Infinity));
    if (hasOutputLimit || maxOutputTokens <= LEAST_OUTPUT) return full;
    const least = this.#cost(LEAST_OUTPUT);
    return {
      ...full,
      least: { tokens: least.tokens, costUsd: least.costUsd ?? 0 },
      shrink: (room) => this.#shrink(room),
    };
  }

  /** What was used, as far as it can be told without a reply: what the provider counted until it failed, else an estimate. */
  soFar(): StepCost {
    if (this.#counted !== undefined) return this.#counted;
    const isCharged = this.#isAnswered || this.#pieces > 0 || this.#isSent;
    if (!isCharged) return { tokens: 0, costUsd: 0 };
    const chars = this.#reply === undefined ? this.#chars : countChars(this.#reply);
    const { tokens, costUsd = 0 } = this.#cost(Math.max(this.#pieces, Math.ceil(chars / CHARS_PER_TOKEN)));
    return { tokens, costUsd };
  }

  #told(): CallEstimate {
    return this.#estimate ??= this.#invoker.estimate?.(this.#request) ?? estimateCall(this.#request);
  }

  #cost(outputTokens: number): { tokens: number; costUsd: number | undefined } {
    const { inputTokens, rates } = this.#told();
    return {
      tokens: inputTokens + outputTokens,
      costUsd: rates === undefined ? undefined : inputTokens * rates.input + outputTokens * rates.output,
    };
  }

  #shrink({ tokens, costUsd }: StepCost): StepCost {
    const { inputTokens, maxOutputTokens, rates = { input: 0, output: 0 } } = this.#told();
    const affordable = rates.output > 0 ? (costUsd - inputTokens * rates.input) / rates.output : Infinity;
    const room = Math.floor(
      Math.min(tokens - inputTokens, affordable, maxOutputTokens, this.outputCap ?? Infinity),
    );
    this.outputCap = Math.max(LEAST_OUTPUT, room);
    const cost = this.#cost(this.outputCap);
    return { tokens: cost.tokens, costUsd: cost.costUsd ?? 0 };
  }
}

function countChars({ content, functionCalls }: Message): number {
  return contentText(content).length +
    (functionCalls.length === 0 ? 0 : JSON.stringify(functionCalls).length);
}
