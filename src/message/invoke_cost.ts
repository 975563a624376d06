/** The fields of an {@linkcode InvokeCost}: token counts, dollars, and dollars per token. */
export interface InvokeCostInit {
  /** Tokens sent. */
  promptTokens?: number;
  /** Tokens received, reasoning included. */
  completionTokens?: number;
  /** All tokens. Default: the sum of the two. */
  totalTokens?: number;
  /** Tokens sent that the provider read from its cache. */
  cachedPromptTokens?: number;
  /** Tokens spent on reasoning. */
  reasoningTokens?: number;
  /** Audio tokens sent. */
  audioPromptTokens?: number;
  /** Audio tokens received. */
  audioCompletionTokens?: number;
  /** Dollars per token sent. */
  inputCostPerToken?: number;
  /** Dollars per token received. */
  outputCostPerToken?: number;
  /** Dollars per token read from the cache. */
  cacheReadInputTokenCost?: number;
  /** Dollars for what was sent. */
  promptCost?: number;
  /** Dollars for what was received. */
  completionCost?: number;
  /** Dollars in all. */
  cost?: number;
}

/**
 * What model calls used: token counts and dollars.
 *
 * Units: tokens; US dollars; US dollars per token. Everything defaults to 0.
 *
 * @example
 * ```ts
 * import { InvokeCost } from "@lllm/lllm/message";
 * import assert from "node:assert/strict";
 *
 * const sum = new InvokeCost({ promptTokens: 10, cost: 0.5 }).plus(new InvokeCost({ promptTokens: 5, cost: 0.25 }));
 * assert.equal(sum.promptTokens, 15);
 * assert.equal(sum.cost, 0.75);
 * ```
 */
export class InvokeCost implements Required<InvokeCostInit> {
  /** Tokens sent. */
  readonly promptTokens: number;
  /** Tokens received, reasoning included. */
  readonly completionTokens: number;
  /** All tokens. */
  readonly totalTokens: number;
  /** Tokens sent that the provider read from its cache. */
  readonly cachedPromptTokens: number;
  /** Tokens spent on reasoning. */
  readonly reasoningTokens: number;
  /** Audio tokens sent. */
  readonly audioPromptTokens: number;
  /** Audio tokens received. */
  readonly audioCompletionTokens: number;
  /** Dollars per token sent. */
  readonly inputCostPerToken: number;
  /** Dollars per token received. */
  readonly outputCostPerToken: number;
  /** Dollars per token read from the cache. */
  readonly cacheReadInputTokenCost: number;
  /** Dollars for what was sent. */
  readonly promptCost: number;
  /** Dollars for what was received. */
  readonly completionCost: number;
  /** Dollars in all. */
  readonly cost: number;

  /** Creates a cost from one record of its fields. */
  constructor(init: InvokeCostInit = {}) {
    this.promptTokens = init.promptTokens ?? 0;
    this.completionTokens = init.completionTokens ?? 0;
    this.totalTokens = init.totalTokens ?? this.promptTokens + this.completionTokens;
    this.cachedPromptTokens = init.cachedPromptTokens ?? 0;
    this.reasoningTokens = init.reasoningTokens ?? 0;
    this.audioPromptTokens = init.audioPromptTokens ?? 0;
    this.audioCompletionTokens = init.audioCompletionTokens ?? 0;
    this.inputCostPerToken = init.inputCostPerToken ?? 0;
    this.outputCostPerToken = init.outputCostPerToken ?? 0;
    this.cacheReadInputTokenCost = init.cacheReadInputTokenCost ?? 0;
    this.promptCost = init.promptCost ?? 0;
    this.completionCost = init.completionCost ?? 0;
    this.cost = init.cost ?? 0;
    Object.freeze(this);
  }

  /** Adds counts and dollars; the rates of a sum are 0. */
  plus(other: InvokeCost): InvokeCost {
    return InvokeCost.sum([this, other]);
  }

  /** Adds up counts and dollars; the rates of a sum are 0. */
  static sum(costs: Iterable<InvokeCost>): InvokeCost {
    const total = {
      promptTokens: 0,
      completionTokens: 0,
      totalTokens: 0,
      cachedPromptTokens: 0,
      reasoningTokens: 0,
      audioPromptTokens: 0,
      audioCompletionTokens: 0,
      promptCost: 0,
      completionCost: 0,
      cost: 0,
    };
    for (const cost of costs) {
      total.promptTokens += cost.promptTokens;
      total.completionTokens += cost.completionTokens;
      total.totalTokens += cost.totalTokens;
      total.cachedPromptTokens += cost.cachedPromptTokens;
      total.reasoningTokens += cost.reasoningTokens;
      total.audioPromptTokens += cost.audioPromptTokens;
      total.audioCompletionTokens += cost.audioCompletionTokens;
      total.promptCost += cost.promptCost;
      total.completionCost += cost.completionCost;
      total.cost += cost.cost;
    }
    return new InvokeCost(total);
  }

  /** Writes tokens and dollars in a line for people, rates where there are any. */
  toString(): string {
    const rates = this.inputCostPerToken > 0 || this.outputCostPerToken > 0
      ? `, at $${this.inputCostPerToken} a token in, $${this.outputCostPerToken} a token out`
      : "";
    return `${this.totalTokens} tokens (${this.promptTokens} in, ${this.completionTokens} out), $${this.cost}${rates}`;
  }

  /**
   * Reads the cost from a provider's usage record, of Chat Completions or of Responses; `response_cost` and the
   * other `*_cost` keys are the dollars that the invoker added.
   */
  static fromUsage(usage: Readonly<Record<string, unknown>>): InvokeCost {
    const promptDetails = record(usage.prompt_tokens_details ?? usage.input_tokens_details);
    const completionDetails = record(usage.completion_tokens_details ?? usage.output_tokens_details);
    const promptTokens = count(usage.prompt_tokens ?? usage.input_tokens);
    const completionTokens = count(usage.completion_tokens ?? usage.output_tokens);
    return new InvokeCost({
      promptTokens,
      completionTokens,
      totalTokens: typeof usage.total_tokens === "number"
        ? count(usage.total_tokens)
        : promptTokens + completionTokens,
      cachedPromptTokens: count(promptDetails.cached_tokens),
      reasoningTokens: count(completionDetails.reasoning_tokens),
      audioPromptTokens: count(promptDetails.audio_tokens),
      audioCompletionTokens: count(completionDetails.audio_tokens),
      inputCostPerToken: count(usage.input_cost_per_token),
      outputCostPerToken: count(usage.output_cost_per_token),
      cacheReadInputTokenCost: count(usage.cache_read_input_token_cost),
      promptCost: count(usage.prompt_cost),
      completionCost: count(usage.completion_cost),
      cost: count(usage.response_cost),
    });
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
