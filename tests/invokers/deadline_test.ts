import assert from "node:assert/strict";
import { Deadline } from "../../src/invokers/_deadline.ts";

Deno.test("Deadline waits no longer at once than a timer of the engine can", () => {
  const { setTimeout } = globalThis;
  const delays: (number | undefined)[] = [];
  globalThis.setTimeout = ((callback: () => void, delayMs?: number) => {
    delays.push(delayMs);
    return setTimeout(callback, delayMs);
  }) as typeof setTimeout;
  try {
    for (const timeoutMs of [Infinity, 3e9, 1_000]) new Deadline(timeoutMs, undefined).clear();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assert.deepEqual(delays, [2 ** 31 - 1, 2 ** 31 - 1, 1_000]);
});
