/**
 * `URLSearchParams`.
 *
 * @module
 */
import { Array, ask, harness, Object, parse, TypeError } from "./border.ts";

/** A name and a value. */
export type Pair = [name: string, value: string];

/** Reads the query of the URL that parameters belong to. */
export let readQuery: (params: URLSearchParams, query: string) => void;
/** Tells the URL that parameters belong to of each change. */
export let watchParams: (params: URLSearchParams, onChange: (query: string) => void) => void;
/** What is shown of parameters; null for anything else. */
export let paramsFields: (value: object) => unknown[] | null;

/** The names and values of a query. */
export class URLSearchParams {
  #pairs: Pair[];
  #onChange: ((query: string) => void) | null = null;

  static {
    readQuery = (params, query) => params.#pairs = parseQuery(query);
    watchParams = (params, onChange) => params.#onChange = onChange;
    paramsFields = (value) => #pairs in value ? value.#pairs : null;
  }

  constructor(init: unknown = "") {
    this.#pairs = typeof init === "object" && init !== null ? pairsOf(init) : parseQuery(`${init}`);
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: unknown, value: unknown): void {
    this.#change([...this.#pairs, [`${name}`, `${value}`]]);
  }

  delete(name: unknown, value?: unknown): void {
    const [key, text] = [`${name}`, value === undefined ? null : `${value}`];
    this.#change(this.#pairs.filter((pair) => pair[0] !== key || (text !== null && pair[1] !== text)));
  }

  get(name: unknown): string | null {
    return this.getAll(name)[0] ?? null;
  }

  getAll(name: unknown): string[] {
    const key = `${name}`;
    return this.#pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  }

  has(name: unknown, value?: unknown): boolean {
    const all = this.getAll(name);
    return value === undefined ? all.length > 0 : all.includes(`${value}`);
  }

  set(name: unknown, value: unknown): void {
    const [key, text] = [`${name}`, `${value}`];
    const first = this.#pairs.findIndex((pair) => pair[0] === key);
    if (first < 0) return this.#change([...this.#pairs, [key, text]]);
    const others = this.#pairs.filter((pair, index) => index === first || pair[0] !== key);
    this.#change(others.with(first, [key, text]));
  }

  sort(): void {
    this.#change(this.#pairs.toSorted((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void): void {
    for (const [name, value] of this) callback(value, name, this);
  }

  *entries(): Generator<Pair> {
    for (let at = 0; at < this.#pairs.length; at++) yield [...this.#pairs[at]!];
  }

  *keys(): Generator<string> {
    for (const [name] of this) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }

  toString(): string {
    return this.#pairs.map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`).join("&");
  }

  #change(pairs: Pair[]): void {
    this.#pairs = pairs;
    this.#onChange?.(this.toString());
  }
}

/** The pairs that an object stands for: one that gives pairs, or one of names and values. */
export function pairsOf(init: object): Pair[] {
  const isList = typeof (init as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
  if (!isList) return Object.entries(init).map(([name, value]) => [name, `${value}`]);
  return Array.from(init as Iterable<Iterable<unknown>>, (given) => {
    const pair = Array.from(given);
    if (pair.length !== 2) throw new TypeError("Expected pairs of a name and a value");
    return [`${pair[0]}`, `${pair[1]}`];
  });
}

function parseQuery(query: string): Pair[] {
  return parse(ask("URLSearchParams", () => harness.parseQuery(query)));
}

function encodePart(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
