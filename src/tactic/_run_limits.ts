import type { BudgetRunner, RunContext } from "../run/mod.ts";
import { followSignals } from "../util/mod.ts";
import { openBudget } from "./_open_budget.ts";
import type { RunOptions } from "./types.ts";

/** What ends a run early. */
export interface RunLimits {
  readonly signal: AbortSignal;
  readonly budget: BudgetRunner | undefined;
  /** Lets go of the signals around the run, and of the time of a budget of its own. */
  readonly end: () => void;
}

/** Makes what ends a run early of its options and of the run around. */
export function createLimits({ budget, signal }: RunOptions, around: RunContext | undefined): RunLimits {
  const { runner, close } = openBudget(budget);
  try {
    const followed = followSignals(signal, around?.signal, runner?.signal);
    const end = () => {
      followed.release();
      close();
    };
    return { signal: followed.signal, budget: runner, end };
  } catch (error) {
    close();
    throw error;
  }
}
