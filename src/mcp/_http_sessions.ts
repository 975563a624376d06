import { loadServerSdk, type SdkHttpTransport, type SdkServer } from "./_sdk.ts";

/** Options of the {@linkcode HttpSessions} constructor. */
export interface HttpSessionsOptions {
  readonly hosts?: readonly string[];
  readonly maxSessions?: number;
}

interface Session {
  readonly server: SdkServer;
  readonly transport: SdkHttpTransport;
}

const OWN_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const SESSION_NOT_FOUND = -32001;

/** The clients of a server over HTTP: each greets, and has a session from then on. */
export class HttpSessions {
  readonly #create: () => Promise<SdkServer>;
  readonly #hosts: ReadonlySet<string>;
  readonly #maxSessions: number;
  /** By id; the one that was heard of longest ago comes first. */
  readonly #sessions = new Map<string, Session>();

  constructor(create: () => Promise<SdkServer>, options: HttpSessionsOptions) {
    const { hosts = OWN_HOSTS, maxSessions = 1_000 } = options;
    this.#create = create;
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#maxSessions = maxSessions;
  }

  /** Answers a request. */
  async fetch(request: Request): Promise<Response> {
    if (!this.#isForUs(request)) {
      await request.body?.cancel();
      return refuse(403, -32000, "expected a request to and from a host that this server is known by");
    }
    const id = request.headers.get("mcp-session-id");
    if (id === null) return await (await this.#open()).transport.handleRequest(request);
    const session = this.#sessions.get(id);
    if (session === undefined) {
      await request.body?.cancel();
      return refuse(404, SESSION_NOT_FOUND, "Session not found");
    }
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return await session.transport.handleRequest(request);
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(open.map(({ server }) => server.close()));
  }

  /** A session that begins when its client greets; where the request is no greeting, it is refused and nothing is kept. */
  async #open(): Promise<Session> {
    const { WebStandardStreamableHTTPServerTransport } = await loadServerSdk();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id: string) => this.#keep(id, session),
      onsessionclosed: (id: string) => void this.#sessions.delete(id),
    });
    const session = { server: await this.#create(), transport };
    await session.server.connect(transport);
    return session;
  }

  #keep(id: string, session: Session): void {
    this.#sessions.set(id, session);
    if (this.#sessions.size <= this.#maxSessions) return;
    const [oldest, { server }] = this.#sessions.entries().next().value!;
    this.#sessions.delete(oldest);
    server.close().catch(() => {});
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

function refuse(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error: { code, message } }, { status });
}
