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

function writeObject(value: object, key: string): string | undefined {
  if (Array.isArray(value)) return writeList(value);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return write(toJSON.call(value, key), key);
  const names = Object.keys(value);
  if (!isSorted(names)) names.sort();
  let text = "{";
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const inner = (value as Record<string, unknown>)[name];
    const part = inner !== undefined && isSecretName(name) ? `"${SCRUBBED}"` : write(inner, name);
    if (part !== undefined) text += `${text === "{" ? "" : ","}${JSON.stringify(name)}:${part}`;
  }
  return `${text}}`;
}

function writeList(list: readonly unknown[]): string {
  const isHeader = list.length === 2 && typeof list[0] === "string" && typeof list[1] === "string" &&
    isSecretName(list[0]);
  if (isHeader) return JSON.stringify([list[0], SCRUBBED]);
  let text = "[";
  for (let i = 0; i < list.length; i++) text += `${i === 0 ? "" : ","}${write(list[i], String(i)) ?? "null"}`;
  return `${text}]`;
}

function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return false;
  return true;
}
