import { scrubSecrets, type StepError, toStepError } from "../run/mod.ts";

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
    context: scrubSecrets(context),
  };
}
