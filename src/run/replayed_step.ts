import type { Step } from "./step.ts";

const replayed = new WeakSet<Step>();

/**
 * Says of a step that its effect is run only to be gone through again: what it does was done, and paid for, when it was recorded. For
 * runners that answer steps from a record, of sub-tactics: no budget counts these.
 *
 * @example
 * ```ts
 * import { budgetRunner, markReplayed } from "@lllm/lllm/run";
 *
 * const runner = budgetRunner({ steps: 1 });
 * const step = { kind: "tactic", name: "brief", path: "tactic:brief#0", input: null } as const;
 * markReplayed(step);
 * await runner.run(step, () => Promise.resolve("done"));
 * console.log(runner.usage().steps); // 0
 * ```
 */
export function markReplayed(step: Step): void {
  replayed.add(step);
}

/** Tells whether {@linkcode markReplayed} was called with the step. */
export function isReplayed(step: Step): boolean {
  return replayed.has(step);
}
