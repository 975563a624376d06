/**
 * Carries out what a sandbox's code asks of the network, within `allowNet`.
 *
 * @module
 */
import {
  MAX_NET_BODY_BYTES,
  MAX_NET_HEADER_BYTES,
  MAX_NET_RESPONSE_BYTES,
  MAX_NET_URL_CHARS,
  type NetAnswer,
  type NetFailureKind,
  type NetRequest,
} from "../../sandbox/protocol.ts";
import { connect, exchange, HttpFailure, type HttpResponse, type NetPolicy, NetRefusal } from "../net/mod.ts";
import { currentRun } from "../run/mod.ts";
import type { NetRequestInfo } from "./net_request.ts";

/** Options of {@linkcode performNetRequest}. */
export interface NetBrokerOptions {
  readonly policy: NetPolicy;
  readonly onNetRequest?: (request: NetRequestInfo) => void;
  /** Aborts when the code no longer waits. */
  readonly signal: AbortSignal;
}

type Headers = readonly (readonly [name: string, value: string])[];

/** One request of a chain of redirects, read and checked. */
interface Hop {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

const MAX_REDIRECTS = 5;
const METHOD = /^[A-Z]{1,20}$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// deno-lint-ignore no-control-regex
const HEADER_VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f\u0100-\uffff]*$/;

/** What the host writes itself, or what would make another request of this one. */
const OWN_HEADERS = new Set(
  ("host connection content-length transfer-encoding keep-alive proxy-connection proxy-authorization te trailer " +
    "upgrade expect").split(" "),
);
const ORIGIN_HEADERS = new Set(["authorization", "cookie"]);

/** Carries a request out. Never rejects: what goes wrong is an answer that says so. */
export async function performNetRequest(
  request: NetRequest,
  { policy, onNetRequest, signal }: NetBrokerOptions,
): Promise<NetAnswer> {
  const timeout = request.timeoutMs === undefined ? null : AbortSignal.timeout(request.timeoutMs);
  const joined = timeout === null ? signal : AbortSignal.any([signal, timeout]);
  try {
    let hop = readRequest(request);
    for (let redirects = 0;; redirects++) {
      const response = await performHop(hop, {
        policy,
        signal: joined,
        ...(onNetRequest && { onNetRequest }),
      });
      const next = request.redirect === "manual" ? null : nextHop(hop, response);
      if (next === null) return toAnswer(hop, response, redirects > 0);
      if (request.redirect === "error") {
        throw new NetRefusal(`Cannot follow ${hop.url.href}: it redirects to ${next.url.href}`);
      }
      if (redirects === MAX_REDIRECTS) {
        throw new NetRefusal(
          `Cannot follow ${request.url}: expected at most ${MAX_REDIRECTS} redirects, found more`,
        );
      }
      hop = next;
    }
  } catch (error) {
    if (timeout?.aborted && !signal.aborted) {
      return failure("timeout", `Timed out: no answer from ${request.url} within ${request.timeoutMs} ms`);
    }
    return error instanceof NetRefusal
      ? failure("refused", error.message)
      : failure("failed", messageOf(error));
  }
}

function failure(kind: NetFailureKind, message: string): NetAnswer {
  return { error: { kind, message: message.toWellFormed() } };
}

function toAnswer(
  hop: Hop,
  { body, status, statusText, headers }: HttpResponse,
  redirected: boolean,
): NetAnswer {
  return { url: hop.url.href, status, statusText, headers, redirected, body: body.toBase64() };
}

function readRequest({ method, url: text, headers, body = "" }: NetRequest): Hop {
  const url = text.length > MAX_NET_URL_CHARS ? null : URL.parse(text);
  if (url === null) {
    throw new NetRefusal(
      `Cannot request ${
        JSON.stringify(text.slice(0, 200))
      }: expected a URL of at most ${MAX_NET_URL_CHARS} characters`,
    );
  }
  url.hash = "";
  const name = method.toUpperCase();
  if (!METHOD.test(name) || ["CONNECT", "TRACE", "TRACK"].includes(name)) {
    throw new NetRefusal(
      `Cannot request by method ${JSON.stringify(method.slice(0, 40))}: expected one such as GET`,
    );
  }
  const bytes = decodeBody(body);
  return { method: name, url, headers: checkHeaders(headers), body: bytes };
}

function decodeBody(body: string): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.fromBase64(body);
  } catch {
    throw new NetRefusal("Cannot request: expected the body in base64");
  }
  if (bytes.length <= MAX_NET_BODY_BYTES) return bytes;
  throw new NetRefusal(
    `Cannot request: expected a body of at most ${MAX_NET_BODY_BYTES} bytes, found ${bytes.length}`,
  );
}

function checkHeaders(headers: Headers): Headers {
  let size = 0;
  for (const [name, value] of headers) {
    size += name.length + value.length;
    if (HEADER_NAME.test(name) && HEADER_VALUE.test(value)) continue;
    throw new NetRefusal(
      `Cannot send header ${
        JSON.stringify(name.slice(0, 100))
      }: expected a name of letters, digits and dashes, and ` +
        "a value of one line in Latin-1",
    );
  }
  if (size > MAX_NET_HEADER_BYTES) {
    throw new NetRefusal(
      `Cannot request: expected headers of at most ${MAX_NET_HEADER_BYTES} bytes, found ${size}`,
    );
  }
  return headers.map(([name, value]) => [name.toLowerCase(), value] as const).filter(([name]) =>
    !OWN_HEADERS.has(name)
  );
}

/** Checks one request, carries it out as a step of the run, and reports it. */
async function performHop(
  hop: Hop,
  { policy, onNetRequest, signal }: NetBrokerOptions,
): Promise<HttpResponse> {
  const startedAt = performance.now();
  let address: string | undefined;
  let response: HttpResponse | undefined;
  let problem: unknown;
  try {
    policy.checkUrl(hop.url);
    response = await asStep(hop, async () => {
      using checked = await connect(hop.url, policy, signal);
      address = checked.address;
      return await exchange(checked.connection, toHttp(hop), MAX_NET_RESPONSE_BYTES);
    });
  } catch (error) {
    problem = error;
  }
  if (problem !== undefined) problem = signal.aborted ? signal.reason : explain(problem, hop.url);
  onNetRequest?.({
    method: hop.method,
    url: hop.url.href,
    ...(address === undefined ? {} : { address }),
    ...(response === undefined ? {} : { status: response.status }),
    ...(problem === undefined ? {} : { error: messageOf(problem) }),
    refused: problem instanceof NetRefusal,
    requestBytes: hop.body.length,
    responseBytes: response?.body.length ?? 0,
    durationMs: performance.now() - startedAt,
  });
  if (response === undefined) throw problem;
  return response;
}

async function asStep(hop: Hop, effect: () => Promise<HttpResponse>): Promise<HttpResponse> {
  const run = currentRun();
  if (run === undefined) return await effect();
  const { method, url, headers, body } = hop;
  const name = `net:${url.host}`;
  const input = { method, url: url.href, headers, ...(body.length === 0 ? {} : { body: body.toBase64() }) };
  const record = await run.runStep({ kind: "api", name, path: run.nextPath(name), input }, async () => {
    const response = await effect();
    return { ...response, body: response.body.toBase64() };
  });
  return { ...record, body: Uint8Array.fromBase64(record.body) };
}

function toHttp({ method, url, headers, body }: Hop) {
  const has = (name: string) => headers.some(([key]) => key === name);
  const sendsLength = body.length > 0 || ["POST", "PUT", "PATCH"].includes(method);
  return {
    method,
    target: url.pathname + url.search,
    headers: [
      ["host", url.host] as const,
      ["connection", "close"] as const,
      ...(sendsLength ? [["content-length", String(body.length)] as const] : []),
      ...(has("accept") ? [] : [["accept", "*/*"] as const]),
      ...(has("accept-encoding") ? [] : [["accept-encoding", "identity"] as const]),
      ...(has("user-agent") ? [] : [["user-agent", "lllm-sandbox"] as const]),
      ...headers,
    ],
    body,
  };
}

/** The request that a redirect asks for; null if the response is none. */
function nextHop(hop: Hop, { status, headers }: HttpResponse): Hop | null {
  const location = headers.find(([name]) => name === "location")?.[1];
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null;
  const url = URL.parse(location, hop.url);
  if (url === null || url.href.length > MAX_NET_URL_CHARS) {
    throw new NetRefusal(`Cannot follow ${hop.url.href}: it redirects to what is no URL`);
  }
  url.hash = "";
  const becomesGet = status === 303 && hop.method !== "HEAD" ||
    (status === 301 || status === 302) && hop.method === "POST";
  const kept = hop.headers.filter(([name]) =>
    !(becomesGet && name.startsWith("content-")) &&
    !(url.origin !== hop.url.origin && ORIGIN_HEADERS.has(name))
  );
  return becomesGet
    ? { method: "GET", url, headers: kept, body: new Uint8Array(0) }
    : { ...hop, url, headers: kept };
}

/** Says in the code's terms what went wrong. */
function explain(error: unknown, url: URL): unknown {
  if (error instanceof NetRefusal) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new NetRefusal(
      `Cannot reach ${url.host}: the program that runs this sandbox lacks the permission --allow-net=${url.host}`,
    );
  }
  const reason = error instanceof HttpFailure
    ? error.message
    : messageOf(error).replace(/ \(os error \d+\)/, "");
  return new HttpFailure(`Cannot request ${url.href}: ${reason}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
