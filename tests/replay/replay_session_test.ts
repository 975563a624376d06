import assert from "node:assert/strict";
import { LLLMError } from "@lllm/lllm/errors";
import { InvokeResult } from "@lllm/lllm/session";
import { Message } from "@lllm/lllm/message";
import type { Invoker } from "@lllm/lllm/invokers";
import { replaySession } from "@lllm/lllm/replay";
import { memoryStore, scriptedInvoker } from "@lllm/lllm/testing";
import { noInvoker, Race, Research, researchReplies } from "./_programs.ts";

async function record(query = "rain") {
  const logStore = memoryStore();
  const result = await new Research({ logStore, invoker: scriptedInvoker(researchReplies(query)) }).run(
    "What about it?",
  );
  return { result, record: logStore.records[0]! };
}

const shape = (steps: readonly { path: string; kind: string; requestHash: string; output?: unknown }[]) =>
  steps.map(({ path, kind, requestHash, output }) => ({ path, kind, requestHash, output }));

Deno.test("replaySession() gives the recorded result and steps, and does nothing", async () => {
  const { result, record: recorded } = await record();
  const replayed = await replaySession(recorded, new Research({ onSearch: () => assert.fail("searched") }));
  assert.deepEqual(replayed.result, result);
  assert.deepEqual(shape(replayed.steps), shape(recorded.steps));
  assert.deepEqual([replayed.liveCount, replayed.replayedCount], [0, recorded.steps.length]);
  assert(replayed.isSameResult);
});

Deno.test("replaySession() is recorded like the run itself", async () => {
  const { record: recorded } = await record();
  const logStore = memoryStore();
  await replaySession(recorded, new Research({ logStore }));
  assert.deepEqual(shape(logStore.records[0]!.steps), shape(recorded.steps));
  assert.notEqual(logStore.records[0]!.id, recorded.id);
});

Deno.test("replaySession() in strict mode names step and field where a prompt was changed", async () => {
  const { record: recorded } = await record();
  const changed = new Research({ systemPrompt: "You look things ub." });
  await assert.rejects(replaySession(recorded, changed), (error) => {
    assert(LLLMError.isInstance(error));
    assert.equal(error.code, "replay_diverged");
    const { path, expected, actual, diff } = error.data as Record<string, unknown> & {
      expected: { path: string };
    };
    assert.equal(path, "scout/main#0");
    assert.equal(expected.path, path);
    assert.notDeepEqual(expected, actual);
    assert.match(String(diff), /input\.messages\[0\]\.content: You look things \[-up\.-\]\{\+ub\.\+\}/);
    assert.match(error.message, /things \[-up\.-\]/);
    return true;
  });
});

Deno.test("replaySession() in strict mode says what is missing at the end, and what is too much", async () => {
  const { record: recorded } = await record();
  const cut = { ...recorded, steps: recorded.steps.slice(0, -1) };
  await assert.rejects(replaySession(cut, new Research()), {
    code: "replay_diverged",
    message: /expected no further step, found model/,
  });
  const extra = { ...recorded.steps.at(-1)!, path: "scout/main#2", index: recorded.steps.length };
  await assert.rejects(replaySession({ ...recorded, steps: [...recorded.steps, extra] }, new Research()), {
    code: "replay_diverged",
    message: /found the end of the run/,
  });
});

Deno.test("replaySession() throws recorded errors again, alike", async () => {
  const logStore = memoryStore();
  const failing: Invoker = {
    call: () =>
      Promise.reject(new LLLMError("No such model", { code: "provider_error", data: { status: 404 } })),
  };
  const errors: unknown[] = [];
  await new Research({ logStore, invoker: failing }).run("x").catch((error) => errors.push(error));
  await replaySession(logStore.records[0]!, new Research()).catch((error) => errors.push(error));
  const [first, second] = errors as (Error & { code: string; cause: Error })[];
  assert.equal(second!.message, first!.message);
  assert.equal(second!.code, first!.code);
  assert.equal(second!.cause.message, first!.cause.message);
  assert.match(first!.message, /No such model/);
});

Deno.test("replaySession() streams what was recorded to agents that stream", async () => {
  const { record: recorded } = await record();
  const texts: string[] = [];
  const streamHandler = { handleChunk: (text: string) => void texts.push(text) };
  await replaySession(recorded, new Research({ streamHandler }));
  assert.equal(texts.join(""), "An answer about rain");
});

Deno.test("replaySession() gives equal requests of a concurrent run their own answers, in their order", async () => {
  const waits = [30, 5, 20, 1, 10];
  let calls = 0;
  const invoker: Invoker = {
    async call() {
      const call = calls++;
      await new Promise((resolve) => setTimeout(resolve, waits[call]));
      return new InvokeResult({ message: new Message({ role: "assistant", content: `answer ${call}` }) });
    },
  };
  const logStore = memoryStore();
  const result = await new Race(invoker, logStore).run(5);
  const replayed = await replaySession<number, string[]>(logStore.records[0]!, new Race(noInvoker));
  assert.deepEqual(replayed.result, result);
  assert.deepEqual(shape(replayed.steps), shape(logStore.records[0]!.steps));
});

Deno.test("replaySession() in continue mode goes on live after the recorded prefix", async () => {
  const { record: recorded } = await record();
  const prefix = { ...recorded, state: "interrupted" as const, steps: recorded.steps.slice(0, -1) };
  const invoker = scriptedInvoker([{ text: "Another answer" }]);
  const { result, liveCount, replayedCount } = await replaySession(prefix, new Research({ invoker }), {
    mode: "continue",
  });
  assert.equal((result as { answer: string }).answer, "Another answer");
  assert.deepEqual([liveCount, replayedCount], [1, prefix.steps.length]);
});

Deno.test("replaySession() in continue mode does again what the run did not get past", async () => {
  const logStore = memoryStore();
  const invoker = scriptedInvoker([researchReplies()[0]!, { error: { status: 400, message: "Bad day" } }]);
  await assert.rejects(new Research({ logStore, invoker }).run("x"));
  const later = new Research({ invoker: scriptedInvoker([{ text: "Better" }]) });
  const { result, liveCount } = await replaySession(logStore.records[0]!, later, { mode: "continue" });
  assert.equal((result as { answer: string }).answer, "Better");
  assert.equal(liveCount, 1);
});

Deno.test("replaySession() in continue mode does everything anew from the first changed step on", async () => {
  const { record: recorded } = await record();
  const searched: string[] = [];
  const invoker = scriptedInvoker(researchReplies("snow"));
  const tactic = new Research({
    invoker,
    systemPrompt: "Another one.",
    onSearch: (query) => searched.push(query),
  });
  const { result, liveCount } = await replaySession(recorded, tactic, { mode: "continue" });
  assert.equal((result as { answer: string }).answer, "An answer about snow");
  assert.deepEqual([liveCount, searched], [3, ["snow"]]);
});

Deno.test("replaySession() refuses an unknown mode, and a record of a newer version", async () => {
  const { record: recorded } = await record();
  await assert.rejects(replaySession(recorded, new Research(), { mode: "loose" as "strict" }), RangeError);
  await assert.rejects(replaySession({ ...recorded, version: 2 as 1 }, new Research()), {
    code: "record_too_new",
  });
});
