import assert from "node:assert/strict";
import { sqliteStore } from "@lllm/lllm/log";
import { replaySession } from "@lllm/lllm/replay";
import type { CallContext } from "@lllm/lllm/run";
import { Tactic } from "@lllm/lllm/tactic";
import { scriptedInvoker } from "@lllm/lllm/testing";
import { Research, researchReplies } from "./_programs.ts";

const LONG = "All about rain. ".repeat(100);

Deno.test("replaySession() names a step of which the log kept a part only", async () => {
  await using logStore = sqliteStore(":memory:", { limits: { maxTextChars: 500 } });
  const replies = [...researchReplies().slice(0, 1), { text: LONG }];
  await new Research({ logStore, invoker: scriptedInvoker(replies) }).run("What about it?");
  const [newest] = await logStore.listSessions();
  const record = await logStore.loadSessionRecord(newest!.id);
  const cut = record.steps.find((step) => step.cut !== undefined)!;
  assert.deepEqual([cut.kind, cut.cut!.map(({ at, length }) => [at, length])], [
    "model",
    [["message.content", LONG.length]],
  ]);
  await assert.rejects(
    replaySession(record, new Research()),
    (error: Error & { code: string; data: { path: string; cut: unknown } }) => {
      assert.equal(error.code, "replay_diverged");
      assert.equal(error.data.path, cut.path);
      assert.match(
        error.message,
        /^Cannot replay step "scout\/main#1": expected its whole output, found \d+ of 1600 characters at message\.content: /,
      );
      return true;
    },
  );

  // Whoever may ask the model asks again there, and nowhere else.
  const again = await replaySession(record, new Research({ invoker: scriptedInvoker([{ text: LONG }]) }), {
    mode: "continue",
  });
  assert.deepEqual([again.liveCount, again.isSameResult], [1, true]);
  const at = cut.path;
  const forked = await replaySession(record, new Research(), { fork: { at, output: "Short" } });
  assert.deepEqual([(forked.result as { answer: string }).answer, forked.liveCount], ["Short", 0]);
});

Deno.test("replaySession() finds a step by its request though the log kept a part of it only", async () => {
  class Measure extends Tactic<string, number> {
    name = "measure";
    async call(task: string, context: CallContext): Promise<number> {
      const { length } = await context.step("double", () => Promise.resolve({ length: 2 * task.length }));
      return length;
    }
  }
  await using logStore = sqliteStore(":memory:", { limits: { maxTextChars: 500 } });
  const id = (await new Measure({ logStore }).run(LONG, { returnSession: true })).sessionId;
  const record = await logStore.loadSessionRecord(id);
  await assert.rejects(
    replaySession(record, new Measure()),
    /expected its whole task, found \d+ of 1600 characters at task: .* the option task can give it$/,
  );
  const { result, isSameResult, liveCount } = await replaySession<string, number>(record, new Measure(), {
    task: LONG,
  });
  assert.deepEqual([result, isSameResult, liveCount], [3_200, true, 0]);
});

Deno.test("replaySession() knows a result by its hash where the log kept a part of it only", async () => {
  class Echo extends Tactic<string, string> {
    name = "echo";
    constructor(readonly text: string, logStore?: ReturnType<typeof sqliteStore>) {
      super(logStore === undefined ? {} : { logStore });
    }
    call(): string {
      return this.text;
    }
  }
  await using logStore = sqliteStore(":memory:", { limits: { maxTextChars: 500 } });
  const { sessionId } = await new Echo(LONG, logStore).run("x", { returnSession: true });
  const record = await logStore.loadSessionRecord(sessionId);
  assert((record.result as string).length <= 500);
  assert.equal((await replaySession(record, new Echo(LONG))).isSameResult, true);
  assert.equal((await replaySession(record, new Echo(`${LONG}!`))).isSameResult, false);
});
