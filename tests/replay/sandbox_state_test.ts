import assert from "node:assert/strict";
import { replaySession } from "@lllm/lllm/replay";
import type { CallContext } from "@lllm/lllm/run";
import { NotebookSession } from "@lllm/lllm/sandbox";
import type { SessionStore } from "@lllm/lllm/session";
import { Tactic } from "@lllm/lllm/tactic";
import { memoryStore } from "@lllm/lllm/testing";

/** Three cells that need each other; the first asks for a number, which is another one each time. */
class Cells extends Tactic<string, string> {
  name = "cells";
  asked = 0;
  constructor(logStore?: SessionStore) {
    super(logStore === undefined ? {} : { logStore });
  }
  async call(last: string, context: CallContext): Promise<string> {
    await using notebook = new NotebookSession({
      language: "typescript",
      callApi: () => context.step("number", () => Promise.resolve(40 + this.asked++)),
    });
    await notebook.runCell("let x = await CALL_API('number', {});");
    await notebook.runCell("x += 1;");
    return String((await notebook.runCell(last)).value);
  }
}

Deno.test("a replay that goes on live finds in the sandbox what recorded cells left there", async () => {
  const logStore = memoryStore();
  assert.equal(await new Cells(logStore).run("x + 1"), "42");
  const recorded = logStore.records[0]!;
  assert.equal(recorded.steps.filter(({ kind }) => kind === "cell").length, 3);
  const cells = new Cells();
  cells.asked = 5; // what is asked for anew would be another number
  const forked = await replaySession<string, string>(recorded, cells, { fork: { at: "notebook#0/cell#2" } });
  assert.deepEqual([forked.result, forked.liveCount, cells.asked], ["42", 1, 5]);
  const replayed = await replaySession<string, string>(recorded, cells);
  assert.deepEqual([replayed.result, replayed.liveCount, cells.asked], ["42", 0, 5]);
});
