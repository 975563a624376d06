import { checkSteps } from "../run/check_steps.ts";
import { readSessionRecord, type SessionRecord } from "../session/mod.ts";
import { isPlainObject } from "../util/mod.ts";
import { SESSION_STATES } from "./_session_states.ts";

/** What a field of a record has to be, and how to tell. */
type Rule = readonly [field: keyof SessionRecord, expected: string, isSound: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isDate = (value: unknown): boolean => typeof value === "string" && !Number.isNaN(Date.parse(value));

const RULES: readonly Rule[] = [
  ["id", "a text", isText],
  ["tacticPath", "a text", isText],
  ["tacticName", "a text", isText],
  ["state", SESSION_STATES.join(", "), (value) => SESSION_STATES.some((state) => state === value)],
  ["startedAt", "an ISO 8601 time", isDate],
  ["endedAt", "an ISO 8601 time", (value) => value === undefined || isDate(value)],
  ["tags", "an object of texts", isTags],
  ["metadata", "an object", isPlainObject],
  ["session", "an object", isPlainObject],
  ["cost", "an object", (value) => typeof value === "object" && value !== null],
];

/**
 * Checks a record that is to be kept: it may come from a file that somebody edited.
 *
 * @throws {LLLMError} `record_too_new`; {TypeError} that names the field that is not as it has to be.
 */
export function checkRecord(data: unknown): SessionRecord {
  const record = readSessionRecord(data);
  for (const [field, expected, isSound] of RULES) {
    const value = record[field];
    if (isSound(value)) continue;
    throw new TypeError(
      `Cannot keep a session: expected ${field} to be ${expected}, found ${JSON.stringify(value) ?? "none"}`,
    );
  }
  checkSteps(record.steps, `Cannot keep session "${record.id}"`);
  return record;
}

function isTags(value: unknown): boolean {
  return isPlainObject(value) && Object.values(value).every((tag) => typeof tag === "string");
}
