import assert from "node:assert/strict";
import { sqliteStore } from "@lllm/lllm/log";
import type { SessionStore } from "@lllm/lllm/session";
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
