import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import {
  connectMcp,
  type ConnectMcpOptions,
  type McpConnection,
  McpServer,
  type Warning,
} from "../../src/mcp/mod.ts";
import { FunctionCall } from "../../src/message/mod.ts";
import { type Answer, type Asked, event, events, plainTool, startOddServer } from "./_http_server.ts";

const connect = (url: string, options: ConnectMcpOptions = {}): Promise<McpConnection> =>
  connectMcp(
    new McpServer({ label: "odd", url, requireApproval: "never", headers: { "x-key": "k-1" } }),
    options,
  );

const failed = (pattern: RegExp) => (error: unknown): boolean => {
  assert.ok(LLLMError.isInstance(error), String(error));
  assert.match(error.message, pattern);
  return true;
};

const said = (text: string): Answer => ({ content: [{ type: "text", text }] });

/** Answers a list of one tool, and leaves its calls to the test. */
const withTool =
  (call: (asked: Asked) => Answer | Promise<Answer>, tool = plainTool("do")) => (asked: Asked) =>
    asked.method === "tools/list"
      ? { tools: [tool] }
      : asked.method === "tools/call"
      ? call(asked)
      : undefined;

Deno.test("callTool() is made again, once, in a new session, when the server forgot the old one", async () => {
  await using server = startOddServer(withTool(({ session }) => said(`done in ${session}`)));
  const warnings: Warning[] = [];
  await using odd = await connect(server.url, { onWarning: (warning) => warnings.push(warning) });
  server.sessions.clear();
  assert.equal((await odd.callTool("do")).text, "done in s2");
  assert.deepEqual(warnings.map(({ code }) => code), ["mcp_reconnected"]);
  assert.equal(server.asked.every(({ headers }) => headers.get("x-key") === "k-1"), true);
});

Deno.test("callTool() reconnects to a server that forgets its session each time, but not for ever", async () => {
  await using server = startOddServer(withTool(() => said("never")));
  await using odd = await connect(server.url, { onWarning: () => {} });
  server.sessions.clear();
  server.sessions.add = () => server.sessions;
  await assert.rejects(odd.callTool("do"), failed(/Session not found/));
});

Deno.test("callTool() tells at once that an answer broke off, and does not repeat the call", async () => {
  await using server = startOddServer(
    withTool(({ id }) =>
      events(event({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: id } }))
    ),
  );
  await using odd = await connect(server.url, { onWarning: () => {} });
  await assert.rejects(
    odd.callTool("do"),
    failed(/the end of the stream; whether it was carried out is unknown/),
  );
  assert.equal(server.asked.filter(({ method }) => method === "tools/call").length, 1);
});

Deno.test("callTool() repeats a call that broke off, if its tool only reads", async () => {
  let tries = 0;
  const tool = { ...plainTool("do"), annotations: { readOnlyHint: true } };
  await using server = startOddServer(withTool(() => ++tries === 1 ? events() : said("read"), tool));
  await using odd = await connect(server.url, { onWarning: () => {} });
  assert.equal((await odd.callTool("do")).text, "read");
});

Deno.test("callTool() gives up without an answer, and tells the server to stop", async () => {
  const stopped = Promise.withResolvers<unknown>();
  const never = Promise.withResolvers<Answer>();
  await using server = startOddServer((asked) => {
    if (asked.method === "notifications/cancelled") stopped.resolve(asked.params.requestId);
    return withTool(() => never.promise)(asked);
  });
  await using odd = await connect(server.url);
  await assert.rejects(odd.callTool("do", {}, { timeoutMs: 20 }), failed(/no answer in time/));
  const call = server.asked.find(({ method }) => method === "tools/call")!;
  assert.equal(await stopped.promise, call.id);
  never.resolve(undefined);
});

Deno.test("connectMcp() and callTool() take times that no timer can", async () => {
  await using server = startOddServer(withTool(() => said("here")));
  for (const timeoutMs of [Infinity, 3e9]) {
    await using odd = await connect(server.url, { timeoutMs });
    assert.equal((await odd.callTool("do")).text, "here");
    assert.equal((await odd.callTool("do", {}, { timeoutMs })).text, "here");
  }
});

Deno.test("callTool() tells what a server answers that makes no sense", async () => {
  const answers: [() => Response, RegExp][] = [
    [
      () => new Response("{", { headers: { "content-type": "application/json" } }),
      /no message of the protocol/,
    ],
    [() => Response.json({ hello: 1 }), /no message of the protocol/],
    [
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      /Unexpected content type: text\/html/,
    ],
    [
      () => new Response("down", { status: 503 }),
      /found status 503: down; whether it was carried out is unknown/,
    ],
    [() => new Response("who are you", { status: 401 }), /found status 401: who are you$/],
    [() => Response.redirect("http://localhost:1/elsewhere", 307), /status 307/],
  ];
  let next: () => Response;
  await using server = startOddServer(withTool(() => next()));
  await using odd = await connect(server.url, { onWarning: () => {} });
  for (const [answer, pattern] of answers) {
    next = answer;
    await assert.rejects(odd.callTool("do"), failed(pattern));
  }
});

Deno.test("callTool() ends an answer that is too long", async () => {
  const block = new Uint8Array(1 << 20).fill(97);
  const flood = (type: string, start: string) => {
    let first = true;
    return new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(first ? new TextEncoder().encode(start) : block);
          first = false;
        },
      }),
      { headers: { "content-type": type } },
    );
  };
  let next: () => Response;
  await using server = startOddServer(withTool(() => next()));
  await using odd = await connect(server.url, { onWarning: () => {} });
  next = () => flood("application/json", '{"jsonrpc":"2.0","id":1,"result":{"x":"');
  await assert.rejects(odd.callTool("do"), failed(/a message over 33554432 bytes/));
  next = () => flood("text/event-stream", "data: ");
  await assert.rejects(odd.callTool("do"), failed(/a message over 33554432 bytes/));
});

Deno.test("listTools() reads a list of pages to its end, and refuses one without an end", async () => {
  const page = (params: { cursor?: string }): Answer => {
    const start = Number(params.cursor ?? 0);
    return {
      tools: Array.from({ length: 100 }, (_, i) => plainTool(`tool_${start + i}`)),
      ...(start < 900 ? { nextCursor: String(start + 100) } : {}),
    };
  };
  await using server = startOddServer(({ method, params }) =>
    method === "tools/list" ? page(params) : undefined
  );
  await using odd = await connect(server.url);
  assert.equal(odd.tools.length, 1_000);
  assert.equal(odd.tools.at(-1)!.name, "tool_999");

  await using circle = startOddServer(() => ({ tools: [], nextCursor: "a" }));
  await assert.rejects(connect(circle.url), failed(/expected a list with an end, found page "a" again/));
  let pages = 0;
  await using endless = startOddServer(() => ({ tools: [plainTool("x")], nextCursor: String(pages++) }));
  await assert.rejects(
    connect(endless.url),
    failed(/expected a list with an end, found 1001 entries and more/),
  );
});

Deno.test("connectMcp() uses tools with odd schemas, and leaves out those that no model could call, by name", async () => {
  const deep: Record<string, unknown> = {};
  let at = deep;
  for (let i = 0; i < 100; i++) at = at.not = {};
  const schemas: Record<string, unknown> = {
    none: undefined,
    untyped: { properties: { a: { type: "string" } }, required: ["a"] },
    open: { type: "object", additionalProperties: true },
    rooted: {
      $ref: "#/$defs/args",
      $defs: { args: { type: "object", properties: { a: { type: "number" } } } },
    },
    astray: {
      type: "object",
      properties: { a: { $ref: "https://example.org/a.json" }, b: { type: "strin" } },
    },
    unmatched: { type: "object", properties: { a: { type: "string", pattern: "(" } } },
    either: { anyOf: [{ type: "object", required: ["a"] }, { type: "object", required: ["b"] }] },
    broken: { type: "object", properties: null, required: "a", enum: [] },
    text: { type: "string" },
    list: [1],
    deep,
    huge: { type: "object", description: "x".repeat(600_000) },
  };
  const tools = Object.entries(schemas).map(([name, inputSchema]) => ({ name, inputSchema }));
  await using server = startOddServer(({ method, params }) =>
    method === "tools/list"
      ? { tools: [...tools, null, { name: 5 }, { name: "n".repeat(1_000_000) }] }
      : said(JSON.stringify(params.arguments))
  );
  const warnings: Warning[] = [];
  await using odd = await connect(server.url, { onWarning: (warning) => warnings.push(warning) });
  const names = odd.tools.map(({ name }) => name);
  assert.deepEqual(names, ["none", "untyped", "open", "rooted", "astray", "unmatched", "either", "broken"]);
  assert.deepEqual(warnings.map(({ data }) => data.tool), [
    "text",
    "list",
    "deep",
    "huge",
    "undefined",
    "5",
    "n".repeat(100),
  ]);
  assert.match(warnings[0]!.message, /Tool "text" of MCP server "odd" is left out: .*found type "string"/);

  const call = async (name: string, args: Record<string, unknown>) =>
    await odd.tools.find((tool) => tool.name === name)!
      .call(new FunctionCall({ id: "1", name, arguments: args }));
  assert.equal((await call("rooted", { a: 1 })).result, '{"a":1}');
  assert.match((await call("rooted", { a: "x" })).errorMessage!, /a: expected number/);
  assert.equal((await call("astray", { a: { any: 1 }, b: 2 })).result, '{"a":{"any":1},"b":2}');
  assert.equal((await call("unmatched", { a: "(" })).result, '{"a":"("}');
  const tool = odd.tools.find(({ name }) => name === "open")!;
  assert.equal(tool.strict, false);
});

Deno.test("connectMcp() hears of changed tools over the stream that it holds open, unless it does not listen", async () => {
  let name = "one";
  const answer = ({ method }: Asked) => method === "tools/list" ? { tools: [plainTool(name)] } : undefined;
  await using server = startOddServer(answer);
  const changed = Promise.withResolvers<void>();
  await using odd = await connect(server.url, { onListChanged: () => changed.resolve() });
  name = "two";
  while (true) { // the stream opens a moment after the greeting
    server.notify("notifications/tools/list_changed");
    const done = await Promise.race([
      changed.promise.then(() => true),
      new Promise((r) => setTimeout(r, 10)),
    ]);
    if (done === true) break;
  }
  assert.deepEqual(odd.tools.map((tool) => tool.name), ["two"]);
  await using deaf = await connect(server.url, { listen: false });
  assert.equal(deaf.tools.length, 1);
});

Deno.test("connectMcp() says who could not be reached, and ends with its signal", async () => {
  const gone = startOddServer(() => undefined);
  await gone[Symbol.asyncDispose]();
  await assert.rejects(connect(gone.url), failed(/Cannot connect to MCP server "odd": .*refused/));
  await assert.rejects(connect("ftp://example.org"), failed(/expected an http or https address in url/));

  const never = Promise.withResolvers<Response>();
  const silent = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => never.promise);
  const url = `http://127.0.0.1:${silent.addr.port}/`;
  await assert.rejects(connect(url, { timeoutMs: 20 }), failed(/no answer after 20 ms|timed out/));
  const reason = new Error("enough");
  await assert.rejects(connect(url, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  never.resolve(new Response(null, { status: 500 }));
  await silent.shutdown();
});

Deno.test("connectMcp() makes its requests by the fetch that it is handed", async () => {
  await using server = startOddServer(withTool(() => said("done")));
  const send = (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", "Bearer t-1");
    return fetch(url, { ...init, headers });
  };
  await using odd = await connect(server.url, { fetch: send });
  assert.equal((await odd.callTool("do")).text, "done");
  assert.ok(server.asked.every(({ headers }) => headers.get("authorization") === "Bearer t-1"));
});

Deno.test("callTool() waits no long time for the check of an answer by a schema that multiplies, or a slow pattern", async () => {
  const level = (i: number) => ({ anyOf: [{ $ref: `#/$defs/l${i + 1}` }, { $ref: `#/$defs/l${i + 1}` }] });
  const $defs = {
    ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`l${i}`, level(i)])),
    l30: { type: "string" },
  };
  const slow = { type: "string", pattern: "^(a+)+$" };
  for (const [a, schema] of [[5, { $ref: "#/$defs/l0" }], [`${"a".repeat(50)}b`, slow]] as const) {
    const tool = {
      ...plainTool("do"),
      outputSchema: { type: "object", properties: { a: schema }, $defs },
    };
    await using server = startOddServer(withTool(() => ({ content: [], structuredContent: { a } }), tool));
    await using odd = await connect(server.url);
    const start = performance.now();
    await assert.rejects(odd.callTool("do"), failed(/can be checked within 1 s/));
    assert(performance.now() - start < 10_000);
  }
});

/** A server over HTTP that keeps the stream of every call open, with an event id or without. */
function neverEnding(
  eventId: string,
): AsyncDisposable & { url: string; ended: Promise<void>; resumed: () => number } {
  const ended = Promise.withResolvers<void>();
  let resumed = 0;
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    if (request.headers.has("last-event-id")) resumed++;
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const { id, method, params } = await request.json();
    if (id === undefined) return new Response(null, { status: 202 });
    if (method === "tools/call") {
      const begin = new TextEncoder().encode(`${eventId}data: \n\n`);
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(begin),
        cancel: () => ended.resolve(),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    }
    const result = method === "initialize"
      ? {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "x", version: "1" },
      }
      : { tools: [{ name: "wait" }] };
    return Response.json({ jsonrpc: "2.0", id, result });
  });
  return {
    url: `http://127.0.0.1:${http.addr.port}/`,
    ended: ended.promise,
    resumed: () => resumed,
    [Symbol.asyncDispose]: () => http.shutdown(),
  };
}

Deno.test("callTool() that is cancelled lets go of the stream that its answer would have come by", async () => {
  for (const eventId of ["", "id: 1\nretry: 1\n"]) {
    await using server = neverEnding(eventId);
    await using client = await connectMcp(
      new McpServer({ label: "never", url: server.url, requireApproval: "never" }),
    );
    await assert.rejects(client.callTool("wait", {}, { timeoutMs: 200 }), /no answer in time/);
    await server.ended;
    assert.equal((await client.listTools()).length, 1);
    assert.equal(server.resumed(), 0);
  }
});

Deno.test("callTool() that is cancelled lets go of a stream that begins later, or whose server cannot be told", async () => {
  for (const canTell of [true, false]) {
    const [told, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await using server = startOddServer(withTool(async () => {
      await told.promise;
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("id: 1\ndata: \n\n")),
        cancel: () => ended.resolve(),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    }));
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const isCancellation = String(init?.body).includes("notifications/cancelled");
      try {
        if (isCancellation && !canTell) throw new TypeError("the line is cut");
        return await globalThis.fetch(url, init);
      } finally {
        if (isCancellation) told.resolve();
      }
    };
    await using odd = await connect(server.url, { fetch, onWarning: () => {} });
    await assert.rejects(odd.callTool("do", {}, { timeoutMs: 50 }), failed(/no answer in time/));
    await ended.promise;
    assert.equal((await odd.listTools()).length, 1);
  }
});

Deno.test("connectMcp() tells the status of an answer that is an error", async () => {
  await using http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(null, { status: 401 }),
  );
  const url = `http://127.0.0.1:${http.addr.port}/`;
  await assert.rejects(connectMcp(new McpServer({ label: "shut", url, requireApproval: "never" })), {
    code: "mcp_failed",
    message: 'Cannot connect to MCP server "shut": status 401',
  });
});
