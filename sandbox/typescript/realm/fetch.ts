/**
 * `fetch`, by way of the host, which decides about each request. The cell waits for the answer, as for that of an API
 * call, and requests that are made at once are carried out one after the other.
 *
 * @module
 */
import { type AbortSignal, deadlineOf } from "./abort.ts";
import { ask, forever, harness, Object, parse, stringify, TypeError } from "./border.ts";
import { base64Of, Carrier, Content, peekBody } from "./body.ts";
import { DOMException } from "./dom_exception.ts";
import { headerPairs, Headers } from "./headers.ts";
import { readUrl } from "./url.ts";
import type { Pair } from "./url_params.ts";

const NORMAL_METHODS = /^(get|head|post|put|patch|delete|options)$/i;

/** The options of a request that mean something here. */
interface RequestOptions {
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly redirect?: unknown;
  readonly signal?: unknown;
}

const NO_OPTIONS = { __proto__: null } as RequestOptions;

/** Whether a value is a request. */
let isRequest: (value: unknown) => value is Request;
/** What is shown of a request; null for anything else. */
export let requestFields: (value: object) => unknown[] | null;

/** A request that was not made yet. */
export class Request extends Carrier {
  readonly url: string;
  readonly method: string;
  readonly redirect: "follow" | "manual" | "error";
  readonly signal: AbortSignal | null;
  #isRequest = true;

  static {
    isRequest = (value): value is Request =>
      typeof value === "object" && value !== null && #isRequest in value;
    requestFields = (value) =>
      isRequest(value)
        ? [["method", value.method], ["url", value.url], ["headers", shown(value.headers)]]
        : null;
  }

  constructor(input: unknown, options?: RequestOptions | null) {
    const { method, headers, body, redirect, signal } = options ?? NO_OPTIONS;
    const base = isRequest(input) ? input : null;
    if (input === undefined || input === null) {
      throw new TypeError(`Cannot request: expected a URL or a Request, found ${input}`);
    }
    super(body ?? (base === null ? null : peekBody(base)), new Headers(headers ?? base?.headers));
    this.url = absolute(`${base === null ? input : base.url}`);
    this.method = methodOf(`${method ?? base?.method ?? "GET"}`);
    this.redirect = redirectOf(redirect ?? base?.redirect ?? "follow");
    this.signal = signalOf(signal === undefined ? base?.signal ?? null : signal);
    if (peekBody(this) !== null && (this.method === "GET" || this.method === "HEAD")) {
      throw new TypeError(`Cannot send a body by method ${this.method}: expected one such as POST`);
    }
  }

  clone(): Request {
    return new Request(this);
  }
}

function absolute(url: string): string {
  const href = readUrl(url);
  if (href !== null) return href;
  throw new TypeError(
    `Cannot request ${stringify(url.slice(0, 200))}: expected a whole URL, such as https://host/path`,
  );
}

function methodOf(method: string): string {
  return NORMAL_METHODS.test(method) ? method.toUpperCase() : method;
}

function redirectOf(redirect: unknown): Request["redirect"] {
  if (redirect === "follow" || redirect === "manual" || redirect === "error") return redirect;
  throw new TypeError('Cannot request: expected redirect "follow", "manual" or "error"');
}

function signalOf(signal: unknown): AbortSignal | null {
  if (signal === null) return null;
  if (typeof signal === "object" && deadlineOf(signal!) !== null) return signal as AbortSignal;
  throw new TypeError("Cannot request: expected signal to be an AbortSignal");
}

/** What a response says about itself. */
interface ResponseHead {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Pair[];
  readonly redirected: boolean;
}

/** The options of a response. */
interface ResponseOptions {
  readonly status?: unknown;
  readonly statusText?: unknown;
  readonly headers?: unknown;
}

/** What is shown of a response; null for anything else. */
export let responseFields: (value: object) => unknown[] | null;
/** Makes the response of a request. */
let respond: (head: ResponseHead, body: Content) => Response;

/** The answer to a request. */
export class Response extends Carrier {
  readonly status: number;
  readonly statusText: string;
  #head: ResponseHead | null = null;

  static {
    responseFields = (value) => {
      if (!(#head in value)) return null;
      const { status, statusText, url, headers } = value;
      return [["status", status], ["statusText", statusText], ["url", url], ["headers", shown(headers)]];
    };
    respond = (head, body) => {
      const response = new Response(body, head);
      response.#head = head;
      return response;
    };
  }

  constructor(body?: unknown, options?: ResponseOptions | null) {
    const { status = 200, statusText = "", headers } = options ?? NO_OPTIONS as ResponseOptions;
    super(body, new Headers(headers));
    this.status = +(status as number);
    this.statusText = `${statusText}`;
  }

  static json(data: unknown, options?: ResponseOptions | null): Response {
    const response = new Response(stringify(data), options);
    response.headers.set("content-type", "application/json");
    return response;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get url(): string {
    return this.#head?.url ?? "";
  }

  get type(): "basic" | "default" {
    return this.#head === null ? "default" : "basic";
  }

  get redirected(): boolean {
    return this.#head?.redirected ?? false;
  }

  clone(): Response {
    const copy = new Response(peekBody(this), this);
    copy.#head = this.#head;
    return copy;
  }
}

function shown(headers: Headers): unknown {
  return Object.fromEntries(headerPairs(headers) ?? []);
}

/** Makes a request. */
export async function fetch(input: unknown, options?: RequestOptions | null): Promise<Response> {
  const request = new Request(input, options);
  request.signal?.throwIfAborted();
  const deadline = request.signal === null ? Infinity : deadlineOf(request.signal)!;
  const content = peekBody(request);
  const body = content === null ? "" : base64Of(content);
  const kind = ask("fetch", () => {
    const left = deadline - harness.now();
    harness.openRequest(request.method, request.url, request.redirect, left < 1 ? 1 : left);
    const pairs = headerPairs(request.headers)!;
    for (let index = 0; index < pairs.length; index++) harness.addHeader(pairs[index]![0], pairs[index]![1]);
    return harness.sendRequest(body);
  });
  const text = ask("fetch", () => harness.takeText());
  if (kind === 1) throw new TypeError(text);
  if (kind === 2) throw new DOMException(text, "TimeoutError");
  if (kind === 3) await forever();
  return respond(parse(text), new Content(ask("fetch", () => harness.takeBody())));
}
