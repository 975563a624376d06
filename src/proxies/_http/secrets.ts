import { LLLMError } from "../../errors.ts";
import { isPlainObject, type JsonValue } from "../../util/mod.ts";
import type { Secret } from "../http_types.ts";

/** Shorter texts occur by chance: to blank them out would ruin answers, and they guard nothing. */
const MIN_CHARS = 6;
const MAX_KNOWN = 16;
const BLANK = "[redacted]";

/** The keys of one service: found when they are first needed, and blanked out of whatever goes back. */
export class Secrets {
  readonly #environment = new Map<string, string>();
  readonly #known = new Set<string>();
  #forms: string[] = [];

  /**
   * Gives the value of a secret.
   *
   * @throws {LLLMError} `missing_api_key`, naming the environment variable
   */
  async value(secret: Secret, api: string): Promise<string> {
    const value = typeof secret === "function" ? await secret() : this.#read(secret.env, api);
    if (typeof value !== "string" || value === "") {
      throw missing(api, "a key", "that its function gave none");
    }
    this.remember(value);
    return value;
  }

  /** Whether a variable is set, and may be read. */
  isSet(name: string): boolean {
    try {
      return (Deno.env.get(name) ?? "") !== "";
    } catch {
      return false;
    }
  }

  /** Blanks a text out from now on, in all the forms that requests give it. */
  remember(value: string): void {
    if (value.length < MIN_CHARS || this.#known.has(value)) return;
    this.#known.add(value);
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.values().next().value!);
    const forms = [...this.#known].flatMap((text) => {
      const uri = encodeURIComponent(text.toWellFormed());
      const form = new URLSearchParams({ k: text }).toString().slice(2);
      return [text, uri, form, JSON.stringify(text).slice(1, -1), new TextEncoder().encode(text).toBase64()];
    });
    this.#forms = [...new Set(forms)].sort((a, b) => b.length - a.length);
  }

  /** Tells whether a text has a secret in it. */
  isIn(text: string): boolean {
    return this.#forms.some((form) => text.includes(form));
  }

  /** Blanks secrets out of a text. */
  redact(text: string): string {
    for (const form of this.#forms) {
      if (text.includes(form)) text = text.replaceAll(form, BLANK);
    }
    return text;
  }

  /** Blanks secrets out of JSON data, keys included. */
  redactJson(value: JsonValue): JsonValue {
    if (this.#forms.length === 0) return value;
    if (typeof value === "string") return this.redact(value);
    if (typeof value === "number") return this.#known.has(String(value)) ? BLANK : value;
    if (Array.isArray(value)) return value.map((item) => this.redactJson(item));
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [this.redact(key), this.redactJson(inner as JsonValue)]),
    );
  }

  /** Blanks secrets out of bytes, which keep their length. */
  redactBytes(bytes: Uint8Array): Uint8Array {
    const patterns = this.#forms.map((form) => new TextEncoder().encode(form));
    if (!patterns.some((pattern) => indexOf(bytes, pattern, 0) >= 0)) return bytes;
    const copy = bytes.slice();
    for (const pattern of patterns) {
      for (let at = indexOf(copy, pattern, 0); at >= 0; at = indexOf(copy, pattern, at + pattern.length)) {
        copy.fill(0x2a, at, at + pattern.length);
      }
    }
    return copy;
  }

  #read(name: string, api: string): string {
    let value = this.#environment.get(name);
    if (value !== undefined) return value;
    try {
      value = Deno.env.get(name);
    } catch {
      throw missing(
        api,
        `environment variable "${name}"`,
        `no permission to read it (--allow-env=${name})`,
        name,
      );
    }
    if (value === undefined || value === "") {
      throw missing(api, `environment variable "${name}"`, "it not set", name);
    }
    this.#environment.set(name, value);
    return value;
  }
}

function missing(api: string, expected: string, found: string, variable?: string): LLLMError {
  return new LLLMError(`Cannot call API "${api}": expected ${expected}, found ${found}`, {
    code: "missing_api_key",
    data: { api, ...(variable === undefined ? {} : { variable }) },
  });
}

function indexOf(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(pattern[0]!, from); at >= 0; at = bytes.indexOf(pattern[0]!, at + 1)) {
    let i = 1;
    while (i < pattern.length && bytes[at + i] === pattern[i]) i++;
    if (i === pattern.length) return at;
  }
  return -1;
}
