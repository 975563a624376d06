import type { CutContent } from "../run/mod.ts";
import { cutText, LEAST_CUT_CHARS, sha256Hex } from "../util/mod.ts";
import { unwrapCut, wrapCut } from "./_cut.ts";
import type { LogContent, Redact } from "./redact.ts";

/**
 * How much of what a run does is kept. What is longer is cut: its beginning is kept, with a mark that says how long it was, and its
 * hash. The record says of each step what of its output was cut; a replay needs it whole, and stops there.
 */
export interface ContentLimits {
  /** The longest text that is kept whole, wherever it is; the mark is a part of what is kept. Units: UTF-16 units, at least 200. Default: no limit. */
  readonly maxTextChars?: number;
  /** The most that what a step was given, and what it gave, may take each, as JSON in UTF-8. Units: bytes, at least 10,000. Default: no limit. */
  readonly maxStepBytes?: number;
}

/** A reply of a model takes two or three thousand without its texts. */
const LEAST_STEP_BYTES = 10_000;
/** A list is cut to no fewer entries, unless the whole is. */
const LEAST_ITEMS = 8;
/** An object is cut to no fewer: what has as many has them for names of data, not of fields. */
const LEAST_ENTRIES = 64;

/** How large the parts of a content may be. */
interface PartSize {
  readonly chars: number;
  readonly items: number;
}

/**
 * Makes a hook that cuts what is too long.
 *
 * @throws {RangeError} for a limit that is too small; {TypeError} for one that there is not.
 */
export function limitContent(limits: ContentLimits): Redact {
  const { maxTextChars = Infinity, maxStepBytes = Infinity, ...others } = limits;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot create a log store: expected limits maxTextChars and maxStepBytes, found "${unknown}"`,
    );
  }
  check("maxTextChars", maxTextChars, LEAST_CUT_CHARS);
  check("maxStepBytes", maxStepBytes, LEAST_STEP_BYTES);
  return ({ where, value }) => {
    const isOfStep = where === "input" || where === "output";
    const before = unwrapCut(value);
    const cuts: CutContent[] = [...before?.cuts ?? []];
    const kept = fit(before === undefined ? value : before.value, {
      chars: maxTextChars,
      bytes: isOfStep ? maxStepBytes : Infinity,
    }, cuts);
    return isTold(where) && (cuts.length > 0 || before !== undefined) ? wrapCut(kept, cuts) : kept;
  };
}

/** What needs no looking at: JSON so short that nothing in it can be too long. */
export function isShort(
  json: string,
  { maxTextChars = Infinity, maxStepBytes = Infinity }: ContentLimits,
): boolean {
  return json.length <= maxTextChars && json.length * 3 <= maxStepBytes;
}

/** Requests are found by their hash, and messages of a session say themselves that they were cut. */
function isTold(where: LogContent["where"]): boolean {
  return where !== "input" && where !== "session";
}

/** Cuts texts to the limit; where the whole is too large still, its texts and lists more and more. */
function fit(
  value: unknown,
  { chars, bytes }: { readonly chars: number; readonly bytes: number },
  cuts: CutContent[],
): unknown {
  let size: PartSize = { chars, items: Infinity };
  while (true) {
    const found: CutContent[] = [];
    const kept = cut(value, size, "", found);
    const excess = bytes === Infinity ? 0 : sizeOf(kept) / bytes;
    if (excess <= 1) {
      cuts.push(...found);
      return kept;
    }
    const factor = excess > 8 ? 8 : 2;
    const smaller = {
      chars: Math.max(LEAST_CUT_CHARS, Math.floor(Math.min(size.chars, 2 * bytes) / factor)),
      items: Math.max(LEAST_ITEMS, Math.floor(Math.min(size.items, bytes) / factor)),
    };
    if (smaller.chars === size.chars && smaller.items === size.items) break;
    size = smaller;
  }
  return replaceLargest(value, bytes, cuts);
}

/** What nothing else makes small enough: its largest parts are replaced by the beginning of their JSON, what is around them stays. */
function replaceLargest(value: unknown, bytes: number, cuts: CutContent[]): unknown {
  const least = { chars: LEAST_CUT_CHARS, items: LEAST_ITEMS };
  let kept = value;
  const replaced: CutContent[] = [];
  for (let round = 0; round < MAX_REPLACED; round++) {
    kept = replaceDominant(kept, "", replaced);
    const found: CutContent[] = [];
    const small = cut(kept, least, "", found);
    if (sizeOf(small) > bytes) continue;
    cuts.push(...replaced, ...found);
    return small;
  }
  return cutValue(JSON.stringify(value), LEAST_CUT_CHARS, "", cuts);
}

const MAX_REPLACED = 8;

/** Replaces the deepest part that takes more than half of what is around it. */
function replaceDominant(value: unknown, at: string, cuts: CutContent[]): unknown {
  const json = JSON.stringify(value);
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner !== "object" || inner === null || 2 * JSON.stringify(inner).length < json.length) {
        continue;
      }
      const place = Array.isArray(value) ? `${at}[${key}]` : joinKey(at, key);
      const smaller = replaceDominant(inner, place, cuts);
      return Array.isArray(value) ? value.with(Number(key), smaller) : { ...value, [key]: smaller };
    }
  }
  return cutValue(json, LEAST_CUT_CHARS, at, cuts);
}

function cut(value: unknown, size: PartSize, at: string, cuts: CutContent[]): unknown {
  if (typeof value === "string") {
    return value.length <= size.chars ? value : cutValue(value, size.chars, at, cuts);
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const kept = value.length > size.items ? value.slice(0, size.items) : value;
    if (kept !== value) cuts.push(toldOf("list", value, { at, length: value.length, kept: kept.length }));
    return kept.map((inner, index) => cut(inner, size, `${at}[${index}]`, cuts));
  }
  const entries = Object.entries(value);
  const most = Math.max(LEAST_ENTRIES, size.items);
  const kept = entries.slice(0, most);
  if (kept.length < entries.length) {
    cuts.push(toldOf("object", value, { at, length: entries.length, kept: kept.length }));
  }
  return Object.fromEntries(
    kept.map(([key, inner]) => [key, cut(inner, size, joinKey(at, key), cuts)]),
  );
}

function joinKey(at: string, key: string): string {
  return at === "" ? key : `${at}.${key}`;
}

function cutValue(text: string, maxChars: number, at: string, cuts: CutContent[]): string {
  const { text: beginning, kept, hash } = cutText(text, maxChars);
  cuts.push({ at, type: "text", length: text.length, kept, hash });
  return beginning;
}

function toldOf(
  type: CutContent["type"],
  value: unknown,
  place: Pick<CutContent, "at" | "length" | "kept">,
): CutContent {
  return { ...place, type, hash: sha256Hex(JSON.stringify(value)) };
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

function check(name: string, limit: number, least: number): void {
  if (limit === Infinity || (Number.isInteger(limit) && limit >= least)) return;
  throw new RangeError(
    `Cannot create a log store: expected ${name} to be a whole number from ${least}, found ${limit}`,
  );
}
