import { AsyncLocalStorage } from "node:async_hooks";
import { budgetExceeded } from "./_budget_exceeded.ts";
import { Ledger, type Reservation } from "./_ledger.ts";
import { costOfFailure, costOfResult } from "./step_cost.ts";
import { type Clock, systemClock } from "./clock.ts";
import { isReplayed } from "./replayed_step.ts";
import { currentRun } from "./run_context.ts";
import type { Step, StepRunner } from "./step.ts";

/** Upper limits of a run, of all that happens in it. What is left out is not limited. */
export interface Budget {
  /** US dollars of all model calls. A model whose price is not known is refused. */
  readonly usd?: number;
  /** Tokens, sent and received, of all model calls. */
  readonly tokens?: number;
  /**
   * Steps: calls of models (each attempt), tools and APIs, cells, sub-tactics and `context.step()`. Reading the time, a random number
   * or a UUID is none, nor is asking for an approval.
   */
  readonly steps?: number;
  /** Milliseconds from the start of the run, after which it is aborted. */
  readonly wallMs?: number;
}

/** How far a budget is used. */
export interface BudgetUsage {
  /** What settled steps have used. Units: US dollars. */
  readonly usd: number;
  /** What is set aside for steps under way. Units: US dollars. */
  readonly reservedUsd: number;
  /** Tokens that settled steps have used. */
  readonly tokens: number;
  /** Tokens that are set aside for steps under way. */
  readonly reservedTokens: number;
  /** Steps that were started. */
  readonly steps: number;
  /** Milliseconds since the start. */
  readonly wallMs: number;
}

/** A runner that keeps steps within a budget. It may be handed to several runs, which then share it. */
export interface BudgetRunner extends StepRunner {
  /** The limits. */
  readonly budget: Budget;
  /** Aborted with an error of code `budget_exceeded` when the time is up. */
  readonly signal: AbortSignal;
  /** How far the budget is used. */
  usage(): BudgetUsage;
  /** Stops the timer of `wallMs`. */
  close(): void;
}

/** Options of {@linkcode budgetRunner}. */
export interface BudgetRunnerOptions {
  /** Measures `wallMs`. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** The step whose reservation the current code works for. */
const holder = new AsyncLocalStorage<Step>();

/** The step under way, and the budgets that it was counted against. */
const entered = new AsyncLocalStorage<{ readonly step: Step; readonly runners: readonly StepRunner[] }>();

const BRAND = Symbol("budget runner");
const LIMITS: ReadonlySet<string> = new Set(["usd", "tokens", "steps", "wallMs"]);

/**
 * Creates a runner that keeps steps within a budget: before a step is run, the most that it may use is set aside, and replaced by
 * what it did use when it has ended. A step for which there is no room waits while others are under way that may turn out
 * cheaper than they said, and is refused when there could be none any more.
 *
 * The time starts now. With several budgets around each other a step is bound by all.
 *
 * @example
 * ```ts
 * import { budgetRunner } from "@lllm/lllm/run";
 * import assert from "node:assert/strict";
 *
 * const runner = budgetRunner({ tokens: 100 });
 * const step = {
 *   kind: "model",
 *   name: "m",
 *   path: "m#0",
 *   input: null,
 *   estimate: () => ({ tokens: 60, costUsd: undefined }),
 *   measure: () => ({ tokens: 50, costUsd: 0 }),
 * } as const;
 * await runner.run(step, () => Promise.resolve("hello"));
 * await assert.rejects(runner.run(step, () => Promise.resolve("hello")), { code: "budget_exceeded" });
 * assert.equal(runner.usage().tokens, 50);
 * ```
 *
 * @throws {TypeError} when a limit is unknown
 * @throws {RangeError} when a limit is no positive number
 */
export function budgetRunner(budget: Budget, options: BudgetRunnerOptions = {}): BudgetRunner {
  checkBudget(budget);
  const { clock = systemClock } = options;
  const { wallMs } = budget;
  const ledger = new Ledger({ usd: budget.usd, tokens: budget.tokens });
  const start = clock.now();
  const timeUp = new AbortController();
  const timer = wallMs === undefined ? undefined : clock.setTimeout(() => {
    const used = clock.now() - start;
    timeUp.abort(budgetExceeded(undefined, "wallMs", { limit: wallMs, used, reserved: 0, needed: 0 }));
  }, wallMs);
  let steps = 0;
  const enter = (step: Step): void => {
    timeUp.signal.throwIfAborted();
    if (isFree(step)) return;
    const limit = budget.steps ?? Infinity;
    if (steps >= limit) {
      throw budgetExceeded(step, "steps", { limit, used: steps, reserved: 0, needed: 1 });
    }
    steps++;
  };
  const runner: BudgetRunner & { readonly [BRAND]: true } = {
    [BRAND]: true,
    budget,
    signal: timeUp.signal,
    async run<T>(step: Step, effect: () => Promise<T>): Promise<T> {
      const around = entered.getStore();
      const entries = around?.step === step ? around.runners : [];
      if (entries.includes(runner)) return await effect(); // runs within each other share it: the step counts once
      enter(step);
      let isStarted = false;
      const start = () => {
        isStarted = true;
        return entered.run({ step, runners: [...entries, runner] }, effect);
      };
      try {
        return await (step.estimate === undefined || !ledger.isLimited
          ? runUnforeseen(ledger, step, start)
          : runReserved(ledger, step, start, timeUp.signal));
      } catch (error) {
        if (!isStarted && !isFree(step)) steps--;
        throw error;
      }
    },
    usage: () => {
      const { used, reserved } = ledger.figures();
      return {
        usd: used.costUsd,
        reservedUsd: reserved.costUsd,
        tokens: used.tokens,
        reservedTokens: reserved.tokens,
        steps,
        wallMs: clock.now() - start,
      };
    },
    close: () => clock.clearTimeout(timer),
  };
  return runner;
}

/** Tells a runner made by {@linkcode budgetRunner} from the limits alone. */
export function isBudgetRunner(x: Budget | BudgetRunner): x is BudgetRunner {
  return typeof x === "object" && x !== null && BRAND in x;
}

/** A step that says what it needs: that is set aside while it is under way. */
async function runReserved<T>(
  ledger: Ledger,
  step: Step,
  effect: () => Promise<T>,
  timeUp: AbortSignal,
): Promise<T> {
  const signals = new Set(
    [timeUp, step.signal, currentRun()?.signal].filter((signal) => signal !== undefined),
  );
  const around = holder.getStore();
  // A step inside one for which something is set aside must not wait for that to be settled: it would wait for itself.
  const mayWait = around === undefined || around === step;
  const reservation = await ledger.reserve(step, step.estimate!(), { mayWait, signals: [...signals] });
  return await holder.run(step, () => settled(step, effect, reservation));
}

async function settled<T>(step: Step, effect: () => Promise<T>, reservation: Reservation): Promise<T> {
  let result: T;
  try {
    result = await effect();
  } catch (error) {
    reservation.settle(costOfFailure(step, error));
    throw error;
  }
  reservation.settle(costOfResult(step, result));
  return result;
}

/** A step that does not say what it needs is run while anything is left. */
async function runUnforeseen<T>(ledger: Ledger, step: Step, effect: () => Promise<T>): Promise<T> {
  if (step.measure === undefined) return await effect();
  ledger.refuseIfSpent(step);
  let result: T;
  try {
    result = await effect();
  } catch (error) {
    ledger.add(costOfFailure(step, error));
    throw error;
  }
  ledger.add(costOfResult(step, result));
  return result;
}

/** Asking a person is nothing that a program does; what was recorded was done before. */
function isFree(step: Step): boolean {
  return isReplayed(step) || (step.kind === "effect" && step.name === "approval");
}

function checkBudget(budget: Budget): void {
  if (typeof budget !== "object" || budget === null) {
    throw new TypeError(`Cannot set budget: expected an object of limits, found ${JSON.stringify(budget)}`);
  }
  for (const [name, limit] of Object.entries(budget)) {
    if (!LIMITS.has(name)) {
      throw new TypeError(`Cannot set budget: expected ${[...LIMITS].join(", ")}, found "${name}"`);
    }
    if (limit !== undefined && !(typeof limit === "number" && limit > 0)) {
      throw new RangeError(`Cannot set budget "${name}": expected a positive number, found ${limit}`);
    }
  }
}
