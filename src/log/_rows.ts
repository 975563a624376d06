import type { RecordedStep } from "../run/mod.ts";
import type { TacticCallState } from "../session/mod.ts";
import type { SessionSummary, StoredHead } from "./types.ts";

/** A row of `sessions`, as both databases give it. */
export interface SessionRow {
  readonly seq: number;
  readonly id: string;
  readonly parent_id: string | null;
  readonly tactic_path: string;
  readonly tactic_name: string;
  readonly state: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly cost_usd: number;
  readonly tokens: number;
  readonly step_count: number;
  readonly version: number;
  readonly tags: string;
  readonly head: string;
}

/** A row of `steps`. */
export interface StepRow {
  readonly idx: number;
  readonly ordinal: number;
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly request_hash: string | null;
  readonly cost_usd: number;
  readonly tokens: number;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly error: string | null;
  readonly input: string;
  readonly output: string | null;
}

/** The index of the entry with a session's end: after every step. */
export const END_INDEX = 2 ** 40;

/** The columns of a {@linkcode SessionSummary}. */
export const SUMMARY_COLUMNS =
  "s.seq, s.id, s.parent_id, s.tactic_path, s.tactic_name, s.state, s.started_at, s.ended_at, s.cost_usd, s.tokens, s.step_count, s.tags";

/**
 * What a run without an end has come to: SQL for the totals of the steps that a condition on `entries` chooses. A step of several
 * attempts counts once.
 */
export function soFarSql(columns: string, condition: string, groupBy = ""): string {
  return `SELECT ${columns}coalesce(sum(c), 0) AS cost_usd, cast(coalesce(sum(t), 0) AS bigint) AS tokens, count(*) AS step_count ` +
    `FROM (SELECT session, max(cost_usd) AS c, max(tokens) AS t FROM entries WHERE ${condition} AND idx < ${END_INDEX} ` +
    `GROUP BY session, path, ordinal) parts ${groupBy}`;
}

/** Makes a summary of a row. */
export function toSummary(row: Omit<SessionRow, "version" | "head">): SessionSummary {
  const { parent_id: parentId, ended_at: endedAt } = row;
  return {
    id: row.id,
    ...(parentId === null ? {} : { parentId }),
    tacticPath: row.tactic_path,
    tacticName: row.tactic_name,
    state: row.state as TacticCallState,
    tags: JSON.parse(row.tags) as Record<string, string>,
    startedAt: new Date(row.started_at).toISOString(),
    ...(endedAt === null ? {} : { endedAt: new Date(endedAt).toISOString() }),
    costUsd: row.cost_usd,
    totalTokens: row.tokens,
    stepCount: row.step_count,
    cursor: `${row.started_at}.${row.seq}`,
  };
}

/** Reads a cursor. */
export function readCursor(cursor: string): readonly [startedAt: number, seq: number] {
  const [, startedAt, seq] = /^(-?\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (startedAt !== undefined && seq !== undefined) return [Number(startedAt), Number(seq)];
  throw new RangeError(
    `Cannot list sessions: expected the cursor of a session of this store, found ${JSON.stringify(cursor)}`,
  );
}

/** Makes a head of a row. */
export function toHead(row: SessionRow): StoredHead {
  const { parent_id: parentId } = row;
  return {
    id: row.id,
    ...(parentId === null ? {} : { parentId }),
    tacticPath: row.tactic_path,
    tacticName: row.tactic_name,
    tags: JSON.parse(row.tags) as Record<string, string>,
    startedAt: new Date(row.started_at).toISOString(),
    version: row.version,
    json: row.head,
  };
}

/** Makes a step of a row. */
export function toRecordedStep(row: StepRow): RecordedStep {
  return {
    index: row.idx,
    path: row.path,
    ordinal: row.ordinal,
    kind: row.kind as RecordedStep["kind"],
    name: row.name,
    inputJson: row.input,
    ...(row.request_hash === null ? {} : { requestHash: row.request_hash }),
    ...(row.output === null ? {} : { outputJson: row.output }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as NonNullable<RecordedStep["error"]> }),
    costUsd: row.cost_usd,
    tokens: row.tokens,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
  };
}
