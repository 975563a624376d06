/** What an OTLP collector was sent, and a provider beside it that the program under test asks. */

/** A span as it was sent. */
export interface ReceivedSpan {
  readonly name: string;
  readonly kind: "internal" | "client" | "server" | "other";
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The status: `error` with its message, or none. */
  readonly error: string | undefined;
  readonly start: bigint;
  readonly end: bigint;
}

/** An OTLP collector over HTTP with JSON, at a port of its own. */
export class Collector implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  /** Everything that was sent, as it was. */
  readonly bodies: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    if (pathname === "/provider/chat/completions") return chat(JSON.parse(text));
    this.bodies.push(text);
    if (pathname === "/v1/traces") this.spans.push(...readSpans(JSON.parse(text)));
    return Response.json({});
  }
}

// deno-lint-ignore no-explicit-any -- the wire
function readSpans(body: any): ReceivedSpan[] {
  // deno-lint-ignore no-explicit-any
  return body.resourceSpans.flatMap((resource: any) =>
    // deno-lint-ignore no-explicit-any
    resource.scopeSpans.flatMap(({ scope, spans }: any) =>
      // deno-lint-ignore no-explicit-any
      spans.map((span: any): ReceivedSpan => ({
        name: span.name,
        kind: ({ 1: "internal", 2: "server", 3: "client" } as const)[span.kind as 1] ?? "other",
        scope: scope.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        // deno-lint-ignore no-explicit-any
        attributes: Object.fromEntries(span.attributes.map(({ key, value }: any) => [key, readValue(value)])),
        error: span.status?.code === 2 ? span.status.message : undefined,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
      }))
    )
  );
}

// deno-lint-ignore no-explicit-any
function readValue(value: any): unknown {
  if ("arrayValue" in value) return value.arrayValue.values.map(readValue);
  if ("intValue" in value) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}

/** Asks for a cell, then answers with its output; refuses the task `fail`. */
function chat(body: { messages: { role: string; content: string }[] }): Response {
  const last = body.messages.at(-1)!;
  if (last.content === "fail") return Response.json({ error: { message: "no such thing" } }, { status: 400 });
  const call = {
    id: "call_1",
    type: "function",
    function: {
      name: "run_typescript",
      arguments: JSON.stringify({
        code: `await CALL_API("facts/get", { topic: ${JSON.stringify(last.content)} })`,
      }),
    },
  };
  const message = last.role === "tool"
    ? { role: "assistant", content: "The fact is there." }
    : { role: "assistant", content: null, tool_calls: [call] };
  return Response.json({
    id: "chatcmpl-1",
    object: "chat.completion",
    model: "gpt-4o-mini-2024-07-18",
    choices: [{ index: 0, message, finish_reason: last.role === "tool" ? "stop" : "tool_calls" }],
    usage: {
      prompt_tokens: 40,
      completion_tokens: 10,
      total_tokens: 50,
      prompt_tokens_details: { cached_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 4 },
    },
  });
}
