import assert from "node:assert/strict";
import { LLLMError, ParseError, ResourceNotFoundError } from "../../src/errors.ts";

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

Deno.test("ResourceNotFoundError says what was expected and found, and names up to five keys nearby", () => {
  const { message, data } = new ResourceNotFoundError({ key: "a", type: "prompt", near: ["b", "c"] });
  assert.equal(
    message,
    'Cannot find prompt "a": expected one that is registered, found none; did you mean "b" or "c"?',
  );
  assert.deepEqual(data, { key: "a", type: "prompt", near: ["b", "c"] });
  const plain = new ResourceNotFoundError({ key: "a", near: [] });
  assert.equal(plain.message, 'Cannot find resource "a": expected one that is registered, found none');
  const many = new ResourceNotFoundError({ key: "a", near: ["1", "2", "3", "4", "5", "6"] });
  assert.deepEqual(many.data.near, ["1", "2", "3", "4", "5"]);
});
