import assert from "node:assert/strict";
import { withPython } from "./_helpers.ts";

Deno.test("runCell() keeps names from cell to cell and gives the last expression's repr", async () => {
  await withPython(async (sandbox) => {
    const first = await sandbox.runCell(
      "x = 'a' * 3\nprint('out')\nimport sys\nprint('err', file=sys.stderr)\nx",
    );
    assert.equal(first.outcome, "ok");
    assert.equal(first.stdout, "out\n");
    assert.equal(first.stderr, "err\n");
    assert.equal(first.value, "'aaa'");
    assert.equal(first.toText(), "out\nerr\n=> 'aaa'");
    assert.equal(first.stateLost, false);
    assert.equal(first.truncated, false);
    assert.deepEqual(first.displays, []);

    const second = await sandbox.runCell("y = x + 'b'");
    assert.equal(second.value, undefined);
    assert.equal("value" in second, false);
    assert.equal(second.toText(), "(no output)");
    assert.equal((await sandbox.runCell("y")).value, "'aaab'");
    assert.equal((await sandbox.runCell("1+1")).value, "2");
    assert.equal((await sandbox.runCell("None")).value, undefined);
    assert.equal((await sandbox.runCell("")).outcome, "ok");
  });
});

Deno.test("runCell() tells an exception with its class, message and the cell's own frames", async () => {
  await withPython(async (sandbox) => {
    await sandbox.runCell("def divide(a, b):\n    return a / b");
    const result = await sandbox.runCell("print('before')\ndivide(1, 0)");
    assert.equal(result.outcome, "error");
    assert.equal(result.error?.name, "ZeroDivisionError");
    assert.equal(result.error?.message, "division by zero");
    assert.equal(
      result.error?.traceback,
      'Traceback (most recent call last):\n  File "<cell 2>", line 2, in <module>\n    divide(1, 0)\n    ~~~~~~^^^^^^\n' +
        '  File "<cell 1>", line 2, in divide\n    return a / b\n           ~~^~~\nZeroDivisionError: division by zero\n',
    );
    assert.equal(result.toText(), `before\n${result.error?.traceback.trimEnd()}`);

    const syntax = await sandbox.runCell("x = (");
    assert.equal(syntax.error?.name, "SyntaxError");
    assert.match(syntax.error?.traceback ?? "", /<cell 3>.*line 1/);
    assert.doesNotMatch(syntax.error?.traceback ?? "", /<sandbox>/);
    const asked = (await sandbox.runCell("input('name? ')")).error;
    assert.equal(
      `${asked?.name}: ${asked?.message}`,
      "OSError: There is no input here: nobody can answer while a cell runs",
    );
    assert.equal((await sandbox.runCell("import sys\nsys.exit(3)")).error?.name, "SystemExit");
    assert.equal((await sandbox.runCell("divide(6, 3)")).value, "2.0");
  });
});

Deno.test("runCell() awaits at the top level, and asyncio runs on the sandbox's own loop", async () => {
  await withPython(async (sandbox) => {
    const code = `
import asyncio, time
async def work(n):
    await asyncio.sleep(0.05)
    return n * n
started = time.monotonic()
values = await asyncio.gather(*(work(n) for n in range(5)))
(values, 0.04 < time.monotonic() - started < 0.2)`;
    assert.equal((await sandbox.runCell(code)).value, "([0, 1, 4, 9, 16], True)");
    assert.equal((await sandbox.runCell("asyncio.run(work(7))")).value, "49");
    assert.equal((await sandbox.runCell("await asyncio.to_thread(max, 3, 4)")).value, "4");
    const task =
      "async def note():\n    print('noted')\ntask = asyncio.create_task(note())\nawait asyncio.sleep(0)";
    assert.equal((await sandbox.runCell(task)).stdout, "noted\n");
    const failed = await sandbox.runCell("async def bad():\n    raise ValueError('no')\nawait bad()");
    assert.doesNotMatch(failed.error?.traceback ?? "", /base_events|<sandbox>/);
    assert.equal(failed.error?.message, "no");
    const stuck = await sandbox.runCell("await asyncio.Future()");
    assert.match(stuck.error?.message ?? "", /deadlock/);
    const late = await sandbox.runCell("await asyncio.wait_for(asyncio.sleep(10), 0.01)");
    assert.equal(late.error?.name, "TimeoutError");
  });
});

Deno.test("display() and the _repr_*_ methods give MIME bundles", async () => {
  await withPython(async (sandbox) => {
    const code = `
class Rich:
    def __repr__(self): return "Rich()"
    def _repr_html_(self): return "<b>rich</b>"
    def _repr_png_(self): return b"\\x89PNG"
display(Rich(), 42)
display({"application/json": {"a": [1, None]}}, raw=True)
Rich()`;
    const result = await sandbox.runCell(code);
    const rich = { "text/html": "<b>rich</b>", "image/png": "iVBORw==", "text/plain": "Rich()" };
    assert.deepEqual(result.displays, [
      rich,
      { "text/plain": "42" },
      { "application/json": { a: [1, null] } },
      rich,
    ]);
    assert.equal(result.value, "Rich()");
    const many = await sandbox.runCell("for n in range(25): display(n)");
    assert.equal(many.displays.length, 20);
    assert.equal(many.truncated, true);
    const large = await sandbox.runCell(
      "for n in range(3): display({'text/plain': 'x' * 5_000_000}, raw=True)",
    );
    assert.equal(large.displays.length, 1);
    assert.equal(large.truncated, true);
    assert.equal((await sandbox.runCell("1")).truncated, false);
  });
});
