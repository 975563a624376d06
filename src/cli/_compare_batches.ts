import type { LogStore, SessionSummary } from "../log/mod.ts";
import { compareValues, type FieldDifference } from "../replay/mod.ts";
import type { SessionRecord } from "../session/mod.ts";
import { canonicalJson } from "../util/mod.ts";
import type { Colors } from "./_colors.ts";
import { counted, dollars } from "./_log_text.ts";
import { nearBatches } from "./_near_filters.ts";
import { plain } from "./_plain.ts";
import { UsageError } from "./_usage_error.ts";

/** What a batch came to. */
export interface BatchFigures {
  /** Its name. */
  readonly name: string;
  /** Tasks. */
  readonly taskCount: number;
  /** Tasks that succeeded. */
  readonly successCount: number;
  /** US dollars. */
  readonly costUsd: number;
  /** Tokens, sent and received. */
  readonly totalTokens: number;
  /** Steps. */
  readonly stepCount: number;
}

/** A task that two batches have, and that came out otherwise. */
export interface ChangedTask {
  /** The task. */
  readonly task: unknown;
  /** Its session in each batch. */
  readonly sessions: readonly [string, string];
  /** How it ended in each batch. */
  readonly states: readonly [string, string];
  /** What differs between the results. */
  readonly result: readonly FieldDifference[];
  /** What it cost in each batch, in US dollars. */
  readonly costUsd: readonly [number, number];
}

/** Two batches, compared by their tasks. */
export interface BatchComparison {
  /** Both in figures. */
  readonly batches: readonly [BatchFigures, BatchFigures];
  /** Tasks with the same result in both. */
  readonly equalCount: number;
  /** Tasks of both that came out otherwise. */
  readonly changed: readonly ChangedTask[];
  /** Tasks that only the first has, and only the second. */
  readonly onlyIn: readonly [number, number];
}

/** Compares the sessions of two batches, task by task; equal tasks one by one, in their order. */
export async function compareBatches(
  store: LogStore,
  names: readonly [string, string],
): Promise<BatchComparison> {
  const [before, after] = [await loadBatch(store, names[0]), await loadBatch(store, names[1])];
  const changed: ChangedTask[] = [];
  let equalCount = 0;
  for (const [key, old] of before) {
    const now = after.get(key);
    if (now === undefined) continue;
    const result = compareValues(old.record.result ?? null, now.record.result ?? null, "result");
    if (result.length === 0 && old.record.state === now.record.state) equalCount++;
    else {
      changed.push({
        task: now.record.task,
        sessions: [old.summary.id, now.summary.id],
        states: [old.record.state, now.record.state],
        result,
        costUsd: [old.summary.costUsd, now.summary.costUsd],
      });
    }
  }
  const shared = equalCount + changed.length;
  return {
    batches: [toFigures(names[0], before), toFigures(names[1], after)],
    equalCount,
    changed,
    onlyIn: [before.size - shared, after.size - shared],
  };
}

/** Says for people how two batches differ. */
export function describeBatches(comparison: BatchComparison, colors: Colors): string {
  const { batches, equalCount, changed, onlyIn } = comparison;
  const line = ({ name, taskCount, successCount, costUsd, totalTokens, stepCount }: BatchFigures) =>
    `${plain(name)}  ${successCount} of ${taskCount} ok  ${dollars(costUsd)}  ${
      counted(totalTokens, "token")
    }  ${counted(stepCount, "step")}`;
  const [before, after] = batches;
  const rise = after.costUsd - before.costUsd;
  return [
    colors.red(`- ${line(before)}`),
    colors.green(`+ ${line(after)}`),
    `${counted(equalCount, "task")} alike, ${changed.length} not, ${onlyIn[0]} and ${
      onlyIn[1]
    } in one alone · ` +
    `cost ${rise < 0 ? "-" : "+"}${dollars(Math.abs(rise))}`,
    ...changed.flatMap(({ task, sessions, states, result }) => [
      "",
      `${colors.yellow("~")} ${plain(JSON.stringify(task) ?? "null").slice(0, 100)}  ${states.join(" → ")}  ${
        colors.dim(`lllm log diff ${sessions.join(" ")}`)
      }`,
      ...result.map(({ field, change }) => `    ${plain(field)}: ${plain(change)}`),
    ]),
  ].join("\n");
}

interface BatchRun {
  readonly summary: SessionSummary;
  readonly record: SessionRecord;
}

type Batch = Map<string, BatchRun>;

/** A run, and which of its batch's tasks it is of. */
interface PlacedRun extends BatchRun {
  readonly task: string;
  /** Equal tasks come in this order. */
  readonly order: number;
}

/** The runs of a batch by their tasks. */
async function loadBatch(store: LogStore, name: string): Promise<Batch> {
  const newest = new Map<string, PlacedRun>();
  const limit = 500;
  let cursor: string | undefined;
  while (true) {
    const query = { tags: { batch: name }, limit, ...(cursor === undefined ? {} : { cursor }) };
    const page = await store.listSessions(query);
    for (const summary of page) {
      const record = await store.loadSessionRecord(summary.id);
      const { place, ...run } = placeOf(summary, record);
      if (!newest.has(place)) newest.set(place, run); // the newest comes first
    }
    if (page.length < limit) break;
    cursor = page.at(-1)!.cursor;
  }
  if (newest.size > 0) return numberEqualTasks(newest.values());
  throw new UsageError(
    `Cannot compare batch "${name}": expected sessions with the tag batch=${name}, found none${await nearBatches(
      store,
      name,
    )}`,
  );
}

/**
 * Finds the place of a run in its batch; of several runs at one place the newest counts. The place is the line in the file of tasks:
 * what a line had before it was changed is not in the batch any more. Without a file it is the task and which of the equal ones it
 * is, as far as that is known; else a run has a place of its own.
 */
function placeOf(summary: SessionSummary, record: SessionRecord): PlacedRun & { readonly place: string } {
  const { tacticPath, id } = summary;
  const task = `${tacticPath}\n${canonicalJson(record.task as never)}`;
  const run = { summary, record, task };
  const { batch_index: line } = record.metadata;
  if (typeof line === "number") return { ...run, order: line, place: `${tacticPath}\n${line}` };
  const { batch_task: key } = record.tags;
  if (key !== undefined) {
    return { ...run, order: Number(key.split("#")[1] ?? 0), place: `${tacticPath}\n${key}` };
  }
  return { ...run, order: Date.parse(record.startedAt), place: id };
}

/** Tells equal tasks apart by which of them they are, so that those of two files meet wherever they stand in them. */
function numberEqualTasks(runs: Iterable<PlacedRun>): Batch {
  const seen = new Map<string, number>();
  const batch: Batch = new Map();
  const inOrder = [...runs].reverse().sort((one, other) => one.order - other.order); // the newest came first
  for (const { task, summary, record } of inOrder) {
    const ordinal = seen.get(task) ?? 0;
    seen.set(task, ordinal + 1);
    batch.set(`${task}#${ordinal}`, { summary, record });
  }
  return batch;
}

function toFigures(name: string, batch: Batch): BatchFigures {
  const all = [...batch.values()].map(({ summary }) => summary);
  const sum = (key: "costUsd" | "totalTokens" | "stepCount") =>
    all.reduce((total, summary) => total + summary[key], 0);
  return {
    name,
    taskCount: all.length,
    successCount: all.filter(({ state }) => state === "success").length,
    costUsd: sum("costUsd"),
    totalTokens: sum("totalTokens"),
    stepCount: sum("stepCount"),
  };
}
