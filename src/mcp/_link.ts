/**
 * One session with a server: connected once, and gone for good when it ends.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import type { McpServer } from "../tools/mod.ts";
import { followSignals, isPlainObject, MAX_TIMER_MS, outsideRun, raceAbort } from "../util/mod.ts";
import { errorText } from "./_failure.ts";
import { guardedFetch } from "./_guarded_fetch.ts";
import { redactorOf, told } from "./_redactor_of.ts";
import { loadClientSdk, loadHttpSdk, type SdkClient, type SdkTransport } from "./_sdk.ts";
import { StdioTransport, WAS_CLOSED } from "./_stdio_transport.ts";
import type { ElicitationHandler, McpFetch } from "./connect_options.ts";
import type { McpProgress, McpTransport } from "./types.ts";

/** What a link needs to know. */
export interface LinkOptions {
  readonly server: McpServer;
  /** Milliseconds that the server may take to answer the greeting. */
  readonly timeoutMs: number;
  readonly listen: boolean;
  readonly fetch: McpFetch | undefined;
  readonly onElicitation: ElicitationHandler | undefined;
  /** Hears of notifications. */
  readonly onNotification: (method: string, params: Record<string, unknown>) => void;
  /** Hears of the first line of a process's output that is no message. */
  readonly onStray: (line: string) => void;
}

/** Options of {@linkcode Link.request}. */
export interface LinkRequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly onProgress?: ((progress: McpProgress) => void) | undefined;
}

/** How often a server may put off the end of its time by telling about progress. */
const PROGRESS_FACTOR = 10;

/** A session with a server. */
export class Link {
  /** How the server is reached. */
  readonly transport: McpTransport;
  /** Why the session ended; empty while it is alive. */
  endReason = "";
  readonly #client: SdkClient;
  readonly #carrier: SdkTransport | StdioTransport;
  readonly #schema: unknown;
  #open = 0;

  constructor(
    transport: McpTransport,
    client: SdkClient,
    carrier: SdkTransport | StdioTransport,
    schema: unknown,
  ) {
    this.transport = transport;
    this.#client = client;
    this.#carrier = carrier;
    this.#schema = schema;
    client.onclose = () => this.endReason ||= this.#reason();
    this.#setIdle();
  }

  /** What the server said of itself. */
  get greeting(): { name: string; version: string; instructions?: string; capabilities: object } {
    const version = this.#client.getServerVersion();
    const instructions = this.#client.getInstructions();
    return {
      name: version?.name ?? "",
      version: version?.version ?? "",
      ...(instructions === undefined ? {} : { instructions }),
      capabilities: this.#client.getServerCapabilities() ?? {},
    };
  }

  /** Whether there is a session that the server can forget. */
  get hasSession(): boolean {
    return this.transport === "http" && "sessionId" in this.#carrier && this.#carrier.sessionId !== undefined;
  }

  /** Sends a request and gives its result; rejects as the SDK does. */
  async request(
    method: string,
    params: Record<string, unknown>,
    options: LinkRequestOptions,
  ): Promise<Record<string, unknown>> {
    const { onProgress } = options;
    const timeout = timerMs(options.timeoutMs);
    // The SDK never lets go of a signal, and cancels what has long ended: it gets one for this request alone.
    const { signal, release } = followSignals(options.signal);
    this.#open++;
    this.#setIdle();
    try {
      return await this.#client.request({ method, params }, this.#schema, {
        signal,
        timeout,
        maxTotalTimeout: timerMs(timeout * PROGRESS_FACTOR),
        resetTimeoutOnProgress: true,
        ...(onProgress === undefined ? {} : { onprogress: onProgress }),
      });
    } finally {
      release();
      this.#open--;
      this.#setIdle();
    }
  }

  /** Ends the session, and the process if there is one. */
  async close(): Promise<void> {
    this.endReason ||= WAS_CLOSED;
    if (this.transport === "http" && "terminateSession" in this.#carrier) {
      const terminate = this.#carrier.terminateSession as () => Promise<void>;
      await within(1_000, terminate.call(this.#carrier)); // a courtesy
    }
    await this.#client.close().catch(() => {});
    if (this.#carrier instanceof StdioTransport) await this.#carrier.close();
  }

  #setIdle(): void {
    if (this.#carrier instanceof StdioTransport) this.#carrier.setIdle(this.#open === 0);
  }

  #reason(): string {
    const reason = this.#carrier instanceof StdioTransport ? this.#carrier.endReason : "";
    return reason === "" ? "the connection ended" : reason;
  }
}

/**
 * Connects to a server.
 *
 * @throws {LLLMError} `config_invalid` when it may not be reached or started; `mcp_failed` when it does not answer as it should
 * @throws the signal's reason on an abort
 */
export async function openLink(options: LinkOptions, signal: AbortSignal | undefined): Promise<Link> {
  const { server, timeoutMs } = options;
  const limit = followSignals(signal);
  const timeUp = new Error(`no answer after ${timeoutMs} ms`);
  const timer = setTimeout(() => limit.abort(timeUp), timerMs(timeoutMs));
  try {
    // What a connection goes on doing does not belong to the run that happened to open it.
    return await outsideRun(() =>
      server.command === undefined ? openHttp(options, limit.signal) : openStdio(options, limit.signal)
    );
  } catch (cause) {
    signal?.throwIfAborted();
    if (LLLMError.isInstance(cause)) throw cause;
    const found = told(server, reasonOf(cause));
    throw new LLLMError(`Cannot connect to MCP server "${server.label}": ${found}`, {
      code: "mcp_failed",
      data: { server: server.label },
      cause: redactorOf(server).redactError(cause),
    });
  } finally {
    clearTimeout(timer);
    limit.release();
  }
}

/** Why there is no session; of an answer that is an error, its status. */
function reasonOf(cause: unknown): string {
  const text = errorText(cause).replace(/^Streamable HTTP error: /, "");
  const { code: status } = cause as { code?: unknown };
  const said = /^Error POSTing to endpoint:\s*/.exec(text)?.[0];
  if (said === undefined || typeof status !== "number" || status < 100) return text;
  const rest = text.slice(said.length);
  return `status ${status}${rest === "" ? "" : `: ${rest}`}`;
}

async function openStdio(options: LinkOptions, signal: AbortSignal): Promise<Link> {
  const { client, ResultSchema } = await createClient(options);
  const carrier = new StdioTransport(options.server, options.onStray);
  try {
    await connect(client, carrier, options, signal);
  } catch (error) {
    const { endReason } = carrier;
    await carrier.close();
    const hasEnded = endReason !== "" && endReason !== WAS_CLOSED;
    if (!hasEnded || signal.aborted || LLLMError.isInstance(error)) throw error;
    throw new Error(endReason); // the SDK knows only that the connection was closed
  }
  return new Link("stdio", client, carrier, ResultSchema);
}

async function openHttp(options: LinkOptions, signal: AbortSignal): Promise<Link> {
  const { server, listen } = options;
  const url = toUrl(server);
  const { StreamableHTTPClientTransport, SSEClientTransport, StreamableHTTPError } = await loadHttpSdk();
  const settings = {
    fetch: guardedFetch({ label: server.label, listen, fetch: options.fetch }),
    requestInit: { headers: { ...server.headers } },
  };
  const { client, ResultSchema } = await createClient(options);
  const carrier = new StreamableHTTPClientTransport(url, settings);
  try {
    await connect(client, carrier, options, signal);
    return new Link("http", client, carrier, ResultSchema);
  } catch (error) {
    await carrier.close().catch(() => {});
    // An older server knows no greeting by POST there: its stream of events says where to post to.
    const isOlder = error instanceof StreamableHTTPError && [400, 404, 405].includes(error.code!) &&
      client.getServerVersion() === undefined;
    if (!isOlder) throw error;
  }
  const older = await createClient(options);
  const fetch = guardedFetch({ label: server.label, listen: true, fetch: options.fetch });
  const stream = new SSEClientTransport(url, { ...settings, fetch });
  try {
    await connect(older.client, stream, options, signal);
  } catch (error) {
    await stream.close().catch(() => {});
    throw error;
  }
  const link = new Link("sse", older.client, stream, ResultSchema);
  // A stream that broke off belongs to a session that is gone: a new one begins with a greeting.
  older.client.onerror = (error) => {
    if (error.name === "SseError" || error.constructor.name === "SseError") {
      older.client.close().catch(() => {});
    }
  };
  return link;
}

async function connect(
  client: SdkClient,
  carrier: SdkTransport | StdioTransport,
  { timeoutMs }: LinkOptions,
  signal: AbortSignal,
): Promise<void> {
  await raceAbort(client.connect(carrier, { timeout: timerMs(timeoutMs) }), signal);
}

async function createClient(options: LinkOptions): Promise<{ client: SdkClient; ResultSchema: unknown }> {
  const { Client, ElicitRequestSchema, ResultSchema } = await loadClientSdk();
  const { onElicitation, onNotification, server } = options;
  const client = new Client({ name: "lllm", version: "0.1.0" }, {
    capabilities: onElicitation === undefined ? {} : { elicitation: { form: { applyDefaults: true } } },
  });
  client.fallbackNotificationHandler = ({ method, params }) => {
    onNotification(method, params ?? {});
    return Promise.resolve();
  };
  if (onElicitation !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }, { signal }) => {
      const { message, requestedSchema = {} } = redactorOf(server).redactJson(
        params as never,
      ) as typeof params;
      const answer = await onElicitation({ message, requestedSchema, signal });
      return isPlainObject(answer.content)
        ? { action: answer.action, content: answer.content }
        : { action: answer.action };
    });
  }
  return { client, ResultSchema };
}

function toUrl(server: McpServer): URL {
  const url = URL.parse(server.url!);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  const found = told(server, server.url!);
  throw new LLLMError(
    `Cannot connect to MCP server "${server.label}": expected an http or https address in url, found "${found}"`,
    { code: "config_invalid", data: { server: server.label, url: found } },
  );
}

/** What a timer can take: one for longer goes off at once. */
function timerMs(ms: number): number {
  return Math.min(ms, MAX_TIMER_MS);
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
