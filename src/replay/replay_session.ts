import { ReplayDivergenceError } from "../errors.ts";
import { composeRunners, recordingRunner, type StepRecord } from "../run/mod.ts";
import { readSessionRecord, type SessionRecord, type TacticCallSession } from "../session/mod.ts";
import type { RunOptions, Tactic } from "../tactic/mod.ts";
import { checkSteps } from "../run/check_steps.ts";
import { findFork, type ForkPoint } from "./fork_point.ts";
import { type ReplayCounts, ReplayRunner } from "./_replay_runner.ts";
import { compareValues } from "./step_difference.ts";

/** Options of {@linkcode replaySession}. */
export interface ReplayOptions extends Omit<RunOptions, "steps" | "tags" | "metadata"> {
  /**
   * `strict`: every step comes from the record, and the first one that was not recorded ends the run. `continue`: what was not
   * recorded is done. Default: `"strict"`; with `fork`, `"continue"`.
   */
  mode?: "strict" | "continue";
  /** From this step on everything is done anew. Default: nothing that was recorded is. */
  fork?: ForkPoint;
  /** What the tactic is asked in place of the recorded task, which is without secrets. Default: the recorded task. */
  task?: unknown;
  /**
   * Texts to filter the session by. Default: those of the record; but in a session of its own without `batch` and `batch_task`, since
   * what a replay comes to is no result of the batch.
   */
  tags?: Record<string, string>;
  /** Free facts for the session. Default: those of the record. */
  metadata?: Record<string, unknown>;
}

/** What a replay costs beside what the recorded run did. */
export interface ReplayCost {
  /** What the recorded run cost, in US dollars. */
  readonly recordedUsd: number;
  /** What this run would have cost without the record, in US dollars. */
  readonly totalUsd: number;
  /** What came from the record, and cost nothing now, in US dollars. */
  readonly savedUsd: number;
  /** What was spent now, in US dollars. */
  readonly spentUsd: number;
  /** By how much this run is dearer than the recorded one, in US dollars. */
  readonly differenceUsd: number;
}

/** What a replay came to. */
export interface ReplayResult<Out> {
  /** What the tactic returned. */
  readonly result: Out;
  /** The session of the replay. */
  readonly session: TacticCallSession<Out>;
  /** Its steps, in the order in which they ended. */
  readonly steps: readonly StepRecord[];
  /** Steps that were answered from the record. */
  readonly replayedCount: number;
  /** Steps that were done. */
  readonly liveCount: number;
  /** Steps before a fork whose request is not the recorded one, and that were answered from the record nevertheless. */
  readonly changedCount: number;
  /** Whether the result is the recorded one. */
  readonly isSameResult: boolean;
  /** What it cost. */
  readonly cost: ReplayCost;
}

/**
 * Runs a recorded session again: the same program, with every step answered from the record. It needs no network, no key and no
 * process, and gives the same steps in the same order; what failed fails again alike.
 *
 * Steps are found by path, request and ordinal. With mode `continue` those that are not in the record are done: an interrupted run
 * goes on, and one whose program was changed is done anew from its first changed step on.
 *
 * @example
 * ```ts
 * import { replaySession } from "@lllm/lllm/replay";
 * import { Tactic } from "@lllm/lllm/tactic";
 * import { memoryStore } from "@lllm/lllm/testing";
 * import type { CallContext } from "@lllm/lllm/run";
 * import assert from "node:assert/strict";
 *
 * class Dice extends Tactic<number, number[]> {
 *   name = "dice";
 *   call(count: number, context: CallContext) {
 *     return Array.from({ length: count }, () => Math.ceil(context.random() * 6));
 *   }
 * }
 * const logStore = memoryStore();
 * const thrown = await new Dice({ logStore }).run(3);
 * const { result, liveCount } = await replaySession<number, number[]>(logStore.records[0]!, new Dice());
 * assert.deepEqual([result, liveCount], [thrown, 0]);
 * ```
 *
 * @throws {ReplayDivergenceError} `replay_diverged`, in strict mode at the first step that is not the recorded one; `data.diff` says what of
 * it is another.
 * @throws {TacticError} when the run fails: as it did when it was recorded, or anew.
 * @throws {LLLMError} `record_too_new`; {RangeError} for a fork at a step that is not there.
 */
export async function replaySession<In, Out>(
  record: SessionRecord,
  tactic: Tactic<In, Out>,
  options: ReplayOptions = {},
): Promise<ReplayResult<Out>> {
  const { fork, mode = fork === undefined ? "strict" : "continue", task, signal, ...rest } = options;
  const { tags, metadata, state, error, result: recorded, task: recordedTask, id, ...read } =
    readSessionRecord(
      record,
    );
  const steps = checkSteps(read.steps, `Cannot replay session "${id}"`);
  if (mode !== "strict" && mode !== "continue") {
    throw new RangeError(`Cannot replay a session: expected mode "strict" or "continue", found "${mode}"`);
  }
  if (fork !== undefined && mode === "strict") {
    throw new TypeError('Cannot fork a session: expected mode "continue", found "strict"');
  }
  checkWhole(record, { ...(task === undefined ? {} : { task }), ...rest });
  const replayer = new ReplayRunner(steps, {
    mode,
    succeeded: state === "success",
    failure: state === "failure" ? error?.message : undefined,
    fork: fork === undefined ? undefined : findFork(steps, fork),
  });
  const recorder = recordingRunner();
  const runOptions = {
    tags: rest.sessionId === id ? { ...tags } : withoutBatch(tags),
    metadata: { ...metadata },
    runId: id,
    ...rest,
    signal: signal === undefined ? replayer.signal : AbortSignal.any([signal, replayer.signal]),
    steps: composeRunners(recorder, replayer),
    returnSession: true,
  } as const;
  let session: TacticCallSession<Out>;
  try {
    session = await tactic.run((task ?? recordedTask) as In, runOptions);
  } catch (error) {
    throw replayer.divergence ?? error;
  } finally {
    replayer.close();
  }
  if (replayer.divergence !== undefined) throw replayer.divergence;
  replayer.checkEnd();
  const { counts } = replayer;
  const result = session.delivery as Out;
  return {
    result,
    session,
    steps: recorder.steps,
    replayedCount: counts.replayed,
    liveCount: counts.live,
    changedCount: counts.changed,
    isSameResult: isSame(recorded, result),
    cost: sumCosts(steps, counts),
  };
}

function withoutBatch(tags: SessionRecord["tags"] | undefined): Record<string, string> {
  const { batch: _batch, batch_task: _task, ...others } = tags ?? {};
  return others;
}

function sumCosts(
  recorded: readonly StepRecord[],
  { savedCostUsd: savedUsd, spentCostUsd: spentUsd }: ReplayCounts,
): ReplayCost {
  const recordedUsd = recorded.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
  const totalUsd = savedUsd + spentUsd;
  return { recordedUsd, totalUsd, savedUsd, spentUsd, differenceUsd: totalUsd - recordedUsd };
}

/** A recorded text of which the log kept a beginning alone is the same if its hash is. */
function isSame(recorded: unknown, result: unknown): boolean {
  return compareValues(toJson(recorded), toJson(result), "result").length === 0;
}

function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? "null");
}

/** What the tactic is asked has to be there whole. */
function checkWhole({ id, cut = [] }: SessionRecord, given: Pick<ReplayOptions, "task" | "metadata">): void {
  for (const part of ["task", "metadata"] as const) {
    const found = cut.find(({ at }) => at.startsWith(part));
    if (found === undefined || given[part] !== undefined) continue;
    const { at, kept, length } = found;
    const data = { path: "", expected: null, actual: null, cut };
    throw new ReplayDivergenceError(data, {
      message:
        `Cannot replay session "${id}": expected its whole ${part}, found ${kept} of ${length} characters at ${at}: ` +
        `the limits of the log cut the rest; the option ${part} can give it`,
    });
  }
}
