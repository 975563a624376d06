import { isPlainObject, type JsonValue } from "./json.ts";

/** Shorter texts occur by chance: to blank them out would ruin answers, and they guard nothing. */
const MIN_CHARS = 6;
const BLANK = "[redacted]";
/** A letter or digit that is written by its number, or in two bytes: few texts have any, and to look for them takes time. */
const CODED_LETTER = /\\u00[3-7]|%(?:25)*[3-7]|&(?:amp;)*#|\0/i;

/**
 * Blanks secrets out of texts and data, in the forms that services give back what they were sent: as it is, escaped as in
 * JSON, URLs or HTML, in hexadecimal, in UTF-16, and in base64, also within the base64 of a longer text and across its lines.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const redactor = new Redactor(["SECRET/123"]);
 * assert.equal(redactor.redact("key=SECRET%2f123"), "key=[redacted]");
 * assert.deepEqual(redactor.redactJson({ keys: ["SECRET/123", 1] }), { keys: ["[redacted]", 1] });
 * ```
 */
export class Redactor {
  readonly #known = new Set<string>();
  readonly #maxKnown: number;
  #pattern: RegExp | undefined;
  #codedPattern: RegExp | undefined;

  /** Creates a redactor that knows some secrets; of those that are remembered later, the newest `maxKnown`. */
  constructor(secrets: Iterable<string> = [], maxKnown = 16) {
    this.#maxKnown = maxKnown;
    for (const secret of secrets) this.remember(secret);
  }

  /** Blanks a text out from now on; one under six characters is left alone. */
  remember(secret: string): void {
    if (secret.length < MIN_CHARS || this.#known.has(secret)) return;
    this.#known.add(secret);
    if (this.#known.size > this.#maxKnown) this.#known.delete(this.#known.values().next().value!);
    const longestFirst = [...this.#known].sort((a, b) => b.length - a.length);
    const compile = (coded: boolean) =>
      new RegExp(longestFirst.flatMap((known) => formsOf(known, coded)).join("|"), "g");
    this.#pattern = compile(false);
    this.#codedPattern = compile(true);
  }

  /** Tells whether a text has a secret in it. */
  isIn(text: string): boolean {
    const pattern = this.#patternFor(text);
    return pattern !== undefined && text.search(pattern) >= 0;
  }

  /** Blanks secrets out of a text. */
  redact(text: string): string {
    const pattern = this.#patternFor(text);
    return pattern === undefined ? text : text.replace(pattern, BLANK);
  }

  /** Blanks secrets out of JSON data, keys included. */
  redactJson(value: JsonValue): JsonValue {
    if (this.#pattern === undefined) return value;
    if (typeof value === "string") return this.redact(value);
    if (typeof value === "number") return this.#isNumberOf(value) ? BLANK : value;
    if (Array.isArray(value)) return value.map((item) => this.redactJson(item));
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.redact(key), this.redactJson(inner as JsonValue)]),
    );
  }

  /** Blanks secrets out of bytes, which keep their length. */
  redactBytes(bytes: Uint8Array): Uint8Array {
    if (this.#pattern === undefined) return bytes;
    const copy = bytes.slice();
    const text = binaryText(bytes);
    for (const { index, 0: found } of text.matchAll(this.#patternFor(text)!)) {
      copy.fill(0x2a, index, index + found.length);
    }
    return copy;
  }

  /** Gives an error without secrets: itself, if it has none anywhere; else one of the same name with what it said. */
  redactError(error: unknown): unknown {
    if (this.#pattern === undefined) return error;
    const shown = Deno.inspect(error, { depth: 8, strAbbreviateSize: Infinity });
    if (!this.isIn(shown)) return error;
    if (!(error instanceof Error)) return this.redact(String(error));
    const clean = new Error(this.redact(error.message));
    clean.name = error.name;
    clean.stack = this.redact(error.stack ?? "");
    return clean;
  }

  #patternFor(text: string): RegExp | undefined {
    return this.#pattern !== undefined && CODED_LETTER.test(text) ? this.#codedPattern : this.#pattern;
  }

  /** Whether a number is a secret of digits, which may have lost its last ones on the way. */
  #isNumberOf(value: number): boolean {
    for (const secret of this.#known) if (/^\d+$/.test(secret) && Number(secret) === value) return true;
    return false;
  }
}

/** The sources of patterns for a secret in the forms that it can take; `coded` with letters by their numbers, and in UTF-16. */
function formsOf(secret: string, coded: boolean): string[] {
  const bytes = new TextEncoder().encode(secret);
  const plain = Array.from(secret, (char) => charForms(char, coded)).join(coded ? "\\0?" : "");
  // The same letters in bytes, or read as if each byte were one.
  const wide = secret.length === bytes.length ? [] : [escape(binaryText(bytes))];
  const inHex = Array.from(bytes, (byte) => hex(byte, 2)).join("[ :]?");
  return [plain, ...wide, inHex, ...[0, 1, 2].map((offset) => base64Form(bytes, offset))];
}

const NAMED: Record<string, string> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
  "/": "sol",
  "+": "plus",
  "=": "equals",
  ":": "colon",
  ";": "semi",
  "@": "commat",
};

/** Letters and digits are written as they are, unless they may be `coded`; all else may be escaped. */
function charForms(char: string, coded = false): string {
  const isPlain = /[A-Za-z0-9]/.test(char);
  if (isPlain && !coded) return char;
  const code = char.codePointAt(0)!;
  const percent = [...new TextEncoder().encode(char)].map((byte) => `%(?:25)*${hex(byte, 2)}`).join("");
  const units = Array.from({ length: char.length }, (_, i) => `\\\\{1,4}u${hex(char.charCodeAt(i), 4)}`).join(
    "",
  );
  const named = NAMED[char] === undefined ? [] : [`&(?:amp;)*${NAMED[char]};`];
  const entities = [`&(?:amp;)*#0*${code};`, `&(?:amp;)*#[xX]0*${hex(code, 1)};`, ...named];
  const others = char === "+" ? [" "] : char === " " ? ["\\+"] : [];
  const control: Record<string, string> = { "\n": "n", "\r": "r", "\t": "t" };
  const escaped = isPlain ? [] : [`\\\\{1,4}${escape(control[char] ?? char)}`];
  return `(?:${[escape(char), percent, units, ...escaped, ...entities, ...others].join("|")})`;
}

/** Base64 of the secret where it begins `offset` bytes after a group of three; what is around it may be anything. */
function base64Form(bytes: Uint8Array, offset: number): string {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  const text = padded.toBase64({ omitPadding: true });
  const before = Math.ceil(offset * 8 / 6); // letters that say something of what comes before
  const isPartial = padded.length % 3 !== 0; // the last letter says something of what comes after
  const whole = text.slice(before, isPartial ? -1 : undefined);
  const core = Array.from(whole, (char) => {
    if (char === "+") return `(?:-|${charForms(char)})`;
    return char === "/" ? `(?:_|${charForms(char)})` : char;
  }).join("(?:[\\r\\n]|\\\\{1,4}[rn]){0,2}"); // lines of it may be short
  const letter = "[A-Za-z0-9+/_-]";
  return `${before > 0 ? `${letter}?` : ""}${core}${isPartial ? `${letter}?(?:=|%3[Dd])*` : ""}`;
}

function hex(code: number, digits: number): string {
  return Array.from(code.toString(16).padStart(digits, "0"), (digit) => {
    return /[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit;
  }).join("");
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function binaryText(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8_192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)));
  }
  return parts.join("");
}
