import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { withPython } from "./_helpers.ts";

const STUBBORN = "while True:\n  try:\n    while True: pass\n  except BaseException: pass";

Deno.test("runCell() interrupts at its time limit and keeps the state", async () => {
  await withPython(async (sandbox) => {
    await sandbox.runCell("import time, asyncio\nkept = 1");
    for (const code of ["while True: pass", "time.sleep(60)", "await asyncio.sleep(60)"]) {
      const result = await sandbox.runCell(`print('begun')\n${code}`, { timeoutMs: 200 });
      assert.equal(result.outcome, "timeout", code);
      assert.equal(result.stateLost, false);
      assert.equal(result.stdout, "begun\n");
      assert.equal(result.error?.name, "KeyboardInterrupt");
      assert.match(result.toText(), /KeyboardInterrupt: the time limit of 200 ms was reached$/);
      assert.ok(result.durationMs >= 190 && result.durationMs < 2100, String(result.durationMs));
    }
    assert.equal((await sandbox.runCell("kept")).value, "1");
  });
});

Deno.test("runCell() kills a cell that does not stop, and starts anew for the next", async () => {
  await withPython(async (sandbox) => {
    await sandbox.runCell("lost = 1");
    const result = await sandbox.runCell(`print('begun', flush=True)\n${STUBBORN}`, { timeoutMs: 200 });
    assert.equal(result.outcome, "timeout");
    assert.equal(result.stateLost, true);
    assert.equal(result.error?.name, "SandboxError");
    assert.match(
      result.toText(),
      /^begun\nState was lost: the cell did not stop at its time limit of 200 ms$/,
    );
    assert.equal((await sandbox.runCell("lost")).error?.name, "NameError");
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  }, { graceMs: 1_000 });
});

Deno.test("runCell() ends a cell whose signal aborts, by force if it must", async () => {
  await withPython(async (sandbox) => {
    await sandbox.runCell("kept = 1");
    const before = await sandbox.runCell("kept = 2", { signal: AbortSignal.abort() });
    assert.equal(before.outcome, "cancelled");
    const soft = await sandbox.runCell("while True: pass", { signal: AbortSignal.timeout(100) });
    assert.equal(soft.outcome, "cancelled");
    assert.equal(soft.stateLost, false);
    assert.equal((await sandbox.runCell("kept")).value, "1");
    const hard = await sandbox.runCell(STUBBORN, { signal: AbortSignal.timeout(100) });
    assert.equal(hard.outcome, "cancelled");
    assert.equal(hard.stateLost, true);
    assert.equal((await sandbox.runCell("1")).value, "1");
  }, { graceMs: 1_000 });
});

Deno.test("interrupt() ends the running cell and nothing else", async () => {
  const sleeping = Promise.withResolvers<void>();
  await withPython(async (sandbox) => {
    await sandbox.interrupt();
    const running = sandbox.runCell("import time\nCALL_API('sleeping')\ntime.sleep(60)");
    await sleeping.promise;
    await sandbox.interrupt();
    assert.equal((await running).outcome, "cancelled");
    assert.equal((await sandbox.runCell("time.sleep(0.01)\n'slept'")).value, "'slept'");
  }, { callApi: () => sleeping.resolve() });
});

Deno.test("interrupt() ends a cell whose process is still being started", async () => {
  await withPython(async (sandbox) => {
    assert.equal((await sandbox.runCell(STUBBORN, { timeoutMs: 50 })).stateLost, true);
    const waiting = sandbox.runCell("while True: pass");
    await sandbox.interrupt();
    assert.equal((await waiting).outcome, "cancelled");
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  }, { graceMs: 50 });
});

Deno.test("runCell() tells that memory ran out, and starts anew when none is left", async () => {
  await withPython(async (sandbox) => {
    const once = await sandbox.runCell("x = 1\nb = bytearray(2_000_000_000)");
    assert.equal(once.outcome, "out_of_memory");
    assert.equal(once.error?.name, "MemoryError");
    assert.equal(once.stateLost, false);
    assert.equal((await sandbox.runCell("x")).value, "1");
    const full = await sandbox.runCell("l = []\nwhile True: l.append(bytearray(10**6))");
    assert.equal(full.outcome, "out_of_memory");
    assert.equal(full.stateLost, true);
    assert.match(full.toText(), /MemoryError\nState was lost: its memory was full$/);
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  }, { memoryMb: 128 });
});

Deno.test("runCell() kills a process whose memory outgrows what its code may have", async () => {
  await withPython(async (sandbox) => {
    // Pipes are held outside the interpreter's memory and outside the quota of files.
    const code = "import os\nr, w = os.pipe()\nwhile True: os.write(w, bytes(4_000_000))";
    const result = await sandbox.runCell(code);
    assert.equal(result.outcome, "out_of_memory");
    assert.equal(result.stateLost, true);
    assert.match(result.toText(), /State was lost: the process used more than its 64 MB/);
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  }, { memoryMb: 64 });
});

Deno.test("runCell() keeps files in memory within a quota", async () => {
  await withPython(async (sandbox) => {
    const flood = await sandbox.runCell(
      "n = 0\nwhile True:\n    with open(f'/tmp/{n}', 'wb') as f: f.write(bytes(1_000_000))\n    n += 1",
    );
    assert.equal(flood.error?.name, "OSError");
    assert.match(flood.error?.message ?? "", /No space left/);
    const room = await sandbox.runCell(
      "import os\nfor name in os.listdir('/tmp'): os.remove('/tmp/' + name)\n" +
        "for n in range(500):\n    with open('/tmp/x', 'wb') as f: f.write(bytes(1_000_000))\nos.path.getsize('/tmp/x')",
    );
    assert.equal(room.value, "1000000");
    const unlinked = await sandbox.runCell(
      "fs = []\nwhile True:\n    f = open('/tmp/y', 'wb', buffering=0)\n    os.remove('/tmp/y')\n" +
        "    f.write(bytes(1_000_000))\n    fs.append(f)",
    );
    assert.match(unlinked.error?.message ?? "", /No space left/);
    const many = await sandbox.runCell("n = 0\nwhile True:\n    os.mkdir(f'/tmp/d{n}')\n    n += 1");
    assert.match(many.error?.message ?? "", /No space left/);
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  });
});

Deno.test("runCell() cuts each text between characters and says so", async () => {
  await withPython(async (sandbox) => {
    const result = await sandbox.runCell(
      "import sys\nprint('x' * 25)\nprint('é' * 9, file=sys.stderr)\n'€' * 30",
    );
    assert.equal(result.stdout, "x".repeat(10) + "[cut]");
    assert.equal(result.stderr, "é".repeat(9) + "\n");
    assert.equal(result.value, "'" + "€".repeat(9) + "[cut]");
    assert.equal(result.truncated, true);
    assert.equal(result.toText(), "x".repeat(10) + "[cut]");
    assert.equal(
      (await sandbox.runCell("print('abc' + '\\U0001F600' * 9, end='')")).stdout,
      "abc😀😀😀[cut]",
    );
    assert.equal((await sandbox.runCell("print('y' * 10, end='')")).truncated, false);
    const error = await sandbox.runCell("raise ValueError('z' * 99)");
    assert.equal(error.error?.message, "z".repeat(10) + "[cut]");
    assert.equal(error.error?.traceback, "Traceback [cut]");
    const flood = await sandbox.runCell("while True: print('x' * 10**6)", { timeoutMs: 300 });
    assert.equal(flood.stdout, "x".repeat(10) + "[cut]");
    assert.equal(flood.outcome, "timeout");
  }, { maxOutputChars: 10, truncationIndicator: "[cut]" });
});

Deno.test("runCell() gives whole texts without a limit, and well-formed ones always", async () => {
  await withPython(async (sandbox) => {
    const result = await sandbox.runCell("print('😀' * 600_000, end='')\n'\\0' * 1_000_000");
    assert.equal(result.stdout, "😀".repeat(600_000));
    assert.equal(result.value?.length, 4_000_002);
    assert.equal(result.truncated, false);
    const broken = await sandbox.runCell(
      "import sys\nprint('a\\ud800b')\nsys.stdout.buffer.write(b'\\xff')\nsys.stdout.flush()\n" +
        "class Odd:\n    def __repr__(self): return '\\udc00'\ndisplay(Odd())\nOdd()",
    );
    assert.equal(broken.stdout, "a\ufffdb\n\ufffd");
    assert.equal(broken.value, "\ufffd");
    assert.deepEqual(broken.displays, [{ "text/plain": "\ufffd" }]);
    assert.equal((await sandbox.runCell("raise ValueError('\\ud800')")).error?.message, "\ufffd");
  }, { maxOutputChars: 0 });
});

Deno.test("createSandbox() checks its options before anything is started", async () => {
  const start = (options: Record<string, unknown>) => createSandbox({ language: "python", ...options });
  await assert.rejects(start({ language: "ruby" }), TypeError);
  for (const options of [{ timeoutMs: 0 }, { memoryMb: 1 }, { maxOutputChars: -1 }, { graceMs: NaN }]) {
    await assert.rejects(start(options), RangeError);
  }
  for (const name of ["../x", "numpy==1.0", "https://example.com/x.whl", "", "-a", "a b"]) {
    await assert.rejects(start({ packages: ["numpy", name] }), (error) => {
      return error instanceof RangeError && error.message.includes(JSON.stringify(name));
    });
  }
  for (const host of ["*.example.com", "Example.com", "http://a.b", "a.b:0", "a.b:99999", "::1", ""]) {
    await assert.rejects(start({ allowNet: [host] }), RangeError, host);
  }
  await assert.rejects(start({ language: "typescript", packages: ["numpy"] }), TypeError);
});

Deno.test("runCell() rejects on misuse only", async () => {
  const answer = Promise.withResolvers<number>();
  await withPython(async (sandbox) => {
    const running = sandbox.runCell("CALL_API('wait')");
    await assert.rejects(sandbox.runCell("4"), TypeError);
    answer.resolve(3);
    assert.equal((await running).toText(), "=> 3");
    await assert.rejects(sandbox.runCell("4", { timeoutMs: -1 }), RangeError);
    await sandbox.close();
    await sandbox.close();
    for (const call of [() => sandbox.runCell("1"), () => sandbox.reset()]) {
      await assert.rejects(call, (error) => LLLMError.isInstance(error) && error.code === "sandbox_closed");
    }
  }, { callApi: () => answer.promise });
});

Deno.test("reset() gives a new session, also while a cell runs", async () => {
  await withPython(async (sandbox) => {
    await sandbox.runCell("x = 1\nopen('/tmp/file', 'w').close()");
    await sandbox.reset();
    assert.equal((await sandbox.runCell("x")).error?.name, "NameError");
    assert.equal((await sandbox.runCell("import os\nos.listdir('/tmp')")).value, "[]");
    const running = sandbox.runCell("import time\ntime.sleep(60)");
    await sandbox.reset();
    assert.equal((await running).outcome, "cancelled");
    assert.equal((await running).stateLost, true);
    assert.equal((await sandbox.runCell("1")).value, "1");
  });
});

Deno.test("sessions do not share their random numbers", async () => {
  const code = "import random, secrets, uuid\n(random.random(), secrets.token_hex(8), uuid.uuid4())";
  const values: (string | undefined)[] = [];
  for (let session = 0; session < 2; session++) {
    await withPython(async (sandbox) => void values.push((await sandbox.runCell(code)).value));
  }
  const [first, second] = values.map((value) => value?.split(", ") ?? []);
  for (const index of [0, 1, 2]) assert.notEqual(first?.[index], second?.[index]);
});
