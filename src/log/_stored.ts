import { InvokeCost, type InvokeCostInit } from "../message/mod.ts";
import { fromStepRecord, type RecordedStep, toStepRecord } from "../run/mod.ts";
import type { SessionEnd, SessionHead, SessionRecord } from "../session/mod.ts";
import { type ContentShrinker, restoreContent, restoreJson } from "./_content.ts";
import { type Redact, redactJson } from "./redact.ts";
import type { LogEntry, StoredBlob, StoredEnd, StoredHead, StoredSession } from "./types.ts";

/** How what is kept is made smaller, and what is left out. */
export interface ContentOptions {
  /** The part of the store. */
  readonly partition: string;
  /** Takes long texts out. */
  readonly shrinker: ContentShrinker;
  /** Changes what is kept. */
  readonly redact: Redact | undefined;
}

/** Makes the entry of a start. */
export function toStart(head: SessionHead, options: ContentOptions, replaces: boolean): LogEntry {
  const { id, parentId, tacticPath, tacticName, tags, startedAt, version, task = null, metadata } = head;
  const { partition, shrinker, redact } = options;
  const blobs: StoredBlob[] = [];
  const taskJson = redactJson(redact, "task", JSON.stringify(task));
  const metadataJson = redactJson(redact, "metadata", JSON.stringify(metadata));
  const stored: StoredHead = {
    id,
    ...(parentId === undefined ? {} : { parentId }),
    tacticPath,
    tacticName,
    tags,
    startedAt,
    version,
    json: shrinker.shrink(`{"task":${taskJson},"metadata":${metadataJson}}`, blobs),
  };
  return withBlobs({ type: "start", partition, id, head: stored, replaces }, blobs);
}

/** Makes the entry of a step. */
export function toStep(id: string, step: RecordedStep, options: ContentOptions): LogEntry {
  const { partition, shrinker, redact } = options;
  const blobs: StoredBlob[] = [];
  const inputJson = shrinker.shrink(redactJson(redact, "input", step.inputJson, step.path), blobs);
  const outputJson = step.outputJson === undefined
    ? {}
    : { outputJson: shrinker.shrink(redactJson(redact, "output", step.outputJson, step.path), blobs) };
  return withBlobs(
    { type: "step", partition, id, step: { ...step, inputJson, ...outputJson } },
    blobs,
  );
}

/** Makes the entry of an end. */
export function toEnd(id: string, end: SessionEnd, stepCount: number, options: ContentOptions): LogEntry {
  const { state, endedAt, cost, result, session, error, traceback } = end;
  const { partition, shrinker, redact } = options;
  const blobs: StoredBlob[] = [];
  const resultJson = result === undefined ? undefined : JSON.stringify(result);
  const parts = [
    ...(resultJson === undefined ? [] : [`"result":${redactJson(redact, "result", resultJson)}`]),
    `"cost":${JSON.stringify(nonZero(cost))}`,
    `"rest":${JSON.stringify({ error, traceback })}`,
    `"session":${redactJson(redact, "session", JSON.stringify(withoutHead(session)))}`,
  ];
  const stored: StoredEnd = {
    state,
    ...(endedAt === undefined ? {} : { endedAt }),
    costUsd: cost.cost,
    totalTokens: cost.totalTokens,
    json: shrinker.shrink(`{${parts.join(",")}}`, blobs),
  };
  return withBlobs({ type: "end", partition, id, end: stored, stepCount }, blobs);
}

/** Makes the entries of a whole record. */
export function toEntries(record: SessionRecord, options: ContentOptions): LogEntry[] {
  const { id, steps, state } = record;
  const stepEntries = steps.map((step) => toStep(id, fromStepRecord(step), options));
  const isOver = state !== "running" && state !== "initial";
  return [
    toStart(record, options, true),
    ...stepEntries,
    ...(isOver ? [toEnd(id, record, steps.length, options)] : []),
  ];
}

/** Makes the record of what was kept. */
export function toRecord({ head, state, end, steps, blobs }: StoredSession): SessionRecord {
  const { task, metadata } = restoreContent(head.json, blobs) as Pick<SessionHead, "task" | "metadata">;
  const tail = end === undefined ? unfinished(steps) : restoreContent(end.json, blobs) as StoredTail;
  const { id, parentId, tacticPath, tacticName, tags, startedAt } = head;
  const { result, rest } = tail;
  const times = { startedAt, ...(end?.endedAt === undefined ? {} : { endedAt: end.endedAt }) };
  const names = { ...(parentId === undefined ? {} : { parentId }), tacticPath, tacticName };
  return {
    format: "lllm-session",
    version: 1,
    id,
    ...names,
    state,
    tags,
    metadata,
    ...times,
    cost: new InvokeCost(tail.cost),
    task,
    ...(result === undefined ? {} : { result }),
    ...rest,
    session: {
      sessionId: id,
      ...names,
      task,
      tags,
      metadata,
      state,
      ...times,
      ...tail.session,
      ...(result === undefined ? {} : { delivery: result }),
      ...(rest.error === undefined ? {} : { error: rest.error }),
      ...(rest.traceback === undefined ? {} : { errorTraceback: rest.traceback }),
    },
    steps: steps.map((step) => {
      const inputJson = restoreJson(step.inputJson, blobs);
      const { outputJson } = step;
      if (outputJson === undefined) return toStepRecord({ ...step, inputJson });
      return toStepRecord({ ...step, inputJson, outputJson: restoreJson(outputJson, blobs) });
    }),
  };
}

/** What is kept of a session's end as JSON. */
interface StoredTail {
  readonly result?: unknown;
  readonly cost: InvokeCostInit;
  readonly rest: Pick<SessionEnd, "error" | "traceback">;
  readonly session: Readonly<Record<string, unknown>>;
}

/** Of a run without an end, the steps tell what it cost. */
function unfinished(steps: readonly RecordedStep[]): StoredTail {
  const cost = steps.reduce((sum, step) => sum + step.costUsd, 0);
  const totalTokens = steps.reduce((sum, step) => sum + step.tokens, 0);
  return { cost: { cost, totalTokens }, rest: {}, session: {} };
}

const HEAD_KEYS = new Set([
  ...["sessionId", "parentId", "tacticName", "tacticPath", "task", "tags", "metadata", "startedAt"],
  ...["endedAt", "state", "delivery", "error", "errorTraceback"],
]);

/** What the record says elsewhere need not be kept twice. */
function withoutHead(session: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(session).filter(([key]) => !HEAD_KEYS.has(key)));
}

function nonZero(cost: InvokeCost): Record<string, number> {
  return Object.fromEntries(Object.entries(cost).filter(([, value]) => value !== 0));
}

function withBlobs<E extends LogEntry>(entry: E, blobs: readonly StoredBlob[]): E {
  return blobs.length === 0 ? entry : { ...entry, blobs };
}
