import { LLLMError } from "../errors.ts";
import type { Step, StepCost } from "./step.ts";

/** What a budget limits. */
export type Limited = "usd" | "tokens" | "steps" | "wallMs";

/** The figures of a refusal, in the unit of what is limited. */
export interface BudgetFigures {
  /** The limit. */
  readonly limit: number;
  /** What was used. */
  readonly used: number;
  /** What was set aside for steps under way. */
  readonly reserved: number;
  /** What the refused step needs at least. */
  readonly needed: number;
}

/** Makes the error of a step that a budget has no room for. */
export function budgetExceeded(step: Step | undefined, budget: Limited, figures: BudgetFigures): LLLMError {
  const { limit, used, reserved, needed } = figures;
  const amount = (value: number) => describe(budget, value);
  const what = step === undefined ? "Cannot go on" : `Cannot run ${step.kind} step "${step.name}"`;
  const found = step === undefined
    ? `found ${amount(used)} gone by`
    : `found ${amount(used)} used${reserved > 0 ? ` and ${amount(reserved)} set aside` : ""}, ${
      amount(needed)
    } needed`;
  return new LLLMError(`${what}: expected to stay within the budget of ${amount(limit)}, ${found}`, {
    code: "budget_exceeded",
    data: { budget, limit, used, reserved, needed, ...(step === undefined ? {} : { path: step.path }) },
  });
}

/** Makes the error of a model without a price, where dollars are limited. */
export function unknownPrice(
  step: Step,
  limit: number,
  figures: { used: StepCost; reserved: StepCost },
): LLLMError {
  return new LLLMError(
    `Cannot call model "${step.name}" within a budget of ${
      describe("usd", limit)
    }: expected a known price, ` +
      "found none; name a file in LiteLLM's price format by LLLM_MODEL_PRICES, or limit tokens",
    {
      code: "budget_exceeded",
      data: {
        budget: "usd",
        limit,
        used: figures.used.costUsd,
        reserved: figures.reserved.costUsd,
        needed: null,
        model: step.name,
      },
    },
  );
}

function describe(budget: Limited, value: number): string {
  if (budget === "usd") return `$${Number(value.toPrecision(6))}`;
  const count = Math.round(value);
  const unit = budget === "wallMs" ? "ms" : count === 1 ? budget.slice(0, -1) : budget;
  return `${count} ${unit}`;
}
