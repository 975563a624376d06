/**
 * `URL`. What the parts of one are is the worker's to say.
 *
 * @module
 */
import { ask, defineProperty, harness, parse, TypeError } from "./border.ts";
import { readQuery, URLSearchParams, watchParams } from "./url_params.ts";

const PARTS = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
type Parts = Readonly<Record<(typeof PARTS)[number] | "origin", string>>;

/** The whole URL that a value of class URL stands for; null for anything else. */
export let hrefOf: (value: object) => string | null;

/** A URL. */
export class URL {
  #parts: Parts;
  #params: URLSearchParams | null = null;

  static {
    hrefOf = (value) => #parts in value ? value.#parts.href : null;
    for (let index = 0; index < PARTS.length; index++) {
      defineProperty(URL.prototype, PARTS[index]!, URL.#accessors(PARTS[index]!));
    }
  }

  constructor(url: unknown, base?: unknown) {
    const text = `${url}`;
    const parts = parseUrl(text, base);
    if (parts === null) throw invalid(text);
    this.#parts = parts;
  }

  static parse(url: unknown, base?: unknown): URL | null {
    try {
      return new URL(url, base);
    } catch {
      return null;
    }
  }

  static canParse(url: unknown, base?: unknown): boolean {
    return parseUrl(`${url}`, base) !== null;
  }

  get origin(): string {
    return this.#parts.origin;
  }

  get searchParams(): URLSearchParams {
    if (this.#params !== null) return this.#params;
    this.#params = new URLSearchParams(this.#parts.search);
    watchParams(this.#params, (query) => this.#change("search", query));
    return this.#params;
  }

  toString(): string {
    return this.#parts.href;
  }

  toJSON(): string {
    return this.#parts.href;
  }

  #change(name: string, value: string): void {
    const json = ask("URL", () => harness.changeUrl(this.#parts.href, name, value));
    if (json === "") throw invalid(value);
    this.#parts = parse(json);
  }

  static #accessors(name: (typeof PARTS)[number]): PropertyDescriptor {
    return {
      enumerable: true,
      configurable: true,
      get(this: URL): string {
        return this.#parts[name];
      },
      set(this: URL, value: unknown): void {
        this.#change(name, `${value}`);
        if (this.#params !== null) readQuery(this.#params, this.#parts.search);
      },
    };
  }
}

/** A whole URL in its normal form; null: the text is none. */
export function readUrl(text: string): string | null {
  return parseUrl(text, undefined)?.href ?? null;
}

function parseUrl(url: string, base: unknown): Parts | null {
  const baseText = base === undefined ? null : `${base}`;
  const json = ask("URL", () => harness.parseUrl(url, baseText));
  return json === "" ? null : parse(json);
}

function invalid(text: string): TypeError {
  return new TypeError(`Invalid URL: "${text.slice(0, 200)}"`);
}
