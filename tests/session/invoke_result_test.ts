import assert from "node:assert/strict";
import { Message } from "../../src/message/mod.ts";
import { InvokeResult } from "../../src/session/mod.ts";

const message = new Message({ role: "assistant", content: "Yes" });

Deno.test("InvokeResult.toJSON() holds no secrets, whoever made the result", () => {
  const modelArgs = { temperature: 0, api_key: "sk-1", headers: { Authorization: "Bearer x" } };
  const result = new InvokeResult({ message, modelArgs });
  assert.equal(result.modelArgs, modelArgs);
  assert.deepEqual(result.toJSON().modelArgs, {
    temperature: 0,
    api_key: "[scrubbed]",
    headers: { Authorization: "[scrubbed]" },
  });
});

Deno.test("InvokeResult.fromJSON() gives back every field", () => {
  const executionErrors = [{ type: "parse", message: "no <a>" }] as const;
  const result = new InvokeResult({
    message,
    executionErrors,
    rawResponse: { id: "r1" },
    modelArgs: { seed: 1 },
  });
  const copy = InvokeResult.fromJSON(JSON.parse(JSON.stringify(result)));
  assert.deepEqual(copy, result);
  assert.deepEqual([copy.hasErrors, copy.errorMessage], [true, "no <a>"]);
});

Deno.test("InvokeResult tells its errors in one line, its cost, and no arguments where none were sent", () => {
  const fine = new InvokeResult({ message });
  assert.deepEqual([fine.hasErrors, fine.errorMessage, fine.modelArgs], [false, "", {}]);
  assert.equal(fine.cost.totalTokens, 0);
  const executionErrors = [{ type: "parse", message: "no <a>" }, { type: "length", message: "cut" }] as const;
  assert.equal(fine.with({ executionErrors }).errorMessage, "no <a>; cut");
  const usage = { prompt_tokens: 100, completion_tokens: 50 };
  assert.equal(new InvokeResult({ message: message.with({ usage }) }).cost.totalTokens, 150);
});
