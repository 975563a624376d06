import { defineProxy, ProxyManager } from "@lllm/lllm/proxies";
import {
  type ApprovalRequest,
  currentRun,
  type OnApproval,
  recordingRunner,
  RunContext,
  type RunContextInit,
} from "@lllm/lllm/run";
import assert from "node:assert/strict";

const Orders = defineProxy({
  path: "orders",
  name: "Orders",
  description: "",
  endpoints: {
    list: { description: "", params: { after: ["string", "x"] }, handler: () => [{ id: 1 }] },
    place: {
      description: "",
      params: { "item*": ["string", "tea"] },
      needsApproval: true,
      handler: ({ item }) => item,
    },
    path: { description: "", handler: () => currentRun()?.path ?? null },
    wait: { description: "", handler: () => new Promise(() => {}) },
  },
});

function newManager(): ProxyManager {
  const manager = new ProxyManager({ agentName: "buyer" });
  manager.register("orders", Orders);
  return manager;
}

function newRun(
  init: Partial<RunContextInit> = {},
): RunContext & { recorder: ReturnType<typeof recordingRunner> } {
  const recorder = recordingRunner();
  const run = new RunContext({
    path: "desk",
    signal: new AbortController().signal,
    steps: recorder,
    ...init,
  });
  return Object.assign(run, { recorder });
}

Deno.test("call() runs as a step of the run, with a path of its own", async () => {
  const run = newRun();
  const manager = newManager();
  await run.enter(async () => {
    await manager.call("orders/list", { after: "a" });
    await manager.call("orders/list");
    assert.equal(await manager.call("orders.path"), "desk/api:orders.path#0");
  });
  assert.deepEqual(
    run.recorder.steps.map(({ kind, name, path, input, output }) => ({ kind, name, path, input, output })),
    [
      {
        kind: "api",
        name: "orders/list",
        path: "desk/api:orders/list#0",
        input: { after: "a" },
        output: [{ id: 1 }],
      },
      { kind: "api", name: "orders/list", path: "desk/api:orders/list#1", input: {}, output: [{ id: 1 }] },
      {
        kind: "api",
        name: "orders.path",
        path: "desk/api:orders.path#0",
        input: {},
        output: "desk/api:orders.path#0",
      },
    ],
  );
});

Deno.test("call() with wrong parameters is no step", async () => {
  const run = newRun();
  await run.enter(async () => await assert.rejects(newManager().call("orders/list", { x: 1 })));
  assert.equal(run.recorder.steps.length, 0);
});

Deno.test("call() asks for approval where it is needed, and goes on when it is given", async () => {
  const asked: ApprovalRequest[] = [];
  const run = newRun({
    onApproval: (request) => {
      asked.push(request);
      return "approve";
    },
  });
  assert.equal(await run.enter(() => newManager().call("orders/place", { item: "tea" })), "tea");
  assert.deepEqual(asked, [{
    agentName: "buyer",
    toolName: "orders/place",
    callId: "desk/api:orders/place#0",
    arguments: { item: "tea" },
  }]);
  await run.enter(() => newManager().call("orders/list"));
  assert.equal(asked.length, 1);
});

Deno.test("call() is refused when approval is denied, fails, or there is nobody to ask", async () => {
  const place = (init: Partial<RunContextInit>) =>
    newRun(init).enter(() => newManager().call("orders/place", { item: "tea" }));
  const refused = (text: string) => (error: unknown) => {
    assert(error instanceof DOMException);
    assert.equal(error.name, "NotAllowedError");
    assert.match(
      error.message,
      new RegExp(
        `^Cannot call API "orders/place": expected an approval, found ${text}\\. The call was not made`,
      ),
    );
    return true;
  };
  await assert.rejects(place({ onApproval: () => "deny" }), refused("that it was denied"));
  await assert.rejects(place({ onApproval: () => Promise.reject(new Error("no")) }), refused("an error: no"));
  await assert.rejects(place({}), refused("nobody to ask"));
  await assert.rejects(newManager().call("orders/place", { item: "tea" }), refused("nobody to ask"));
});

Deno.test("call() rejects with the reason of its signal or the run's, also when the endpoint does not listen", async () => {
  const reason = new Error("stop");
  const own = new AbortController();
  const pending = newManager().call("orders/wait", {}, { signal: own.signal });
  own.abort(reason);
  await assert.rejects(pending, (error) => error === reason);
  const ofRun = new AbortController();
  const waiting = newRun({ signal: ofRun.signal }).enter(() => newManager().call("orders/wait", {}, own2()));
  ofRun.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  await assert.rejects(newManager().call("orders/list", {}, { signal: AbortSignal.abort(reason) }), reason);
  const asking = new AbortController();
  const unanswered = newRun({ signal: asking.signal, onApproval: () => new Promise(() => {}) })
    .enter(() => newManager().call("orders/place", { item: "tea" }));
  asking.abort(reason);
  await assert.rejects(unanswered, (error) => error === reason);
});

function own2(): { signal: AbortSignal } {
  return { signal: new AbortController().signal };
}

function bankOf(onApproval: OnApproval): [manager: ProxyManager, paid: unknown[]] {
  const paid: unknown[] = [];
  const manager = new ProxyManager({ onApproval });
  const params = { "to*": ["object"], note: ["string"] } as const;
  const handler = (args: Record<string, unknown>) => {
    paid.push(structuredClone(args));
    (args.to as Record<string, unknown>).amount = 0;
    args.note = "changed";
    return "paid";
  };
  manager.register(
    "bank",
    defineProxy({
      path: "bank",
      name: "Bank",
      description: "",
      endpoints: { pay: { description: "Pays", needsApproval: true, params, handler } },
    }),
  );
  return [manager, paid];
}

Deno.test("what was approved is what is done: the caller changes its arguments too late", async () => {
  const args = { to: { amount: 1 } };
  const [manager, paid] = bankOf(async () => {
    args.to.amount = 1_000_000;
    await Promise.resolve();
    return "approve" as const;
  });
  await manager.call("bank/pay", args);
  assert.deepEqual(paid, [{ to: { amount: 1 } }]);
});

Deno.test("what was asked stays as it was: whoever approves cannot change it, nor can the endpoint", async () => {
  const asked: ApprovalRequest[] = [];
  const [manager, paid] = bankOf((request) => {
    asked.push(request);
    const given = request.arguments as { to: { amount: number } };
    assert.throws(() => (given.to.amount = 9), TypeError);
    assert.throws(() => (given.to = { amount: 9 }), TypeError);
    return "approve";
  });
  const args = { to: { amount: 1 } };
  await manager.call("bank/pay", args);
  assert.deepEqual(paid, [{ to: { amount: 1 } }]);
  assert.deepEqual(asked[0]!.arguments, { to: { amount: 1 } });
  assert.deepEqual(args, { to: { amount: 1 } });
});
