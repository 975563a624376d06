import { BaseProxy, defineProxy, endpoint, type FinishedCall, ProxyManager } from "@lllm/lllm/proxies";
import { fakeClock } from "@lllm/lllm/testing";
import assert from "node:assert/strict";

Deno.test("postCall changes an answer, and is told of the call", async () => {
  const seen: FinishedCall[] = [];
  const manager = new ProxyManager({ deployMode: true });
  manager.register(
    "x",
    defineProxy({
      path: "x",
      name: "x",
      description: "",
      endpoints: {
        rows: {
          description: "",
          params: { n: ["integer"] },
          handler: ({ n }) => [n, n],
          postCall: async (answer, call) => {
            seen.push(call);
            await Promise.resolve();
            return { rows: answer };
          },
        },
      },
    }),
  );
  assert.deepEqual(await manager.call("x/rows", { n: 1 }), { rows: [1, 1] });
  assert.deepEqual(seen.map(({ callable, params, context }) => [callable, params, context.deployMode]), [
    ["rows", { n: 1 }, true],
  ]);
});

Deno.test("postCall of a class sees every answer, after the endpoint's own", async () => {
  class Stamped extends BaseProxy {
    @endpoint({ description: "", postCall: (answer) => `${answer}b` })
    one(): string {
      return "a";
    }
    @endpoint({ description: "" })
    two(): string {
      return "z";
    }
    override postCall(answer: unknown): unknown {
      return `${answer}!`;
    }
  }
  const manager = new ProxyManager();
  manager.register("s", Stamped);
  assert.equal(await manager.call("s/one"), "ab!");
  assert.equal(await manager.call("s/two"), "z!");
});

Deno.test("the cutoff date holds before postCall and after it, and keys go at the end", async () => {
  let given: unknown;
  const manager = new ProxyManager({ cutoffDate: "2024-01-01" });
  manager.register(
    "x",
    defineProxy({
      path: "x",
      name: "x",
      description: "",
      endpoints: {
        rows: {
          description: "",
          dtCutoff: ["date"],
          removeKeys: ["date"],
          handler: () => [{ date: "2023-01-01", a: 1 }, { date: "2025-01-01", a: 2 }],
          postCall: (answer) => {
            given = answer;
            return [...answer as unknown[], { date: "2026-01-01", a: 3 }];
          },
        },
      },
    }),
  );
  assert.deepEqual(await manager.call("x/rows"), [{ a: 1 }]);
  assert.deepEqual(given, [{ date: "2023-01-01", a: 1 }]);
});

Deno.test("what postCall throws fails the call", async () => {
  const manager = new ProxyManager();
  manager.register(
    "x",
    defineProxy({
      path: "x",
      name: "x",
      description: "",
      endpoints: {
        a: {
          description: "",
          handler: () => 1,
          postCall: () => {
            throw new Error("no such thing");
          },
        },
      },
    }),
  );
  await assert.rejects(manager.call("x/a"), /no such thing/);
});

function counting(useCache: boolean) {
  let calls = 0;
  const clock = fakeClock();
  const manager = new ProxyManager({ useCache, clock });
  manager.register(
    "x",
    defineProxy({
      path: "x",
      name: "x",
      description: "",
      endpoints: {
        kept: {
          description: "",
          params: { a: ["integer"], b: ["object"] },
          cacheMs: 1000,
          handler: ({ a }) => ({ calls: ++calls, a: a ?? null }),
        },
        fresh: { description: "", handler: () => ++calls },
        broken: {
          description: "",
          cacheMs: 1000,
          handler: () => {
            throw new Error(`failure ${++calls}`);
          },
        },
      },
    }),
  );
  return { manager, clock };
}

Deno.test("cacheMs gives the same answer to the same parameters while it is fresh, each time as a copy", async () => {
  const { manager, clock } = counting(true);
  const first = await manager.call("x/kept", { a: 1, b: { c: 1, d: 2 } }) as { calls: number };
  first.calls = 99;
  assert.deepEqual(await manager.call("x/kept", { b: { d: 2, c: 1 }, a: 1 }), { calls: 1, a: 1 });
  assert.deepEqual(await manager.call("x/kept", { a: 2 }), { calls: 2, a: 2 });
  await clock.advance(1000);
  assert.deepEqual(await manager.call("x/kept", { a: 2 }), { calls: 3, a: 2 });
});

Deno.test("useCache: false keeps nothing, nor does an endpoint without cacheMs or one that fails", async () => {
  const off = counting(false).manager;
  await off.call("x/kept");
  assert.deepEqual(await off.call("x/kept"), { calls: 2, a: null });
  const { manager } = counting(true);
  assert.deepEqual([await manager.call("x/fresh"), await manager.call("x/fresh")], [1, 2]);
  await assert.rejects(manager.call("x/broken"), /failure 3/);
  await assert.rejects(manager.call("x/broken"), /failure 4/);
});
