import type { Step, StepCost } from "./step.ts";
import { costOfRevived } from "./step_error.ts";

const NOTHING: StepCost = { tokens: 0, costUsd: 0 };

/** What a step used that gave a result. A provider that does not count has not worked for nothing. */
export function costOfResult(step: Step, result: unknown): StepCost {
  const actual = measure(step, result);
  const isKnown = actual !== undefined && (actual.tokens > 0 || actual.costUsd > 0);
  return isKnown ? actual : step.measureSoFar?.() ?? actual ?? NOTHING;
}

/** What a step used that failed or was given up, if it can tell; of an error that comes from a record, what was used then. */
export function costOfFailure({ measureSoFar }: Step, error: unknown): StepCost {
  return measureSoFar === undefined ? NOTHING : costOfRevived(error) ?? measureSoFar();
}

/** A result that cannot be read is for whoever asked for it to complain about. */
function measure(step: Step, result: unknown): StepCost | undefined {
  try {
    return step.measure?.(result);
  } catch {
    return undefined;
  }
}
