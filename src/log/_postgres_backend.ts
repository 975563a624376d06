import { LLLMError } from "../errors.ts";
import { type ListConditions, listOrder, writeListQuery } from "./_list_query.ts";
import { openPostgres, type PostgresConnection } from "./_postgres_connection.ts";
import { PostgresPresence, WRITER_IS_GONE } from "./_postgres_presence.ts";
import { migratePostgres } from "./_postgres_schema.ts";
import { type EndedRow, PostgresWriter } from "./_postgres_write.ts";
import {
  END_INDEX,
  readCursor,
  type SessionRow,
  soFarSql,
  type StepRow,
  SUMMARY_COLUMNS,
  toHead,
  toRecordedStep,
  toSummary,
} from "./_rows.ts";
import { stateTerm, termsOfFilter } from "./_terms.ts";
import {
  ATTEMPT_SIZE,
  type CostRow,
  type LogBackend,
  type LogEntry,
  type ModelCostRow,
  type SessionFilter,
  type SessionPage,
  type SessionSummary,
  type StoredSession,
} from "./types.ts";

/** Options of a {@linkcode PostgresBackend}. */
export interface PostgresBackendOptions {
  readonly schema: string;
  readonly maxConnections: number;
}

/** Sessions in a PostgreSQL database. It is connected to at the first use. */
export class PostgresBackend implements LogBackend {
  readonly #url: string;
  readonly #options: PostgresBackendOptions;
  readonly #presence: PostgresPresence;
  readonly #terms = new Map<string, { readonly id: number; readonly count: number; readonly at: number }>();
  #opening: Promise<{ readonly db: PostgresConnection; readonly writer: PostgresWriter }> | undefined;

  /** Creates a backend over a database. */
  constructor(url: string, options: PostgresBackendOptions) {
    this.#url = url;
    this.#options = options;
    this.#presence = new PostgresPresence(url, options.schema);
  }

  /** Keeps entries in one transaction. */
  async write(entries: readonly LogEntry[]): Promise<void> {
    const { writer } = await this.#opened();
    await this.#presence.show();
    await writer.write(entries);
  }

  /** Lists sessions, the newest first. */
  async list(page: SessionPage): Promise<SessionSummary[]> {
    const { db } = await this.#opened();
    const conditions = await this.#upToDate(() => this.#conditions(page, page.cursor));
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions, conditions.terms.length === 2 ? ONE_BY_ONE : "");
    const rows = await db.all<SessionRow>(
      `SELECT ${SUMMARY_COLUMNS} ${sql} ${listOrder(conditions)} LIMIT ?`,
      ...values,
      page.limit,
    );
    const running = rows.filter(({ state }) => state === "running").map(({ seq }) => seq);
    const soFar = running.length === 0 ? [] : await db.all<SoFarRow>(SO_FAR, running);
    const bySeq = new Map(soFar.map((row) => [row.seq, row]));
    return rows.map((row) => toSummary({ ...row, ...bySeq.get(row.seq) }));
  }

  /** Loads a session. */
  async load(partition: string, id: string): Promise<StoredSession | undefined> {
    const { db } = await this.#opened();
    const find = "SELECT * FROM sessions WHERE partition = ? AND id = ?";
    const [row] = await this.#upToDate(() => db.all<SessionRow>(find, partition, id));
    if (row === undefined) return undefined;
    const [entries, blobs] = await Promise.all([
      db.all<StepRow>("SELECT * FROM entries WHERE session = ? ORDER BY idx", row.seq),
      db.all<{ hash: string; content: string }>(
        "SELECT b.hash, b.content FROM blob_uses u JOIN blobs b ON b.hash = u.hash WHERE u.session = ?",
        row.seq,
      ),
    ]);
    const end = entries.at(-1)?.idx === END_INDEX ? entries.pop() : undefined;
    const { endedAt, costUsd, totalTokens, state } = toSummary(row);
    const times = endedAt === undefined ? {} : { endedAt };
    return {
      head: toHead(row),
      state,
      ...(end === undefined ? {} : { end: { state, ...times, costUsd, totalTokens, json: end.input } }),
      steps: entries.map(toRecordedStep),
      blobs: new Map(blobs.map(({ hash, content }) => [hash, content])),
    };
  }

  /** Adds up costs, by tactic and day. */
  async sumCosts(filter: SessionFilter): Promise<CostRow[]> {
    const { db } = await this.#opened();
    const conditions = await this.#upToDate(() => this.#conditions(filter));
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    return await db.all<CostRow>(
      `SELECT s.tactic_path AS "tacticPath", to_char(to_timestamp(s.started_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, ` +
        `count(*) AS "sessionCount", sum(s.cost_usd) AS "costUsd", sum(s.tokens)::bigint AS "totalTokens" ${sql} GROUP BY 1, 2`,
      ...values,
    );
  }

  /** Adds up the costs of model calls, by model. */
  async sumModelCosts(filter: SessionFilter): Promise<ModelCostRow[]> {
    const { db } = await this.#opened();
    const conditions = await this.#conditions(filter);
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    return await db.all<ModelCostRow>(
      `SELECT t.name AS model, count(*) AS "callCount", sum(t.cost_usd) AS "costUsd", sum(t.tokens)::bigint AS "totalTokens" ` +
        `FROM (SELECT s.seq ${sql}) f JOIN entries t ON t.session = f.seq WHERE t.kind = 'model' AND t.idx < ${ATTEMPT_SIZE} GROUP BY 1`,
      ...values,
    );
  }

  /** Lists errors, the newest first. */
  async listErrors(partition: string, limit: number): Promise<string[]> {
    const { db } = await this.#opened();
    const sql = "SELECT json FROM errors WHERE partition = ? ORDER BY seq DESC LIMIT ?";
    return (await db.all<{ json: string }>(sql, partition, limit)).map(({ json }) => json);
  }

  /** Forgets a session. */
  async delete(partition: string, id: string): Promise<boolean> {
    return await (await this.#opened()).writer.delete(partition, id);
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    await this.#presence.leave();
    await (await opening?.catch(() => undefined))?.db.close();
  }

  async #opened(): Promise<{ readonly db: PostgresConnection; readonly writer: PostgresWriter }> {
    const opening = this.#opening ??= this.#open();
    try {
      return await opening;
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined; // the next use tries again
      throw error;
    }
  }

  async #open(): Promise<{ readonly db: PostgresConnection; readonly writer: PostgresWriter }> {
    const { schema, maxConnections: max } = this.#options;
    const db = await openPostgres(this.#url, { schema, max, idleSeconds: 5 });
    try {
      await migratePostgres(db, schema);
    } catch (error) {
      await db.close();
      throw error instanceof LLLMError ? error : cannotConnect(this.#url, error);
    }
    return { db, writer: new PostgresWriter(db, this.#presence.id) };
  }

  /** The conditions of a filter; `undefined` if no session can meet them. */
  async #conditions(filter: SessionFilter, cursor?: string): Promise<ListConditions | undefined> {
    const { partition, state, after, before } = filter;
    const place = cursor === undefined ? {} : { cursor: readCursor(cursor) };
    const wanted = termsOfFilter(filter);
    const terms = await this.#findTerms(partition, wanted);
    if (terms === undefined) return undefined;
    return {
      terms,
      ...(state === "running" ? { running: { partition, sql: "s.state = 'running'" } } : {}),
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
      ...place,
    };
  }

  /** The numbers of terms, the rarest first; `undefined` where one is not there. Counted again after a while: only speed depends on it. */
  async #findTerms(partition: string, wanted: readonly string[]): Promise<number[] | undefined> {
    const keyOf = (term: string) => `${partition}\0${term}`;
    const now = performance.now();
    const found = new Map(wanted.map((term) => [term, this.#terms.get(keyOf(term))]));
    const unknown = wanted.filter((term) => now - (found.get(term)?.at ?? -Infinity) > COUNTED_MS);
    if (unknown.length > 0) {
      const { db } = await this.#opened();
      const rows = await db.all<{ term: string; id: number; count: number }>(
        "SELECT t.term, t.id, (SELECT count(*) FROM (SELECT 1 FROM postings p WHERE p.term = t.id LIMIT 1000) counted) AS count " +
          "FROM terms t WHERE t.partition = ? AND t.term = ANY(ARRAY(SELECT json_array_elements_text(?::text::json)))",
        partition,
        JSON.stringify(unknown),
      );
      if (rows.length < unknown.length) return undefined;
      if (this.#terms.size > MAX_TERMS) this.#terms.clear();
      for (const { term, id, count } of rows) {
        const counted = { id, count, at: now };
        found.set(term, counted);
        this.#terms.set(keyOf(term), counted);
      }
    }
    return [...found.values()].sort((a, b) => a!.count - b!.count).map((term) => term!.id);
  }

  /** Reads while it looks for runs whose program died; where there were any, it reads again. */
  async #upToDate<T>(read: () => Promise<T>): Promise<T> {
    const [result, isChanged] = await Promise.all([read(), this.#interruptSessions()]);
    return isChanged ? await read() : result;
  }

  /** Runs whose program died are interrupted from now on; tells whether there were any. */
  async #interruptSessions(): Promise<boolean> {
    const { db, writer } = await this.#opened();
    const gone = await db.all<{ partition: string }>(
      `SELECT DISTINCT s.partition FROM sessions s WHERE s.state = 'running' AND ${WRITER_IS_GONE}`,
    );
    if (gone.length === 0) return false;
    await writer.ensureTerms(gone.map(({ partition }) => [partition, stateTerm("interrupted")]));
    await db.transaction(async (tx) => {
      const rows = await tx.all<EndedRow>(
        `UPDATE sessions s SET state = 'interrupted', writer = NULL,
          (cost_usd, tokens, step_count) = (${soFarSql("", "session = s.seq")})
        WHERE s.state = 'running' AND s.partition IN (SELECT json_array_elements_text(?::text::json)) AND ${WRITER_IS_GONE}
        RETURNING s.seq, s.started_at, s.partition, s.state`,
        JSON.stringify(gone.map(({ partition }) => partition)),
      );
      await writer.addStates(tx, rows);
    });
    return true;
  }
}

/** Says which server it was, without user and password. */
function cannotConnect(url: string, cause: unknown): Error {
  const place = url.replace(/^\w+:\/\/(.*@)?/, "").replace(/\?.*$/s, "");
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Error(
    `Cannot open a log: expected the database "${place}", found that it cannot be used: ${reason}`,
    { cause },
  );
}

const COUNTED_MS = 60_000;
const MAX_TERMS = 10_000;

/** What a run that goes on has come to so far. */
type SoFarRow = Pick<SessionRow, "seq" | "cost_usd" | "tokens" | "step_count">;

/**
 * PostgreSQL takes a subquery with an offset as it is. Without one it joins two lists as wholes, and sorts them; three it reads side by
 * side in the order of time, which is faster than to look up one by one.
 */
const ONE_BY_ONE = " OFFSET 0";

const SO_FAR = soFarSql("session AS seq, ", "session = ANY(?::bigint[])", "GROUP BY session");
