import { scrubSecrets, type StepError, toStepError } from "../run/mod.ts";
import { setOwn } from "../util/mod.ts";

/** An error that belongs to no session. */
export interface ErrorRecord {
  /** `YYYYMMDD_HHMMSS_<8 hex>`. */
  readonly id: string;
  /** ISO 8601 time. */
  readonly at: string;
  /** What was thrown. */
  readonly error: StepError;
  /** The stack. */
  readonly traceback?: string;
  /** Facts about where it came from, without secrets. */
  readonly context: unknown;
}

/** Makes the record of an error. */
export function toErrorRecord(error: unknown, context: Readonly<Record<string, unknown>>): ErrorRecord {
  const at = new Date().toISOString();
  const [date, time] = at.slice(0, 19).replaceAll(/[-:]/g, "").split("T");
  return {
    id: `${date}_${time}_${crypto.randomUUID().slice(0, 8)}`,
    at,
    error: toStepError(error),
    ...(error instanceof Error && error.stack !== undefined ? { traceback: error.stack } : {}),
    context: scrubSecrets(toFacts(context)),
  };
}

/** Facts must not cost the error that they are about: of what JSON cannot carry, a text is kept, and of very much, its beginning. */
function toFacts(value: unknown, around: readonly unknown[] = [], left = { count: MAX_FACTS }): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (around.includes(value)) return "[circular]";
  if (around.length > MAX_DEPTH || left.count <= 0) return "[more]";
  if (value instanceof Error) return toStepError(value);
  const inner = (fact: unknown) => {
    left.count--;
    return toFacts(fact, [...around, value], left);
  };
  try {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return inner(toJSON.call(value));
    if (Array.isArray(value)) return value.slice(0, Math.max(left.count, 0)).map(inner);
    const facts: Record<string, unknown> = {};
    for (const [name, fact] of Object.entries(value)) {
      if (left.count > 0) setOwn(facts, name, inner(fact));
    }
    return facts;
  } catch (error) {
    return `[${error instanceof Error ? error.message : String(error)}]`;
  }
}

const MAX_DEPTH = 10;
const MAX_FACTS = 10_000;
