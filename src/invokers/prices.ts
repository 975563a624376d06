import { readPriceFile } from "./_price_file.ts";
import { listPrice } from "./price_table.ts";
import { splitModel } from "./providers.ts";

/** What a model costs, in US dollars per token, and how much fits in a request. */
export interface ModelPrice {
  /** For a token sent. */
  readonly inputCostPerToken: number;
  /** For a token received, reasoning included. */
  readonly outputCostPerToken: number;
  /** For a token that the provider read from its cache. Default: as for a token sent. */
  readonly cacheReadInputTokenCost?: number;
  /** For an audio token sent. Default: as for a token sent. */
  readonly inputCostPerAudioToken?: number;
  /** For an audio token received. Default: as for a token received. */
  readonly outputCostPerAudioToken?: number;
  /** Tokens that fit in a request. Default: unknown. */
  readonly maxInputTokens?: number;
  /** Tokens of the longest reply, reasoning included. Default: unknown. */
  readonly maxOutputTokens?: number;
  /** Other rates for prompts that are longer than `aboveTokens`. Default: none. */
  readonly longPrompt?: {
    readonly aboveTokens: number;
    readonly inputCostPerToken: number;
    readonly outputCostPerToken: number;
  };
}

/**
 * Finds what a model costs: in the file that `LLLM_MODEL_PRICES` names (LiteLLM's price format), else in the project's own
 * table. Local models cost nothing there, but are not in it; what is unknown is `undefined`, not zero.
 *
 * Units: US dollars per token; tokens.
 *
 * The file is read at the first call, and again only when the variable names another one.
 *
 * @example
 * ```ts
 * import { priceOf } from "@lllm/lllm/invokers";
 * import assert from "node:assert/strict";
 *
 * assert.equal(priceOf("openai/gpt-4o-mini")?.inputCostPerToken, 0.15 / 1e6);
 * assert.equal(priceOf("my-own-model"), undefined);
 * ```
 *
 * @throws {LLLMError} `config_invalid` when the file cannot be read, or is no price file
 */
export function priceOf(model: string): ModelPrice | undefined {
  const { provider, name } = splitModel(model);
  const file = readPriceFile();
  const inFile = file?.get(model) ?? file?.get(`${provider.name}/${name}`) ?? file?.get(name);
  return inFile ?? listPrice(name) ?? listPrice(name.slice(name.lastIndexOf("/") + 1));
}

/**
 * Finds how many tokens fit in a request to a model, by the same table and file as {@linkcode priceOf}.
 *
 * @example
 * ```ts
 * import { contextWindowOf } from "@lllm/lllm/invokers";
 *
 * console.log(contextWindowOf("gpt-4o")); // 128000
 * ```
 *
 * @throws {LLLMError} `config_invalid` when the file cannot be read, or is no price file
 */
export function contextWindowOf(model: string): number | undefined {
  return priceOf(model)?.maxInputTokens;
}
