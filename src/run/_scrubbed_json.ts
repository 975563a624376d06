import { isSecretName, SCRUBBED, scrubText } from "./_scrub.ts";

/**
 * Writes JSON-like data as canonical JSON (JCS) with secrets replaced, in one walk. What JSON cannot carry is written as
 * `JSON.stringify` would: an infinity as `null`, a function not at all.
 *
 * @throws {TypeError} for a bigint; {RangeError} for data that contains itself.
 */
export function scrubbedJson(value: unknown): string {
  return write(value, "") ?? "null";
}

function write(input: unknown, key: string): string | undefined {
  switch (typeof input) {
    case "string":
      return JSON.stringify(scrubText(input));
    case "number":
      return Number.isFinite(input) ? String(input === 0 ? 0 : input) : "null";
    case "boolean":
      return input ? "true" : "false";
    case "bigint":
      throw new TypeError(`Cannot write "${key}" as JSON: expected a JSON value, found a bigint`);
    case "object":
      return input === null ? "null" : writeObject(input, key);
    default:
      return undefined;
  }
}

/** Texts of frozen data that is asked for again and again; null until somebody asks. */
const texts = new WeakMap<object, string | null>();

/**
 * Remembers how deeply frozen data is written, such as the definition of a tool: it comes with every request. Worth it only for what
 * is used often: to remember costs more than to write a short text again.
 */
export function rememberJson<T extends object>(value: T): T {
  texts.set(value, null);
  return value;
}

function writeObject(value: object, key: string): string | undefined {
  if (Array.isArray(value)) return writeList(value);
  const known = Object.isFrozen(value) ? texts.get(value) : undefined;
  if (known === undefined) return writeRecord(value, key);
  if (known !== null) return known;
  const text = writeRecord(value, key);
  if (text !== undefined) texts.set(value, text);
  return text;
}

function writeRecord(value: object, key: string): string | undefined {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return write(toJSON.call(value, key), key);
  const names = Object.keys(value);
  if (!isSorted(names)) names.sort();
  let text = "";
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const inner = (value as Record<string, unknown>)[name];
    const key = keyOf(name);
    const part = key.isSecret && inner !== undefined ? `"${SCRUBBED}"` : write(inner, name);
    if (part !== undefined) text += (text === "" ? "{" : ",") + key.text + part;
  }
  return text === "" ? "{}" : text + "}";
}

function writeList(list: readonly unknown[]): string {
  const isHeader = list.length === 2 && typeof list[0] === "string" && typeof list[1] === "string" &&
    isSecretName(list[0]);
  if (isHeader) return JSON.stringify([list[0], SCRUBBED]);
  let text = "[";
  for (let i = 0; i < list.length; i++) text += `${i === 0 ? "" : ","}${write(list[i], String(i)) ?? "null"}`;
  return `${text}]`;
}

/** A key of an object: how it is written, and whether a secret is under it. */
interface Key {
  readonly text: string;
  readonly isSecret: boolean;
}

const keys = new Map<string, Key>();
const MAX_KEYS = 5_000;

function keyOf(name: string): Key {
  let key = keys.get(name);
  if (key === undefined) {
    key = { text: `${JSON.stringify(name)}:`, isSecret: isSecretName(name) };
    if (keys.size > MAX_KEYS) keys.clear(); // keys may come from data
    keys.set(name, key);
  }
  return key;
}

function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return false;
  return true;
}
