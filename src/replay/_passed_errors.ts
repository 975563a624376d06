import type { StepRecord } from "../run/mod.ts";
import { endOf, startOf } from "./_step_times.ts";

/**
 * Tells whether a run went on after a step failed: the step was asked for once more, under the next number, when it had failed. Steps
 * that went on at the same time have such numbers too. `failure` is what the run ended with, if it failed.
 */
export function isPassed(record: StepRecord, all: readonly StepRecord[], failure?: string): boolean {
  const place = split(record.path);
  const later = all.filter((other) => {
    const { label, number } = split(other.path);
    return label === place.label && number > place.number && mayFollow(other, record);
  });
  if (later.length === 0) return false;
  if (failure === undefined || !isIn(record, failure)) return true;
  // It has the words that ended the run: it is what the run ended with, unless another one with these words came later.
  const isLast = !all.some((other) => other.index > record.index && isIn(other, failure));
  return !isLast && later.some((other) => follows(other, record));
}

// Starts are known by the millisecond: each was up to one later.

function mayFollow(other: StepRecord, record: StepRecord): boolean {
  return !(startOf(other) + 1 <= endOf(record));
}

function follows(other: StepRecord, record: StepRecord): boolean {
  return startOf(other) >= endOf(record) + 1;
}

function isIn({ error }: StepRecord, failure: string): boolean {
  return error !== undefined && (error.message === "" ? failure === "" : failure.includes(error.message));
}

function split(path: string): { readonly label: string; readonly number: number } {
  const mark = path.lastIndexOf("#");
  return { label: path.slice(0, mark), number: Number(path.slice(mark + 1)) };
}
