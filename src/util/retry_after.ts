/**
 * Reads how long the headers of an answer ask to wait: `retry-after-ms`, else `retry-after` in seconds or as a date.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(retryAfterMs({ "Retry-After": "1.5" }), 1_500);
 * assert.equal(retryAfterMs(new Headers()), undefined);
 * ```
 *
 * @param headers `Headers`, or an object with names in any case
 * @param now what a date counts from, in milliseconds since the epoch
 * @returns milliseconds; `undefined` where nothing is asked for
 */
export function retryAfterMs(headers: unknown, now: number = Date.now()): number | undefined {
  const milliseconds = Number.parseFloat(header(headers, "retry-after-ms") ?? "");
  if (milliseconds >= 0) return milliseconds;
  const text = header(headers, "retry-after")?.trim();
  if (text === undefined || text === "") return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const get = (headers as { get?: unknown }).get;
  if (typeof get === "function") return (headers as Headers).get(name) ?? undefined;
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === name && value !== undefined && value !== null) return String(value);
  }
  return undefined;
}
