import type { StepRecord } from "../run/mod.ts";

/** When a step began, in milliseconds since the epoch; `NaN` where that is not told, as in cassettes. */
export function startOf(record: StepRecord | undefined): number {
  return Date.parse(record?.startedAt ?? "");
}

/** When a step ended. */
export function endOf(record: StepRecord): number {
  return startOf(record) + record.durationMs;
}
