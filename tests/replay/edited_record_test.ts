import assert from "node:assert/strict";
import { replaySession } from "@lllm/lllm/replay";
import { currentRun } from "@lllm/lllm/run";
import type { SessionRecord, SessionStore } from "@lllm/lllm/session";
import { Tactic } from "@lllm/lllm/tactic";
import { memoryStore, scriptedInvoker } from "@lllm/lllm/testing";
import { Research, researchReplies } from "./_programs.ts";

// deno-lint-ignore no-explicit-any
type Editable = any;

/** A record as somebody edited it in a file. */
async function edited(edit: (record: Editable) => void): Promise<SessionRecord> {
  const logStore = memoryStore();
  await new Research({ logStore, invoker: scriptedInvoker(researchReplies()) }).run("What?");
  const record = structuredClone(logStore.records[0]!);
  edit(record);
  return record;
}

const toolOf = (record: Editable) => record.steps.find(({ kind }: Editable) => kind === "tool");

Deno.test("replaySession() names the field of a record that is not as it has to be", async () => {
  const cases: [found: RegExp, edit: (record: Editable) => void][] = [
    [/expected steps to be a list, found none/, (record) => delete record.steps],
    [/expected steps\[0\] to be an object, found null/, (record) => record.steps[0] = null],
    [/expected steps\[2\]\.path to be a text, found none/, (record) => delete record.steps[2].path],
    [/expected steps\[1\]\.index .* found "1"/, (record) => record.steps[1].index = "1"],
    [/steps\[1\]\.index to be another one than that of steps\[0\]/, (record) => record.steps[1].index = 0],
    [/expected steps\[3\]\.ordinal/, (record) => delete record.steps[3].ordinal],
    [/expected steps\[3\]\.requestHash to be a text/, (record) => delete record.steps[3].requestHash],
    [/steps\[3\]\.kind .* found "thought"/, (record) => record.steps[3].kind = "thought"],
    [/steps\[6\]\.error to be an object with name and message/, (record) => record.steps[6].error = "boom"],
  ];
  for (const [message, edit] of cases) {
    const record = await edited(edit);
    for (const mode of ["strict", "continue"] as const) {
      await assert.rejects(replaySession(record, new Research(), { mode }), { name: "TypeError", message });
    }
  }
});

Deno.test("replaySession() in strict mode stops at a step whose output is missing or of another kind", async () => {
  const cases: [found: RegExp, edit: (record: Editable) => void][] = [
    [/scout\/main#1": expected its output, found none/, (record) => delete record.steps.at(-1).output],
    [/scout\/main#1": expected its output, found "hi"/, (record) => record.steps.at(-1).output = "hi"],
    [/tool:search#0": expected its output, found "Dry"/, (record) => toolOf(record).output = "Dry"],
  ];
  for (const [message, edit] of cases) {
    await assert.rejects(replaySession(await edited(edit), new Research()), {
      code: "replay_diverged",
      message,
    });
  }
});

Deno.test("replaySession() in continue mode does a step anew whose output is missing", async () => {
  const searched: string[] = [];
  const record = await edited((record) => delete toolOf(record).output);
  const tactic = new Research({ onSearch: (query) => void searched.push(query) });
  const { liveCount, isSameResult } = await replaySession(record, tactic, { mode: "continue" });
  assert.deepEqual([liveCount, searched, isSameResult], [1, ["rain"], true]);
});

Deno.test("replaySession() takes what was edited in an output, and steps in any order", async () => {
  const record = await edited((record) => {
    record.steps.at(-1).output.message.content = "Edited";
    record.steps.reverse();
  });
  const { result, isSameResult } = await replaySession<string, Editable>(record, new Research());
  assert.deepEqual([result.answer, isSameResult], ["Edited", false]);
});

Deno.test("replaySession() says where a fork cannot be", async () => {
  const record = await edited(() => {});
  for (const fork of [{}, { at: null }, "x"]) {
    await assert.rejects(replaySession(record, new Research(), { fork: fork as { at: string } }), {
      name: "TypeError",
      message: /expected at to be the path or the index of a step/,
    });
  }
  await assert.rejects(replaySession({ ...record, steps: [] }, new Research(), { fork: { at: 0 } }), {
    name: "RangeError",
    message: /expected a record with steps, found none/,
  });
});

Deno.test("replaySession() takes steps of tools that are no calls of a model as they were recorded", async () => {
  class Look extends Tactic<null, unknown> {
    name = "look";
    constructor(readonly effect: () => Promise<unknown>, logStore?: SessionStore) {
      super(logStore === undefined ? {} : { logStore });
    }
    async call(): Promise<unknown> {
      const run = currentRun()!;
      const step = {
        kind: "tool" as const,
        name: "look",
        path: run.nextPath("tool:look"),
        input: { url: "x" },
      };
      return await run.runStep(step, this.effect);
    }
  }
  const logStore = memoryStore();
  await new Look(() => Promise.resolve({ url: "x", notes: [] }), logStore).run(null);
  const again = new Look(() => assert.fail("it was done"));
  for (const mode of ["strict", "continue"] as const) {
    const { isSameResult, liveCount } = await replaySession(logStore.records[0]!, again, { mode });
    assert.deepEqual([isSameResult, liveCount], [true, 0]);
  }
});
