import assert from "node:assert/strict";
import { TimeUp, withinTime } from "../../src/util/within_time.ts";

Deno.test("withinTime() gives what the work gives, throws what it throws, and may stand in itself", () => {
  assert.equal(withinTime(1_000, () => withinTime(1_000, () => 1) + withinTime(1_000, () => 2)), 3);
  const error = new Error("own");
  assert.throws(() =>
    withinTime(1_000, () => {
      throw error;
    }), error);
});

Deno.test("withinTime() ends a loop, also one that catches everything, and a slow pattern", () => {
  const works = [
    () => {
      for (;;);
    },
    () => {
      for (;;) {
        try {
          for (;;);
        } catch {
          // It goes on.
        }
      }
    },
    () => /^(a+)+$/.test(`${"a".repeat(50)}b`),
  ];
  for (const work of works) assert.throws(() => withinTime(50, work), TimeUp);
  assert.equal(withinTime(50, () => 1), 1);
});
