import { defineHttpProxy, type HttpApi, type HttpEndpoint, ProxyManager } from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import { type FakeClock, fakeClock } from "@lllm/lllm/testing";
import assert from "node:assert/strict";
import { restServer } from "./_rest_server.ts";

function managerOf(service: Omit<HttpApi, "endpoints">, own: Partial<HttpEndpoint>, clock: FakeClock) {
  const manager = new ProxyManager({ clock });
  const endpoints = { go: { description: "", route: "/go", ...own } };
  manager.register("s", defineHttpProxy({ path: "s", name: "S", description: "", ...service, endpoints }));
  return manager;
}

/** Lets a clock pass whenever something waits for at least `fromMs` less than a request may take. */
async function settle<T>(pending: Promise<T>, clock: FakeClock, timeoutMs = 30_000): Promise<T> {
  let done = false;
  pending.then(() => done = true, () => done = true);
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const last = clock.waits.at(-1);
    if (clock.pending > 0 && last !== undefined && last !== timeoutMs) await clock.advance(last);
  }
  return await pending;
}

const pauses = (clock: FakeClock) => clock.waits.filter((ms) => ms !== 30_000);

Deno.test("HttpProxy repeats what may be repeated, after growing pauses", async () => {
  for (const status of [429, 500, 502, 503, 504]) {
    await using server = restServer((_request, n) =>
      n < 2 ? new Response("busy", { status }) : Response.json(n)
    );
    const clock = fakeClock();
    assert.equal(await settle(managerOf({ baseUrl: server.url }, {}, clock).call("s/go"), clock), 2);
    assert.deepEqual(pauses(clock), [500, 1000]);
  }
});

Deno.test("HttpProxy gives up after its retries, and at once where nothing can come of them", async () => {
  await using server = restServer(({ query }) => new Response("no", { status: Number(query.status![0]) }));
  const params = { "status*": ["integer"] } as const;
  const clock = fakeClock();
  const get = managerOf({ baseUrl: server.url, retries: 1 }, { params }, clock);
  const count = async (status: number, manager = get) => {
    server.seen.length = 0;
    await assert.rejects(settle(manager.call("s/go", { status }), clock), /no/);
    return server.seen.length;
  };
  assert.equal(await count(503), 2);
  assert.equal(await count(400), 1);
  assert.equal(await count(501), 1);
  const query = { params, in: { status: "query" } } as const;
  assert.equal(await count(503, managerOf({ baseUrl: server.url }, { method: "POST", ...query }, clock)), 1);
  assert.equal(await count(503, managerOf({ baseUrl: server.url }, { method: "PUT", ...query }, clock)), 3);
  const again = managerOf({ baseUrl: server.url }, { method: "POST", idempotent: true, ...query }, clock);
  assert.equal(await count(503, again), 3);
});

Deno.test("HttpProxy waits as long as Retry-After says, and not at all where that is too long", async () => {
  const start = Date.UTC(2026, 0, 1);
  for (
    const [header, expected] of [
      ["3", [3000]],
      [new Date(start + 7_000).toUTCString(), [7000]],
      ["soon", [500]],
      ["3600", []],
    ] as const
  ) {
    await using server = restServer((_request, n) =>
      n === 0
        ? new Response("later", { status: 429, headers: { "retry-after": header } })
        : Response.json("ok")
    );
    const clock = fakeClock({ startMs: start });
    const call = settle(managerOf({ baseUrl: server.url }, {}, clock).call("s/go"), clock);
    if (expected.length > 0) assert.equal(await call, "ok");
    else await assert.rejects(call, (error) => LLLMError.isInstance(error) && error.code === "rate_limited");
    assert.deepEqual(pauses(clock), expected);
  }
});

Deno.test("HttpProxy repeats after a lost connection, and tells what it was", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  let connections = 0;
  const accept = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  const clock = fakeClock();
  const manager = managerOf(
    { baseUrl: url, auth: { type: "query", name: "k", value: () => "SECRET-123" } },
    {},
    clock,
  );
  await assert.rejects(settle(manager.call("s/go"), clock), (error) => {
    assert(LLLMError.isInstance(error) && error.code === "provider_error");
    assert.match(error.message, /^Cannot call API "s\/go": expected an answer, found: /);
    assert(!/SECRET|k=/.test(error.message));
    return true;
  });
  assert(connections >= 3, String(connections));
  listener.close();
  await accept;
});

Deno.test("HttpProxy waits no longer for an answer, or for the rest of one, than it may", async () => {
  const open: ReadableStreamDefaultController[] = [];
  await using server = restServer(({ query }) => {
    if (query.part === undefined) {
      return new Promise((resolve) => setTimeout(() => resolve(new Response("late")), 300));
    }
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("{"));
          open.push(controller);
        },
      }),
    );
  });
  const manager = new ProxyManager();
  const endpoints = { go: { description: "", route: "/go", params: { part: ["string"] } } } as const;
  manager.register(
    "s",
    defineHttpProxy({
      path: "s",
      name: "S",
      description: "",
      baseUrl: server.url,
      timeoutMs: 50,
      retries: 0,
      endpoints,
    }),
  );
  for (const params of [{}, { part: "1" }]) {
    await assert.rejects(manager.call("s/go", params), /found: no answer within 0.05 s/);
  }
  open.forEach((controller) => {
    try {
      controller.close();
    } catch {
      // The other end is gone.
    }
  });
});

Deno.test("HttpProxy stops at an abort: in a request, in a pause, and in the queue for a turn", async () => {
  await using server = restServer(() => new Response("busy", { status: 503 }));
  const clock = fakeClock();
  const manager = managerOf({ baseUrl: server.url, rateLimit: { requests: 1, perMs: 10_000 } }, {}, clock);
  const reason = new Error("stop");
  const pausing = new AbortController();
  const first = manager.call("s/go", {}, { signal: pausing.signal });
  const queueing = new AbortController();
  const second = manager.call("s/go", {}, { signal: queueing.signal });
  while (server.seen.length === 0 || !clock.waits.includes(500)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  queueing.abort(reason);
  pausing.abort(reason);
  for (const call of [first, second]) await assert.rejects(call, (error) => error === reason);
  assert.equal(server.seen.length, 1);
});

Deno.test("rateLimit lets a burst through, then one after the other, for all instances together", async () => {
  await using server = restServer(() => Response.json("ok"));
  const clock = fakeClock();
  const Limited = defineHttpProxy({
    path: "s",
    name: "S",
    description: "",
    baseUrl: server.url,
    rateLimit: { requests: 10, perMs: 1000, burst: 2 },
    endpoints: { go: { description: "", route: "/go" } },
  });
  const managers = [new ProxyManager({ clock }), new ProxyManager({ clock })];
  managers.forEach((manager) => manager.register("s", Limited));
  const calls = Array.from({ length: 5 }, (_, i) => managers[i % 2]!.call("s/go"));
  while (clock.waits.filter((ms) => ms < 30_000).length < 3) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(calls.slice(0, 2));
  assert.deepEqual(pauses(clock), [100, 200, 300]);
  assert.equal(server.seen.length, 2);
  await clock.advance(300);
  await Promise.all(calls);
});

Deno.test("rateLimit refuses a call whose turn is more than a minute away", async () => {
  await using server = restServer(() => Response.json("ok"));
  const clock = fakeClock();
  const manager = managerOf({ baseUrl: server.url, rateLimit: { requests: 1, perMs: 61_000 } }, {}, clock);
  await manager.call("s/go");
  await assert.rejects(
    manager.call("s/go"),
    (error) =>
      LLLMError.isInstance(error) && error.code === "rate_limited" &&
      /61 s of calls ahead/.test(error.message),
  );
});

Deno.test("HttpProxy refuses an answer that goes too deep, or has too many columns, by a plain error", async () => {
  const texts: Record<string, [type: string, text: string]> = {
    deep: ["application/json", `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`],
    wide: ["text/csv", `a\n${",".repeat(1_000_000)}`],
    long: ["text/csv", `a\n"${"x".repeat(5_000_000)}"`],
  };
  await using server = restServer(({ path }) => {
    const [type, text] = texts[path.slice(1)]!;
    return new Response(text, { headers: { "content-type": type } });
  });
  const manager = new ProxyManager();
  const endpoints = Object.fromEntries(
    Object.keys(texts).map((name) => [name, { description: "", route: `/${name}` }]),
  );
  const auth = { type: "bearer", token: () => "SECRET-123" } as const;
  manager.register(
    "s",
    defineHttpProxy({ path: "s", name: "S", description: "", baseUrl: server.url, auth, endpoints }),
  );
  for (const name of ["deep", "wide"]) {
    await assert.rejects(
      manager.call(`s/${name}`),
      (error) =>
        LLLMError.isInstance(error) && error.code === "provider_error" && /bearable/.test(error.message),
    );
  }
  assert.deepEqual(await manager.call("s/long"), [{ a: "x".repeat(5_000_000) }]);
});
