import assert from "node:assert/strict";
import type { StepRecord } from "../../src/run/mod.ts";
import { StepTable } from "../../src/replay/_step_table.ts";

/** A step that was asked for and ended so many milliseconds after the run began. */
function step(index: number, path: string, start: number, end: number): StepRecord {
  return {
    index,
    path,
    ordinal: 0,
    kind: "effect",
    name: path,
    requestHash: "hash",
    input: null,
    output: null,
    startedAt: new Date(start).toISOString(),
    durationMs: end - start,
  };
}

Deno.test("StepTable.timeToNext() is what the program waited by itself, not what its steps took", () => {
  const steps = [step(0, "slow#0", 100, 8_100), step(1, "after#0", 8_150, 8_200)];
  const table = new StepTable(steps);
  assert.equal(table.timeToNext(), 0);
  table.use(steps[0]!);
  assert.equal(table.timeToNext(), 50);
  table.use(steps[1]!);
  assert.equal(table.timeToNext(), 0);
});

Deno.test("StepTable.timeToNext() counts from the start of a step that was under way, as in a race", () => {
  const steps = [step(0, "second#0", 2_000, 2_500), step(1, "first#0", 10, 9_000)];
  const table = new StepTable(steps);
  table.use(steps[1]!);
  assert.equal(table.timeToNext(), 1_990);
});
