import { type Budget, type BudgetRunner, budgetRunner, isBudgetRunner } from "../run/mod.ts";

/** A budget in force: one of a run's or batch's own ends with it, one that is shared goes on. */
export interface OpenBudget {
  readonly runner: BudgetRunner | undefined;
  readonly close: () => void;
}

/** Puts a budget in force. */
export function openBudget(budget: Budget | BudgetRunner | undefined): OpenBudget {
  if (budget === undefined) return { runner: undefined, close: () => {} };
  if (isBudgetRunner(budget)) return { runner: budget, close: () => {} };
  const runner = budgetRunner(budget);
  return { runner, close: () => runner.close() };
}
