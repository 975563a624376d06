import assert from "node:assert/strict";
import { replaySession } from "@lllm/lllm/replay";
import { memoryStore, scriptedInvoker } from "@lllm/lllm/testing";
import { Research, researchReplies } from "./_programs.ts";

async function record() {
  const logStore = memoryStore();
  await new Research({ logStore, invoker: scriptedInvoker(researchReplies()) }).run("What about it?");
  return logStore.records[0]!;
}

const TOOL = "scout/main#0/tool:search#0";

Deno.test("a fork gives a tool another result, and goes on live after it", async () => {
  const recorded = await record();
  const invoker = scriptedInvoker([{ text: "It is dry" }]);
  const forked = await replaySession(
    recorded,
    new Research({ invoker, onSearch: () => assert.fail("searched") }),
    {
      fork: { at: TOOL, output: "No rain at all" },
    },
  );
  assert.equal((forked.result as { answer: string }).answer, "It is dry");
  assert.deepEqual([forked.liveCount, forked.replayedCount], [1, recorded.steps.length - 1]);
  const last = JSON.stringify(forked.steps.at(-1)!.input);
  assert.match(last, /No rain at all/);
  assert(!forked.isSameResult);
});

Deno.test("a fork at a model call takes another reply, by path or index", async () => {
  const recorded = await record();
  const index = recorded.steps.findIndex(({ path }) => path === "scout/main#0");
  for (const at of ["scout/main#0", index]) {
    const forked = await replaySession(recorded, new Research(), { fork: { at, output: "I know it" } });
    assert.equal((forked.result as { answer: string }).answer, "I know it");
    assert.equal(forked.liveCount, 0);
  }
});

Deno.test("a fork with another prompt and model has its prefix from the record", async () => {
  const recorded = await record();
  const invoker = scriptedInvoker([{ text: "Said by another" }]);
  const tactic = new Research({ invoker, systemPrompt: "You are another.", model: "scripted/other" });
  const forked = await replaySession(recorded, tactic, { fork: { at: "scout/main#1" } });
  assert.equal((forked.result as { answer: string }).answer, "Said by another");
  assert.deepEqual([forked.liveCount, forked.changedCount], [1, 1]);
});

Deno.test("a fork tells what it cost and what it saved", async () => {
  const usage = (cost: number) => ({
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    response_cost: cost,
  });
  const logStore = memoryStore();
  const [first, second] = researchReplies();
  const invoker = scriptedInvoker([{ ...first!, usage: usage(0.25) }, { ...second!, usage: usage(0.5) }]);
  await new Research({ logStore, invoker }).run("x");
  const later = new Research({ invoker: scriptedInvoker([{ text: "dear", usage: usage(2) }]) });
  const { cost } = await replaySession(logStore.records[0]!, later, { fork: { at: "scout/main#1" } });
  assert.deepEqual(cost, {
    recordedUsd: 0.75,
    totalUsd: 2.25,
    savedUsd: 0.25,
    spentUsd: 2,
    differenceUsd: 1.5,
  });
});

Deno.test("a fork at a step that is not there names one that is", async () => {
  const recorded = await record();
  await assert.rejects(replaySession(recorded, new Research(), { fork: { at: "scout/main#7" } }), {
    name: "RangeError",
    message: /did you mean "scout\/main#/,
  });
  await assert.rejects(replaySession(recorded, new Research(), { fork: { at: 99 } }), RangeError);
  await assert.rejects(
    replaySession(recorded, new Research(), { fork: { at: 0 }, mode: "strict" }),
    TypeError,
  );
});

Deno.test("a fork counts the turns that were replayed, for the rules of a scripted model", async () => {
  const turns = researchReplies().map((reply, turn) => ({ when: { agent: "scout", turn }, reply }));
  const logStore = memoryStore();
  await new Research({ logStore, invoker: scriptedInvoker({ rules: turns }) }).run("What about it?");
  const later = new Research({ invoker: scriptedInvoker({ rules: turns }) });
  const forked = await replaySession(logStore.records[0]!, later, { fork: { at: "scout/main#1" } });
  assert.equal((forked.result as { answer: string }).answer, "An answer about rain");
  assert.equal(forked.liveCount, 1);
});
