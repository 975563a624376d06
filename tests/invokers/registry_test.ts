import assert from "node:assert/strict";
import { buildInvoker, registerInvoker } from "../../src/invokers/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";

Deno.test("buildInvoker() knows openai, its older name litellm, scripted, and what was registered", () => {
  for (const invoker of ["openai", "litellm"]) {
    assert.equal(typeof buildInvoker({ invoker }).call, "function");
  }
  assert.equal(
    typeof buildInvoker({ invoker: "scripted", script: { version: 1, rules: [] } }).call,
    "function",
  );
  const mine = scriptedInvoker([]);
  registerInvoker("registry_test", () => mine);
  assert.equal(buildInvoker({ invoker: "registry_test" }), mine);
  const other = scriptedInvoker([]);
  registerInvoker("registry_test", () => other);
  assert.equal(buildInvoker({ invoker: "registry_test" }), other);
  assert.throws(() => buildInvoker({ invoker: "litelm" }), /litellm/);
});
