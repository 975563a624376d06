/**
 * Text and bytes: `TextEncoder`, `TextDecoder`, `atob`, `btoa`.
 *
 * @module
 */
import {
  apply,
  ask,
  bytesOf,
  decodeBase64,
  decodeText,
  encodeBase64,
  encodeText,
  harness,
  RangeError,
  String,
  TypeError,
  Uint8Array,
} from "./border.ts";
import { DOMException } from "./dom_exception.ts";

const CHUNK = 8192;
const { fromCharCode } = String;

/** Text to UTF-8. */
export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(text: unknown = ""): Uint8Array {
    return decodeBase64(encodeText(`${text}`));
  }
}

/** Options of a decoder. */
interface DecoderOptions {
  readonly fatal?: unknown;
  readonly ignoreBOM?: unknown;
}

/** Bytes to text. Streams: UTF-8 alone. */
export class TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #rest = new Uint8Array();
  #isInside = false;

  constructor(label: unknown = "utf-8", options?: DecoderOptions) {
    const text = `${label}`;
    this.encoding = ask("TextDecoder", () => harness.encodingName(text));
    if (this.encoding === "") {
      throw new RangeError(`Cannot decode "${text}": expected an encoding such as utf-8`);
    }
    this.fatal = !!options?.fatal;
    this.ignoreBOM = !!options?.ignoreBOM;
  }

  decode(input?: unknown, options?: { readonly stream?: unknown }): string {
    const stream = !!options?.stream;
    if (stream && this.encoding !== "utf-8") {
      throw new TypeError("TextDecoder decodes streams of utf-8 alone here");
    }
    const given = input === undefined ? new Uint8Array() : bytesOf(input);
    if (given === null) throw new TypeError("TextDecoder expects an ArrayBuffer or a view of one");
    const bytes = new Uint8Array(this.#rest.length + given.length);
    bytes.set(this.#rest);
    bytes.set(given, this.#rest.length);
    const end = stream ? bytes.length - unfinished(bytes) : bytes.length;
    const keepsMark = this.ignoreBOM || this.#isInside;
    this.#rest = bytes.slice(end);
    this.#isInside = stream && (this.#isInside || end > 0);
    const text = decodeText(encodeBase64(bytes.subarray(0, end)), this.encoding, this.fatal, keepsMark);
    if (text === null) throw new TypeError(`Cannot decode: the bytes are not ${this.encoding}`);
    return text;
  }
}

/** How many bytes at the end begin a character of UTF-8 that is not complete. */
function unfinished(bytes: Uint8Array): number {
  for (let count = 1; count <= 3 && count <= bytes.length; count++) {
    const byte = bytes[bytes.length - count]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return count < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? count : 0;
  }
  return 0;
}

/** Characters up to U+00FF to base64. */
export function btoa(data: unknown): string {
  const text = `${data}`;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 255) {
      throw new DOMException(
        "Cannot encode: expected characters up to U+00FF; encode other text with TextEncoder first",
        "InvalidCharacterError",
      );
    }
    bytes[at] = code;
  }
  return encodeBase64(bytes);
}

/** Base64 to characters up to U+00FF. */
export function atob(data: unknown): string {
  const text = `${data}`;
  let bytes;
  try {
    bytes = decodeBase64(text);
  } catch {
    throw new DOMException("Cannot decode: expected base64", "InvalidCharacterError");
  }
  let decoded = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    decoded += apply(fromCharCode, undefined, bytes.subarray(at, at + CHUNK));
  }
  return decoded;
}
