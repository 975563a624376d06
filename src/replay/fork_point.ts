import type { StepRecord } from "../run/mod.ts";
import { nearest } from "../util/mod.ts";

/** Where a replay leaves the record. */
export interface ForkPoint {
  /** The step: its path, or its index in the record. It is done anew, and everything after it. */
  readonly at: string | number;
  /**
   * What the step gives, in place of being done: of a tool call, what the tool is to have returned; of a model call, the text of
   * the reply; else, and also, the output in the form in which steps are recorded. Default: the step is done.
   */
  readonly output?: unknown;
}

/** Finds the step of a fork. */
export function findFork(
  steps: readonly StepRecord[],
  fork: ForkPoint,
): { readonly record: StepRecord; readonly output?: unknown } {
  const { at } = (fork ?? {}) as ForkPoint;
  if (typeof at !== "string" && typeof at !== "number") {
    throw new TypeError(
      `Cannot fork: expected at to be the path or the index of a step, found ${JSON.stringify(at) ?? "none"}`,
    );
  }
  if (steps.length === 0) {
    throw new RangeError(
      `Cannot fork at step ${JSON.stringify(at)}: expected a record with steps, found none`,
    );
  }
  const record = steps.find((step) => typeof at === "number" ? step.index === at : step.path === at);
  if (record === undefined) throw notFound(at, steps);
  return "output" in fork ? { record, output: fork.output } : { record };
}

function notFound(at: string | number, steps: readonly StepRecord[]): RangeError {
  if (typeof at === "number") {
    return new RangeError(
      `Cannot fork at step ${at}: expected an index from 0 to ${steps.length - 1}, found ${at}`,
    );
  }
  const [near] = nearest(at, steps.map(({ path }) => path));
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return new RangeError(
    `Cannot fork at step "${at}": expected the path of a recorded step, found none${hint}`,
  );
}
