import { LLLMError } from "../errors.ts";
import { retryAfterMs } from "../util/mod.ts";

/** What {@linkcode classifyProviderError} makes of an error. */
export interface ProviderErrorClass {
  /**
   * `rate_limit`: wait and ask again, it uses no recall; `recall`: the provider or the network failed, asking again may help;
   * `fatal`: asking again would fail the same way; `abort`: the caller gave up.
   */
  readonly kind: "rate_limit" | "recall" | "fatal" | "abort";
  /** What went wrong, in one line. */
  readonly message: string;
  /** Milliseconds that the provider asks to wait. Absent where it says nothing. */
  readonly retryAfterMs?: number;
  /** The HTTP status. Absent where there was no answer. */
  readonly status?: number;
}

/** Options of {@linkcode classifyProviderError}. */
export interface ClassifyOptions {
  /** The signal of the call: once it is aborted, whatever was thrown counts as the abort. Default: none. */
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch, against which a date in `Retry-After` counts. Default: `Date.now()`. */
  readonly now?: number;
}

/** Codes of 429 answers that no waiting mends: the account has run out of credit. */
const SPENT = new Set(["insufficient_quota", "billing_hard_limit_reached"]);

/**
 * Tells what can be done about an error that an invoker threw: by its `code` where it is one of ours, else by HTTP `status` and
 * `headers`, as the errors of the openai SDK have them.
 *
 * Shape: 429 is a rate limit (a spent quota is fatal); 408, 409, 5xx and no status at all are worth a recall; other statuses,
 * and our own errors with other codes, are fatal.
 *
 * Units: milliseconds.
 *
 * @example
 * ```ts
 * import { classifyProviderError } from "@lllm/lllm/invokers";
 * import assert from "node:assert/strict";
 *
 * const error = Object.assign(new Error("Too many requests"), { status: 429, headers: { "retry-after": "2" } });
 * assert.deepEqual(classifyProviderError(error), {
 *   kind: "rate_limit",
 *   message: "Too many requests",
 *   status: 429,
 *   retryAfterMs: 2000,
 * });
 * ```
 */
export function classifyProviderError(error: unknown, options: ClassifyOptions = {}): ProviderErrorClass {
  const message = error instanceof Error ? error.message : String(error);
  if (options.signal?.aborted || isAbort(error)) return { kind: "abort", message };
  const data = LLLMError.isInstance(error) ? error.data : {};
  const status = statusOf(error) ?? statusOf(data);
  const retryAfterMs = retryAfter(error, data, options.now ?? Date.now());
  return {
    kind: kindOf(error, status),
    message,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function kindOf(error: unknown, status: number | undefined): ProviderErrorClass["kind"] {
  if (LLLMError.isInstance(error)) {
    if (SPENT.has(String(error.data.providerCode))) return "fatal";
    if (error.code === "rate_limited") return "rate_limit";
    if (error.code !== "provider_error") return "fatal";
    if (error.data.retryable === false) return "fatal";
  }
  if (isForbidden(error)) return "fatal";
  if (status === 429) return SPENT.has(String(field(error, "code"))) ? "fatal" : "rate_limit";
  if (status === undefined || status === 408 || status === 409 || status >= 500) return "recall";
  return "fatal";
}

/** Tells whether the caller gave up, as fetch and the openai SDK say it. */
function isAbort(error: unknown): boolean {
  if (field(error, "name") === "AbortError") return true;
  const constructor = typeof error === "object" && error !== null ? error.constructor : undefined;
  return constructor?.name === "APIUserAbortError";
}

/** Tells whether Deno's permissions stand in the way, at any depth of causes: waiting changes nothing about them. */
export function isForbidden(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if (cause.name === "NotCapable") return true;
  }
  return false;
}

function statusOf(source: unknown): number | undefined {
  const status = field(source, "status");
  return typeof status === "number" && status > 0 ? status : undefined;
}

function retryAfter(error: unknown, data: Record<string, unknown>, now: number): number | undefined {
  const known = data.retryAfterMs;
  if (typeof known === "number") return known;
  return retryAfterMs(field(error, "headers"), now);
}

function field(source: unknown, name: string): unknown {
  return typeof source === "object" && source !== null
    ? (source as Record<string, unknown>)[name]
    : undefined;
}
