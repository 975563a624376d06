import type { JsonValue } from "../util/mod.ts";
import type { DateReader } from "./_dates.ts";

/**
 * Copies what a handler gave as its JSON form, so that the handler's own objects do not get out.
 *
 * @throws {TypeError} for what JSON cannot carry
 */
export function toJson(path: string, value: unknown): JsonValue {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null");
  } catch (cause) {
    throw new TypeError(
      `Cannot use the answer of API "${path}": expected a JSON value, found: ${
        cause instanceof Error ? cause.message.split("\n")[0] : cause
      }`,
      { cause },
    );
  }
}

/** Copies JSON data without the keys `removed`, at any depth. */
export function removeKeys(value: JsonValue, removed: ReadonlySet<string>): JsonValue {
  if (removed.size === 0) return value;
  return filterTree(value, (key) => key === undefined || !removed.has(key));
}

/**
 * Copies JSON data without the rows (objects) dated after the cutoff, wherever they are. A row without a date stays; one
 * whose date cannot be read is dropped, since nothing shows that it is from before.
 */
export function applyCutoff(value: JsonValue, field: string, read: DateReader, limit: number): JsonValue {
  const isKept = (row: JsonValue): boolean => {
    if (typeof row !== "object" || row === null || Array.isArray(row) || !Object.hasOwn(row, field)) {
      return true;
    }
    const date = (row as Record<string, JsonValue>)[field];
    if (date === null || date === "" || date === undefined) return true;
    const time = read(date);
    return time !== undefined && time <= limit;
  };
  return isKept(value) ? filterTree(value, (_key, inner) => isKept(inner)) : null;
}

/** Copies a tree without the items (`key` is undefined) and the entries that `keep` refuses. */
function filterTree(
  value: JsonValue,
  keep: (key: string | undefined, inner: JsonValue) => boolean,
): JsonValue {
  if (Array.isArray(value)) {
    return value.filter((item) => keep(undefined, item)).map((item) => filterTree(item, keep));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, JsonValue>)
      .filter(([key, inner]) => keep(key, inner))
      .map(([key, inner]) => [key, filterTree(inner, keep)]),
  );
}
