import { UsageError } from "./_usage_error.ts";

/** A day, or a day and a time of it; a time may name its zone. */
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Checks the period that `--after` and `--before` bound.
 *
 * @throws {UsageError} for what is no date of ISO 8601, and where nothing is in between
 */
export function checkPeriod(
  { after, before }: { readonly after?: unknown; readonly before?: unknown },
): void {
  const [from, to] = [readDate("after", after), readDate("before", before)];
  if (from > to) {
    throw new UsageError(`Cannot use --after ${after} with --before ${before}: nothing is in between`);
  }
}

/** `Date.parse` alone would take `1` for a day of 2001. Nothing given gives `NaN`. */
function readDate(option: string, text: unknown): number {
  if (text === undefined) return NaN;
  const time = isDay(DATE.exec(String(text))) ? Date.parse(String(text)) : NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(
    `Cannot use --${option}: expected a date such as 2026-01-31 or 2026-01-31T12:00:00Z, found "${text}"`,
  );
}

/** Whether the month has that day: a 30th of February would be taken for a day of March. */
function isDay(parts: RegExpExecArray | null): boolean {
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
