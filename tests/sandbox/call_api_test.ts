import assert from "node:assert/strict";
import { withPython } from "./_helpers.ts";

interface Call {
  readonly path: string;
  readonly params: Record<string, unknown>;
}

Deno.test("CALL_API() passes JSON to the handler and its answer back", async () => {
  const calls: Call[] = [];
  const callApi = async (path: string, params: Record<string, unknown>) => {
    calls.push({ path, params });
    await Promise.resolve();
    return path === "nothing" ? undefined : { ...params, path };
  };
  await withPython(async (sandbox) => {
    const result = await sandbox.runCell("CALL_API('a/b', {'k': [1, 2.5, None, True, 'é😀']})");
    assert.equal(result.value, "{'k': [1, 2.5, None, True, 'é😀'], 'path': 'a/b'}");
    assert.equal((await sandbox.runCell("CALL_API('a.b')")).value, "{'path': 'a.b'}");
    assert.equal((await sandbox.runCell("CALL_API('nothing')")).value, undefined);
    assert.deepEqual(calls.slice(1), [{ path: "a.b", params: {} }, { path: "nothing", params: {} }]);

    const code = "CALL_API('x', {'__proto__': {'admin': True}, 'constructor': {'prototype': {'p': 1}}})";
    await sandbox.runCell(code);
    assert.deepEqual(Object.keys(calls.at(-1)!.params), ["__proto__", "constructor"]);
    assert.equal(({} as Record<string, unknown>)["admin"], undefined);
  }, { callApi });
});

Deno.test("CALL_API() refuses what is no call, before the handler", async () => {
  let calls = 0;
  await withPython(async (sandbox) => {
    const refused = [
      ["CALL_API(1)", "TypeError"],
      ["CALL_API('x' * 4097)", "TypeError"],
      ["CALL_API('x', [1])", "TypeError"],
      ["CALL_API('x', None)", "TypeError"],
      ["CALL_API('x', params=None)", "TypeError"],
      ["CALL_API('x', 'y')", "TypeError"],
      ["CALL_API('x', object())", "TypeError"],
      ["CALL_API('x', {'a': object()})", "TypeError"],
      ["CALL_API('x', {'a': float('nan')})", "ValueError"],
      ["CALL_API('x', {'a': 'y' * 8_400_000})", "ValueError"],
    ];
    for (const [code, name] of refused) {
      const result = await sandbox.runCell(code!);
      assert.equal(result.error?.name, name, code);
      assert.doesNotMatch(result.error?.traceback ?? "", /<sandbox>/);
    }
    assert.equal(calls, 0);
    assert.equal((await sandbox.runCell("CALL_API('x' * 4096, {'a': 'y' * 8_000_000})")).value, "8000000");
    assert.equal(calls, 1);
  }, { callApi: (_path, params) => (calls++, (params["a"] as string).length) });
});

Deno.test("CALL_API() limits the answer and shows an error's message alone", async () => {
  await withPython(async (sandbox) => {
    const failed = await sandbox.runCell("CALL_API('fail')");
    assert.equal(failed.outcome, "error");
    assert.equal(failed.error?.name, "RuntimeError");
    assert.equal(failed.error?.message, "not today");
    assert.doesNotMatch(failed.toText(), /secret/);
    assert.equal((await sandbox.runCell("len(CALL_API('large'))")).value, String(31 * 2 ** 20));
    assert.match(
      (await sandbox.runCell("CALL_API('huge')")).error?.message ?? "",
      /larger than 33554432 bytes/,
    );
    assert.equal((await sandbox.runCell("CALL_API('odd')")).outcome, "error");
    const caught = "try:\n    CALL_API('fail')\nexcept RuntimeError as error:\n    print('caught', error)";
    assert.equal((await sandbox.runCell(caught)).stdout, "caught not today\n");
  }, {
    callApi: (path) => {
      if (path === "fail") throw Object.assign(new Error("not today"), { secret: "secret" });
      if (path === "odd") return 1n;
      return "x".repeat((path === "large" ? 31 : 33) * 2 ** 20);
    },
  });
});

Deno.test("CALL_API() is an error in the cell without a handler, and past the limit of calls", async () => {
  await withPython(async (sandbox) => {
    assert.match((await sandbox.runCell("CALL_API('x')")).error?.message ?? "", /No API/);
  });
  await withPython(async (sandbox) => {
    const code = "n = 0\nwhile True:\n    CALL_API('x')\n    n += 1";
    assert.match((await sandbox.runCell(code)).error?.message ?? "", /3 API calls/);
    assert.equal((await sandbox.runCell("n")).value, "3");
    assert.equal((await sandbox.runCell("CALL_API('x')")).outcome, "ok");
  }, { callApi: () => null, maxApiCalls: 3 });
});

Deno.test("CALL_API() is given up when the cell is interrupted, and a late answer is dropped", async () => {
  const late: PromiseWithResolvers<unknown>[] = [];
  const signals: AbortSignal[] = [];
  await withPython(async (sandbox) => {
    const result = await sandbox.runCell("CALL_API('slow')", { timeoutMs: 200 });
    assert.equal(result.outcome, "timeout");
    assert.equal(result.stateLost, false);
    assert.equal(signals[0]?.aborted, true);
    late[0]?.resolve("late");
    const again = "try:\n    CALL_API('slow')\nexcept KeyboardInterrupt:\n    x = CALL_API('fast')\nx";
    const second = sandbox.runCell(again, { timeoutMs: 200 });
    assert.equal((await second).value, "'fast'");
    assert.equal((await sandbox.runCell("CALL_API('fast')")).value, "'fast'");
  }, {
    callApi: (path, _params, { signal }) => {
      if (path === "fast") return path;
      signals.push(signal);
      late.push(Promise.withResolvers<unknown>());
      return late.at(-1)!.promise;
    },
  });
});

Deno.test("nothing runs after a cell has ended", async () => {
  const calls: string[] = [];
  await withPython(async (sandbox) => {
    const code = `
import asyncio, atexit, gc, weakref
atexit.register(lambda: CALL_API('atexit'))
async def background():
    await asyncio.sleep(0.01)
    CALL_API('task')
task = asyncio.ensure_future(background())`;
    await sandbox.runCell(`import asyncio\nasync def main():\n    pass\nawait main()${code}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(calls, []);
    await sandbox.runCell("await asyncio.sleep(0.02)");
    assert.deepEqual(calls, ["task"]);
  }, { callApi: (path) => void calls.push(path) });
  assert.deepEqual(calls, ["task"]);
});
