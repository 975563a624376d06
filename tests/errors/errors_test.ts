import assert from "node:assert/strict";
import { LLLMError, ParseError } from "../../src/errors.ts";

Deno.test("ParseError has a message, a code, and what the parser knows beyond that", () => {
  const error = new ParseError("Expected <a>, found none");
  assert(error instanceof Error && error instanceof LLLMError);
  assert.deepEqual([error.message, error.code, error.detail], [
    "Expected <a>, found none",
    "parse_failed",
    undefined,
  ]);
  assert.equal(String(error), "ParseError: Expected <a>, found none");
  const detailed = new ParseError("Expected <a>", { line: 42 });
  assert.deepEqual([detailed.detail, detailed.data.detail], [{ line: 42 }, { line: 42 }]);
  assert.throws(() => {
    throw error;
  }, ParseError);
});
