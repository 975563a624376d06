import assert from "node:assert/strict";
import { OutputCollector } from "../../src/sandbox/_output_collector.ts";
import type { CellOutput } from "../../src/sandbox/mod.ts";
import { withPython } from "./_helpers.ts";

/** Parts in short: `1` and `2` for the streams, `D` for a display. */
function short(outputs: readonly CellOutput[]): string[] {
  return outputs.map((output) =>
    output.type === "display"
      ? `D ${JSON.stringify(output.data)}`
      : `${output.type === "stdout" ? 1 : 2} ${output.text}`
  );
}

async function outputsOf(code: string): Promise<string[]> {
  let found: string[] = [];
  await withPython(async (sandbox) => void (found = short((await sandbox.runCell(code)).outputs)));
  return found;
}

Deno.test("outputs keeps the order of Python's streams where no line ends", async () => {
  const code = "import sys\nprint('a', end='')\nprint('b', end='', file=sys.stderr)\n" +
    "sys.stdout.write('c')\ndisplay(1)\nsys.stdout.buffer.write(b'd')\nsys.stderr.write('e')\n" +
    "CALL_API('x') if False else None\nprint('f', end='')";
  assert.deepEqual(await outputsOf(code), ["1 a", "2 b", "1 c", 'D {"text/plain":"1"}', "1 d", "2 e", "1 f"]);
});

Deno.test("outputs keeps the order of Python's streams and of writes to their descriptors", async () => {
  const code = "import os, sys\nprint('a', end='')\nos.write(2, b'b')\nos.write(1, b'c')\n" +
    "print('d', end='', file=sys.stderr)\nos.write(1, b'e')\nos.fdopen(os.dup(2), 'wb', 0).write(b'f')";
  assert.deepEqual(await outputsOf(code), ["1 a", "2 b", "1 c", "2 d", "1 e", "2 f"]);
});

Deno.test("outputs joins characters that were written in pieces, and gives what is left of one its place", async () => {
  const code =
    "import os\nos.write(1, b'a\\xf0\\x9f')\nos.write(2, b'b')\nos.write(1, b'\\x98\\x80c\\xc3')\n" +
    "os.write(2, b'd')";
  assert.deepEqual(await outputsOf(code), ["1 a", "2 b", "1 😀c\ufffd", "2 d"]);
});

Deno.test("outputs has the text that a value's rich form writes before that form", async () => {
  const code = "class Loud:\n    def _repr_html_(self):\n        print('html')\n        return '<b/>'\n" +
    "    def __repr__(self): return 'loud'\nprint('before')\nLoud()";
  assert.deepEqual(await outputsOf(code), [
    "1 before\nhtml\n",
    'D {"text/html":"<b/>","text/plain":"loud"}',
  ]);
});

Deno.test("outputs has what a cell wrote before it was killed", async () => {
  await withPython(async (sandbox) => {
    const code = "import sys, time\nprint('a', end='')\nprint('b', end='', file=sys.stderr)\n" +
      "while True:\n  try:\n    while True: pass\n  except BaseException: pass";
    const result = await sandbox.runCell(code, { timeoutMs: 300 });
    assert.deepEqual([result.outcome, result.stateLost], ["timeout", true]);
    assert.deepEqual(short(result.outputs), ["1 a", "2 b"]);
  }, { graceMs: 500 });
});

Deno.test("runCell() takes every MemoryError of Python for lack of memory", async () => {
  await withPython(async (sandbox) => {
    const code = "class ArrayMemoryError(MemoryError): pass\nraise ArrayMemoryError('no room for an array')";
    const result = await sandbox.runCell(code);
    assert.deepEqual([result.outcome, result.error?.name], ["out_of_memory", "ArrayMemoryError"]);
    assert.equal(result.stateLost, false);
  });
});

/** Collects `1…` and `2…` as text, `D` as a display; `!` before a text: it is late. */
function collect(maxChars: number, ...parts: string[]) {
  const collector = new OutputCollector({ maxChars, indicator: "[cut]" });
  for (const part of parts) {
    const late = part.startsWith("!");
    const [mark, text] = [part.at(late ? 1 : 0), part.slice(late ? 2 : 1)];
    if (mark === "D") collector.addDisplay({ "text/plain": text });
    else collector.addText(mark === "1" ? "stdout" : "stderr", text, late);
  }
  const { outputs, stdout, stderr, dropped } = collector.finish();
  for (const [type, { text }] of [["stdout", stdout], ["stderr", stderr]] as const) {
    assert.equal(outputs.map((output) => output.type === type ? output.text : "").join(""), text);
  }
  return { parts: short(outputs), stdout, stderr, dropped };
}

Deno.test("OutputCollector joins neighbours, and late text to what its stream wrote last", () => {
  assert.deepEqual(collect(0, "1a", "1b", "2c", "1", "D1", "1d", "2e", "!1f", "!2g").parts, [
    "1 ab",
    "2 c",
    'D {"text/plain":"1"}',
    "1 df",
    "2 eg",
  ]);
  assert.deepEqual(collect(0, "1a", "!2b").parts, ["1 a", "2 b"]);
});

Deno.test("OutputCollector cuts a stream once, and what is left has no neighbours of one stream", () => {
  assert.deepEqual(collect(3, "1abc", "2x", "1d", "2y", "1e", "2z").parts, [
    "1 abc",
    "2 x",
    "1 [cut]",
    "2 yz",
  ]);
  assert.deepEqual(collect(3, "1ab", "2x", "1cd", "2y", "1e", "D1", "2z").parts, [
    "1 ab",
    "2 x",
    "1 c[cut]",
    "2 y",
    'D {"text/plain":"1"}',
    "2 z",
  ]);
  assert.deepEqual(collect(3, "1abc", "2x").parts, ["1 abc", "2 x"]);
  assert.deepEqual(collect(3, "1ab\ud83d", "2x", "1\ude00c").stdout, { text: "ab\ufffd[cut]", cut: true });
  assert.deepEqual(collect(3, "1ab\ud83d\ude00").stdout, { text: "ab[cut]", cut: true });
});

Deno.test("OutputCollector keeps few parts of a flood, and displays in their place", () => {
  const flood = Array.from({ length: 3000 }, (_, index) => `${1 + index % 2}x`);
  const { parts, stdout, stderr } = collect(0, ...flood, "D1", ...flood);
  assert.ok(parts.length <= 1003, String(parts.length));
  assert.deepEqual(parts.slice(-3), [
    'D {"text/plain":"1"}',
    `1 ${"x".repeat(1500)}`,
    `2 ${"x".repeat(1500)}`,
  ]);
  assert.deepEqual([stdout.text.length, stderr.text.length], [3000, 3000]);
});

Deno.test("OutputCollector leaves out displays that are none, too many or too deep", () => {
  const none = new OutputCollector({ maxChars: 0, indicator: "" });
  none.addDisplay({ "no type": 1 });
  assert.deepEqual([none.finish().outputs, none.finish().dropped], [[], true]);
  const deep = new OutputCollector({ maxChars: 0, indicator: "" });
  deep.addDisplay({ "application/json": JSON.parse("[".repeat(1500) + "]".repeat(1500)) });
  assert.deepEqual([deep.finish().outputs, deep.finish().dropped], [[], true]);
  const many = collect(0, ...Array.from({ length: 21 }, () => "Dx"));
  assert.deepEqual([many.parts.length, many.dropped], [20, true]);
});
