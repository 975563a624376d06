import assert from "node:assert/strict";
import { loadYaml, parseYaml } from "../../src/util/mod.ts";

await loadYaml();

Deno.test("parseYaml() reads the boolean words of YAML 1.1, but not y and n", () => {
  assert.deepEqual(parseYaml("[yes, No, ON, off, true, y, n, 'yes']"), [
    true,
    false,
    true,
    false,
    true,
    "y",
    "n",
    "yes",
  ]);
});

Deno.test("parseYaml() keeps dates and clock times as text", () => {
  assert.deepEqual(parseYaml("a: 2024-01-01\nb: 12:30\nc: 2001-12-14t21:59:43.10-05:00\nd: 1:2.5"), {
    a: "2024-01-01",
    b: "12:30",
    c: "2001-12-14t21:59:43.10-05:00",
    d: "1:2.5",
  });
});

Deno.test("parseYaml() reads numbers and null", () => {
  assert.deepEqual(parseYaml("[1, 1.5, 1.0e+3, 1e-3, 0x1f, 1_000, ~, null, '1']"), [
    1,
    1.5,
    1000,
    0.001,
    31,
    1000,
    null,
    null,
    "1",
  ]);
  assert.equal(parseYaml(""), null);
});

Deno.test("parseYaml() merges with <<", () => {
  assert.deepEqual(parseYaml("base: &b { a: 1, b: 2 }\nuse:\n  <<: *b\n  b: 3"), {
    base: { a: 1, b: 2 },
    use: { a: 1, b: 3 },
  });
});

Deno.test("parseYaml() reads block texts", () => {
  assert.deepEqual(parseYaml("a: |\n  one\n  two\nb: >-\n  one\n  two\n"), { a: "one\ntwo\n", b: "one two" });
});

Deno.test("parseYaml() tells line and column of a mistake in one line", () => {
  assert.throws(() => parseYaml("a: 1\na: 2"), {
    name: "SyntaxError",
    message: "Cannot parse YAML: duplicated mapping key at line 2, column 1",
  });
  assert.throws(() => parseYaml("a: [1"), /^SyntaxError: Cannot parse YAML: [^\n]* at line 1, column 6$/);
  assert.throws(() => parseYaml("a: 1\n---\nb: 2"), /expected one document, found 2/);
});

Deno.test("parseYaml() refuses a few lines that stand for data without end", () => {
  const letters = [..."abcdefghij"];
  const laughs = letters.map((letter, i) => {
    const item = i === 0 ? "ha" : `*${letters[i - 1]}`;
    return `${letter}: &${letter} [${Array(9).fill(item).join()}]`;
  });
  assert.throws(() => parseYaml(laughs.join("\n")), /aliases that repeat without end/);
  assert.throws(() => parseYaml("a: &a [*a]"), /aliases that repeat without end/);
  assert.throws(() => parseYaml("[".repeat(100_000)), SyntaxError);
});

Deno.test("parseYaml() does not let a key reach the prototype", () => {
  const value = parseYaml("__proto__: { polluted: true }") as { polluted?: boolean };
  assert.equal(value.polluted, undefined);
});

Deno.test("parseYaml() reads version 1.2 with words as texts, and no dates", () => {
  const text =
    "on: [yes, no, on, off, y, n]\ncode: no\nflags: [true, False]\ncount: [1, 0o17, 0x1f, 1.5, 1e-3]\n" +
    "date: 2024-01-01\ntime: 12:30\nnone: [~, null]\nversion: 1_000";
  assert.deepEqual(parseYaml(text, { version: "1.2" }), {
    on: ["yes", "no", "on", "off", "y", "n"],
    code: "no",
    flags: [true, false],
    count: [1, 15, 31, 1.5, 0.001],
    date: "2024-01-01",
    time: "12:30",
    none: [null, null],
    version: "1_000",
  });
  assert.deepEqual(parseYaml("on: yes"), { true: true });
});
