import type { StepKind } from "../run/mod.ts";
import { deepEqual, isCutFrom, isPlainObject } from "../util/mod.ts";
import { diffTexts } from "./_text_diff.ts";

/** What of a step is compared. */
export interface ComparedStep {
  /** What the step does. */
  readonly kind: StepKind;
  /** The model, tool, API path or tactic. */
  readonly name: string;
  /** Its place in the run. */
  readonly path: string;
  /** SHA-256 of the canonical JSON of the scrubbed input. */
  readonly requestHash: string;
  /** What it depends on, without secrets. */
  readonly input: unknown;
}

/** One field that differs. */
export interface FieldDifference {
  /** Where it is in the step, such as `input.messages[0].content`. */
  readonly field: string;
  /** What changed, in one line: `the [-old-]{+new+} words`. */
  readonly change: string;
}

const MAX_FIELDS = 8;
const MAX_VALUE_CHARS = 200;

/**
 * Lists what differs between two steps, texts word by word.
 *
 * @example
 * ```ts
 * import { compareSteps } from "@lllm/lllm/replay";
 * import assert from "node:assert/strict";
 *
 * const step = { kind: "tool", name: "search", path: "tool:search#0", requestHash: "" } as const;
 * const differences = compareSteps(
 *   { ...step, input: { query: "rain in May" } },
 *   { ...step, input: { query: "rain in June" } },
 * );
 * assert.deepEqual(differences, [{ field: "input.query", change: "rain in [-May-]{+June+}" }]);
 * ```
 */
export function compareSteps(expected: ComparedStep, actual: ComparedStep): FieldDifference[] {
  const found: FieldDifference[] = [];
  for (const key of ["kind", "name", "path", "input"] as const) walk(expected[key], actual[key], key, found);
  return found.slice(0, MAX_FIELDS);
}

/** Lists what differs between two values, JSON-safe, texts word by word. */
export function compareValues(expected: unknown, actual: unknown, field: string): FieldDifference[] {
  const found: FieldDifference[] = [];
  walk(expected, actual, field, found);
  return found.slice(0, MAX_FIELDS);
}

/** Writes differences for people, one field a line. */
export function formatDifferences(differences: readonly FieldDifference[]): string {
  return differences.map(({ field, change }) => `${field}: ${change}`).join("\n");
}

function walk(a: unknown, b: unknown, field: string, found: FieldDifference[]): void {
  if (found.length > MAX_FIELDS || deepEqual(a, b)) return;
  if (typeof a === "string" && typeof b === "string") {
    if (isCutFrom(a, b) || isCutFrom(b, a)) return; // the log kept a beginning of it
    found.push({ field, change: diffTexts(a, b) });
  } else if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) walk(a[i], b[i], `${field}[${i}]`, found);
  } else if (isPlainObject(a) && isPlainObject(b)) {
    const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    // What people read comes first: a prompt's hash says less than its text.
    const order = [...keys].sort((x, y) => Number(y === "messages") - Number(x === "messages"));
    for (const key of order) walk(left[key], right[key], `${field}.${key}`, found);
  } else {
    found.push({
      field,
      change: `${a === undefined ? "" : `[-${show(a)}-]`}${b === undefined ? "" : `{+${show(b)}+}`}`,
    });
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length <= MAX_VALUE_CHARS ? text : `${text.slice(0, MAX_VALUE_CHARS)}…`;
}
