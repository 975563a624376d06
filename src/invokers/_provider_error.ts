import { LLLMError } from "../errors.ts";
import { retryAfterMs } from "../util/mod.ts";
import { isForbidden } from "./errors.ts";

/** A failed call of a provider. Beside the code it has `status` and `headers`, as the errors of the openai SDK do. */
class ProviderCallError extends LLLMError {
  /** The class name, as in the message of an uncaught error. */
  override readonly name: string = "ProviderError";
  declare readonly status: number | undefined;
  declare readonly headers: Record<string, string> | undefined;
}

/** The headers of an answer that matter to whoever waits or reports; others may hold cookies. */
const KEPT_HEADERS = ["retry-after", "retry-after-ms", "x-request-id"];

/** Turns what the openai SDK or the network threw into our error. */
export function providerError(cause: unknown, model: string, retryable: boolean = true): LLLMError {
  if (LLLMError.isInstance(cause)) return cause;
  const fields = (typeof cause === "object" && cause !== null ? cause : {}) as Record<string, unknown>;
  const status = typeof fields.status === "number" ? fields.status : undefined;
  const headers = keptHeaders(fields.headers);
  const wait = retryAfterMs(headers);
  const error = new ProviderCallError(`Cannot call model "${model}": ${explain(cause)}`, {
    code: status === 429 ? "rate_limited" : "provider_error",
    cause,
    data: {
      model,
      ...(status === undefined ? {} : { status }),
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...text("providerCode", fields.code),
      ...text("type", fields.type),
      ...text("param", fields.param),
      ...text("requestId", fields.requestID),
      ...(!retryable || isForbidden(cause) ? { retryable: false } : {}),
    },
  });
  return Object.assign(error, { status, headers });
}

/** Says that there is an address, a header or an argument that no request can have. What a header holds may be a key: it is not told. */
export function unsendable(cause: TypeError, model: string): LLLMError {
  const isHeader = /header value|ByteString/i.test(cause.message);
  const told = new TypeError("expected headers and a key in characters that HTTP can carry, found others");
  return providerError(isHeader ? told : cause, model, false);
}

/** Says that an answer is no reply: it is neither JSON nor SSE, was cut, is empty, or tells of an error. */
export function brokenReply(
  model: string,
  problem: string,
  data: { status?: number; providerCode?: string; retryAfterMs?: number } = {},
): LLLMError {
  const error = new ProviderCallError(`Cannot call model "${model}": ${problem}`, {
    code: data.status === 429 ? "rate_limited" : "provider_error",
    data: { model, ...data },
  });
  return Object.assign(error, { status: data.status, headers: undefined });
}

/** Reads the `error` of an answer that came with a good status: its message, and the status if it names one. */
export function errorInReply(model: string, error: unknown, useStatus: boolean): LLLMError {
  const fields = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  const message = typeof fields.message === "string"
    ? fields.message
    : JSON.stringify(error) ?? "unknown error";
  const status = [fields.status, fields.code].map(Number).find((value) => value >= 400 && value < 600);
  return brokenReply(model, `the provider says: ${message}`, {
    ...(useStatus && status !== undefined ? { status } : {}),
    ...(typeof fields.code === "string" ? { providerCode: fields.code } : {}),
  });
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : "";
  return `${cause.message.replace(/\.$/, "")}${inner}`;
}

function keptHeaders(headers: unknown): Record<string, string> | undefined {
  if (!(headers instanceof Headers)) return undefined;
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = headers.get(name);
    if (value !== null) kept[name] = value;
  }
  return kept;
}

function text(name: string, value: unknown): Record<string, string> {
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
}
