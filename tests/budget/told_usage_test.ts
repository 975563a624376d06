import assert from "node:assert/strict";
import { Agent } from "../../src/agent/mod.ts";
import { buildInvoker } from "../../src/invokers/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { budgetRunner } from "../../src/run/mod.ts";
import { Tactic } from "../../src/tactic/mod.ts";

const chat = (delta: unknown, usage?: unknown) => ({ choices: [{ index: 0, delta }], usage });
const text = "x".repeat(400);
const counted = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 };

/** Runs one call, streamed, of a provider that answers with these events, or with one object. */
async function callOf(api: "completion" | "response", answer: readonly unknown[] | object) {
  const isStream = Array.isArray(answer);
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () =>
      isStream
        ? new Response(answer.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""), {
          headers: { "content-type": "text/event-stream" },
        })
        : Response.json(answer),
  );
  const budget = budgetRunner({ usd: 1 });
  const base = `http://127.0.0.1:${server.addr.port}/v1`;
  class Ask extends Tactic<string, string> {
    name = "ask";
    async call(task: string): Promise<string> {
      const agent = new Agent({
        name: "asker",
        systemPrompt: new Prompt({ path: "x", prompt: "x" }),
        model: "gpt-4o-mini",
        invoker: buildInvoker({ invoker: "openai" }),
        apiType: api,
        modelArgs: { api_base: base, api_key: "x", max_tokens: 1_000 },
        ...(isStream ? { streamHandler: { handleChunk: () => {} } } : {}),
      }).open("main");
      agent.receive(task);
      return String((await agent.respond()).content);
    }
  }
  const error = await new Ask().run("x", { budget }).then(() => assert.fail("it is no reply"), (e) => e);
  assert.match(error.message, /model/i);
  const { tokens, usd } = budget.usage();
  return { tokens, usd: Number((usd * 1e6).toFixed(3)) };
}

const exact = { tokens: 25, usd: Number((20 * 0.15 + 5 * 0.6).toFixed(3)) };

Deno.test("a call that fails after the provider counted costs what it counted", async () => {
  assert.deepEqual(
    await callOf("completion", [chat({ content: text }), chat({ content: "y" }, counted)]),
    exact,
  );
  const { total_tokens, prompt_tokens: input_tokens, completion_tokens: output_tokens } = counted;
  const usage = { input_tokens, output_tokens, total_tokens };
  const failed = { status: "failed", error: { code: "server_error", message: "Oh" }, output: [], usage };
  const deltas = { type: "response.output_text.delta", delta: text, output_index: 0 };
  assert.deepEqual(
    await callOf("response", [deltas, { type: "response.failed", response: failed }]),
    exact,
  );
  assert.deepEqual(
    await callOf("completion", { object: "chat.completion", choices: [], usage: counted }),
    exact,
  );
});

Deno.test("a call that fails after more came than the provider counted costs an estimate", async () => {
  const { tokens } = await callOf("completion", [chat({ content: "y" }, counted), chat({ content: text })]);
  assert(tokens > 130, `${tokens}`);
});
