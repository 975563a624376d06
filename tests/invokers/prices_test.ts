import assert from "node:assert/strict";
import { addCosts } from "../../src/invokers/_costs.ts";
import { contextWindowOf, priceOf } from "../../src/invokers/mod.ts";

Deno.test("priceOf() finds models with prefixes and dates, and knows what it does not know", () => {
  const mini = priceOf("gpt-4o-mini");
  assert.equal(mini!.inputCostPerToken, 0.15 / 1e6);
  assert.deepEqual(priceOf("openai/gpt-4o-mini-2024-07-18"), mini);
  assert.deepEqual(priceOf("openrouter/openai/gpt-4o-mini"), mini);
  assert.equal(priceOf("claude-sonnet-4-5-20250929")!.outputCostPerToken, 15 / 1e6);
  assert.equal(priceOf("gpt-4o-2024-05-13")!.inputCostPerToken, 5 / 1e6);
  assert.equal(priceOf("ollama/llama"), undefined);
  assert.equal(priceOf("constructor"), undefined);
  assert.equal(contextWindowOf("gpt-4.1"), 1_047_576);
  assert.equal(contextWindowOf("unknown"), undefined);
});

Deno.test("addCosts() counts what was cached, heard and long at its own rate", () => {
  const price = {
    inputCostPerToken: 2,
    outputCostPerToken: 10,
    cacheReadInputTokenCost: 1,
    inputCostPerAudioToken: 5,
    longPrompt: { aboveTokens: 100, inputCostPerToken: 4, outputCostPerToken: 20 },
  };
  const usage = {
    prompt_tokens: 50,
    completion_tokens: 3,
    prompt_tokens_details: { cached_tokens: 20, audio_tokens: 10 },
  };
  assert.deepEqual(addCosts(usage, price), {
    ...usage,
    response_cost: 140,
    prompt_cost: 20 * 2 + 20 * 1 + 10 * 5,
    completion_cost: 30,
    input_cost_per_token: 2,
    output_cost_per_token: 10,
    cache_read_input_token_cost: 1,
  });
  assert.equal(addCosts({ input_tokens: 101, output_tokens: 1 }, price).response_cost, 101 * 4 + 20);
  assert.deepEqual(addCosts({}, price), {});
  assert.deepEqual(addCosts({ prompt_tokens: 1 }, undefined), { prompt_tokens: 1 });
  assert.equal(addCosts({ prompt_tokens: 1, cost: 0.5 }, undefined).response_cost, 0.5);
});

/** Asks for prices in a process whose environment names a price file. */
async function pricesWith(file: string, models: readonly string[]): Promise<unknown[]> {
  const code = `
    import { contextWindowOf, priceOf } from ${
    JSON.stringify(new URL("../../src/invokers/mod.ts", import.meta.url))
  };
    const ask = (model) => {
      try {
        return { ...priceOf(model), window: contextWindowOf(model) };
      } catch (error) {
        return { code: error.code, message: error.message };
      }
    };
    console.log(JSON.stringify(${JSON.stringify(models)}.map(ask)));`;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    env: { LLLM_MODEL_PRICES: file },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("priceOf() reads the file that LLLM_MODEL_PRICES names, in LiteLLM's format", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(
    file,
    JSON.stringify({
      sample_spec: { input_cost_per_token: "a number", max_tokens: "a number" },
      "gpt-4o": { input_cost_per_token: 1, output_cost_per_token: 2, max_tokens: 10, mode: "chat" },
      "groq/l": {
        input_cost_per_token: 3e-7,
        output_cost_per_token: "4e-7",
        max_input_tokens: 20,
        max_tokens: 5,
      },
      "long": {
        input_cost_per_token: 1,
        output_cost_per_token: 2,
        input_cost_per_token_above_200k_tokens: 3,
      },
    }),
  );
  assert.deepEqual(await pricesWith(file, ["openai/gpt-4o", "groq/l", "long", "gpt-4.1-nano"]), [
    { inputCostPerToken: 1, outputCostPerToken: 2, maxInputTokens: 10, window: 10 },
    { inputCostPerToken: 3e-7, outputCostPerToken: 4e-7, maxInputTokens: 20, window: 20 },
    {
      inputCostPerToken: 1,
      outputCostPerToken: 2,
      longPrompt: { aboveTokens: 200_000, inputCostPerToken: 3, outputCostPerToken: 2 },
    },
    {
      inputCostPerToken: 0.1 / 1e6,
      outputCostPerToken: 0.4 / 1e6,
      cacheReadInputTokenCost: 0.025 / 1e6,
      maxInputTokens: 1_047_576,
      maxOutputTokens: 32_768,
      window: 1_047_576,
    },
  ]);
  for (const [content, message] of [["[]", "a list"], ['{"m": 1}', '1 for "m"'], ["{", "JSON"]] as const) {
    await Deno.writeTextFile(file, content);
    const [outcome] = await pricesWith(file, ["m"]) as [{ code: string; message: string }];
    assert.equal(outcome.code, "config_invalid");
    assert(outcome.message.includes(message) && outcome.message.includes(file), outcome.message);
  }
  await Deno.remove(file);
});
