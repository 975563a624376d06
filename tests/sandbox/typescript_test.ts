/** What is TypeScript's own; what both languages share is in `contract_test.ts`. */
import assert from "node:assert/strict";
import { type CellResult, createSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/mod.ts";

async function withTypeScript(
  body: (run: (code: string) => Promise<CellResult>, sandbox: Sandbox) => Promise<void>,
  options: Partial<SandboxOptions> = {},
): Promise<void> {
  await using sandbox = await createSandbox({ language: "typescript", ...options });
  await body((code) => sandbox.runCell(code), sandbox);
}

/** Runs cells in one session; each must have this value. */
async function giveValues(
  cells: readonly (readonly [code: string, value: string | undefined])[],
): Promise<void> {
  await withTypeScript(async (run) => {
    for (const [code, value] of cells) {
      const result = await run(code);
      assert.equal(result.value, value, `${code}\n${result.toText()}`);
      assert.equal(result.outcome, "ok", code);
    }
  });
}

Deno.test("cells take TypeScript, with what is more than types", async () => {
  await giveValues([
    ["interface A { a: number }\ntype B = A;\nconst a = <B>{ a: 1 };\na satisfies A", "{ a: 1 }"],
    ["enum Color { Red, Green = 'g' }\nconst c: Color = Color.Green;\n[c, Color.Red]", '[ "g", 0 ]'],
    ["Color[0]", '"Red"'],
    ["enum Color { Blue }\nColor", '{ "0": "Blue", Blue: 0 }'],
    [
      "class P { constructor(private x: number, readonly y = 2) {} sum() { return this.x + this.y } }",
      undefined,
    ],
    ["new P(1).sum()", "3"],
    ["namespace N { export const a = 1 }\nN.a", "1"],
    [
      "abstract class Q { abstract x(): void; z!: string }\nfunction f(a: string): void;\nfunction f(a: any) {}\nQ.name",
      '"Q"',
    ],
    ["import type { T } from 'x';\n1 as unknown as T", "1"],
    ["export const e = 5;\nexport default e * 2", "10"],
    ["export function g<T>(x: T): T { return x }\nexport { e };\ng(e)", "5"],
  ]);
});

Deno.test("names persist, and functions see what later cells make of them", async () => {
  await giveValues([
    ["let a = 1, b; var { c, d: [e, ...f], ...g } = { c: 2, d: [3, 4, 5], h: 6 };", undefined],
    ["[a, b, c, e, f, g]", "[ 1, undefined, 2, 3, [ 4, 5 ], { h: 6 } ]"],
    [
      "class A { static made = new A(); name = 'first' }\nfunction make() { return new A().name }\nmake()",
      '"first"',
    ],
    ["class A { name = 'second' }", undefined],
    ["make()", '"second"'],
    ["let count = 0; const next = () => ++count;", undefined],
    ["next(); next(); count", "2"],
    ["let count = 10", undefined],
    ["next()", "11"],
    ["const count = 'fixed'", undefined],
    ["typeof count", '"string"'],
    [
      "later(); function later() { return 1 }\nasync function slow() { await null; return 2 }\nfunction* many() { yield 3 }",
      "1",
    ],
    ["[later(), await slow(), ...many(), later.name]", '[ 1, 2, 3, "later" ]'],
    ["later = () => 4; later()", "4"],
    [
      "for (var i = 0, n = 3; i < n; i++) { var last = i }\nfor (var k of ['x', 'y']) {}\n[i, last, k]",
      '[ 3, 2, "y" ]',
    ],
    ["if (true) var yes = 1; else var no = 2;\n[yes, no]", "[ 1, undefined ]"],
    ["for (const i of [7]) { const last = i }\n[i, last]", "[ 3, 2 ]"],
    ["const over = 1\n;[over].length", "1"],
    ["globalThis.loose = 5; loose", "5"],
    ["const { toString, constructor } = { toString: 1, constructor: 2 }; toString + constructor", "3"],
  ]);
});

Deno.test("a const stays constant, and a name has no value before its declaration", async () => {
  await withTypeScript(async (run) => {
    for (const code of ["const x = 1; x = 2", "x = 3", "const { y } = { y: 1 };\ny++"]) {
      assert.equal((await run(code)).error?.name, "TypeError", code);
    }
    const assigned = ["x = 3", "x++", "({ x } = { x: 3 })", "for (x of [1]) {}", "enum E { A }\nx = 3"];
    for (const code of assigned) {
      assert.equal((await run(code)).error?.message, "Assignment to constant variable 'x'", code);
    }
    for (const code of ["const frozen = Object.freeze({ x: 1 }); frozen.x = 2", "frozen['x']++"]) {
      assert.match((await run(code)).error?.message ?? "", /^Cannot assign to read only property 'x' of/);
    }
    assert.equal((await run("x")).value, "1");
    assert.equal((await run("let x = 5; x += 1; x")).value, "6");
    const early = await run("early; let early = 1");
    assert.equal(early.error?.message, "Cannot access 'early' before initialization");
    assert.equal((await run("early")).error?.message, "early is not defined");
    assert.equal((await run("let partial = 1; null.x; let never = 2")).outcome, "error");
    assert.equal((await run("partial")).value, "1");
    assert.equal((await run("undeclared = 1")).error?.name, "ReferenceError");
  });
});

Deno.test("display forms are those of consoles", async () => {
  await giveValues([
    ["'a\"b\\n'", "'a\"b\\n'"],
    ["-0", "-0"],
    ["10n", "10n"],
    ["null", "null"],
    ["Symbol('s')", "Symbol(s)"],
    ["[1, , 3, 'x', undefined]", '[ 1, <1 empty item>, 3, "x", undefined ]'],
    [
      "new Map<unknown, unknown>([['a', { x: 1 }], [1, new Set([2])]])",
      'Map(2) { "a" => { x: 1 }, 1 => Set(1) { 2 } }',
    ],
    [
      "({ 'k-x': 1, [Symbol('s')]: 2, get g() { return 1 }, set h(_: unknown) {}, f() {} })",
      '{ "k-x": 1, g: [Getter], h: [Setter], f: [Function: f], [Symbol(s)]: 2 }',
    ],
    [
      "class V { x = [1] }\n[new V(), V, class extends V {}]",
      "[ V { x: [ 1 ] }, [class V], [class extends V] ]",
    ],
    [
      "[new Date(0), /x/gi, new Uint8Array(2), new Error('e'), Object.create(null)]",
      "[\n  1970-01-01T00:00:00.000Z,\n  /x/gi,\n  Uint8Array(2) [ 0, 0 ],\n  [Error: e],\n  [Object: null prototype] {}\n]",
    ],
    ["const cycle: any = { a: {} }; cycle.a.b = cycle; cycle", "<ref *1> { a: { b: [Circular *1] } }"],
    ["({ a: { b: { c: { d: { e: { f: 1 } } } } } })", "{ a: { b: { c: { d: { e: [Object] } } } } }"],
    ["Temporal.PlainDate.from('2024-01-02')", "Temporal.PlainDate 2024-01-02"],
  ]);
});

Deno.test("console methods write in order, to the stream that is theirs", async () => {
  await withTypeScript(async (run) => {
    const result = await run(`
console.log("%s has %d, %o", "x", 1.5, [2], "rest", { a: 1 });
console.info("i"); console.debug("d"); console.warn("w"); console.error(new RangeError("no"));
console.group("g"); console.log("in"); console.groupEnd(); console.assert(1 > 2, "odd"); console.count(); console.log();`);
    assert.equal(result.stdout, "x has 1.5, [ 2 ] rest { a: 1 }\ni\nd\ng\n  in\ndefault: 1\n\n");
    assert.equal(result.stderr, "w\nRangeError: no\n    at <cell 1>:3:73\nAssertion failed odd\n");
  });
});

Deno.test("display() takes bundles, values and their Jupyter.display methods", async () => {
  await withTypeScript(async (run) => {
    const result = await run(`
display({ "application/json": { a: [1, null] } });
display(42, "text");
display({ [Symbol.for("Jupyter.display")]: () => ({ "image/png": new Uint8Array([137, 80]) }) });
class Rich { [Symbol.for("Jupyter.display")]() { return { "text/html": "<b>r</b>" } } }
new Rich()`);
    assert.deepEqual(result.displays, [
      { "application/json": { a: [1, null] } },
      { "text/plain": "42" },
      { "text/plain": '"text"' },
      { "image/png": "iVA=" },
      { "text/html": "<b>r</b>" },
    ]);
    assert.equal(result.value, "Rich {}");
  });
});

Deno.test("tracebacks name the lines that the cell's author wrote", async () => {
  await withTypeScript(async (run) => {
    const failing: readonly (readonly [code: string, traceback: string])[] = [
      [
        "function outer(): void {\n  inner();\n}\nconst inner = (x?: string): void => {\n  null.x;\n}\nouter()",
        "TypeError: Cannot read properties of null (reading 'x')\n    at inner (<cell 1>:5:8)\n" +
        "    at outer (<cell 1>:2:3)\n    at <cell 1>:7:1\n",
      ],
      [
        "enum E {\n  A,\n}\n\nfunction mapped(): never { throw new RangeError('m') }\n\nmapped()",
        "RangeError: m\n    at mapped (<cell 2>:5:34)\n    at <cell 2>:7:1\n",
      ],
      [
        "const one = 1; const { two } = { two: 2 }; let three = one; missing",
        "ReferenceError: missing is not defined\n    at <cell 3>:1:61\n",
      ],
      [
        "async function wait() {\n  await null;\n  outer();\n}\n\nawait wait()",
        "TypeError: Cannot read properties of null (reading 'x')\n    at inner (<cell 1>:5:8)\n" +
        "    at outer (<cell 1>:2:3)\n    at wait (<cell 4>:3:3)\n    at async <cell 4>:6:1\n",
      ],
      [
        "class Mine extends Error {}\nthrow new Mine('a', { cause: new TypeError('b') })",
        "Mine: a\n    at <cell 5>:2:7\nCaused by: TypeError: b\n    at <cell 5>:2:30\n",
      ],
      ["throw { code: 1 }", "Uncaught { code: 1 }\n"],
    ];
    for (const [code, traceback] of failing) assert.equal((await run(code)).error?.traceback, traceback);
  });
});

Deno.test("errors of syntax tell their place", async () => {
  await withTypeScript(async (run) => {
    const broken: readonly (readonly [code: string, message: RegExp, place: string])[] = [
      ["const ok: number = 1;\nconst x = (;", /Expression expected/, "2:12"],
      ["let y: number = 1;\nenum Q { A }\nlet z = ;", /Expression expected/, "3:9"],
      ["let dup = 1;\nlet dup = 2", /'dup' has already been declared/, "2:5"],
      ["if (1) {\n  return 5 }", /'return' outside of function/, "2:3"],
      ["let x = 1\nimport.meta.url", /import.meta is not available/, "2:1"],
      ["1;\nimport { used } from 'y';\nused", /import is not available in the sandbox/, "2:1"],
      ["1;\nimport { unused } from 'y';", /import is not available in the sandbox/, "2:1"],
      [
        "// import a from b\nimport unused, { type T, other as o } from 'y';\nenum A { B }",
        /import is not available/,
        "2:1",
      ],
      ["import 'y';\nenum A { B }", /import is not available/, "1:1"],
      ["export * from 'y'", /import is not available/, "1:1"],
    ];
    for (const [index, [code, message, place]] of broken.entries()) {
      const result = await run(code);
      assert.equal(result.error?.name, "SyntaxError", code);
      assert.match(result.error!.message, message);
      assert.ok(result.error!.traceback.endsWith(`\n    at <cell ${index + 1}>:${place}\n`), result.toText());
    }
    assert.equal((await run("typeof x")).value, '"undefined"');
    assert.equal((await run("`import { a } from 'b'`.length")).value, "21");
  });
});

Deno.test("timers run while their cell does, and no longer", async () => {
  await withTypeScript(async (run) => {
    const result = await run(`
let ticks = 0;
const interval = setInterval((step: number) => { ticks += step }, 1, 2);
setTimeout(() => { throw new Error("in a timer") }, 2);
const never = setTimeout(() => console.log("never"), 3);
clearTimeout(never);
await new Promise((resolve) => setTimeout(resolve, 40));
clearInterval(interval);
ticks > 4`);
    assert.equal(result.value, "true");
    assert.equal(result.stdout, "");
    assert.match(result.stderr, /^Uncaught Error: in a timer\n {4}at <cell 1>:4:26\n$/);
    await run("setInterval(() => { ticks = -1 }, 1); ticks = 0");
    await run("await new Promise((resolve) => setTimeout(resolve, 20))");
    assert.equal((await run("ticks")).value, "0");
  });
});

Deno.test("rejections that nothing handles are told on stderr", async () => {
  await withTypeScript(async (run) => {
    const result = await run(
      "Promise.reject(new Error('lost'));\nawait new Promise((resolve) => setTimeout(resolve, 5));\n1",
    );
    assert.equal(result.outcome, "ok");
    assert.equal(result.stderr, "Uncaught (in promise) Error: lost\n    at <cell 1>:1:16\n");
    assert.equal((await run("Promise.reject(1).catch(() => 2)")).toText(), "=> 2");
  });
});

Deno.test("CALL_API() gives a promise, and its errors are the cell's own", async () => {
  await withTypeScript(async (run) => {
    const code = "const answers = await Promise.all([CALL_API('a'), CALL_API('b', { n: 1 })]);\nanswers";
    assert.equal((await run(code)).value, '[ { path: "a", params: {} }, { path: "b", params: { n: 1 } } ]');
    assert.equal((await run("CALL_API('a') instanceof Promise")).value, "true");
    assert.equal(
      (await run("CALL_API('fail').catch((error) => [error instanceof Error, error.message])")).value,
      '[ true, "not today" ]',
    );
    const failed = await run("const first = 1;\nawait CALL_API('fail')");
    assert.equal(failed.error?.traceback, "Error: not today\n    at async <cell 4>:2:1\n");
    assert.equal((await run("await CALL_API('x', { date: new Date(0), left: undefined })")).outcome, "ok");
  }, {
    callApi: (path, params) => {
      if (path === "fail") throw new Error("not today");
      return { path, params };
    },
  });
});

Deno.test("CALL_API() that is interrupted ends its cell as cancelled, and the session goes on", async () => {
  const called = Promise.withResolvers<void>();
  await withTypeScript(async (run, sandbox) => {
    const cell = run("let kept = 1; await CALL_API('hang')");
    await called.promise;
    await sandbox.interrupt();
    const { outcome, error, stateLost } = await cell;
    assert.deepEqual([outcome, error?.name, stateLost], ["cancelled", "AbortError", false]);
    assert.equal((await run("kept")).value, "1");
  }, {
    callApi: (_path, _params, { signal }) => {
      called.resolve();
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
});

Deno.test("a cell is stopped in time wherever its own code is started", async () => {
  await withTypeScript(async (run, sandbox) => {
    await run("let kept = 1");
    for (
      const code of [
        "for (;;) {}",
        "setTimeout(() => { for (;;) {} }); await new Promise(() => {})",
        "({ [Symbol.for('Jupyter.display')]() { for (;;) {} } })",
        "for (;;) await new Promise((resolve) => setTimeout(resolve))",
      ]
    ) {
      const result = await sandbox.runCell(code, { timeoutMs: 200 });
      assert.equal(result.outcome, "timeout", code);
      assert.equal(result.error?.name, "TimeoutError");
      assert.equal(result.stateLost, false);
    }
    assert.equal((await run("kept")).value, "1");
  });
});

Deno.test("memoryMb is the memory of TypeScript's own data", async () => {
  await withTypeScript(async (run) => {
    const fits = await run(
      "let text = []; for (let n = 0; n < 150; n++) text.push(new Array(131_072).fill(n + 0.5)); text.length",
    );
    assert.equal(fits.value, "150");
  }, { memoryMb: 512 });
});

Deno.test("reset() takes away what a cell did to the language", async () => {
  await withTypeScript(async (run, sandbox) => {
    await run("Array.prototype.map = null; Object.freeze(globalThis)");
    assert.equal((await run("let name = 1")).error?.message, 'Cannot declare "name" here');
    await sandbox.reset();
    assert.equal((await run("let name = [1].map((x) => x + 1); name")).value, "[ 2 ]");
  });
});

Deno.test("a cell ends after the calls that it does not wait for, and makes none later", async () => {
  const made: string[] = [];
  const options: Partial<SandboxOptions> = {
    callApi: async (path, _params, { signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      made.push(`${path} ${signal.aborted ? "aborted" : "ended"}`);
      return path;
    },
  };
  await withTypeScript(async (run, sandbox) => {
    await run('CALL_API("a").then(() => CALL_API("b")); setTimeout(() => CALL_API("never"), 10)');
    assert.deepEqual(made, ["a ended", "b ended"]);
    const cancelled = new AbortController();
    setTimeout(() => cancelled.abort(), 20);
    const result = await sandbox.runCell('CALL_API("c"); CALL_API("d")', { signal: cancelled.signal });
    assert.equal(result.outcome, "cancelled");
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(made.slice(2), ["c aborted"]);
  }, options);
});
