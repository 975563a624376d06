import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { classifyProviderError, openaiInvoker } from "../../src/invokers/mod.ts";
import { type Fault, startProviderServer } from "../provider_server/mod.ts";
import { invokerFor, listener, question, request } from "./_support.ts";

const failure = (status?: number, headers?: unknown, code?: string) =>
  Object.assign(new Error("no"), { status, headers, code });

Deno.test("classifyProviderError() goes by status", () => {
  const kinds = [429, 408, 409, 500, 503, undefined, 400, 401, 403, 404, 422].map((status) =>
    classifyProviderError(failure(status)).kind
  );
  assert.deepEqual(kinds, [
    "rate_limit",
    "recall",
    "recall",
    "recall",
    "recall",
    "recall",
    "fatal",
    "fatal",
    "fatal",
    "fatal",
    "fatal",
  ]);
});

Deno.test("classifyProviderError() reads how long to wait, in seconds, milliseconds or as a date", () => {
  const now = Date.parse("2025-01-01T00:00:00Z");
  const wait = (headers: unknown) => classifyProviderError(failure(429, headers), { now }).retryAfterMs;
  assert.equal(wait({ "Retry-After": "1.5" }), 1500);
  assert.equal(wait(new Headers({ "retry-after": "2", "retry-after-ms": "300" })), 300);
  assert.equal(wait({ "retry-after": "Wed, 01 Jan 2025 00:00:07 GMT" }), 7000);
  assert.equal(wait({ "retry-after": "Tue, 31 Dec 2024 00:00:00 GMT" }), 0);
  assert.equal(wait({ "retry-after": "soon" }), undefined);
  assert.equal(wait(undefined), undefined);
});

Deno.test("classifyProviderError() goes by the code of our own errors", () => {
  const kind = (code: LLLMError["code"], data = {}) =>
    classifyProviderError(new LLLMError("x", { code, data })).kind;
  assert.equal(kind("rate_limited"), "rate_limit");
  assert.equal(kind("provider_error"), "recall");
  assert.equal(kind("provider_error", { status: 400 }), "fatal");
  assert.equal(kind("provider_error", { status: 502 }), "recall");
  for (const code of ["missing_api_key", "budget_exceeded", "replay_diverged", "config_invalid"] as const) {
    assert.equal(kind(code), "fatal");
  }
});

Deno.test("classifyProviderError() knows aborts, forbidden networks and spent quotas", () => {
  const signal = AbortSignal.abort("gone");
  assert.equal(classifyProviderError("gone", { signal }).kind, "abort");
  assert.equal(classifyProviderError(new DOMException("x", "AbortError")).kind, "abort");
  assert.equal(classifyProviderError(new DOMException("x", "TimeoutError")).kind, "recall");
  const forbidden = new Error("Connection error", { cause: new Deno.errors.NotCapable("net") });
  assert.equal(classifyProviderError(forbidden).kind, "fatal");
  assert.equal(classifyProviderError(failure(429, {}, "insufficient_quota")).kind, "fatal");
});

const faults: [name: string, fault: Fault, kind: string, streams: boolean[]][] = [
  ["a rate limit", { kind: "status", status: 429, retryAfter: 3 }, "rate_limit", [false, true]],
  ["an overloaded server", { kind: "status", status: 503 }, "recall", [false, true]],
  ["a refused request", { kind: "status", status: 400 }, "fatal", [false, true]],
  ["a connection cut before the headers", { kind: "drop" }, "recall", [false, true]],
  ["a connection cut in the body", { kind: "drop", afterBytes: 40 }, "recall", [false, true]],
  ["a stream cut cleanly", { kind: "truncated_stream", afterChunks: 1 }, "recall", [false, true]],
  ["broken JSON", { kind: "malformed_json" }, "recall", [false, true]],
  ["an HTML page", { kind: "html" }, "recall", [false, true]],
  ["no choices", { kind: "empty_choices" }, "recall", [false, true]],
  ["an error event", { kind: "error_event", afterChunks: 1 }, "recall", [false, true]],
  ["a broken event", { kind: "malformed_sse", afterChunks: 1 }, "recall", [false, true]],
];

for (const [name, fault, kind, streams] of faults) {
  for (const apiType of ["completion", "response"] as const) {
    Deno.test(`openaiInvoker() tells ${name} as what it is, by ${apiType}`, async () => {
      for (const streamed of streams) {
        await using server = await startProviderServer({ script: { text: "It rains all day long", fault } });
        const call = invokerFor(server).call(
          request(question(), { apiType, ...(streamed ? { streamHandler: listener() } : {}) }),
        );
        const error: unknown = await call.then(() => undefined, (error) => error);
        assert(LLLMError.isInstance(error), String(error));
        const found = classifyProviderError(error);
        assert.equal(found.kind, kind, error.message);
        assert.equal(error.code, kind === "rate_limit" ? "rate_limited" : "provider_error");
        assert.match(error.message, /^Cannot call model "gpt-4o-mini": /);
        if (kind === "rate_limit") assert.equal(found.retryAfterMs, 3000);
        assert.doesNotMatch(JSON.stringify(error.data), /sk-test/);
        assert.equal(server.requests.length, 1);
      }
    });
  }
}

Deno.test("openaiInvoker() gives up on a provider that makes no progress", async () => {
  for (const streamed of [false, true]) {
    await using server = await startProviderServer({
      script: { text: "A long forecast", holdAfterChunks: 1 },
    });
    const call = invokerFor(server).call(request(question(), {
      modelArgs: { timeout: 0.2 },
      ...(streamed ? { streamHandler: listener() } : {}),
    }));
    await assert.rejects(call, {
      code: "provider_error",
      message: /expected an answer within 0.2 s, found none/,
    });
    await server.aborted();
  }
});

Deno.test("openaiInvoker() reads a reply by what it is, whatever was asked for", async () => {
  const completion = {
    id: "c1",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "Rain" }, finish_reason: "stop" }],
  };
  const chunk = { ...completion, choices: [{ index: 0, delta: { content: "Rain" }, finish_reason: "stop" }] };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (asked) => {
    const { stream } = await asked.json();
    return stream
      ? Response.json(completion)
      : new Response(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
  });
  const invoker = openaiInvoker({
    modelArgs: { api_base: `http://127.0.0.1:${server.addr.port}`, api_key: "k" },
  });
  for (const rest of [{}, { streamHandler: listener() }]) {
    assert.equal((await invoker.call(request(question(), rest))).message.content, "Rain");
  }
  await server.shutdown();
});

Deno.test("openaiInvoker() tells an error that came with a good status", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => Response.json({ error: { message: "slow down", code: 429 } }),
  );
  const invoker = openaiInvoker({
    modelArgs: { api_base: `http://127.0.0.1:${server.addr.port}`, api_key: "k" },
  });
  await assert.rejects(invoker.call(request(question())), { code: "rate_limited", message: /slow down/ });
  await server.shutdown();
});

Deno.test("openaiInvoker() does not count the time that a stream handler takes", async () => {
  await using server = await startProviderServer({ script: { text: "Rain" } });
  const { message } = await invokerFor(server).call(request(question(), {
    modelArgs: { timeout: 0.1 },
    streamHandler: { handleChunk: () => new Promise((resolve) => setTimeout(resolve, 250)) },
  }));
  assert.equal(message.content, "Rain");
});

Deno.test("openaiInvoker() says at once what no request can have, and tells no key", async () => {
  const given: [args: Record<string, unknown>, message: RegExp][] = [
    [{ seed: 5n }, /BigInt/],
    [{ api_base: "not an address" }, /Invalid URL/],
    [{ headers: { "two words": "x" } }, /Header name/],
    [
      { headers: { "x-token": "sk-se\ncret" } },
      /expected headers and a key in characters that HTTP can carry/,
    ],
    [{ api_key: "sk-se\ncret" }, /expected headers and a key in characters that HTTP can carry/],
    [{ api_key: "sk-secret\u2026" }, /expected headers and a key in characters that HTTP can carry/],
  ];
  for (const [modelArgs, message] of given) {
    const invoker = openaiInvoker({
      modelArgs: { api_base: "http://127.0.0.1:1", api_key: "k", ...modelArgs },
    });
    const error: unknown = await invoker.call(request(question())).then(() => undefined, (error) => error);
    assert(error instanceof Error);
    assert.match(error.message, message);
    assert.equal(classifyProviderError(error).kind, "fatal", error.message);
    assert.doesNotMatch(Deno.inspect(error), /cret/);
  }
});

Deno.test("openaiInvoker() tells no key that a provider gives back with its refusal", async () => {
  const key = "sk-test-0123456789abcdef";
  const fetch = () =>
    Promise.resolve(Response.json({ error: { message: `Bad key ${key}` } }, { status: 401 }));
  const invoker = openaiInvoker({ fetch, modelArgs: { api_base: "http://127.0.0.1:1", api_key: key } });
  const error: unknown = await invoker.call(request(question())).then(() => undefined, (error) => error);
  assert(LLLMError.isInstance(error));
  assert.match(error.message, /401 Bad key \[redacted\]/);
  assert.equal(classifyProviderError(error).status, 401);
  assert.doesNotMatch(Deno.inspect(error, { depth: 10 }), /0123456789abcdef/);
});
