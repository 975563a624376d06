import { loadServerSdk, type SdkHttpTransport, type SdkServer } from "./_sdk.ts";

/** Options of the {@linkcode HttpSessions} constructor. */
export interface HttpSessionsOptions {
  readonly hosts?: readonly string[];
  readonly maxSessions?: number;
  readonly sessionIdleMs?: number;
}

interface Session {
  readonly server: SdkServer;
  readonly transport: SdkHttpTransport;
  /** Answers under way, streams of events included. */
  open: number;
  heardAt: number;
}

const OWN_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const SESSION_NOT_FOUND = -32001;
const REQUEST_CANCELLED = -32800;
const RETRY_SECONDS = 60;

/** The clients of a server over HTTP: each greets, and has a session from then on. */
export class HttpSessions {
  readonly #create: () => Promise<SdkServer>;
  readonly #hosts: ReadonlySet<string>;
  readonly #maxSessions: number;
  readonly #idleMs: number;
  readonly #sessions = new Map<string, Session>();
  #sweeper: ReturnType<typeof setTimeout> | undefined;
  /** Greetings under way. */
  #opening = 0;

  constructor(create: () => Promise<SdkServer>, options: HttpSessionsOptions) {
    const { hosts = OWN_HOSTS, maxSessions = 1_000, sessionIdleMs = 30 * 60_000 } = options;
    for (const [name, value] of Object.entries({ maxSessions, sessionIdleMs })) {
      if (!(value > 0)) {
        throw new RangeError(`Cannot serve: expected ${name} to be a positive number, found ${value}`);
      }
    }
    this.#create = create;
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#maxSessions = maxSessions;
    this.#idleMs = sessionIdleMs;
  }

  /** Answers a request. */
  async fetch(request: Request): Promise<Response> {
    if (!this.#isForUs(request)) {
      await request.body?.cancel();
      return refuse(403, -32000, "expected a request to and from a host that this server is known by");
    }
    this.#sweep();
    const id = request.headers.get("mcp-session-id");
    if (id === null) return await this.#greet(request);
    const session = this.#sessions.get(id);
    if (session === undefined) {
      await request.body?.cancel();
      return refuse(404, SESSION_NOT_FOUND, "Session not found");
    }
    return await this.#answer(session, request);
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    clearTimeout(this.#sweeper);
    this.#sweeper = undefined;
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(open.map(({ server }) => server.close()));
  }

  /** A session begins when its client greets; where the request is no greeting, it is refused and nothing is kept. */
  async #greet(request: Request): Promise<Response> {
    if (this.#sessions.size + this.#opening >= this.#maxSessions) {
      await request.body?.cancel();
      const message =
        `expected at most ${this.#maxSessions} sessions at once, found no room for another; come back later`;
      return refuse(503, -32000, message, { "retry-after": String(RETRY_SECONDS) });
    }
    this.#opening++;
    try {
      return await this.#answer(await this.#open(), request);
    } finally {
      this.#opening--;
    }
  }

  async #open(): Promise<Session> {
    const { WebStandardStreamableHTTPServerTransport } = await loadServerSdk();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id: string) => void this.#sessions.set(id, session),
      onsessionclosed: (id: string) => void this.#sessions.delete(id),
    });
    const session = { server: await this.#create(), transport, open: 0, heardAt: performance.now() };
    await session.server.connect(transport);
    endCancelled(transport);
    return session;
  }

  async #answer(session: Session, request: Request): Promise<Response> {
    session.open++;
    const end = () => {
      session.open--;
      session.heardAt = performance.now();
    };
    try {
      const response = await session.transport.handleRequest(request);
      if (response.body === null) {
        end();
        return response;
      }
      const watched = response.body.pipeThrough(new TransformStream({ flush: end, cancel: end }));
      return new Response(watched, { status: response.status, headers: response.headers });
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Ends the sessions that nothing was heard of for long, now and later. */
  #sweep(): void {
    const now = performance.now();
    for (const [id, { open, heardAt, server }] of this.#sessions) {
      if (open > 0 || now - heardAt < this.#idleMs) continue;
      this.#sessions.delete(id);
      server.close().catch(() => {});
    }
    if (this.#sweeper !== undefined) return;
    this.#sweeper = setTimeout(() => {
      this.#sweeper = undefined;
      if (this.#sessions.size > 0) this.#sweep();
    }, Math.min(this.#idleMs, 60_000));
    Deno.unrefTimer(this.#sweeper as unknown as number);
  }

  #isForUs(request: Request): boolean {
    const host = request.headers.get("host") ?? new URL(request.url).host;
    const origin = request.headers.get("origin");
    return this.#isKnown(`http://${host}`) && (origin === null || this.#isKnown(origin));
  }

  #isKnown(origin: string): boolean {
    const hostname = URL.parse(origin)?.hostname;
    return hostname !== undefined && this.#hosts.has(hostname.toLowerCase());
  }
}

/** A request that was cancelled is not answered: without an answer, its stream would stay open for as long as its client. */
function endCancelled(transport: SdkHttpTransport): void {
  /** The requests without an answer, each with what is the same for all of one body: they share a stream. */
  const waiting = new Map<unknown, unknown>();
  const { onmessage } = transport;
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    if (!("method" in message)) waiting.delete(message.id);
    return send(message, options);
  };
  const end = (id: unknown) => {
    if (!waiting.has(id)) return;
    const body = waiting.get(id);
    waiting.delete(id);
    // Where others wait for the stream, this is one of its answers; with the stream gone it goes nowhere, and the transport
    // forgets the request.
    if (![...waiting.values()].includes(body)) transport.closeSSEStream(id);
    const error = { code: REQUEST_CANCELLED, message: "the request was cancelled" };
    send({ jsonrpc: "2.0", id, error }).catch(() => {});
  };
  transport.onmessage = (message, extra) => {
    const { id, method, params } = message;
    if (id !== undefined && method !== undefined) waiting.set(id, extra?.requestInfo ?? id);
    onmessage?.(message, extra);
    // The rest of the same body comes first.
    if (method === "notifications/cancelled") queueMicrotask(() => end(params?.requestId));
  };
}

function refuse(
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code, message } }, { status, headers });
}
