import { LLLMError } from "../errors.ts";
import { readVariable } from "./_environment.ts";
import { objectOf, type Wire } from "./_settings.ts";
import type { ModelPrice } from "./prices.ts";

const VARIABLE = "LLLM_MODEL_PRICES";

let loaded: { readonly path: string; readonly prices: ReadonlyMap<string, ModelPrice> } | undefined;

/** Gives the prices of the file that the environment names; `undefined` where it names none. */
export function readPriceFile(): ReadonlyMap<string, ModelPrice> | undefined {
  const variable = readVariable(VARIABLE, { optional: true });
  if (!("value" in variable)) return undefined;
  if (loaded?.path !== variable.value) loaded = { path: variable.value, prices: parsePrices(variable.value) };
  return loaded.prices;
}

function parsePrices(path: string): ReadonlyMap<string, ModelPrice> {
  let content: unknown;
  try {
    content = JSON.parse(Deno.readTextFileSync(path));
  } catch (cause) {
    throw invalid(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw invalid(path, Array.isArray(content) ? "a list" : String(content));
  }
  const prices = new Map<string, ModelPrice>();
  for (const [model, entry] of Object.entries(content)) {
    if (model === "sample_spec") continue; // LiteLLM's file describes its own format under this name
    if (typeof entry !== "object" || entry === null) {
      throw invalid(path, `${JSON.stringify(entry)} for "${model}"`);
    }
    prices.set(model, readEntry(path, model, objectOf(entry)));
  }
  return prices;
}

const KEYS = {
  inputCostPerToken: "input_cost_per_token",
  outputCostPerToken: "output_cost_per_token",
  cacheReadInputTokenCost: "cache_read_input_token_cost",
  inputCostPerAudioToken: "input_cost_per_audio_token",
  outputCostPerAudioToken: "output_cost_per_audio_token",
  maxInputTokens: "max_input_tokens",
  maxOutputTokens: "max_output_tokens",
} as const;

function readEntry(path: string, model: string, entry: Wire): ModelPrice {
  const price: Record<string, unknown> = { inputCostPerToken: 0, outputCostPerToken: 0 };
  for (const [field, key] of Object.entries(KEYS)) {
    const value = entry[key] ?? (field === "maxInputTokens" ? entry.max_tokens : undefined);
    if (value === undefined || value === null) continue;
    const number = Number(value); // some entries write numbers as texts
    if (!Number.isFinite(number) || number < 0) {
      throw invalid(path, `${JSON.stringify(value)} for "${model}" ${key}`);
    }
    price[field] = number;
  }
  for (const key of Object.keys(entry)) {
    const above = /^input_cost_per_token_above_(\d+)k_tokens$/.exec(key);
    if (above === null) continue;
    price.longPrompt = {
      aboveTokens: Number(above[1]) * 1000,
      inputCostPerToken: Number(entry[key]),
      outputCostPerToken: Number(
        entry[key.replace("input_", "output_")] ?? price.outputCostPerToken,
      ),
    };
  }
  return price as unknown as ModelPrice;
}

function invalid(path: string, found: string, cause?: unknown): LLLMError {
  return new LLLMError(`Cannot read ${VARIABLE} "${path}": expected LiteLLM's price format, found ${found}`, {
    code: "config_invalid",
    data: { path },
    cause,
  });
}
