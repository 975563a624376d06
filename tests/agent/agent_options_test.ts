import assert from "node:assert/strict";
import { Agent, type AgentOptions } from "../../src/agent/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";

const invoker = { call: () => Promise.reject(new Error("unused")) };
const systemPrompt = new Prompt({ path: "system", prompt: "You test." });

/** What is said of options that are wrong in one place. */
function refusal(wrong: Record<string, unknown>): string {
  try {
    new Agent({ name: "a", systemPrompt, model: "m", invoker, ...wrong } as AgentOptions);
  } catch (error) {
    assert(error instanceof TypeError, String(error));
    return error.message;
  }
  return "";
}

Deno.test("new Agent() says of a wrong option what was found", () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [
      { apiType: "responses" },
      /completion or response as apiType, found "responses"; did you mean "response"\?$/,
    ],
    [{ apiType: "completions" }, /found "completions"; did you mean "completion"\?$/],
    [{ apiType: 3 }, /found 3$/],
    [
      { systemPrompt: "You" },
      /a Prompt as systemPrompt, found "You"; new Prompt\(\{ path, prompt \}\) makes one$/,
    ],
    [{ systemPrompt: undefined }, /a Prompt as systemPrompt, found none$/],
    [{ model: "" }, /a model's name as model, found ""$/],
    [{ model: ["m"] }, /found a list$/],
    [{ invoker: "openai" }, /an invoker, with call\(\), found "openai"$/],
    [{ invoker: {} }, /found an object$/],
  ];
  for (const [wrong, message] of cases) assert.match(refusal(wrong), message);
});
