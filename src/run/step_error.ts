import { type ErrorCode, LLLMError } from "../errors.ts";
import type { StepCost } from "./step.ts";
import { scrubSecrets } from "./_scrub.ts";

/** What a step threw, as data: enough to throw it again, so that whoever catches it decides as it did before. */
export interface StepError {
  /** The name of its class. */
  readonly name: string;
  /** What it said. */
  readonly message: string;
  /** Its code, where it has one. */
  readonly code?: string;
  /** The HTTP status, of errors of providers. */
  readonly status?: number;
  /** Those headers of the provider's answer that say how long to wait. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The facts of an error of this library; absent for all others. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What led to it. */
  readonly cause?: StepError;
}

const WAIT_HEADERS = ["retry-after", "retry-after-ms"];
const MAX_CAUSES = 4;

/** Writes down what a step threw. Secrets in its facts are scrubbed. */
export function toStepError(thrown: unknown, depth = 0): StepError {
  if (!(thrown instanceof Error)) return { name: "Error", message: String(thrown) };
  const { name, message } = thrown;
  const { code, status, headers } = thrown as { code?: unknown; status?: unknown; headers?: unknown };
  const waits = waitHeaders(headers);
  return {
    name,
    message,
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof status === "number" ? { status } : {}),
    ...(waits === undefined ? {} : { headers: waits }),
    ...(LLLMError.isInstance(thrown) ? { data: toData(thrown.data) } : {}),
    ...(thrown.cause instanceof Error && depth < MAX_CAUSES
      ? { cause: toStepError(thrown.cause, depth + 1) }
      : {}),
  };
}

/**
 * Makes an error of what {@linkcode toStepError} wrote: one of this library where it was one, with its code and facts. `used` is what
 * the step had used until then, for whoever records it once more.
 *
 * @example
 * ```ts
 * import { reviveStepError, toStepError } from "@lllm/lllm/run";
 * import { LLLMError } from "@lllm/lllm/errors";
 * import assert from "node:assert/strict";
 *
 * const thrown = new LLLMError("Too many requests", { code: "rate_limited", data: { retryAfterMs: 2_000 } });
 * const revived = reviveStepError(toStepError(thrown));
 * assert(LLLMError.isInstance(revived));
 * assert.deepEqual([revived.code, revived.data], ["rate_limited", { retryAfterMs: 2_000 }]);
 * ```
 */
export function reviveStepError(record: StepError, used?: StepCost): Error {
  const { name, message, code, status, headers, data } = record;
  const cause = record.cause === undefined ? undefined : reviveStepError(record.cause);
  if (
    data === undefined && (name === "AbortError" || name === "NotAllowedError" || name === "TimeoutError")
  ) {
    return remember(new DOMException(message, name), used);
  }
  const options = cause === undefined ? {} : { cause };
  const error = data === undefined
    ? Object.assign(new Error(message, options), {
      ...(code === undefined ? {} : { code }),
      ...(status === undefined ? {} : { status }),
      ...(headers === undefined ? {} : { headers }),
    })
    : new LLLMError(message, { code: code as ErrorCode, data: { ...data }, ...options });
  const named = Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return remember(named, used);
}

const revived = new WeakMap<object, StepCost | undefined>();

function remember<T extends object>(error: T, used: StepCost | undefined): T {
  revived.set(error, used);
  return error;
}

/** What the step of an error that was made of a record had used. */
export function costOfRevived(error: unknown): StepCost | undefined {
  return typeof error === "object" && error !== null ? revived.get(error) : undefined;
}

/** Tells whether an error was made of a record: then nobody need wait before trying again. */
export function isRevived(error: unknown): boolean {
  return typeof error === "object" && error !== null && revived.has(error);
}

function waitHeaders(headers: unknown): Record<string, string> | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const waits = entries.filter(([name, value]) =>
    WAIT_HEADERS.includes(name.toLowerCase()) && value !== undefined
  );
  return waits.length === 0
    ? undefined
    : Object.fromEntries(waits.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** An error's facts may hold what JSON cannot carry, such as a session: that is left out. */
function toData(data: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    try {
      const text = JSON.stringify(scrubSecrets(value));
      if (text !== undefined) kept[key] = JSON.parse(text);
    } catch {
      // see above
    }
  }
  return kept;
}
