import http from "node:http";
import type { AddressInfo } from "node:net";
import { chatAnswer } from "./chat_replies.ts";
import { checkChatRequest } from "./chat_validation.ts";
import { deliver } from "./delivery.ts";
import { Exchange } from "./exchange.ts";
import { IdSource, nowSeconds } from "./ids.ts";
import { checkHeaders, parseBody, readBody } from "./intake.ts";
import { inputItems, Ledger } from "./ledger.ts";
import { Milestone } from "./milestones.ts";
import { responsesAnswer } from "./responses_replies.ts";
import { checkResponsesRequest, priorContext } from "./responses_validation.ts";
import { type Route, routeOf } from "./routes.ts";
import { dropsBeforeHeaders, providerRequest, ScriptPlayer } from "./script.ts";
import type { ProviderServer, ProviderServerOptions } from "./provider_server.ts";
import type { ProviderApi, Rejection, Reply, RequestRecord } from "./types.ts";
import { errorBody, refuse, WireError } from "./wire_error.ts";

/** Starts a model provider on a free port of 127.0.0.1. */
export async function startProviderServer(options: ProviderServerOptions = {}): Promise<ProviderServer> {
  const server = new Server(options);
  await server.listen();
  return server;
}

const WAIT_MS = 5_000;

class Server implements ProviderServer {
  readonly requests: RequestRecord[] = [];
  readonly rejections: Rejection[] = [];
  inFlight = 0;
  maxInFlight = 0;
  readonly #options: ProviderServerOptions;
  readonly #http: http.Server;
  readonly #player: ScriptPlayer;
  readonly #ledger = new Ledger();
  readonly #keepAlive: boolean;
  readonly #ids = new IdSource();
  readonly #received = new Milestone("requests received");
  readonly #held = new Milestone("answers held");
  readonly #aborted = new Milestone("requests aborted");
  #release = Promise.withResolvers<void>();
  #port = 0;
  #count = 0;
  #closing: Promise<void> | null = null;

  constructor(options: ProviderServerOptions) {
    this.#options = options;
    this.#player = new ScriptPlayer(options.script ?? { text: "ok" });
    this.#http = http.createServer((request, response) => void this.#handle(request, response));
    this.#http.keepAliveTimeout = 0;
    this.#keepAlive = options.keepAlive ?? !dropsBeforeHeaders(options.script);
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(0, "127.0.0.1", () => {
        this.#port = (this.#http.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get baseUrl(): string {
    return `${this.origin}/v1`;
  }

  get abortedCount(): number {
    return this.#aborted.count;
  }

  received(count = 1, timeoutMs = WAIT_MS): Promise<void> {
    return this.#received.wait(count, timeoutMs);
  }

  held(count = 1, timeoutMs = WAIT_MS): Promise<void> {
    return this.#held.wait(count, timeoutMs);
  }

  aborted(count = 1, timeoutMs = WAIT_MS): Promise<void> {
    return this.#aborted.wait(count, timeoutMs);
  }

  release(): void {
    this.#release.resolve();
    this.#release = Promise.withResolvers();
  }

  assertNoRejections(): void {
    if (this.rejections.length === 0) return;
    const lines = this.rejections.map((rejection) =>
      `#${rejection.index} ${rejection.status} ${rejection.message} (${rejection.param})`
    );
    throw new Error(`The provider refused ${lines.length} request(s):\n${lines.join("\n")}`);
  }

  forgetRejections(): Rejection[] {
    return this.rejections.splice(0);
  }

  unusedReplies(): Reply[] {
    return this.#player.unused();
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.release();
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const route = routeOf(request.method ?? "", url);
    const record: RequestRecord = {
      index: this.#count++,
      api: route.api,
      method: request.method ?? "",
      path: url.pathname,
      headers: request.headers as Record<string, string>,
      body: null,
      outcome: "pending",
      status: 0,
      reply: null,
      answer: null,
      chunks: 0,
    };
    if (this.#options.record !== false) this.requests.push(record);
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    if (!this.#keepAlive) response.setHeader("connection", "close");
    const exchange = new Exchange(request, response, record, (byClient) => {
      this.inFlight -= 1;
      if (!byClient || this.#closing !== null) return;
      record.outcome = "aborted";
      this.#aborted.reach();
    });
    try {
      const raw = await readBody(request);
      if (record.api === null) this.#answerOther(exchange);
      else await this.#answer(exchange, record.api, route, raw);
      if (record.outcome === "pending" && !exchange.signal.aborted) {
        record.outcome = record.reply?.fault === undefined ? "answered" : "faulted";
      }
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  async #answer(exchange: Exchange, api: ProviderApi, route: Route, raw: string): Promise<void> {
    const { record } = exchange;
    const strict = this.#options.validate !== false;
    const body = parseBody(raw, strict);
    (record as { body: typeof body }).body = body;
    if (strict) {
      checkHeaders(record.headers, route.azure);
      const asked = route.deployment === null ? body : { model: route.deployment, ...body };
      if (api === "chat") checkChatRequest(asked);
      else checkResponsesRequest(asked, this.#ledger);
    }
    const { models, latencyMs } = this.#options;
    if (models !== undefined && !models.includes(String(body.model))) {
      refuse(
        `The model '${body.model}' does not exist or you do not have access to it.`,
        "model",
        "model_not_found",
        404,
      );
    }
    this.#received.reach();
    const reply = await this.#player.reply(() => providerRequest(record.index, api, body, record.headers));
    record.reply = reply;
    const wait = (typeof latencyMs === "function" ? latencyMs() : latencyMs ?? 0) + (reply.delayMs ?? 0);
    if (wait > 0 && !await exchange.delay(wait)) return;
    const prior = api === "responses" ? priorContext(body, this.#ledger) : [];
    const answer = api === "chat"
      ? chatAnswer(reply, body, raw.length, this.#ids)
      : responsesAnswer(reply, body, raw.length, this.#ids, [...prior, ...inputItems(body.input)]);
    if (api === "responses") this.#ledger.issue(answer.body, body.input, prior);
    await deliver(exchange, answer, reply, {
      api,
      stream: body.stream === true,
      hold: (held) => {
        this.#held.reach();
        return held.until(this.#release.promise);
      },
    });
  }

  #answerOther(exchange: Exchange): void {
    const { record } = exchange;
    const name = /^\/v1\/models(?:\/(.+))?$/.exec(record.path);
    if (record.method !== "GET" || name === null) {
      refuse(`Unknown request URL: ${record.method} ${record.path}.`, null, "unknown_url", 404);
    }
    const known = this.#options.models ?? ["gpt-4o", "gpt-4o-mini", "o3-mini"];
    const list = known.map((id) => ({
      id,
      object: "model",
      created: nowSeconds(),
      owned_by: "provider-server",
    }));
    record.answer = name[1] === undefined
      ? { object: "list", data: list }
      : list.find((model) => model.id === name[1]);
    if (record.answer === undefined) {
      refuse(`The model '${name[1]}' does not exist.`, "model", "model_not_found", 404);
    }
    exchange.send(200, "application/json", JSON.stringify(record.answer));
  }

  #fail(exchange: Exchange, error: unknown): void {
    const { record } = exchange;
    if (exchange.signal.aborted || this.#closing !== null) return;
    const wire = error instanceof WireError
      ? error
      : new WireError(`The script failed: ${error}`, null, "script_failed", 500, "server_error");
    const { message, type, param, code, status } = wire;
    record.outcome = "rejected";
    record.answer = errorBody(message, type, param, code);
    this.rejections.push({
      index: record.index,
      path: record.path,
      status,
      message,
      type,
      param,
      code,
      body: record.body,
    });
    exchange.send(status, "application/json", JSON.stringify(record.answer));
  }
}
