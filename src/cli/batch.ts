import type { Budget } from "../run/mod.ts";
import { type TacticCallSession, TacticError } from "../session/mod.ts";
import type { Tactic } from "../tactic/mod.ts";
import { canonicalJson, sha256Hex } from "../util/mod.ts";
import { createApprover } from "./_approver.ts";
import { describeFailure, EXIT, exitCodeOf } from "./_exit_codes.ts";
import { readText } from "./_input.ts";
import { listenForInterrupt } from "./_interrupt.ts";
import { writeNote, writeResult } from "./_io.ts";
import { LineReader } from "./_line_reader.ts";
import { openRunLog } from "./_log_store.ts";
import { callOf, openTactic, type OpenTacticOptions } from "./_open_tactic.ts";
import { createProgress } from "./_progress.ts";
import { reportFailure } from "./_report.ts";
import { openResultsFile, type ResultLine } from "./_results_file.ts";
import { UsageError } from "./_usage_error.ts";

/** Many runs of one tactic, as `lllm run --batch` does them. */
export interface BatchCommand extends OpenTacticOptions {
  /** The tasks: a file with a JSON value a line. */
  readonly batch: string;
  /** The results: a file that gets a line a task. */
  readonly out: string;
  /** Tasks at once. Default: the config's `max_workers`, else 8. */
  readonly maxWorkers?: number;
  /** Whether to go on with `out`. Default: false. */
  readonly resume?: boolean;
  /** Whether stdout gets one JSON object. Default: false. */
  readonly json?: boolean;
  /** Whether stderr gets a line for each event, and the trace of an error. Default: false. */
  readonly verbose?: boolean;
  /** As for one run; what is approved for good holds for the whole batch. Default: `"ask"` at a terminal, else `"none"`. */
  readonly approve?: "all" | "none" | "ask";
  /** Upper limits of all runs together; tasks that there is no room for any more fail, and are run by `resume`. Default: none. */
  readonly budget?: Budget;
}

/** A task of the file: its value, or what is wrong with its line. */
interface BatchTask {
  readonly index: number;
  readonly hash: string;
  readonly value?: unknown;
  readonly problem?: string;
}

/** Runs a tactic on every task of a file; a task that fails does not end the batch. Gives the exit code. */
export async function batchCommand(command: BatchCommand): Promise<number> {
  const { json = false, verbose = false } = command;
  using interrupt = listenForInterrupt();
  const { signal } = interrupt;
  try {
    await using log = await openRunLog(command);
    const tactic = await openTactic(command, log);
    const tasks = parseTasks(await readText(command.batch));
    if (tasks.length === 0) {
      throw new UsageError(`Cannot run "${command.batch}": expected a task in each line, found none`);
    }
    const failures: BatchFailure[] = [];
    const counts = await runTasks(tactic, tasks, command, { signal, failures });
    return reportCounts(counts, failures, command);
  } catch (error) {
    return reportFailure(error, { json, verbose, signal, topic: "run" });
  }
}

/** Why a task failed. */
interface BatchFailure {
  readonly message: string;
  readonly exitCode: number;
}

/** How a batch went. */
interface BatchCounts {
  done: number;
  failed: number;
  skipped: number;
  readonly total: number;
  totalTokens: number;
  totalCostUsd: number;
  durationMs: number;
}

async function runTasks(
  tactic: Tactic<unknown, unknown>,
  tasks: readonly BatchTask[],
  command: BatchCommand,
  { signal, failures }: { signal: AbortSignal; failures: BatchFailure[] },
): Promise<BatchCounts> {
  const { out, resume = false, verbose = false, maxWorkers, approve, budget } = command;
  const started = performance.now();
  const { file, finished } = await openResultsFile(out, {
    resume,
    taskHashes: tasks.map(({ hash }) => hash),
  });
  await using results = file;
  const open = tasks.filter(({ index }) => !finished.has(index));
  const counts: BatchCounts = {
    done: 0,
    failed: 0,
    skipped: finished.size,
    total: tasks.length,
    totalTokens: 0,
    totalCostUsd: 0,
    durationMs: 0,
  };
  using progress = createProgress({ verbose });
  const onApproval = createApprover({
    mode: approve,
    lines: new LineReader(),
    pause: () => progress.pause(),
  });
  if (verbose) tactic.observe((event) => progress.handleEvent(event));
  const finish = async (line: ResultLine) => {
    await results.append(line);
    counts[line.ok ? "done" : "failed"]++;
    counts.totalTokens += line.summary?.totalTokens ?? 0;
    counts.totalCostUsd += line.summary?.totalCostUsd ?? 0;
    progress.setStatus(describeCounts(counts));
  };
  progress.setStatus(describeCounts(counts));
  for (const { index, hash, problem } of open.filter((task) => task.problem !== undefined)) {
    failures.push({ message: problem!, exitCode: EXIT.failed });
    await finish({ index, ok: false, error: { code: "task_invalid", message: problem! }, taskHash: hash });
  }
  const sound = open.filter((task) => task.problem === undefined);
  const outcomes = tactic.ccall(sound.map(({ value }) => value), {
    failFast: false,
    returnSessions: true,
    signal,
    metadata: (position) => ({ ...callOf(command), batch_index: sound[position]!.index }),
    tags: { batch: nameOf(out) },
    onApproval,
    ...(budget === undefined ? {} : { budget }),
    ...(maxWorkers === undefined ? {} : { maxWorkers }),
  }) as AsyncIterable<[index: number, outcome: PromiseSettledResult<TacticCallSession<unknown>>]>;
  for await (const [position, outcome] of outcomes) {
    const line = toLine(sound[position]!, outcome);
    if (outcome.status === "rejected") {
      failures.push({ message: line.error?.message ?? "", exitCode: exitCodeOf(outcome.reason) });
    }
    await finish(line);
  }
  counts.durationMs = Math.round(performance.now() - started);
  return counts;
}

/** A batch is named after its results: `lllm log diff --batch` finds it by that. */
function nameOf(out: string): string {
  return out.replace(/^.*[/\\]/, "").replace(/\.[^.]*$/, "");
}

function toLine(task: BatchTask, outcome: PromiseSettledResult<TacticCallSession<unknown>>): ResultLine {
  const { index, hash: taskHash } = task;
  if (outcome.status === "fulfilled") {
    const { sessionId, delivery: result = null } = outcome.value;
    return { index, ok: true, result, taskHash, sessionId, summary: outcome.value.summary() };
  }
  const error = describeFailure(outcome.reason);
  const session = outcome.reason instanceof TacticError ? outcome.reason.session : undefined;
  if (session === undefined) return { index, ok: false, error, taskHash };
  return { index, ok: false, error, taskHash, sessionId: session.sessionId, summary: session.summary() };
}

function parseTasks(text: string): BatchTask[] {
  const lines = text.replace(/^\ufeff/, "").split("\n")
    .map((line, number) => ({ line: line.trim(), number: number + 1 }))
    .filter(({ line }) => line !== "");
  return lines.map(({ line, number }, index) => {
    try {
      const value: unknown = JSON.parse(line);
      return { index, value, hash: sha256Hex(canonicalJson(value)) };
    } catch (error) {
      return {
        index,
        hash: sha256Hex(line),
        problem: `Line ${number} is no JSON: ${(error as Error).message}`,
      };
    }
  });
}

function describeCounts({ done, failed, skipped, total }: BatchCounts): string {
  return `${done + skipped} done, ${failed} failed, ${total} in all`;
}

/**
 * A batch of which nothing succeeded, and all for one reason, ends as a single run would have ended; so does one that had no room in
 * its budget any more.
 */
function exitCodeOfBatch(counts: BatchCounts, failures: readonly BatchFailure[]): number {
  if (counts.failed === 0) return EXIT.ok;
  if (isOutOfBudget(failures)) return EXIT.budget;
  const codes = new Set(failures.map((failure) => failure.exitCode));
  return counts.done + counts.skipped === 0 && codes.size === 1 ? failures[0]!.exitCode : EXIT.failed;
}

function isOutOfBudget(failures: readonly BatchFailure[]): boolean {
  return failures.every(({ exitCode }) => exitCode === EXIT.budget);
}

function reportCounts(
  counts: BatchCounts,
  failures: readonly BatchFailure[],
  { out, json = false }: BatchCommand,
): number {
  const ok = counts.failed === 0;
  const message =
    `${counts.failed} of ${counts.total} tasks failed, the first with: ${failures[0]?.message}; ` +
    `${out} has them all, --resume runs them again`;
  if (json) {
    const code = isOutOfBudget(failures) ? "budget_exceeded" : "tasks_failed";
    const failure = ok ? {} : { error: { code, message } };
    writeResult(JSON.stringify({ ok, ...failure, result: { out, ...counts } }));
  }
  const { totalTokens, totalCostUsd, durationMs } = counts;
  const figures = `${totalTokens.toLocaleString("en-US")} tokens · $${totalCostUsd.toFixed(4)} · ${
    (durationMs / 1000).toFixed(1)
  } s`;
  writeNote(
    `${describeCounts(counts)}${counts.skipped > 0 ? ` (${counts.skipped} from before)` : ""} · ${figures}`,
  );
  if (!ok) writeNote(`error: ${message}`);
  return exitCodeOfBatch(counts, failures);
}
