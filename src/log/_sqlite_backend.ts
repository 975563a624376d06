import { type ListConditions, listOrder, writeListQuery } from "./_list_query.ts";
import { Presence } from "./_presence.ts";
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
import { SqliteDatabase } from "./_sqlite_database.ts";
import { SqliteWriter } from "./_sqlite_write.ts";
import { termsOfFilter } from "./_terms.ts";
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

/** Sessions in an SQLite file. It is opened at the first use. */
export class SqliteBackend implements LogBackend {
  readonly #path: string;
  readonly #surviveOutage: boolean;
  readonly #presence: Presence | undefined;
  #open: { readonly db: SqliteDatabase; readonly writer: SqliteWriter } | undefined;

  /** Creates a backend over a file, or over memory. */
  constructor(path: string, options: { surviveOutage: boolean }) {
    this.#path = path;
    this.#surviveOutage = options.surviveOutage;
    this.#presence = path === ":memory:" ? undefined : new Presence(`${path}-writers`);
  }

  /** Keeps entries in one transaction. */
  write(entries: readonly LogEntry[]): void {
    const { writer } = this.#opened();
    this.#presence?.show();
    writer.write(entries);
  }

  /** Lists sessions, the newest first. */
  list(page: SessionPage): SessionSummary[] {
    const { db } = this.#opened();
    this.#bringUpToDate();
    const conditions = this.#conditions(page, page.cursor);
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    const rows = db.all<SessionRow>(
      `SELECT ${SUMMARY_COLUMNS} ${sql} ${listOrder(conditions)} LIMIT ?`,
      ...values,
      page.limit,
    );
    return rows.map((row) => toSummary(row.state === "running" ? { ...row, ...this.#soFar(row.seq) } : row));
  }

  /** Loads a session. */
  load(partition: string, id: string): StoredSession | undefined {
    const { db } = this.#opened();
    this.#bringUpToDate();
    const row = db.get<SessionRow>("SELECT * FROM sessions WHERE partition = ? AND id = ?", partition, id);
    if (row === undefined) return undefined;
    const entries = db.all<StepRow>("SELECT * FROM entries WHERE session = ? ORDER BY idx", row.seq);
    const end = entries.at(-1)?.idx === END_INDEX ? entries.pop() : undefined;
    const blobs = db.all<{ hash: string; content: string }>(
      "SELECT b.hash, b.content FROM blob_uses u JOIN blobs b ON b.hash = u.hash WHERE u.session = ?",
      row.seq,
    );
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
  sumCosts(filter: SessionFilter): CostRow[] {
    const { db } = this.#opened();
    this.#bringUpToDate();
    const conditions = this.#conditions(filter);
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    return db.all<CostRow>(
      "SELECT s.tactic_path AS tacticPath, strftime('%Y-%m-%d', s.started_at / 1000, 'unixepoch') AS day, " +
        `count(*) AS sessionCount, sum(s.cost_usd) AS costUsd, sum(s.tokens) AS totalTokens ${sql} GROUP BY 1, 2`,
      ...values,
    );
  }

  /** Adds up the costs of model calls, by model. */
  sumModelCosts(filter: SessionFilter): ModelCostRow[] {
    const { db } = this.#opened();
    this.#bringUpToDate();
    const conditions = this.#conditions(filter);
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    return db.all<ModelCostRow>(
      "SELECT t.name AS model, count(*) AS callCount, sum(t.cost_usd) AS costUsd, sum(t.tokens) AS totalTokens " +
        `FROM (SELECT s.seq ${sql}) f CROSS JOIN entries t ON t.session = f.seq WHERE t.kind = 'model' AND t.idx < ${ATTEMPT_SIZE} GROUP BY 1`,
      ...values,
    );
  }

  /** Lists errors, the newest first. */
  listErrors(partition: string, limit: number): string[] {
    const sql = "SELECT json FROM errors WHERE partition = ? ORDER BY seq DESC LIMIT ?";
    return this.#opened().db.all<{ json: string }>(sql, partition, limit).map(({ json }) => json);
  }

  /** Forgets a session. */
  delete(partition: string, id: string): boolean {
    const { db, writer } = this.#opened();
    return db.transaction(() => writer.delete(partition, id));
  }

  /** Closes the file. */
  close(): void {
    this.#open?.db.transaction(() => this.#open?.writer.listSessions());
    this.#open?.db.close();
    this.#open = undefined;
    this.#presence?.leave();
  }

  #opened(): { readonly db: SqliteDatabase; readonly writer: SqliteWriter } {
    if (this.#open === undefined) {
      const db = SqliteDatabase.open(this.#path, { surviveOutage: this.#surviveOutage });
      this.#open = { db, writer: new SqliteWriter(db, this.#presence?.id ?? "") };
    }
    return this.#open;
  }

  /** The conditions of a filter; `undefined` if no session can meet them. */
  #conditions(filter: SessionFilter, cursor?: string): ListConditions | undefined {
    const { partition, state, after, before } = filter;
    const terms: number[] = [];
    for (const term of termsOfFilter(filter)) {
      const id = this.#opened().writer.findTerm(partition, term);
      if (id === undefined) return undefined;
      terms.push(id);
    }
    return {
      terms: this.#rarestFirst(terms),
      ...(state === "running" ? { running: { partition, sql: "s.listed < 2 AND s.state = 'running'" } } : {}),
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
      ...(cursor === undefined ? {} : { cursor: readCursor(cursor) }),
    };
  }

  /** Counts up to a bound: that one list is far shorter than another is all that matters. */
  #rarestFirst(terms: readonly number[]): number[] {
    if (terms.length < 2) return [...terms];
    const sql = "SELECT count(*) AS n FROM (SELECT 1 FROM postings WHERE term = ? LIMIT 1000)";
    const counts = new Map(terms.map((term) => [term, this.#opened().db.get<{ n: number }>(sql, term)!.n]));
    return [...terms].sort((a, b) => counts.get(a)! - counts.get(b)!);
  }

  /** What a run that goes on has come to so far. */
  #soFar(seq: number): Pick<SessionRow, "cost_usd" | "tokens" | "step_count"> {
    const sql = soFarSql("", "session = ?");
    return this.#opened().db.get<Pick<SessionRow, "cost_usd" | "tokens" | "step_count">>(sql, seq)!;
  }

  /** Runs whose program died are interrupted from now on; what is new is taken into the lists. */
  #bringUpToDate(): void {
    const { db, writer } = this.#opened();
    const presence = this.#presence;
    const writers = db.all<{ writer: string }>(
      "SELECT DISTINCT writer FROM sessions WHERE listed < 2 AND state IN ('running', 'deleted')",
    );
    const dead = writers.filter(({ writer: id }) => presence?.isAlive(id) === false);
    if (dead.length === 0 && db.get(`SELECT 1 FROM sessions WHERE ${TO_LIST} LIMIT 1`) === undefined) return;
    db.transaction(() => {
      for (const { writer: id } of dead) {
        this.#interruptSessions(id);
        writer.deleteRemains(id);
      }
      writer.listSessions();
    });
    for (const { writer: id } of dead) presence?.forget(id);
  }

  #interruptSessions(writerId: string): void {
    const { db } = this.#opened();
    const rows = db.all<{ seq: number }>(
      "SELECT seq FROM sessions WHERE listed < 2 AND state = 'running' AND writer = ?",
      writerId,
    );
    for (const { seq } of rows) {
      const { cost_usd, tokens, step_count } = this.#soFar(seq);
      db.run(
        "UPDATE sessions SET state = 'interrupted', writer = NULL, cost_usd = ?, tokens = ?, step_count = ? WHERE seq = ?",
        cost_usd,
        tokens,
        step_count,
        seq,
      );
    }
  }
}

const TO_LIST = "listed < 2 AND (listed = 0 OR state NOT IN ('running', 'deleted'))";
