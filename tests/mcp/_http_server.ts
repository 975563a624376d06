/** A request of a client, as the odd server sees it. */
export interface Asked {
  readonly id?: number;
  readonly method: string;
  // deno-lint-ignore no-explicit-any -- messages of a test
  readonly params: any;
  readonly headers: Headers;
  readonly session: string | null;
}

/** What the odd server answers: a result, or a response of its own making. */
export type Answer = Record<string, unknown> | Response | undefined;

/** An odd server over HTTP, without the SDK: it greets properly, and does with the rest what a test wants. */
export interface OddHttpServer extends AsyncDisposable {
  readonly url: string;
  /** What was asked, in order. */
  readonly asked: Asked[];
  /** The sessions that it knows; a test may forget them. */
  readonly sessions: Set<string>;
  /** Sends a notification over every stream that clients hold open. */
  notify(method: string): void;
}

/** Starts an odd server. `answer` is asked for everything but the greeting. */
export function startOddServer(answer: (asked: Asked) => Answer | Promise<Answer>): OddHttpServer {
  const asked: Asked[] = [];
  const sessions = new Set<string>();
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  let count = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const session = request.headers.get("mcp-session-id");
    if (request.method === "DELETE") {
      sessions.delete(session ?? "");
      return new Response(null, { status: 200 });
    }
    if (session !== null && !sessions.has(session)) {
      await request.body?.cancel();
      return new Response("Session not found", { status: 404 });
    }
    if (request.method === "GET") return listen(streams);
    const message = await request.json();
    asked.push({ ...message, params: message.params ?? {}, headers: request.headers, session });
    if (message.method === "initialize") {
      const id = `s${++count}`;
      sessions.add(id);
      return Response.json(
        {
          jsonrpc: "2.0",
          id: message.id,
          result: {
            protocolVersion: message.params.protocolVersion,
            capabilities: { tools: { listChanged: true } },
            serverInfo: { name: "odd", version: "1" },
          },
        },
        { headers: { "mcp-session-id": id } },
      );
    }
    const result = await answer(asked.at(-1)!);
    if (result instanceof Response) return result;
    if (message.id === undefined) return new Response(null, { status: 202 });
    return Response.json({ jsonrpc: "2.0", id: message.id, result: result ?? {} });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    asked,
    sessions,
    notify: (method) => {
      for (const stream of streams) stream.enqueue(event({ jsonrpc: "2.0", method }));
    },
    async [Symbol.asyncDispose]() {
      for (const stream of streams) stream.close();
      await server.shutdown();
    },
  };
}

/** A tool that takes anything. */
export function plainTool(name: string): Record<string, unknown> {
  return { name, inputSchema: { type: "object" } };
}

/** One event of a stream. */
export function event(message: Record<string, unknown>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

/** A stream of events, which ends after them. */
export function events(...parts: Uint8Array<ArrayBuffer>[]): Response {
  return new Response(ReadableStream.from(parts), { headers: { "content-type": "text/event-stream" } });
}

function listen(streams: Set<ReadableStreamDefaultController<Uint8Array>>): Response {
  let own: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      streams.add(own = controller);
      controller.enqueue(new TextEncoder().encode(": listening\n\n"));
    },
    cancel: () => void streams.delete(own),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
