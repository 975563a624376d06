/**
 * What a sandbox does whatever the language of its cells.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/mod.ts";

/** Cells of one language. */
export interface Dialect {
  readonly language: SandboxOptions["language"];
  /** Prints lines `out` and `err` to the two streams. */
  readonly printBoth: string;
  /** Prints a text. */
  print(text: string): string;
  /** Defines `name` as a number. */
  define(name: string, value: number): string;
  /** A cell that does nothing and has no value. */
  readonly noValue: string;
  /** Fails in its second line, in a function of the first cell; see {@linkcode Dialect.failure}. */
  readonly defineFailing: string;
  readonly callFailing: string;
  readonly failure: { readonly name: string; readonly message: string; readonly frames: readonly string[] };
  /** The class of the error when a name is not defined. */
  readonly undefinedName: string;
  readonly syntaxError: string;
  /** Gives 7, after a wait. */
  readonly awaited: string;
  /** Shows the bundle `{ "text/html": "<b>x</b>" }`. */
  readonly displayHtml: string;
  /** Writes `a` to stdout, `b` to stderr, shows `{ "text/html": "c" }`, then `d` to stderr, `e` to stdout, each a line. */
  readonly interleave: string;
  /** Writes so many times `a` to stdout and `b` to stderr, by turns, each a line. */
  alternate(times: number): string;
  /** Raises an error that it calls `MemoryError`. */
  readonly raiseNamedMemoryError: string;
  /** Shows 25 things. */
  readonly displayMany: string;
  /** Shows three texts of 5,000,000 characters. */
  readonly displayLarge: string;
  /** Calls an API; `params` is JSON, absent for none. */
  call(path: string, params?: string): string;
  /** Calls that are none, by what they are. */
  readonly badCalls: readonly string[];
  /** Calls an API with a parameter `a` of so many characters. */
  callWith(path: string, chars: number): string;
  /** Prints `caught <message>` when the call fails. */
  callCaught(path: string): string;
  /** A busy loop that can be stopped. */
  readonly loop: string;
  /** A busy loop that cannot. */
  readonly stubbornLoop: string;
  /** Waits for a long time without being busy. */
  readonly wait: string;
  /** Calls `late` some milliseconds after the cell has ended. */
  readonly callLate: string;
  /** Prints for ever. */
  readonly printForever: string;
  /** Has the value of a string of so many `€`. */
  euros(count: number): string;
  /** Raises an error whose message is so many `z`. */
  raise(count: number): string;
  /** Prints `a`, half a surrogate pair, `b`. */
  readonly printBroken: string;
  /** Fills the memory. */
  readonly fillMemory: string;
}

/** Registers the tests. */
export function testSandboxContract(dialect: Dialect): void {
  const { language } = dialect;

  function test(
    name: string,
    body: (sandbox: Sandbox) => Promise<void>,
    options: Partial<SandboxOptions> = {},
  ): void {
    Deno.test(`${language}: ${name}`, async () => {
      await using sandbox = await createSandbox({ language, ...options });
      await body(sandbox);
    });
  }

  test("runCell() gives what a cell prints and its last value, and keeps names", async (sandbox) => {
    const first = await sandbox.runCell(dialect.printBoth);
    assert.equal(first.outcome, "ok");
    assert.equal(first.stdout, "out\n");
    assert.equal(first.stderr, "err\n");
    assert.deepEqual(first.displays, []);
    assert.equal(first.truncated, false);
    assert.equal(first.stateLost, false);
    assert.equal((await sandbox.runCell("1+1")).value, "2");
    const none = await sandbox.runCell(dialect.noValue);
    assert.equal("value" in none, false);
    assert.equal(none.toText(), "(no output)");
    assert.equal((await sandbox.runCell("")).outcome, "ok");
    await sandbox.runCell(dialect.define("kept", 20));
    assert.equal((await sandbox.runCell("kept + 1")).toText(), "=> 21");
    const both = await sandbox.runCell(`${dialect.printBoth}\nkept`);
    assert.equal(both.toText(), "out\nerr\n=> 20");
    assert.deepEqual(JSON.parse(JSON.stringify(both)), { ...both });
  });

  test("runCell() tells an error with the cells' own frames", async (sandbox) => {
    await sandbox.runCell(dialect.defineFailing);
    const result = await sandbox.runCell(dialect.callFailing);
    const { name, message, frames } = dialect.failure;
    assert.equal(result.outcome, "error");
    assert.equal(result.error?.name, name);
    assert.equal(result.error?.message, message);
    const traceback = result.error?.traceback ?? "";
    for (const frame of frames) assert.ok(traceback.includes(frame), traceback);
    assert.doesNotMatch(traceback, /<sandbox>|ext:|node:|file:/);
    assert.equal("value" in result, false);
    const syntax = await sandbox.runCell(dialect.syntaxError);
    assert.equal(syntax.error?.name, "SyntaxError");
    assert.match(syntax.error?.traceback ?? "", /<cell 3>/);
    assert.equal((await sandbox.runCell("undefined_name")).error?.name, dialect.undefinedName);
    assert.equal((await sandbox.runCell("2+3")).value, "5");
  });

  test("runCell() awaits at the top level", async (sandbox) => {
    assert.equal((await sandbox.runCell(dialect.awaited)).value, "7");
  });

  test("display() gives MIME bundles, within limits", async (sandbox) => {
    const html = await sandbox.runCell(dialect.displayHtml);
    assert.deepEqual(html.displays, [{ "text/html": "<b>x</b>" }]);
    const many = await sandbox.runCell(dialect.displayMany);
    assert.equal(many.displays.length, 20);
    assert.equal(many.truncated, true);
    const large = await sandbox.runCell(dialect.displayLarge);
    assert.equal(large.displays.length, 1);
    assert.equal(large.truncated, true);
    assert.equal((await sandbox.runCell("1")).truncated, false);
  });

  test("outputs keeps the order of what is written and shown", async (sandbox) => {
    const result = await sandbox.runCell(dialect.interleave);
    assert.deepEqual(result.outputs, [
      { type: "stdout", text: "a\n" },
      { type: "stderr", text: "b\n" },
      { type: "display", data: { "text/html": "c" } },
      { type: "stderr", text: "d\n" },
      { type: "stdout", text: "e\n" },
    ]);
    assert.deepEqual([result.stdout, result.stderr], ["a\ne\n", "b\nd\n"]);
    assert.deepEqual(result.displays, [{ "text/html": "c" }]);
    assert.equal(result.toText(), "a\ne\nb\nd");
    assert.deepEqual((await sandbox.runCell(dialect.noValue)).outputs, []);
  });

  test("outputs is cut where its streams are", async (sandbox) => {
    const { outputs, stdout, stderr } = await sandbox.runCell(
      [dialect.interleave, dialect.print("long"), dialect.printBoth].join("\n"),
    );
    assert.deepEqual(outputs, [
      { type: "stdout", text: "a\n" },
      { type: "stderr", text: "b\n" },
      { type: "display", data: { "text/html": "c" } },
      { type: "stderr", text: "d\n" },
      { type: "stdout", text: "e\nlo[cut]" },
      { type: "stderr", text: "er[cut]" },
    ]);
    assert.deepEqual([stdout, stderr], ["a\ne\nlo[cut]", "b\nd\ner[cut]"]);
  }, { maxOutputChars: 6, truncationIndicator: "[cut]" });

  test(
    "outputs of a flood that changes streams all the time are few, and nothing is lost",
    async (sandbox) => {
      const times = 20_000;
      const { outputs, stdout, stderr, truncated } = await sandbox.runCell(dialect.alternate(times));
      assert.ok(outputs.length >= 1000 && outputs.length <= 1002, String(outputs.length));
      assert.deepEqual(outputs.slice(0, 2), [{ type: "stdout", text: "a\n" }, {
        type: "stderr",
        text: "b\n",
      }]);
      for (const [type, text] of [["stdout", stdout], ["stderr", stderr]] as const) {
        const parts = outputs.flatMap((output) => output.type === type ? [output.text] : []);
        assert.equal(parts.join(""), text);
        assert.equal(text, (type === "stdout" ? "a\n" : "b\n").repeat(times));
      }
      assert.equal(truncated, false);
    },
    { maxOutputChars: 0 },
  );

  test("runCell() does not take an error for lack of memory by its name", async (sandbox) => {
    const result = await sandbox.runCell(dialect.raiseNamedMemoryError);
    assert.deepEqual([result.outcome, result.error?.name], ["error", "MemoryError"]);
  });

  const calls: [path: string, params: Record<string, unknown>][] = [];
  test("CALL_API() passes JSON to the handler and its answer back", async (sandbox) => {
    const json = '{"k":[1,2.5,"é😀",{"x":{}}]}';
    await sandbox.runCell(dialect.call("a/b", json));
    await sandbox.runCell(dialect.call("a.b"));
    assert.deepEqual(calls, [["a/b", JSON.parse(json)], ["a.b", {}]]);
    await sandbox.runCell(dialect.call("x", '{"__proto__":{"admin":1},"constructor":{"prototype":{"p":1}}}'));
    assert.equal(({} as Record<string, unknown>)["admin"], undefined);
    assert.equal((await sandbox.runCell(dialect.call("number"))).value, "5");
    assert.equal((await sandbox.runCell(dialect.call("nothing"))).value, undefined);
  }, {
    callApi: async (path, params) => {
      calls.push([path, params]);
      await Promise.resolve();
      return path === "number" ? 5 : undefined;
    },
  });

  let reached = 0;
  test("CALL_API() refuses what is no call, before the handler", async (sandbox) => {
    const tooLong = dialect.call("x".repeat(4097));
    for (const code of [...dialect.badCalls, tooLong, dialect.callWith("x", 8_400_000)]) {
      const result = await sandbox.runCell(code);
      assert.equal(result.outcome, "error", code.slice(0, 100));
      assert.doesNotMatch(result.error?.traceback ?? "", /<sandbox>/);
    }
    assert.equal(reached, 0);
    const large = await sandbox.runCell(dialect.callWith("x".repeat(4096), 8_000_000));
    assert.equal(large.value, "8000000");
    assert.equal(reached, 1);
  }, { callApi: (_path, params) => (reached++, (params["a"] as string).length) });

  test("CALL_API() limits the answer and shows an error's message alone", async (sandbox) => {
    const failed = await sandbox.runCell(dialect.call("fail"));
    assert.equal(failed.outcome, "error");
    assert.equal(failed.error?.message, "not today");
    assert.doesNotMatch(JSON.stringify(failed), /secret/);
    assert.equal((await sandbox.runCell(dialect.callCaught("fail"))).stdout, "caught not today\n");
    assert.match(
      (await sandbox.runCell(dialect.call("huge"))).error?.message ?? "",
      /larger than 33554432 bytes/,
    );
    assert.equal((await sandbox.runCell(dialect.call("large"))).outcome, "ok");
    assert.equal((await sandbox.runCell(dialect.call("odd"))).outcome, "error");
  }, {
    callApi: (path) => {
      if (path === "fail") throw Object.assign(new Error("not today"), { secret: "secret" });
      if (path === "odd") return 1n;
      return "x".repeat((path === "large" ? 31 : 33) * 2 ** 20);
    },
  });

  test("CALL_API() is an error in the cell when there is no handler", async (sandbox) => {
    assert.match((await sandbox.runCell(dialect.call("x"))).error?.message ?? "", /No API/);
  });

  const late = Promise.withResolvers<unknown>();
  const signals: AbortSignal[] = [];
  test("CALL_API() is given up when its cell is, and a late answer is dropped", async (sandbox) => {
    const result = await sandbox.runCell(dialect.call("slow"), { timeoutMs: 200 });
    assert.equal(result.outcome, "timeout");
    assert.equal(result.stateLost, false);
    assert.equal(signals[0]?.aborted, true);
    late.resolve(1);
    assert.equal((await sandbox.runCell(dialect.call("fast"))).value, "2");
  }, {
    callApi: (path, _params, { signal }) => {
      if (path === "fast") return 2;
      signals.push(signal);
      return late.promise;
    },
  });

  const paths: string[] = [];
  test("CALL_API() is not made after a cell has ended", async (sandbox) => {
    assert.equal((await sandbox.runCell(dialect.callLate)).outcome, "ok");
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal((await sandbox.runCell("1+1")).value, "2");
    assert.deepEqual(paths, []);
  }, { callApi: (path) => void paths.push(path) });

  test("runCell() ends a cell at its time limit and keeps the state", async (sandbox) => {
    await sandbox.runCell(dialect.define("kept", 1));
    for (const code of [dialect.loop, dialect.wait]) {
      const result = await sandbox.runCell(`${dialect.print("begun")}\n${code}`, { timeoutMs: 300 });
      assert.equal(result.outcome, "timeout", result.toText());
      assert.equal(result.stateLost, false);
      assert.equal(result.stdout, "begun\n");
      assert.match(result.toText(), /the time limit of 300 ms was reached$/);
      assert.ok(result.durationMs >= 290 && result.durationMs < 2200, String(result.durationMs));
    }
    assert.equal((await sandbox.runCell("kept")).value, "1");
  });

  test("runCell() kills a cell that does not stop, and starts anew for the next", async (sandbox) => {
    await sandbox.runCell(dialect.define("lost", 1));
    const result = await sandbox.runCell(dialect.stubbornLoop, { timeoutMs: 300 });
    assert.equal(result.outcome, "timeout");
    assert.equal(result.stateLost, true);
    assert.equal(result.error?.name, "SandboxError");
    assert.match(result.toText(), /State was lost: the cell did not stop at its time limit of 300 ms$/);
    assert.equal((await sandbox.runCell("lost")).error?.name, dialect.undefinedName);
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  }, { graceMs: 1_000 });

  test("runCell() ends a cell whose signal aborts, by force if it must", async (sandbox) => {
    await sandbox.runCell(dialect.define("kept", 1));
    const before = await sandbox.runCell(dialect.define("kept", 2), { signal: AbortSignal.abort() });
    assert.equal(before.outcome, "cancelled");
    const soft = await sandbox.runCell(dialect.wait, { signal: AbortSignal.timeout(100) });
    assert.equal(soft.outcome, "cancelled", soft.toText());
    assert.equal(soft.stateLost, false);
    assert.equal((await sandbox.runCell("kept")).value, "1");
    const hard = await sandbox.runCell(dialect.stubbornLoop, { signal: AbortSignal.timeout(100) });
    assert.equal(hard.outcome, "cancelled");
    assert.equal(hard.stateLost, true);
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  }, { graceMs: 1_000 });

  test("interrupt() ends the running cell and nothing else", async (sandbox) => {
    await sandbox.interrupt();
    await sandbox.runCell(dialect.define("kept", 1));
    const running = sandbox.runCell(dialect.wait);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await sandbox.interrupt();
    assert.equal((await running).outcome, "cancelled");
    assert.equal((await sandbox.runCell("kept")).value, "1");
  });

  test("runCell() tells that memory ran out, and starts anew", async (sandbox) => {
    const result = await sandbox.runCell(dialect.fillMemory);
    assert.equal(result.outcome, "out_of_memory", result.toText());
    assert.equal(result.stateLost, true);
    assert.match(result.toText(), /State was lost: /);
    assert.equal((await sandbox.runCell("1+1")).value, "2");
  }, { memoryMb: 64 });

  test("runCell() cuts each text between characters and says so", async (sandbox) => {
    const printed = await sandbox.runCell(dialect.print("abc" + "😀".repeat(9)));
    assert.equal(printed.stdout, "abc😀😀😀[cut]");
    assert.equal(printed.truncated, true);
    const value = await sandbox.runCell(dialect.euros(30));
    assert.equal(value.value?.slice(1), "€".repeat(9) + "[cut]");
    assert.equal((await sandbox.runCell(dialect.print("y".repeat(9)))).truncated, false);
    const raised = await sandbox.runCell(dialect.raise(99));
    assert.equal(raised.error?.message, "z".repeat(10) + "[cut]");
    assert.match(raised.error?.traceback ?? "", /^[^]{10}\[cut\]$/);
    const flood = await sandbox.runCell(dialect.printForever, { timeoutMs: 300 });
    assert.equal(flood.stdout.length, 15);
    assert.equal(flood.outcome, "timeout");
  }, { maxOutputChars: 10, truncationIndicator: "[cut]" });

  test("runCell() gives whole texts without a limit, and well-formed ones always", async (sandbox) => {
    const value = await sandbox.runCell(dialect.euros(3_000_000));
    assert.equal(value.value?.length, 3_000_002);
    assert.equal(value.truncated, false);
    assert.equal((await sandbox.runCell(dialect.printBroken)).stdout, "a\ufffdb\n");
  }, { maxOutputChars: 0 });

  const answer = Promise.withResolvers<number>();
  test("runCell() rejects on misuse only", async (sandbox) => {
    const running = sandbox.runCell(dialect.call("wait"));
    await assert.rejects(sandbox.runCell("4"), TypeError);
    answer.resolve(7);
    assert.equal((await running).value, "7");
    await assert.rejects(sandbox.runCell("4", { timeoutMs: -1 }), RangeError);
    await sandbox.close();
    await sandbox.close();
    for (const call of [() => sandbox.runCell("1"), () => sandbox.reset()]) {
      await assert.rejects(call, (error) => LLLMError.isInstance(error) && error.code === "sandbox_closed");
    }
  }, { callApi: () => answer.promise });

  test("reset() gives a new session, also while a cell runs", async (sandbox) => {
    await sandbox.runCell(dialect.define("lost", 1));
    await sandbox.reset();
    const fresh = await sandbox.runCell("lost");
    assert.equal(fresh.error?.name, dialect.undefinedName);
    assert.match(fresh.error?.traceback ?? "", /<cell 1>/);
    const running = sandbox.runCell(dialect.loop);
    await sandbox.reset();
    assert.equal((await running).outcome, "cancelled");
    assert.equal((await running).stateLost, true);
    assert.equal((await sandbox.runCell("1")).value, "1");
  });

  test("close() ends a running cell", async (sandbox) => {
    const running = sandbox.runCell(dialect.stubbornLoop);
    await sandbox.close();
    assert.equal((await running).outcome, "cancelled");
  });
}
