/**
 * What an interrupt leaves behind in Python: nothing that a later cell would feel.
 *
 * @module
 */
import assert from "node:assert/strict";
import { withPython } from "./_helpers.ts";

const WAITING = `import asyncio
async def wait():
    while True: await asyncio.sleep(0.001)
`;

Deno.test("a task that ends by an interrupt does not stop the event loop of later cells", async () => {
  await withPython(async (sandbox) => {
    const code = `${WAITING}async def fail():
    await asyncio.sleep(0.005)
    raise KeyboardInterrupt
await asyncio.gather(wait(), fail())`;
    assert.equal((await sandbox.runCell(code)).error?.name, "KeyboardInterrupt");
    const next = await sandbox.runCell("await asyncio.sleep(0.02)\nlen(asyncio.all_tasks())");
    assert.deepEqual([next.value, next.error], ["1", undefined]);
  });
});

Deno.test("an event loop that was interrupted where it begins or ends is of use to later cells", async () => {
  await withPython(async (sandbox) => {
    for (const left of ["_thread_id = 1", "_stopping = True"]) {
      await sandbox.runCell(`import asyncio\nasyncio.get_event_loop().${left}`);
      assert.equal((await sandbox.runCell("await asyncio.sleep(0.001)\n5")).value, "5", left);
    }
  });
});

Deno.test("interrupt() ends awaiting cells at any moment, and the next one runs", async () => {
  await withPython(async (sandbox) => {
    await sandbox.runCell(WAITING);
    for (let round = 0; round < 60; round++) {
      const cell = sandbox.runCell("await asyncio.gather(wait(), wait())");
      const timer = setTimeout(() => sandbox.interrupt(), round % 10);
      const { outcome, error, stateLost } = await cell;
      clearTimeout(timer);
      assert.deepEqual([outcome, stateLost], ["cancelled", false], error?.traceback);
    }
    assert.equal((await sandbox.runCell("await asyncio.sleep(0.001)\n7")).value, "7");
  });
});

Deno.test("runCell() ends an error whose own text has no end, and keeps the state", async () => {
  await withPython(async (sandbox) => {
    const code =
      "x = 5\nclass Endless(Exception):\n    def __str__(self):\n        while True: pass\nraise Endless";
    const { outcome, stateLost } = await sandbox.runCell(code, { timeoutMs: 300 });
    assert.deepEqual([outcome, stateLost], ["timeout", false]);
    assert.equal((await sandbox.runCell("x")).value, "5");
  });
});
