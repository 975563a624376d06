import assert from "node:assert/strict";
import { limitContent } from "../../src/log/limits.ts";
import { sqliteStore } from "../../src/log/mod.ts";
import { Message } from "../../src/message/mod.ts";
import { InvokeResult } from "../../src/session/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";

/** Data that stays large however its texts and lists are cut. */
const tangle = (depth: number): unknown =>
  depth === 0
    ? "x".repeat(100)
    : Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`key${n}`, tangle(depth - 1)]));

class Ask extends NativeTactic<string, string> {
  name = "ask";
  agentGroup = ["one"];
  async call(task: string): Promise<string> {
    this.agent("one").open("main").receive(task);
    return String((await this.agent("one").respond()).content);
  }
}

Deno.test("limits keep what is around the part that is too large", () => {
  const limit = limitContent({ maxStepBytes: 10_000 });
  const message = { role: "assistant", content: "short", parsed: tangle(3), usage: { total_tokens: 3 } };
  const { value, ...rest } = limit({ where: "output", value: { message, modelArgs: {} } }) as {
    value: { message: Record<string, unknown>; modelArgs: unknown };
  };
  const { parsed, ...around } = message;
  const { parsed: kept, ...left } = value.message;
  assert.deepEqual([left, value.modelArgs], [around, {}]);
  assert.match(String(kept), /^\{"key0":.*… \[cut: \d+ characters/s);
  const [cut] = Object.values(rest)[0] as { at: string; length: number }[];
  assert.deepEqual([cut!.at, cut!.length], ["message.parsed", JSON.stringify(parsed).length]);
  assert.equal(typeof (limit({ where: "output", value: tangle(4) }) as { value: unknown }).value, "string");
});

Deno.test("a session whose replies were cut can be loaded", async () => {
  await using logStore = sqliteStore(":memory:", { limits: { maxTextChars: 200, maxStepBytes: 10_000 } });
  const config = { agent_configs: [{ name: "one", model_name: "scripted", system_prompt: "Answer." }] };
  const invoker = scriptedInvoker(["An answer. ".repeat(2_000)]);
  const run = await new Ask({ config, invoker, logStore }).run("Why? ".repeat(4_000), {
    returnSession: true,
  });
  const loaded = await logStore.loadSession(run.sessionId);
  assert.deepEqual({ ...loaded.summary(), durationMs: 0 }, { ...run.summary(), durationMs: 0 });
  const [call] = loaded.agentSessions.one!;
  assert.match(String(call!.delivery!.content), /^An answer\. .*… \[cut: 22000 characters/);
  assert((await logStore.exportSession(run.sessionId)).length < 20_000);
});

Deno.test("a session of whose reply no field could be kept whole can be loaded", async () => {
  const large = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`key${n}`, "x".repeat(190)]));
  const message = new Message({
    role: "assistant",
    content: "yes",
    usage: { large },
    metadata: { large },
    vectors: { large },
  });
  await using logStore = sqliteStore(":memory:", { limits: { maxStepBytes: 10_000 } });
  const config = { agent_configs: [{ name: "one", model_name: "scripted", system_prompt: "Answer." }] };
  const invoker = { call: () => Promise.resolve(new InvokeResult({ message })) };
  const run = await new Ask({ config, invoker, logStore }).run("Why?", { returnSession: true });
  const { state, agentSessions } = await logStore.loadSession(run.sessionId);
  assert.equal(state, "success");
  assert.match(String(agentSessions.one![0]!.delivery!.content), /^\{"id":.*… \[cut: \d+ characters/s);
});

Deno.test("a log store refuses limits that it would overlook", () => {
  const odd = [{ maxTextLength: 500 }, { maxTextChars: 10 }, { maxStepBytes: NaN }];
  for (const limits of odd) {
    assert.throws(() => sqliteStore(":memory:", { limits } as object), /Cannot create a log store: expected/);
  }
});
