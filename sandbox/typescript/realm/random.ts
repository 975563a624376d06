/**
 * `crypto`: random numbers.
 *
 * @module
 */
import { ask, bytesOf, DataView, decodeHex, harness, isView, TypeError } from "./border.ts";
import { DOMException } from "./dom_exception.ts";

const MAX_BYTES = 65_536;

/** Fills a typed array with random bytes, and gives it. */
function getRandomValues<T>(array: T): T {
  const bytes = isView(array) && !(array instanceof DataView) ? bytesOf(array) : null;
  if (bytes === null) throw new TypeError("crypto.getRandomValues expects a typed array");
  if (bytes.length > MAX_BYTES) {
    throw new DOMException(`Cannot fill more than ${MAX_BYTES} bytes at a time`, "QuotaExceededError");
  }
  const count = bytes.length;
  bytes.set(decodeHex(ask("crypto", () => harness.random(count))));
  return array;
}

/** A random UUID of version 4. */
function randomUUID(): string {
  const hex = ask("crypto", () => harness.random(16));
  const variant = "89ab"[parseInt(hex[16]!, 16) & 3]!;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${
    hex.slice(20)
  }`;
}

/** The global `crypto`. */
export const crypto = { getRandomValues, randomUUID };
