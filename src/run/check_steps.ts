import type { StepRecord } from "./recorded_step.ts";
import { isPlainObject } from "../util/mod.ts";

const KINDS: ReadonlySet<unknown> = new Set<unknown>(["model", "tool", "cell", "api", "tactic", "effect"]);

/** What a field of a step has to be, and how to tell. */
type Rule = readonly [field: string, expected: string, isSound: (value: unknown) => boolean];

const RULES: readonly Rule[] = [
  ["index", "a whole number from 0", isCount],
  ["path", "a text", (value) => typeof value === "string" && value !== ""],
  ["ordinal", "a whole number from 0", isCount],
  ["kind", [...KINDS].join(", "), (value) => KINDS.has(value)],
  ["name", "a text", (value) => typeof value === "string"],
  ["requestHash", "a text", (value) => typeof value === "string"],
  ["startedAt", "a date", (value) => value === undefined || !Number.isNaN(Date.parse(String(value)))],
  ["durationMs", "a number", (value) => value === undefined || Number.isFinite(value)],
  ["error", "an object with name and message", (value) => value === undefined || isError(value)],
];

/**
 * Checks the fields of steps that are read: a record may come from a file that somebody edited.
 *
 * @throws {TypeError} that begins with `action` and names the first field that is not as it has to be.
 */
export function checkSteps(steps: unknown, action: string): readonly StepRecord[] {
  if (!Array.isArray(steps)) throw wrong(action, "steps", "a list", steps);
  const places = new Map<unknown, number>();
  for (const [place, step] of steps.entries()) {
    const at = `steps[${place}]`;
    if (!isPlainObject(step)) throw wrong(action, at, "an object", step);
    const record = step as Record<string, unknown>;
    for (const [field, expected, isSound] of RULES) {
      if (!isSound(record[field])) throw wrong(action, `${at}.${field}`, expected, record[field]);
    }
    const earlier = places.get(record.index);
    if (earlier !== undefined) {
      throw wrong(action, `${at}.index`, `another one than that of steps[${earlier}]`, record.index);
    }
    places.set(record.index, place);
  }
  return steps as readonly StepRecord[];
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isError(value: unknown): boolean {
  const { name, message } = (value ?? {}) as { name?: unknown; message?: unknown };
  return typeof name === "string" && typeof message === "string";
}

function wrong(action: string, at: string, expected: string, found: unknown): TypeError {
  const text = found === undefined ? "none" : JSON.stringify(found);
  const shown = text.length <= 80 ? text : `${text.slice(0, 80)}…`;
  return new TypeError(`${action}: expected ${at} to be ${expected}, found ${shown}`);
}
