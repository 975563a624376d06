import { LLLMError } from "../../errors.ts";
import { NetRefusal } from "../../net/mod.ts";
import { type Clock, systemClock } from "../../run/mod.ts";
import { raceAbort } from "../../util/mod.ts";
import type { ApplyAuth } from "./auth.ts";
import { fetchPublic, isPublicHost } from "./fetch_public.ts";
import { readBody } from "./read_body.ts";
import type { Secrets } from "./secrets.ts";

/** One request, complete but for what shows who makes it. */
export interface HttpParts {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body?: Uint8Array<ArrayBuffer> | string | FormData;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly url: URL;
}

/** How a request is sent. */
export interface SendOptions {
  /** Adds the keys; they go to the origin of the request alone. */
  readonly auth: ApplyAuth;
  readonly secrets: Secrets;
  /** For messages. */
  readonly api: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly clock?: Clock;
  readonly signal: AbortSignal | undefined;
}

const MAX_REDIRECTS = 5;

/** A request without an answer: the connection failed, or took too long. */
export class NoAnswer extends Error {}

/**
 * Sends a request and reads its answer, whatever its status; redirects are followed, and have no keys where they lead to
 * another origin. From a public host they lead to public addresses alone, and from https to https.
 *
 * @throws {NoAnswer} when there is no answer
 * @throws {LLLMError} when the answer is too large, or may not be had
 */
export async function send(parts: HttpParts, options: SendOptions): Promise<HttpAnswer> {
  const { timeoutMs, clock = systemClock, signal } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = clock.setTimeout(
    () => controller.abort(new NoAnswer(`no answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    return await follow(parts, controller.signal, options);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (controller.signal.aborted) throw controller.signal.reason;
    throw explain(error, parts.url, options);
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function follow(parts: HttpParts, signal: AbortSignal, options: SendOptions): Promise<HttpAnswer> {
  const { origin } = parts.url;
  let hop = parts;
  let fromPublic: Promise<boolean> | undefined;
  for (let redirects = 0;; redirects++) {
    const url = new URL(hop.url);
    const headers = new Headers(hop.headers);
    if (url.origin === origin) options.auth(url, headers);
    const { method, body = null } = hop;
    const request = new Request(url, { method, headers, body, redirect: "manual", signal });
    const isGuarded = url.origin !== origin &&
      await raceAbort(fromPublic ??= isPublicHost(parts.url.hostname), signal);
    const response = isGuarded ? await fetchPublic(request, options.maxBytes) : await fetch(request);
    const next = nextHop(hop, response, origin, options);
    if (next === undefined) {
      const bytes = await readBody(response, options.maxBytes, options.api);
      const { status, statusText } = response;
      return { status, statusText, headers: response.headers, body: bytes, url: hop.url };
    }
    await response.body?.cancel();
    if (redirects === MAX_REDIRECTS) throw refused(options.api, `at most ${MAX_REDIRECTS} redirects`, "more");
    hop = next;
  }
}

/** The request that a redirect asks for, if the answer is one. */
function nextHop(
  hop: HttpParts,
  { status, headers }: Response,
  origin: string,
  { api, secrets, auth }: SendOptions,
): HttpParts | undefined {
  const location = headers.get("location");
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return undefined;
  const url = URL.parse(location, hop.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw refused(api, "a redirect to http or https", secrets.redact(location).slice(0, 100));
  }
  if (hop.url.protocol === "https:" && url.protocol === "http:") {
    throw refused(api, "a redirect from https to https", "one to http");
  }
  url.username = url.password = url.hash = "";
  const becomesGet = status === 303 && hop.method !== "HEAD" ||
    (status === 301 || status === 302) && hop.method === "POST";
  const kept = new Headers();
  const sameOrigin = url.origin === origin;
  for (const [name, value] of hop.headers) {
    if (becomesGet && name.startsWith("content-")) continue;
    if (sameOrigin || ["accept", "accept-language", "content-type"].includes(name)) kept.set(name, value);
  }
  if (!sameOrigin) {
    dropKeys(url, auth, secrets);
    if (secrets.isIn(url.href)) throw refused(api, "a redirect without a key", "one to another host with it");
  }
  return becomesGet
    ? { method: "GET", url, headers: kept }
    : { method: hop.method, url, headers: kept, ...(hop.body === undefined ? {} : { body: hop.body }) };
}

/** Takes the parameters that keys are sent in out of a URL. */
function dropKeys(url: URL, auth: ApplyAuth, secrets: Secrets): void {
  const named = new URL("http://x/");
  auth(named, new Headers());
  for (const name of named.searchParams.keys()) url.searchParams.delete(name);
  for (const [name, value] of [...url.searchParams]) if (secrets.isIn(value)) url.searchParams.delete(name);
}

function refused(api: string, expected: string, found: string): LLLMError {
  return new LLLMError(`Cannot call API "${api}": expected ${expected}, found ${found}`, {
    code: "provider_error",
    data: { api },
  });
}

/** Says what went wrong without the URL, which may have a key; the error that it was is not kept, for it has the URL too. */
function explain(error: unknown, url: URL, { api, secrets }: SendOptions): unknown {
  if (LLLMError.isInstance(error)) return error;
  if (error instanceof NetRefusal) {
    return refused(api, "a redirect that may be followed", `another: ${error.message}`);
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new LLLMError(
      `Cannot call API "${api}": expected the permission --allow-net=${url.host}, found it missing`,
      { code: "config_invalid", data: { api, host: url.host } },
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replace(/\s*for url \([^)]*\)/g, "").replace(/https?:\/\/\S+/g, url.host);
  return new NoAnswer(secrets.redact(reason));
}
