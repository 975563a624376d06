/**
 * Values that are large: numbers that JSON would change on their way, lists that take long to look at.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { withPython } from "./_helpers.ts";

Deno.test("CALL_API() refuses integers that would arrive as others", async () => {
  const seen: unknown[] = [];
  const callApi = (_path: string, params: Record<string, unknown>) => {
    seen.push(params);
    return params;
  };
  await withPython(async (sandbox) => {
    for (
      const integer of [
        "12345678901234567890",
        "2**53 + 1",
        "2**60",
        "-(10**19 + 1)",
        "10**400",
        "[0.1234567890123456, 2**53 + 1]",
      ]
    ) {
      const { error } = await sandbox.runCell(`CALL_API('x', {'a': [{'id': ${integer}}]})`);
      assert.match(error?.message ?? "", /^CALL_API parameters are refused: -?\d+…? is too large to be sent/);
      assert.match(error?.message ?? "", /send it as a string$/);
    }
    assert.deepEqual(seen, []);
    const code = "p = {'a': [2**53, -2**53, 10**18, 1e22, 0.1234567890123456, 1234567890123456.5], " +
      "'id': '12345678901234567890', 'k12345678901234567890': 1}; CALL_API('x', p) == p";
    assert.equal((await sandbox.runCell(code)).value, "True");
  }, { callApi });

  await using sandbox = await createSandbox({ language: "typescript", callApi });
  const { value } = await sandbox.runCell(
    "(await CALL_API('x', { a: 12345678901234567890 })).a === 12345678901234567890",
  );
  assert.equal(value, "true");
});

Deno.test("runCell() shows TypeScript's large lists without going through all of them", async () => {
  await using sandbox = await createSandbox({ language: "typescript", timeoutMs: 30_000 });
  const shown: readonly (readonly [code: string, start: string])[] = [
    ["new Array(4e9)", "[ <4000000000 empty items> ]"],
    ["const far = [1]; far[4e9] = 2; far", "[ 1, <3999999999 empty items>, 2 ]"],
    ["const few = [, , 1, ,]; few.name = 'x'; few", '[ <2 empty items>, 1, <1 empty item>, name: "x" ]'],
    [
      "const wide = []; for (let i = 0; i < 600_000; i++) wide[i * 2000] = i; wide",
      "[\n  0,\n  <1999 empty items>,\n  1,\n  <1999 empty items>,",
    ],
    ["new Uint8Array(1e8)", "Uint8Array(100000000) [\n  0, 0,"],
    ["new Array(3e6).fill(7)", "[\n  7, 7,"],
  ];
  for (const [code, start] of shown) {
    const { value, outcome, durationMs } = await sandbox.runCell(code);
    assert.equal(value?.slice(0, start.length), start, `${code}: ${outcome}`);
    assert.ok(durationMs < 5_000, `${code} took ${durationMs} ms`);
  }
});
