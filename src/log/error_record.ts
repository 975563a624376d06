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

/** Facts must not cost the error that they are about: of what JSON cannot carry, a text is kept. */
function toFacts(value: unknown, around: readonly unknown[] = []): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (around.includes(value)) return "[circular]";
  if (value instanceof Error) return toStepError(value);
  try {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return toFacts(toJSON.call(value), [...around, value]);
    if (Array.isArray(value)) return value.map((item) => toFacts(item, [...around, value]));
    const facts: Record<string, unknown> = {};
    for (const [name, fact] of Object.entries(value)) setOwn(facts, name, toFacts(fact, [...around, value]));
    return facts;
  } catch (error) {
    return `[${error instanceof Error ? error.message : String(error)}]`;
  }
}
