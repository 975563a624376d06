import type { ModelPrice } from "./prices.ts";

/** Dollars per million tokens sent, received and read from the cache, the tokens that fit in a request, and in a reply. */
type Row = readonly [input: number, output: number, cacheRead: number | null, window: number, reply: number];

/**
 * List prices by the names that the providers give their models. A name followed by a date or `-latest` is the same model.
 *
 * Source: the providers' price pages, 2025-11 to 2026-06; `LLLM_MODEL_PRICES` replaces what has changed since.
 */
const ROWS: Readonly<Record<string, Row>> = {
  "gpt-3.5-turbo": [0.5, 1.5, null, 16_385, 4_096],
  "gpt-4": [30, 60, null, 8_192, 8_192],
  "gpt-4-turbo": [10, 30, null, 128_000, 4_096],
  "gpt-4o": [2.5, 10, 1.25, 128_000, 16_384],
  "gpt-4o-2024-05-13": [5, 15, null, 128_000, 4_096],
  "gpt-4o-mini": [0.15, 0.6, 0.075, 128_000, 16_384],
  "gpt-4.1": [2, 8, 0.5, 1_047_576, 32_768],
  "gpt-4.1-mini": [0.4, 1.6, 0.1, 1_047_576, 32_768],
  "gpt-4.1-nano": [0.1, 0.4, 0.025, 1_047_576, 32_768],
  "o1": [15, 60, 7.5, 200_000, 100_000],
  "o1-mini": [1.1, 4.4, 0.55, 128_000, 65_536],
  "o3": [2, 8, 0.5, 200_000, 100_000],
  "o3-mini": [1.1, 4.4, 0.55, 200_000, 100_000],
  "o3-pro": [20, 80, null, 200_000, 100_000],
  "o4-mini": [1.1, 4.4, 0.275, 200_000, 100_000],
  "gpt-5": [1.25, 10, 0.125, 272_000, 128_000],
  "gpt-5-mini": [0.25, 2, 0.025, 272_000, 128_000],
  "gpt-5-nano": [0.05, 0.4, 0.005, 272_000, 128_000],
  "gpt-5-pro": [15, 120, null, 272_000, 272_000],
  "gpt-5-codex": [1.25, 10, 0.125, 272_000, 128_000],
  "gpt-5-chat": [1.25, 10, 0.125, 128_000, 16_384],
  "gpt-5.1": [1.25, 10, 0.125, 272_000, 128_000],
  "gpt-5.1-codex": [1.25, 10, 0.125, 272_000, 128_000],
  "gpt-5.2": [1.75, 14, 0.175, 272_000, 128_000],
  "gpt-5.4": [2.5, 15, 0.25, 272_000, 128_000],
  "gpt-5.4-mini": [0.75, 4.5, 0.075, 272_000, 128_000],
  "gpt-5.4-nano": [0.2, 1.25, 0.02, 272_000, 128_000],
  "claude-3-haiku": [0.25, 1.25, 0.03, 200_000, 4_096],
  "claude-3-5-haiku": [0.8, 4, 0.08, 200_000, 8_192],
  "claude-3-5-sonnet": [3, 15, 0.3, 200_000, 8_192],
  "claude-3-7-sonnet": [3, 15, 0.3, 200_000, 64_000],
  "claude-3-opus": [15, 75, 1.5, 200_000, 4_096],
  "claude-haiku-4-5": [1, 5, 0.1, 200_000, 64_000],
  "claude-sonnet-4": [3, 15, 0.3, 200_000, 64_000],
  "claude-sonnet-4-5": [3, 15, 0.3, 200_000, 64_000],
  "claude-sonnet-4-6": [3, 15, 0.3, 200_000, 64_000],
  "claude-opus-4": [15, 75, 1.5, 200_000, 32_000],
  "claude-opus-4-1": [15, 75, 1.5, 200_000, 32_000],
  "claude-opus-4-5": [5, 25, 0.5, 200_000, 64_000],
  "claude-opus-4-6": [5, 25, 0.5, 200_000, 128_000],
  "gemini-2.0-flash": [0.1, 0.4, 0.025, 1_048_576, 8_192],
  "gemini-2.0-flash-lite": [0.075, 0.3, null, 1_048_576, 8_192],
  "gemini-2.5-flash": [0.3, 2.5, 0.03, 1_048_576, 65_536],
  "gemini-2.5-flash-lite": [0.1, 0.4, 0.01, 1_048_576, 65_536],
  "gemini-2.5-pro": [1.25, 10, 0.125, 1_048_576, 65_536],
  "gemini-3-pro-preview": [2, 12, 0.2, 1_048_576, 65_536],
};

/** Long prompts of some models cost more: the prompt's tokens from which on, and the dollars per million then. */
const LONG: Readonly<Record<string, readonly [above: number, input: number, output: number]>> = {
  "gemini-2.5-pro": [200_000, 2.5, 15],
  "gemini-3-pro-preview": [200_000, 4, 18],
};

/** Finds the list price of a model, with or without a date in its name. */
export function listPrice(name: string): ModelPrice | undefined {
  const key = Object.hasOwn(ROWS, name) ? name : name.replace(/-(latest|\d{8}|\d{4}-\d{2}-\d{2})$/, "");
  if (!Object.hasOwn(ROWS, key)) return undefined;
  const [input, output, cacheRead, window, reply] = ROWS[key]!;
  const long = LONG[key];
  return {
    inputCostPerToken: input / 1e6,
    outputCostPerToken: output / 1e6,
    ...(cacheRead === null ? {} : { cacheReadInputTokenCost: cacheRead / 1e6 }),
    maxInputTokens: window,
    maxOutputTokens: reply,
    ...(long === undefined ? {} : {
      longPrompt: {
        aboveTokens: long[0],
        inputCostPerToken: long[1] / 1e6,
        outputCostPerToken: long[2] / 1e6,
      },
    }),
  };
}
