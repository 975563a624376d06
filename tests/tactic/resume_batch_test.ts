import assert from "node:assert/strict";
import { sqliteStore } from "@lllm/lllm/log";
import type { SessionStore } from "@lllm/lllm/session";
import type { CallContext } from "@lllm/lllm/run";
import { replaySession } from "@lllm/lllm/replay";
import { Tactic } from "@lllm/lllm/tactic";
import { memoryStore } from "@lllm/lllm/testing";

/** Doubles numbers, except those that it is told to fail at; and counts its runs. */
class Double extends Tactic<number, number> {
  name = "double";
  runs: number[] = [];
  constructor(logStore?: SessionStore, readonly failsAt: readonly number[] = []) {
    super(logStore === undefined ? {} : { logStore });
  }
  call(task: number): number {
    this.runs.push(task);
    if (this.failsAt.includes(task)) throw new Error(`No ${task}`);
    return task * 2;
  }
}

Deno.test("bcall() and ccall() give each run its metadata by the index of its task", async () => {
  await using logStore = sqliteStore(":memory:");
  const metadata = (index: number) => ({ line: index + 1 });
  for (const resumeKey of ["numbers", undefined]) {
    const options = {
      returnSessions: true,
      metadata,
      ...(resumeKey === undefined ? {} : { resumeKey }),
    } as const;
    const sessions = await new Double(logStore).bcall([7, 8], options);
    assert.deepEqual(sessions.map((session) => session.metadata), [{ line: 1 }, { line: 2 }]);
  }
  for await (const [index, session] of new Double().ccall([7, 8], { returnSessions: true, metadata })) {
    assert.deepEqual(session.metadata, { line: index + 1 });
  }
});

Deno.test("bcall() with a resumeKey runs again only what has not succeeded", async () => {
  await using logStore = sqliteStore(":memory:");
  const tasks = [1, 2, 2, 3];
  const first = new Double(logStore, [3]);
  await first.bcall(tasks, { resumeKey: "numbers", failFast: false });
  const second = new Double(logStore);
  assert.deepEqual(await second.bcall(tasks, { resumeKey: "numbers" }), [2, 4, 4, 6]);
  assert.deepEqual(second.runs, [3]);
  const third = new Double(logStore);
  const sessions = await third.bcall([...tasks, 2], { resumeKey: "numbers", returnSessions: true });
  assert.deepEqual(sessions.map(({ delivery }) => delivery), [2, 4, 4, 6, 4]);
  assert.deepEqual(third.runs, [2]);
});

Deno.test("bcall() with another resumeKey, or none, runs everything", async () => {
  await using logStore = sqliteStore(":memory:");
  await new Double(logStore).bcall([1, 2], { resumeKey: "one" });
  for (const options of [{ resumeKey: "two" }, {}]) {
    const tactic = new Double(logStore);
    await tactic.bcall([1, 2], options);
    assert.equal(tactic.runs.length, 2);
  }
});

Deno.test("bcall() refuses a resumeKey where no store finds sessions", async () => {
  for (const tactic of [new Double(), new Double(memoryStore())]) {
    await assert.rejects(tactic.bcall([1], { resumeKey: "x" }), TypeError);
  }
  await using logStore = sqliteStore(":memory:");
  await assert.rejects(new Double(logStore).bcall([1], { resumeKey: "" }), TypeError);
});

/** Does what it is told to, for any task. */
class Do extends Tactic<unknown, unknown> {
  name = "do";
  constructor(logStore: SessionStore | undefined, readonly body: (context: CallContext) => Promise<unknown>) {
    super(logStore === undefined ? {} : { logStore });
  }
  call(_task: unknown, context: CallContext): Promise<unknown> {
    return this.body(context);
  }
}

Deno.test("bcall() with a resumeKey takes no result from a fork of one of its runs", async () => {
  await using logStore = sqliteStore(":memory:");
  const tactic = new Do(logStore, ({ step }) => step("look", () => Promise.resolve("seen")));
  const options = { resumeKey: "looks", tags: { kind: "test" } };
  await tactic.bcall([1], options);
  const [first] = await logStore.listSessions();
  const record = await logStore.loadSessionRecord(first!.id);
  const { session } = await replaySession(record, tactic, { fork: { at: 0, output: "what if" } });
  assert.deepEqual(session.tags, { kind: "test" });
  assert.deepEqual(await tactic.bcall([1], options), ["seen"]);
  const same = await replaySession(record, tactic, { mode: "continue", sessionId: record.id });
  assert.deepEqual(same.session.tags, record.tags);
});

Deno.test("bcall() with a resumeKey refuses tasks that JSON cannot tell apart", async () => {
  await using logStore = sqliteStore(":memory:");
  const tactic = new Do(logStore, () => Promise.resolve(1));
  const circular: unknown[] = [];
  circular.push(circular);
  for (const task of [new Map([["a", 1]]), { deep: [new Set()] }, 1n, NaN, () => 1, circular]) {
    await assert.rejects(tactic.bcall([task], { resumeKey: "odd" }), {
      name: "TypeError",
      message: /expected tasks that JSON can carry/,
    });
  }
  assert.deepEqual(
    await tactic.bcall([undefined, null, new Date(0), { a: undefined }], { resumeKey: "ok" }),
    [
      1,
      1,
      1,
      1,
    ],
  );
});

Deno.test("bcall() with a resumeKey refuses the store of the run around, where its runs have no sessions", async () => {
  await using logStore = sqliteStore(":memory:");
  await using other = sqliteStore(":memory:");
  const outer = (inner: SessionStore) => {
    const tactic = new Do(inner, () => Promise.resolve(1));
    return new Do(logStore, () => tactic.bcall([1], { resumeKey: "in" }));
  };
  await assert.rejects(outer(logStore).run(null), /Cannot resume batch "in": expected another log store/);
  assert.deepEqual(await outer(other).run(null), [1]);
});

Deno.test("run() refuses an id and tags by which its session would not be found", async () => {
  await using logStore = sqliteStore(":memory:");
  const tactic = new Do(logStore, () => Promise.resolve(1));
  const odd = [{ sessionId: "" }, { sessionId: 5 }, { tags: { a: 1 } }, { tags: null }, { tags: ["a"] }];
  for (const options of odd) {
    await assert.rejects(tactic.run(1, options as unknown as { sessionId: string }), {
      name: "TypeError",
      message: /Cannot run a tactic: expected/,
    });
  }
  assert.deepEqual(await logStore.listSessions(), []);
});
