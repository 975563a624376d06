import type { StepRecord } from "../run/mod.ts";
import type { SessionRecord } from "../session/mod.ts";
import { canonicalJson } from "../util/mod.ts";
import { compareSteps, compareValues, type FieldDifference } from "./step_difference.ts";

/** A step that is not alike in two sessions. */
export interface StepComparison {
  /** Its path. */
  readonly path: string;
  /** How many steps with the same path came before. */
  readonly ordinal: number;
  /** What the step does. */
  readonly kind: StepRecord["kind"];
  /** The model, tool, API path or tactic. */
  readonly name: string;
  /** `added` and `removed`: in the second or in the first session alone; `request`, `outcome`: that is what differs. */
  readonly change: "added" | "removed" | "request" | "outcome";
  /** What differs. */
  readonly differences: readonly FieldDifference[];
}

/** Two sessions, compared. */
export interface SessionComparison {
  /** Steps that are alike in both: same path, request and outcome. */
  readonly equalCount: number;
  /** The others, in the order of the second session, those that it lacks after them. */
  readonly steps: readonly StepComparison[];
  /** What differs between the tasks. */
  readonly task: readonly FieldDifference[];
  /** What differs between the results. */
  readonly result: readonly FieldDifference[];
  /** How the runs ended. */
  readonly states: readonly [string, string];
  /** What they cost, in US dollars. */
  readonly costUsd: readonly [number, number];
  /** Tokens, sent and received. */
  readonly totalTokens: readonly [number, number];
}

/**
 * Compares two sessions: their steps by path, their results, what they cost.
 *
 * @example
 * ```ts
 * import { compareSessions } from "@lllm/lllm/replay";
 * import { Tactic } from "@lllm/lllm/tactic";
 * import { memoryStore } from "@lllm/lllm/testing";
 * import assert from "node:assert/strict";
 *
 * class Shout extends Tactic {
 *   name = "shout";
 *   call(task: string) {
 *     return task.toUpperCase();
 *   }
 * }
 * const logStore = memoryStore();
 * await new Shout({ logStore }).bcall(["good day", "good night"], { maxWorkers: 1 });
 * const { result } = compareSessions(logStore.records[0]!, logStore.records[1]!);
 * assert.deepEqual(result, [{ field: "result", change: "GOOD [-DAY-]{+NIGHT+}" }]);
 * ```
 */
export function compareSessions(before: SessionRecord, after: SessionRecord): SessionComparison {
  const keyOf = ({ path, ordinal }: StepRecord) => `${path}\n${ordinal}`;
  const old = new Map(before.steps.map((step) => [keyOf(step), step]));
  const steps: StepComparison[] = [];
  let equalCount = 0;
  for (const step of after.steps) {
    const other = old.get(keyOf(step));
    old.delete(keyOf(step));
    const comparison = other === undefined ? toComparison(step, "added") : compare(other, step);
    if (comparison === undefined) equalCount++;
    else steps.push(comparison);
  }
  steps.push(...[...old.values()].map((step) => toComparison(step, "removed")));
  return {
    equalCount,
    steps,
    task: compareValues(before.task, after.task, "task"),
    result: compareValues(before.result, after.result, "result"),
    states: [before.state, after.state],
    costUsd: [before.cost?.cost ?? 0, after.cost?.cost ?? 0],
    totalTokens: [before.cost?.totalTokens ?? 0, after.cost?.totalTokens ?? 0],
  };
}

function compare(before: StepRecord, after: StepRecord): StepComparison | undefined {
  if (before.requestHash !== after.requestHash || before.kind !== after.kind) {
    return toComparison(after, "request", compareSteps(before, after));
  }
  const [old, now] = [outcomeOf(before), outcomeOf(after)];
  if (canonicalJson(old) === canonicalJson(now)) return undefined;
  return toComparison(
    after,
    "outcome",
    compareValues(old, now, before.kind === "model" ? "reply" : "outcome"),
  );
}

/** Ids and times are new in each run; what a model said is not to be lost among them. */
function outcomeOf({ kind, output, error }: StepRecord): never {
  if (error !== undefined) return { error: { name: error.name, message: error.message } } as never;
  const { message } = (output ?? {}) as { message?: { content?: unknown; functionCalls?: { id: string }[] } };
  if (kind !== "model" || message === undefined) return (output ?? null) as never;
  const functionCalls = (message.functionCalls ?? []).map(({ id: _id, ...call }) => call);
  return { content: message.content ?? null, functionCalls } as never;
}

function toComparison(
  { path, ordinal, kind, name }: StepRecord,
  change: StepComparison["change"],
  differences: readonly FieldDifference[] = [],
): StepComparison {
  return { path, ordinal, kind, name, change, differences };
}
