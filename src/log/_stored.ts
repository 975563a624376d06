import { InvokeCost, type InvokeCostInit } from "../message/mod.ts";
import { fromStepRecord, type RecordedStep, toStepRecord } from "../run/mod.ts";
import type { SessionEnd, SessionHead, SessionRecord } from "../session/mod.ts";
import { sha256Hex } from "../util/mod.ts";
import { type ContentShrinker, restoreContent, restoreInputJson, restoreJson } from "./_content.ts";
import { escapeCutJson } from "./_cut.ts";
import { InputDeltas, restoreAttempts } from "./_input_delta.ts";
import { restoreSessionTail } from "./_session_tail.ts";
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
export function toStep(
  id: string,
  step: RecordedStep,
  deltas: InputDeltas,
  options: ContentOptions,
): LogEntry {
  const { partition, shrinker, redact } = options;
  const { path } = step;
  const blobs: StoredBlob[] = [];
  const inputJson = storedInput(step, deltas, options, blobs);
  const kept: Mutable<RecordedStep> = {
    index: step.index,
    path,
    ordinal: step.ordinal,
    kind: step.kind,
    name: step.name,
    inputJson,
    outputJson: step.outputJson,
    costUsd: finite(step.costUsd),
    tokens: finite(step.tokens),
    startedAt: finite(step.startedAt),
    durationMs: finite(step.durationMs),
  };
  if (kept.outputJson !== undefined) {
    // What comes from a record has been wrapped already.
    const json = step.output === undefined ? kept.outputJson : escapeCutJson(kept.outputJson);
    kept.outputJson = shrinker.shrink(redactJson(redact, "output", json, path), blobs);
  }
  const requestHash = step.requestHash ?? (redact === undefined ? undefined : sha256Hex(step.inputJson));
  if (requestHash !== undefined) kept.requestHash = requestHash;
  if (step.cut !== undefined) kept.cut = step.cut;
  if (step.error !== undefined) kept.error = step.error;
  return withBlobs({ type: "step", partition, id, step: kept }, blobs);
}

/** What somebody else measured may be no number. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function storedInput(
  step: RecordedStep,
  deltas: InputDeltas,
  { shrinker, redact }: ContentOptions,
  blobs: StoredBlob[],
): string {
  const pieces = redact === undefined ? step.inputPieces : undefined;
  const shortened = pieces === undefined ? undefined : deltas.shortenPieces(step, pieces);
  if (shortened !== undefined) return shortened;
  const json = redactJson(redact, "input", pieces?.join("") ?? step.inputJson, step.path);
  return deltas.shorten(step, shrinker.shrink(json, blobs));
}

/** What an end is made of. */
export interface EndParts extends Omit<SessionEnd, "session"> {
  /** What is kept of the session beside its head. */
  readonly tail: Readonly<Record<string, unknown>>;
  /** How many steps there were. */
  readonly stepCount: number;
}

/** Makes the entry of an end. */
export function toEnd(id: string, parts: EndParts, options: ContentOptions): LogEntry {
  const { state, endedAt, cost, result, tail, error, traceback, stepCount } = parts;
  const { partition, shrinker, redact } = options;
  const blobs: StoredBlob[] = [];
  const resultJson = result === undefined ? undefined : JSON.stringify(result);
  const resultPart = resultJson === undefined ? "" : `"result":${redactJson(redact, "result", resultJson)},`;
  const rest = error === undefined && traceback === undefined ? "{}" : JSON.stringify({ error, traceback });
  const session = redactJson(redact, "session", JSON.stringify(tail));
  const end: StoredEnd = {
    state,
    ...(endedAt === undefined ? {} : { endedAt }),
    costUsd: finite(cost.cost),
    totalTokens: finite(cost.totalTokens),
    json: shrinker.shrink(
      `{${resultPart}"cost":${nonZeroJson(cost)},"rest":${rest},"session":${session}}`,
      blobs,
    ),
  };
  return withBlobs({ type: "end", partition, id, end, stepCount }, blobs);
}

/** Makes the entries of a whole record. */
export function toEntries(record: SessionRecord, options: ContentOptions): LogEntry[] {
  const { id, steps, state } = record;
  const deltas = new InputDeltas();
  const stepEntries = steps.map((step) => toStep(id, fromStepRecord(step), deltas, options));
  const isOver = state !== "running" && state !== "initial";
  return [
    toStart(record, options, true),
    ...stepEntries,
    ...(isOver
      ? [toEnd(id, { ...record, tail: withoutHead(record.session), stepCount: steps.length }, options)]
      : []),
  ];
}

/** Makes the record of what was kept. */
export function toRecord({ head, state, end, steps, blobs }: StoredSession): SessionRecord {
  const { task, metadata } = restoreContent(head.json, blobs) as Pick<SessionHead, "task" | "metadata">;
  const tail = end === undefined ? unfinished(steps) : restoreContent(end.json, blobs) as StoredTail;
  const { id, parentId, tacticPath, tacticName, tags, startedAt } = head;
  const { result, rest } = tail;
  const records = stepsOf(steps, end !== undefined).map((step) => {
    const inputJson = restoreInputJson(step.inputJson, blobs);
    const { outputJson } = step;
    if (outputJson === undefined) return toStepRecord({ ...step, inputJson });
    return toStepRecord({ ...step, inputJson, outputJson: restoreJson(outputJson, blobs) });
  });
  const outputs = new Map(records.map(({ index, output }) => [index, output]));
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
      ...restoreSessionTail(tail.session, outputs) as Record<string, unknown>,
      ...(result === undefined ? {} : { delivery: result }),
      ...(rest.error === undefined ? {} : { error: rest.error }),
      ...(rest.traceback === undefined ? {} : { errorTraceback: rest.traceback }),
    },
    steps: records,
  };
}

/**
 * The steps of a session with their whole inputs. One that goes on anew has those of its present attempt and, until it has ended, what
 * earlier attempts had come to beyond them.
 */
function stepsOf(steps: readonly RecordedStep[], hasEnded: boolean): RecordedStep[] {
  const [present = [], ...earlier] = restoreAttempts(steps);
  if (hasEnded || earlier.length === 0) return present;
  const placeOf = ({ path, ordinal }: RecordedStep) => `${ordinal} ${path}`;
  const known = new Set(present.map(placeOf));
  const all = [...present];
  for (const step of earlier.flat()) {
    if (known.has(placeOf(step))) continue;
    known.add(placeOf(step));
    all.push({ ...step, index: all.length });
  }
  return all;
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

function nonZeroJson(cost: InvokeCost): string {
  let json = "";
  for (const key of Object.keys(cost) as (keyof InvokeCostInit)[]) {
    if (cost[key] !== 0) json += `${json === "" ? "" : ","}"${key}":${JSON.stringify(cost[key])}`;
  }
  return `{${json}}`;
}

function withBlobs<E extends LogEntry>(entry: E, blobs: readonly StoredBlob[]): E {
  return blobs.length === 0 ? entry : { ...entry, blobs };
}
