import type { StepRecord } from "../run/mod.ts";

/** Tells whether a run went on after a step failed: the step was asked for once more, under the next number. */
export function isPassed(record: StepRecord, all: readonly StepRecord[]): boolean {
  const place = split(record.path);
  return all.some((other) => {
    const { label, number } = split(other.path);
    return label === place.label && number > place.number;
  });
}

function split(path: string): { readonly label: string; readonly number: number } {
  const mark = path.lastIndexOf("#");
  return { label: path.slice(0, mark), number: Number(path.slice(mark + 1)) };
}
