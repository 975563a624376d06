import { type BudgetRunner, currentRun } from "../run/mod.ts";
import { followSignals } from "../util/mod.ts";
import { openBudget } from "./_open_budget.ts";
import type { BatchOptions, BatchProgress } from "./types.ts";

/** One run of a batch that has ended. */
export type BatchEntry<T> = readonly [index: number, outcome: PromiseSettledResult<T>];

/** What the runs of a batch have in common. */
export interface BatchShare extends Pick<BatchOptions, "onApproval" | "approvalTimeoutMs"> {
  /** Cancels the batch. */
  readonly signal: AbortSignal;
  /** The budget of all runs together. */
  readonly budget?: BudgetRunner;
}

/** What a batch runs: one task, with what it shares with the others. */
export type BatchWorker<In, T> = (
  task: In,
  shared: BatchShare,
  index: number,
) => Promise<T>;

/**
 * Runs tasks, at most `maxWorkers` at once, started in order; gives their outcomes as they come. With `failFast` the first
 * failure aborts the others, waits for them, and is thrown. Leaving the loop aborts what is under way.
 */
export function runBatch<In, T>(
  tasks: Iterable<In>,
  worker: BatchWorker<In, T>,
  options: BatchOptions & { maxWorkers: number },
): AsyncIterable<BatchEntry<T>> {
  const run = currentRun(); // a generator would see its consumer's run
  return {
    [Symbol.asyncIterator]: () =>
      iterate(tasks, (body) => run === undefined ? body() : run.enter(body), worker, options),
  };
}

async function* iterate<In, T>(
  tasks: Iterable<In>,
  inRun: <R>(body: () => R) => R,
  worker: BatchWorker<In, T>,
  options: BatchOptions & { maxWorkers: number },
): AsyncGenerator<BatchEntry<T>, void, undefined> {
  const { maxWorkers, failFast = true, signal, onProgress } = options;
  const all = [...tasks];
  const batch = followSignals(signal);
  const budget = openBudget(options.budget);
  const { onApproval, approvalTimeoutMs } = options;
  const shared: BatchShare = {
    signal: batch.signal,
    ...(budget.runner === undefined ? {} : { budget: budget.runner }),
    ...(onApproval === undefined ? {} : { onApproval }),
    ...(approvalTimeoutMs === undefined ? {} : { approvalTimeoutMs }),
  };
  const running = new Map<number, Promise<BatchEntry<T>>>();
  let next = 0;
  const start = () => {
    while (next < all.length && running.size < maxWorkers && !batch.signal.aborted) {
      const index = next++;
      const work = inRun(() => settle(() => worker(all[index]!, shared, index)));
      running.set(index, work.then((outcome) => [index, outcome] as const));
    }
  };
  const progress: { -readonly [K in keyof BatchProgress]: number } = {
    done: 0,
    failed: 0,
    total: all.length,
  };
  try {
    signal?.throwIfAborted();
    for (start(); running.size > 0; start()) {
      const entry = await Promise.race(running.values());
      const [index, outcome] = entry;
      running.delete(index);
      if (outcome.status === "fulfilled") progress.done++;
      else progress.failed++;
      onProgress?.({ ...progress });
      signal?.throwIfAborted();
      if (outcome.status === "rejected" && failFast) throw outcome.reason;
      yield entry;
    }
  } catch (error) {
    batch.abort(error);
    throw error;
  } finally {
    batch.abort(new DOMException("The batch was left", "AbortError"));
    await Promise.all(running.values());
    batch.release();
    budget.close();
  }
}

async function settle<T>(work: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  try {
    return { status: "fulfilled", value: await work() };
  } catch (reason) {
    return { status: "rejected", reason };
  }
}

/** Checks a number of workers. */
export function checkMaxWorkers(maxWorkers: number): number {
  if (Number.isInteger(maxWorkers) && maxWorkers > 0) return maxWorkers;
  throw new RangeError(
    `Cannot run a batch: expected maxWorkers to be a whole number from 1, found ${maxWorkers}`,
  );
}
