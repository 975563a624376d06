import { canonicalJson, setOwn } from "../util/mod.ts";
import { isSecretHeader, isSecretName, SCRUBBED, scrubText } from "./_secrets.ts";

/**
 * Gives JSON-like data without secrets: `[scrubbed]` stands for the values of keys and headers that hold them, for whole
 * authorization values, and for the secret parts of URLs. What has none is shared, not copied.
 */
export function scrubSecrets(value: unknown): unknown {
  return tidy(value, "", { sorted: false, unsortable: false });
}

/**
 * Writes JSON-like data as canonical JSON (JCS) without secrets, as {@linkcode scrubSecrets} leaves it. What JSON cannot carry is
 * written as `JSON.stringify` would: an infinity as `null`, a function not at all.
 *
 * @throws {TypeError} for a bigint; {RangeError} for data that contains itself.
 */
export function scrubbedJson(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(scrubText(value));
  const walk: Walk = { sorted: true, unsortable: false };
  const tidied = tidy(value, "", walk);
  // The engine writes a whole tree far faster than we could piece a text together.
  return (walk.unsortable ? canonicalJson(tidied) : JSON.stringify(tidied)) ?? "null";
}

interface Walk {
  /** Whether keys are put in the order of canonical JSON. */
  readonly sorted: boolean;
  /** Set where an object keeps its keys in another order, whatever we do: those like numbers come first. */
  unsortable: boolean;
}

function tidy(value: unknown, key: string, walk: Walk): unknown {
  switch (typeof value) {
    case "string":
      return scrubText(value);
    case "number":
      return Number.isFinite(value) ? value : null;
    case "object":
      if (value === null) return null;
      return Array.isArray(value) ? tidyList(value, walk) : tidyRecord(value, key, walk);
    case "function": // one may have a toJSON of its own
      return undefined;
    case "bigint":
      throw new TypeError(`Cannot write "${key}" as JSON: expected a JSON value, found a bigint`);
    default:
      return value;
  }
}

function tidyList(list: readonly unknown[], walk: Walk): readonly unknown[] {
  if (isSecretHeader(list)) return [list[0], SCRUBBED];
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    const tidied = tidy(item, String(i), walk) ?? null; // a gap is written as null
    if (tidied !== item) copy ??= [...list.slice(0, i)];
    copy?.push(tidied);
  }
  return copy ?? ("toJSON" in list ? [...list] : list); // a list is written as one
}

function tidyRecord(value: object, key: string, walk: Walk): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return tidy(toJSON.call(value, key), key, walk);
  const record = value as Record<string, unknown>;
  const names = Object.keys(record);
  let copy: Record<string, unknown> | undefined;
  if (walk.sorted && !isSorted(names)) {
    sortNames(names);
    copy = {};
    if (names.some(isLikeNumber)) walk.unsortable = true;
  }
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const inner = record[name];
    const tidied = inner !== undefined && isSecretName(name) ? SCRUBBED : tidy(inner, name, walk);
    if (tidied !== inner && copy === undefined) {
      copy = {};
      for (let j = 0; j < i; j++) setOwn(copy, names[j]!, record[names[j]!]);
    }
    if (copy !== undefined) setOwn(copy, name, tidied);
  }
  return copy ?? record;
}

function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return false;
  return true;
}

/** The order of `sort()`, which costs more than all the rest for the few names that most records have. */
function sortNames(names: string[]): void {
  if (names.length > FEW) {
    names.sort();
    return;
  }
  for (let i = 1; i < names.length; i++) {
    const name = names[i]!;
    let j = i;
    for (; j > 0 && names[j - 1]! > name; j--) names[j] = names[j - 1]!;
    names[j] = name;
  }
}

const FEW = 12;

function isLikeNumber(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
}
