import assert from "node:assert/strict";
import { describeFailure, exitCodeOf } from "../../src/cli/_exit_codes.ts";
import { UsageError } from "../../src/cli/_usage_error.ts";

Deno.test("describeFailure() and exitCodeOf() tell why a command failed, not what could not be closed after that", () => {
  const error = new SuppressedError(new Error("Cannot close"), new UsageError("Cannot use it"), "two errors");
  assert.deepEqual(describeFailure(error), { code: "usage", message: "Cannot use it" });
  assert.equal(exitCodeOf(error), 2);
  const twice = new SuppressedError(new Error("Cannot close the other"), error, "two errors");
  assert.deepEqual(describeFailure(twice), { code: "usage", message: "Cannot use it" });
});
