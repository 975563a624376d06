/**
 * `Headers`.
 *
 * @module
 */
import { Set, stringify, TypeError } from "./border.ts";
import { type Pair, pairsOf } from "./url_params.ts";

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// deno-lint-ignore no-control-regex
const VALUE = /^[^\u0000\r\n\u0100-\uffff]*$/;

/** The headers themselves, in the order in which they were added; null for anything else. */
export let headerPairs: (value: object) => readonly Pair[] | null;

/** The headers of a request or response. Names are in lower case; one may be there twice. */
export class Headers {
  #pairs: Pair[] = [];

  static {
    headerPairs = (value) => #pairs in value ? value.#pairs : null;
  }

  constructor(init?: unknown) {
    if (init === undefined || init === null) return;
    if (typeof init !== "object") throw new TypeError("Expected headers as an object, Headers or pairs");
    for (const [name, value] of headerPairs(init) ?? pairsOf(init)) this.append(name, value);
  }

  append(name: unknown, value: unknown): void {
    this.#pairs = [...this.#pairs, checkHeader(`${name}`, `${value}`)];
  }

  delete(name: unknown): void {
    const key = `${name}`.toLowerCase();
    this.#pairs = this.#pairs.filter((pair) => pair[0] !== key);
  }

  get(name: unknown): string | null {
    const key = `${name}`.toLowerCase();
    const found = this.#pairs.filter((pair) => pair[0] === key);
    return found.length === 0 ? null : found.map((pair) => pair[1]).join(", ");
  }

  getSetCookie(): string[] {
    return this.#pairs.filter((pair) => pair[0] === "set-cookie").map((pair) => pair[1]);
  }

  has(name: unknown): boolean {
    return this.get(name) !== null;
  }

  set(name: unknown, value: unknown): void {
    const pair = checkHeader(`${name}`, `${value}`);
    this.#pairs = [...this.#pairs.filter((other) => other[0] !== pair[0]), pair];
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this) callback(value, name, this);
  }

  /** Sorted by name, with the values of one name joined, but for cookies. */
  *entries(): Generator<Pair> {
    const names = new Set(this.#pairs.map((pair) => pair[0]).toSorted());
    for (const name of names) {
      if (name !== "set-cookie") yield [name, this.get(name)!];
      else for (const value of this.getSetCookie()) yield [name, value];
    }
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
}

function checkHeader(name: string, given: string): Pair {
  const value = given.replaceAll(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (NAME.test(name) && VALUE.test(value)) return [name.toLowerCase(), value];
  throw new TypeError(
    `Cannot send header ${
      stringify(name.slice(0, 100))
    }: expected a name of letters, digits and dashes, and ` +
      "a value of one line in Latin-1",
  );
}
