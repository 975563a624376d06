import { defineProxy, ProxyManager, proxyTools } from "@lllm/lllm/proxies";
import { recordingRunner, RunContext } from "@lllm/lllm/run";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";

const ORDER = {
  type: "object",
  properties: {
    item: { type: "string", enum: ["tea", "milk"], description: "What to buy" },
    lines: { type: "array", items: { $ref: "#/$defs/line" } },
  },
  required: ["item"],
  additionalProperties: false,
  $defs: { line: { type: "object", properties: { n: { type: "integer", minimum: 1 } }, required: ["n"] } },
} as const;

function managerOf(schema: Record<string, unknown>): ProxyManager {
  const manager = new ProxyManager();
  manager.register(
    "shop",
    defineProxy({
      path: "shop",
      name: "Shop",
      description: "",
      endpoints: {
        order: { description: "Orders", inputSchema: () => schema, handler: (params) => params },
      },
    }),
  );
  return manager;
}

Deno.test("inputSchema gives the parameters, and is checked in depth", async () => {
  const manager = managerOf(ORDER);
  const [info] = manager.getApiDirectory("shop").endpoints;
  assert.deepEqual(info!.params, { "item*": ["string", "tea", "What to buy"], lines: ["array"] });
  assert.equal(info!.inputSchema, ORDER);
  assert(!JSON.stringify(info).includes("inputSchema"));
  assert.deepEqual(await manager.call("shop/order", { item: "tea", lines: [{ n: 1 }] }), {
    item: "tea",
    lines: [{ n: 1 }],
  });
  await assert.rejects(
    manager.call("shop/order", { item: "coffee", lines: [{ n: 0 }] }),
    (error) =>
      LLLMError.isInstance(error) && error.code === "endpoint_args_invalid" &&
      /"item": expected one of "tea", "milk", found string "coffee"/.test(error.message) &&
      /"lines\[0\].n": expected to be >= 1, found number 0/.test(error.message) &&
      /It takes \{ item: string, lines\?: array \}/.test(error.message),
  );
  await assert.rejects(manager.call("shop/order", { itme: "tea" }), /did you mean "item"/);
});

Deno.test("inputSchema that is open takes parameters that it does not name", async () => {
  const manager = managerOf({ type: "object", properties: { a: { type: "string" } } });
  assert.deepEqual(await manager.call("shop/order", { a: "x", b: 2 }), { a: "x", b: 2 });
});

Deno.test("a call that its schema refuses is no step, and later paths stay the same in every run", async () => {
  const paths = async () => {
    const recorder = recordingRunner();
    const run = new RunContext({ signal: new AbortController().signal, steps: recorder });
    const manager = managerOf(ORDER);
    await run.enter(() =>
      Promise.allSettled([
        manager.call("shop/order", { item: "coffee" }),
        manager.call("shop/order", { item: "tea" }),
      ])
    );
    return recorder.steps.map((step) => step.path);
  };
  assert.deepEqual(await paths(), ["api:shop/order#1"]);
  assert.deepEqual(await paths(), ["api:shop/order#1"]);
});

Deno.test("proxyTools() hands the declared schema on", () => {
  const [order] = proxyTools(managerOf(ORDER), "shop");
  assert.deepEqual(order!.parameters, ORDER);
});
