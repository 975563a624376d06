/**
 * Texts in the web's forms: URLs, queries, encodings. What goes in and out are texts.
 *
 * @module
 */
import type { WebText } from "./realm/harness.ts";

// Taken now: the worker's globals are removed before the first cell.
const { URL, URLSearchParams, TextDecoder } = globalThis;
const encoder = new TextEncoder();

/** How the worker reads and writes them. */
export const WEB_TEXT: WebText = {
  parseUrl(url, base) {
    const parsed = URL.parse(url, base ?? undefined);
    return parsed === null ? "" : partsOf(parsed);
  },
  changeUrl(url, part, value) {
    const changed = new URL(url);
    try {
      (changed as unknown as Record<string, string>)[part] = value;
    } catch {
      return "";
    }
    return partsOf(changed);
  },
  parseQuery: (query) => JSON.stringify([...new URLSearchParams(query)]),
  encodeText: (text) => encoder.encode(text).toBase64(),
  decodeText(base64, encoding, isFatal, keepsMark) {
    const decoder = new TextDecoder(encoding, { fatal: isFatal, ignoreBOM: keepsMark });
    try {
      return `0${decoder.decode(Uint8Array.fromBase64(base64))}`;
    } catch {
      return "1";
    }
  },
  encodingName(label) {
    try {
      return new TextDecoder(label).encoding;
    } catch {
      return "";
    }
  },
};

function partsOf(
  { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash }: URL,
): string {
  const parts = { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash };
  return JSON.stringify(parts);
}
