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
import {
  type NetHeaders,
  type NetHop,
  type NetPolicy,
  NetRefusal,
  type NetRequestInfo,
  type NetResult,
  performRequest,
} from "../net/mod.ts";

/** Options of {@linkcode performNetRequest}. */
export interface NetBrokerOptions {
  readonly policy: NetPolicy;
  readonly onNetRequest?: (request: NetRequestInfo) => void;
  /** Aborts when the code no longer waits. */
  readonly signal: AbortSignal;
}

const METHOD = /^[A-Z]{1,20}$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// deno-lint-ignore no-control-regex
const HEADER_VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f\u0100-\uffff]*$/;

/** Carries a request out. Never rejects: what goes wrong is an answer that says so. */
export async function performNetRequest(request: NetRequest, options: NetBrokerOptions): Promise<NetAnswer> {
  const { signal } = options;
  const timeout = request.timeoutMs === undefined ? null : AbortSignal.timeout(request.timeoutMs);
  try {
    const result = await performRequest(readRequest(request), {
      ...options,
      signal: timeout === null ? signal : AbortSignal.any([signal, timeout]),
      maxResponseBytes: MAX_NET_RESPONSE_BYTES,
      userAgent: "lllm-sandbox",
      ...(request.redirect === undefined ? {} : { redirect: request.redirect }),
    });
    return toAnswer(result);
  } catch (error) {
    if (timeout?.aborted && !signal.aborted) {
      const ms = Math.ceil(request.timeoutMs!);
      return failure("timeout", `Timed out: no answer from ${request.url} within ${ms} ms`);
    }
    return error instanceof NetRefusal
      ? failure("refused", error.message)
      : failure("failed", withAdvice(error instanceof Error ? error.message : String(error)));
  }
}

/** What code can do about it. */
function withAdvice(message: string): string {
  const isTooLarge = message.endsWith(`more than ${MAX_NET_RESPONSE_BYTES} bytes`);
  return isTooLarge ? `${message}; ask for less, for example by a Range header` : message;
}

function failure(kind: NetFailureKind, message: string): NetAnswer {
  return { error: { kind, message: message.toWellFormed() } };
}

function toAnswer({ hop, response, redirected }: NetResult): NetAnswer {
  const { body, status, statusText, headers } = response;
  return { url: hop.url.href, status, statusText, headers, redirected, body: body.toBase64() };
}

function readRequest({ method, url: text, headers, body = "" }: NetRequest): NetHop {
  const quoted = JSON.stringify(text.slice(0, 200));
  if (text.length > MAX_NET_URL_CHARS) {
    throw new NetRefusal(
      `Cannot request ${quoted}: expected a URL of at most ${MAX_NET_URL_CHARS} characters, found ${text.length}`,
    );
  }
  const url = URL.parse(text);
  if (url === null) {
    throw new NetRefusal(`Cannot request ${quoted}: expected a whole URL, such as https://host/path`);
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

function checkHeaders(headers: NetHeaders): NetHeaders {
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
  return headers.map(([name, value]) => [name.toLowerCase(), value] as const);
}
