/** Tracebacks show the lines that the cells' author wrote, and all errors that belong together. */
import assert from "node:assert/strict";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { withPython } from "./_helpers.ts";

const HEAD = "Traceback (most recent call last):\n";

Deno.test("Python tracebacks leave the library's frames out", async () => {
  await withPython(async (sandbox) => {
    const failing: readonly (readonly [code: string, traceback: string])[] = [
      [
        "import json\njson.loads('{')",
        `${HEAD}  File "<cell 1>", line 2, in <module>\n    json.loads('{')\n    ~~~~~~~~~~^^^^^\n` +
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)\n",
      ],
      [
        "import threading\nthreading.Thread(target=print).start()",
        `${HEAD}  File "<cell 2>", line 2, in <module>\n    threading.Thread(target=print).start()\n` +
        "    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~^^\nRuntimeError: can't start new thread\n",
      ],
      ["exit()", `${HEAD}  File "<cell 3>", line 1, in <module>\n    exit()\n    ~~~~^^\nSystemExit: None\n`],
      [
        "import asyncio\nawait asyncio.wait_for(asyncio.sleep(9), 0.01)",
        "asyncio.exceptions.CancelledError\n\nThe above exception was the direct cause of the following exception:\n\n" +
        `${HEAD}  File "<cell 4>", line 2, in <module>\n    await asyncio.wait_for(asyncio.sleep(9), 0.01)\nTimeoutError\n`,
      ],
    ];
    for (const [code, traceback] of failing) {
      assert.equal((await sandbox.runCell(code)).error?.traceback, traceback);
    }
  });
});

Deno.test("Python tracebacks keep chains, groups, and modules that a cell wrote", async () => {
  await withPython(async (sandbox) => {
    const tracebackOf = async (code: string) => (await sandbox.runCell(code)).error?.traceback ?? "";
    const chain = await tracebackOf(
      "try:\n  int('x')\nexcept ValueError as e:\n  raise KeyError('k') from e",
    );
    assert.match(chain, /line 2[^]*ValueError[^]*direct cause[^]*line 4[^]*KeyError: 'k'\n$/);
    const group = await tracebackOf("raise ExceptionGroup('g', [ValueError('a'), KeyError('b')])");
    assert.match(group, /Exception Group Traceback[^]*ExceptionGroup: g[^]*ValueError: a[^]*KeyError: 'b'/);
    const own = await tracebackOf(
      "open('helper.py', 'w').write('def f():\\n  return 1 / 0')\nimport sys\nsys.path.insert(0, '')\nimport helper\nhelper.f()",
    );
    assert.match(own, /"<cell 3>", line 5[^]*"\/home\/user\/helper.py", line 2, in f\n {4}return 1 \/ 0\n/);
  });
});

Deno.test("an AggregateError tells the errors that it is made of", async () => {
  await using sandbox = await createSandbox({ language: "typescript" });
  const { error } = await sandbox.runCell(
    "await Promise.any([\n  Promise.reject(new TypeError('a', { cause: new Error('why') })),\n  Promise.reject('b'),\n])",
  );
  assert.equal(error?.name, "AggregateError");
  assert.equal(
    error?.traceback,
    "AggregateError: All promises were rejected\n  [0] TypeError: a\n      at <cell 1>:2:18\n" +
      '  Caused by: Error: why\n      at <cell 1>:2:46\n  [1] "b"\n',
  );
  const many = await sandbox.runCell("throw new AggregateError(Array.from({ length: 12 }), 'many')");
  assert.match(many.error!.traceback, /\n {2}\[9\] undefined\n {2}... 2 more\n$/);
});
