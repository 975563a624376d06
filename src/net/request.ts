/**
 * Requests with their redirects, each hop checked against a policy, carried out, and reported.
 *
 * @module
 */
import { currentRun } from "../run/mod.ts";
import { connect } from "./connect.ts";
import { exchange, HttpFailure, type HttpRequest, type HttpResponse } from "./http_exchange.ts";
import { type NetPolicy, NetRefusal } from "./net_policy.ts";
import type { NetRequestInfo } from "./net_request.ts";

/** Headers in the order in which they are sent, their names in lower case. */
export type NetHeaders = readonly (readonly [name: string, value: string])[];

/** One request, its parts read and checked; also each one that a redirect leads to. */
export interface NetHop {
  /** In upper case. */
  readonly method: string;
  /** Without fragment. */
  readonly url: URL;
  readonly headers: NetHeaders;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Options of {@linkcode performRequest}. */
export interface PerformRequestOptions {
  /** Which hosts and addresses each hop may lead to. */
  readonly policy: NetPolicy;
  /** Aborts the request. */
  readonly signal: AbortSignal;
  /** Most that a response may have. Units: bytes. */
  readonly maxResponseBytes: number;
  /** What is done with a redirect: follow it, hand it back, or refuse it. Default: `follow`. */
  readonly redirect?: "follow" | "manual" | "error";
  /** Whom a request without `user-agent` comes from. */
  readonly userAgent: string;
  /** Hears of every hop. Default: nobody. */
  readonly onNetRequest?: (request: NetRequestInfo) => void;
}

/** What came back in the end, and from where. */
export interface NetResult {
  readonly hop: NetHop;
  readonly response: HttpResponse;
  readonly redirected: boolean;
}

/** Longest URL that is requested, or followed. Units: characters. */
export const MAX_URL_CHARS = 8192;
const MAX_REDIRECTS = 5;

/** What is written here, or what would make another request of this one. */
const OWN_HEADERS = new Set(
  ("host connection content-length transfer-encoding keep-alive proxy-connection proxy-authorization te trailer " +
    "upgrade expect").split(" "),
);
const ORIGIN_HEADERS = new Set(["authorization", "cookie"]);

/**
 * Carries a request out, and those that redirects lead to, at most five. In a run each hop is a step.
 *
 * @throws {NetRefusal} if a hop is not allowed.
 * @throws {HttpFailure} if there is no answer, or one that breaks the protocol or the limit; else the signal's reason.
 */
export async function performRequest(request: NetHop, options: PerformRequestOptions): Promise<NetResult> {
  const { redirect = "follow" } = options;
  let hop: NetHop = { ...request, headers: request.headers.filter(([name]) => !OWN_HEADERS.has(name)) };
  for (let redirects = 0;; redirects++) {
    const response = await performHop(hop, options);
    const next = redirect === "manual" ? null : nextHop(hop, response);
    if (next === null) return { hop, response, redirected: redirects > 0 };
    if (redirect === "error") {
      throw new NetRefusal(`Cannot follow ${hop.url.href}: it redirects to ${next.url.href}`);
    }
    if (redirects === MAX_REDIRECTS) {
      throw new NetRefusal(
        `Cannot follow ${request.url.href}: expected at most ${MAX_REDIRECTS} redirects, found more`,
      );
    }
    hop = next;
  }
}

/** Checks one request, carries it out as a step of the run, and reports it. */
async function performHop(hop: NetHop, options: PerformRequestOptions): Promise<HttpResponse> {
  const { policy, onNetRequest, signal, maxResponseBytes, userAgent } = options;
  const startedAt = performance.now();
  let address: string | undefined;
  let response: HttpResponse | undefined;
  let problem: unknown;
  try {
    policy.checkUrl(hop.url);
    response = await asStep(hop, async () => {
      using checked = await connect(hop.url, policy, signal);
      address = checked.address;
      return await exchange(checked.connection, toHttp(hop, userAgent), maxResponseBytes);
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

async function asStep(hop: NetHop, effect: () => Promise<HttpResponse>): Promise<HttpResponse> {
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

function toHttp({ method, url, headers, body }: NetHop, userAgent: string): HttpRequest {
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
      ...(has("user-agent") ? [] : [["user-agent", userAgent] as const]),
      ...headers,
    ],
    body,
  };
}

/** The request that a redirect asks for; null if the response is none. */
function nextHop(hop: NetHop, { status, headers }: HttpResponse): NetHop | null {
  const location = headers.find(([name]) => name === "location")?.[1];
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null;
  const url = URL.parse(location, hop.url);
  if (url === null || url.href.length > MAX_URL_CHARS) {
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

/** Says in terms of the request what went wrong. */
function explain(error: unknown, url: URL): unknown {
  if (error instanceof NetRefusal) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new NetRefusal(
      `Cannot reach ${url.host}: this program lacks the permission --allow-net=${url.host}`,
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
