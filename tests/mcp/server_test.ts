import assert from "node:assert/strict";
import {
  connectMcp,
  type ConnectMcpOptions,
  createMcpServer,
  McpAnswer,
  type McpConnection,
  McpServer,
  type ServedTool,
} from "../../src/mcp/mod.ts";
import { writeJson } from "../../src/mcp/_messages.ts";
import { tool } from "../../src/tools/mod.ts";

const NAMED = { name: "test", version: "1.2.3", instructions: "Ask politely" };
const ANY = { type: "object" } as const;

const served = (name: string, call: ServedTool["call"], rest: Partial<ServedTool> = {}): ServedTool => ({
  name,
  description: name,
  inputSchema: ANY,
  call,
  ...rest,
});

/** A server over HTTP, and a client of it. */
async function connected(
  tools: Parameters<typeof createMcpServer>[0],
  options: ConnectMcpOptions & { maxSessions?: number; sessionIdleMs?: number } = {},
): Promise<AsyncDisposable & { client: McpConnection; url: string }> {
  const { maxSessions = 10, sessionIdleMs = 60_000, ...connecting } = options;
  const server = createMcpServer(tools, { ...NAMED, maxSessions, sessionIdleMs });
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, server.fetch);
  const url = `http://127.0.0.1:${http.addr.port}/`;
  const client = await connectMcp(
    new McpServer({ label: "test", url, requireApproval: "never" }),
    connecting,
  );
  return {
    client,
    url,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
      await http.shutdown();
    },
  };
}

Deno.test("createMcpServer() answers with texts, data, parts and failures", async () => {
  const add = tool<{ a: number; b: number }>({
    name: "add",
    description: "Adds",
    parameters: {
      type: "object",
      properties: { a: { type: "number" }, b: { type: "number" } },
      required: ["a", "b"],
    },
    execute: ({ a, b }) => ({ sum: a + b }),
  });
  await using test = await connected([
    add,
    served("text", () => "words", { title: "A text", annotations: { readOnlyHint: true } }),
    served("list", () => [1, 2]),
    served("image", () => new McpAnswer([{ type: "image", data: "AAAA", mimeType: "image/png" }])),
    served("fail", () => {
      throw new Error("the disk is full");
    }),
  ]);
  const { client } = test;
  assert.deepEqual(
    [client.info!.name, client.info!.version, client.info!.instructions],
    ["test", "1.2.3", "Ask politely"],
  );
  assert.deepEqual(client.tools.map(({ name, repeatable }) => [name, repeatable]), [
    ["add", false],
    ["text", true],
    ["list", false],
    ["image", false],
    ["fail", false],
  ]);
  assert.deepEqual((await client.callTool("add", { a: 1, b: 2 })).value, { sum: 3 });
  assert.equal((await client.callTool("text")).value, "words");
  assert.equal((await client.callTool("list")).value, "[1,2]");
  assert.deepEqual((await client.callTool("image")).images, [{ mediaType: "image/png", data: "AAAA" }]);
  const failed = await client.callTool("fail");
  assert.deepEqual([failed.isError, failed.text], [true, "the disk is full"]);
  const wrong = await client.callTool("add", { a: 1 });
  assert.equal(wrong.isError, true);
  assert.match(wrong.text, /b: expected a value, found none/);
  await assert.rejects(client.callTool("nothing"), /expected one of the listed tools, found "nothing"/);
});

Deno.test("createMcpServer() passes cancellation and progress on, and asks the person at the client", async () => {
  const stopped = Promise.withResolvers<unknown>();
  const risky = tool({
    name: "risky",
    description: "Needs approval",
    parameters: ANY,
    needsApproval: true,
    execute: () => "done",
  });
  const asked: string[] = [];
  const answers = [
    { action: "accept", content: { approve: true } },
    { action: "decline" },
    { action: "accept", content: { approve: false } },
    { action: "accept", content: {} },
  ] as const;
  await using test = await connected([
    served("steps", (_args, { onProgress }) => {
      onProgress({ progress: 1, total: 2, message: "half" });
      onProgress({ progress: 2, total: 2 });
      return "done";
    }),
    served("hang", (_args, { signal, onProgress }) => {
      onProgress({ progress: 1 });
      signal.addEventListener("abort", () => stopped.resolve(true));
      return new Promise(() => {});
    }),
    risky,
  ], {
    onElicitation: ({ message }) => answers[asked.push(message) - 1]!,
  });
  const { client } = test;
  const heard: unknown[] = [];
  await client.callTool("steps", {}, { onProgress: (progress) => heard.push(progress) });
  assert.deepEqual(heard, [{ progress: 1, total: 2, message: "half" }, { progress: 2, total: 2 }]);

  const abort = new AbortController();
  const hanging = client.callTool("hang", {}, {
    signal: abort.signal,
    onProgress: () => abort.abort(new Error("enough")),
  });
  await assert.rejects(hanging, /enough/);
  assert.equal(await stopped.promise, true);

  assert.equal((await client.callTool("risky", { a: 1 })).text, "done");
  const denied = await client.callTool("risky");
  assert.deepEqual([denied.isError, denied.text], [true, "The call was not approved, so it was not made"]);
  assert.deepEqual(asked, ['May risky be called with {"a":1}?', "May risky be called with {}?"]);
  assert.equal((await client.callTool("risky")).isError, true); // approve: false
  assert.equal((await client.callTool("risky")).isError, true); // no approve at all

  await using mute = await connected([risky]);
  const unasked = await mute.client.callTool("risky");
  assert.deepEqual([unasked.isError, /found one without elicitation/.test(unasked.text)], [true, true]);
});

Deno.test("createMcpServer() refuses other hosts and pages, what is no message, and sessions that it does not know", async () => {
  await using test = await connected([served("text", () => "words")], {
    maxSessions: 2,
    onWarning: () => {},
  });
  const { url, client } = test;
  const greeting = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "x", version: "1" } },
  };
  const post = async (body: unknown, headers: Record<string, string> = {}): Promise<Response> => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    await response.body?.cancel();
    return response;
  };
  assert.equal((await post(greeting, { origin: "https://evil.example" })).status, 403);
  assert.equal((await post("{")).status, 400);
  assert.equal((await post({ jsonrpc: "2.0", id: 1, method: "tools/list" })).status, 400);
  assert.equal((await post(greeting, { "mcp-session-id": "no-such" })).status, 404);
  assert.equal((await post(greeting, { origin: "http://localhost:3000" })).status, 200);
  // There is room for two clients.
  const full = await post(greeting, { origin: "http://localhost:3000" });
  assert.deepEqual([full.status, full.headers.get("retry-after")], [503, "60"]);
  assert.equal((await client.callTool("text")).text, "words");
  await client.close();
  assert.equal((await post(greeting, { origin: "http://localhost:3000" })).status, 200);
});

Deno.test("createMcpServer() ends sessions that are idle, and none that waits for an answer", async () => {
  const finish = Promise.withResolvers<string>();
  await using test = await connected([served("wait", () => finish.promise), served("text", () => "words")], {
    maxSessions: 1,
    sessionIdleMs: 500,
    listen: false,
  });
  const other = () =>
    connectMcp(new McpServer({ label: "b", url: test.url, requireApproval: "never" }), { listen: false });
  const waiting = test.client.callTool("wait");
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // longer than a session may be idle
  await assert.rejects(other(), /status 503|no room for another/);
  finish.resolve("done");
  assert.equal((await waiting).text, "done");
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await using second = await other();
  assert.equal((await second.callTool("text")).text, "words");
});

Deno.test("half a character in a text is told as U+FFFD: many readers refuse the whole message for it", async () => {
  const half = "\ud800";
  await using test = await connected([
    served("cut", () => ({ text: `a${half}b`, kept: `\\${"\\ud800"} 😀` })),
    served("fail", () => Promise.reject(new Error(`no ${half}`))),
  ]);
  const cut = await test.client.callTool("cut");
  assert.deepEqual(cut.structuredContent, { text: "a\ufffdb", kept: `\\${"\\ud800"} 😀` });
  assert.equal((await test.client.callTool("fail")).text, "no \ufffd");
  assert.equal(
    writeJson({ a: half, b: "\\ud800", c: "\\\ud800" }),
    '{"a":"\ufffd","b":"\\\\ud800","c":"\\\\\ufffd"}',
  );
});

Deno.test("createMcpServer() ends the stream of a call that was cancelled", async () => {
  const calling = Promise.withResolvers<void>();
  const never = served("never", () => {
    calling.resolve();
    return new Promise<string>(() => {});
  });
  await using test = await connected([never, served("text", () => "words")]);
  const post = await greeted(test.url);
  const answer = await post(callOf(2, "never"));
  await calling.promise;
  await (await post(cancellationOf(2))).body?.cancel();
  assert.equal(await answer.text(), "");
  assert.match(await (await post(callOf(2, "text"))).text(), /words/);
});

Deno.test("createMcpServer() keeps the stream of a call that was cancelled for the others of its batch", async () => {
  const calling = Promise.withResolvers<void>();
  const late = Promise.withResolvers<string>();
  const never = served("never", () => {
    calling.resolve();
    return new Promise<string>(() => {});
  });
  await using test = await connected([never, served("late", () => late.promise)]);
  const post = await greeted(test.url);
  const answer = await post([callOf(2, "never"), callOf(3, "late")]);
  await calling.promise;
  await (await post(cancellationOf(2))).body?.cancel();
  late.resolve("words");
  const text = await answer.text();
  assert.match(text, /"id":2,"error":\{"code":-32800|"code":-32800.*"id":2/);
  assert.match(text, /words/);

  const all = await post([callOf(4, "never"), callOf(5, "never"), cancellationOf(4)]);
  await (await post(cancellationOf(5))).body?.cancel();
  assert.deepEqual((await all.text()).match(/"id":\d/g), ['"id":4']);
});

/** Greets a server over HTTP, and gives what sends it messages from then on. */
async function greeted(url: string): Promise<(message: object) => Promise<Response>> {
  const session: Record<string, string> = {};
  const post = (message: object) =>
    fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...session,
      },
      body: JSON.stringify(message),
    });
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "x", version: "1" } };
  const greeting = await post({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  await greeting.text();
  session["mcp-session-id"] = greeting.headers.get("mcp-session-id")!;
  return post;
}

function callOf(id: number, name: string): object {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name } };
}

function cancellationOf(requestId: number): object {
  return { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } };
}

Deno.test("createMcpServer() serves a client over two streams, until it leaves", async () => {
  const server = createMcpServer([served("text", () => "words")], NAMED);
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const serving = server.serve(input.readable, output.writable);
  const writer = input.writable.getWriter();
  const reader = output.readable.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const next = async () => {
    while (!rest.includes("\n")) rest += (await reader.read()).value;
    const [line] = rest.split("\n", 1);
    rest = rest.slice(line!.length + 1);
    return JSON.parse(line!);
  };
  const send = (message: unknown) =>
    writer.write(
      new TextEncoder().encode(`${typeof message === "string" ? message : JSON.stringify(message)}\n`),
    );
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "x", version: "1" } };
  await send({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  assert.equal((await next()).result.serverInfo.name, "test");
  await send("this is no message");
  assert.equal((await next()).error.code, -32700);
  await send({ jsonrpc: "2.0", method: "notifications/initialized" });
  await send({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "text" } });
  assert.deepEqual((await next()).result.content, [{ type: "text", text: "words" }]);
  await writer.close();
  await serving;
});

Deno.test("createMcpServer() refuses names that clients could not call", () => {
  assert.throws(() => createMcpServer([served("a b", () => 1)], NAMED), TypeError);
  assert.throws(() => createMcpServer([served("a", () => 1), served("a", () => 2)], NAMED), /"a" twice/);
});
