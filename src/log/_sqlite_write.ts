import type { RecordedStep } from "../run/mod.ts";
import { END_INDEX } from "./_rows.ts";
import type { SqliteDatabase } from "./_sqlite_database.ts";
import { stateTerm, termsOf } from "./_terms.ts";
import { ATTEMPT_SIZE, type LogEntry, type StoredBlob, type StoredEnd, type StoredHead } from "./types.ts";

/** Where a session is in the database. */
interface Place {
  readonly seq: number;
}

/** Writes entries. It remembers where sessions that go on are, and the numbers of terms. */
export class SqliteWriter {
  readonly #db: SqliteDatabase;
  readonly #places = new Map<string, Place>();
  readonly #terms = new Map<string, number>();
  #unlisted = 0;
  #version: number | undefined;

  /** Creates a writer to a database. */
  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /** Does all of it or none of it. */
  transaction<T>(body: () => T): T {
    try {
      return this.#db.transaction(() => {
        this.#forgetOldPlaces();
        return body();
      });
    } catch (error) {
      this.#places.clear(); // what was learnt meanwhile may have been rolled back
      this.#terms.clear();
      throw error;
    }
  }

  /** What another program has deleted is somewhere else by now, or another session is in its place. */
  #forgetOldPlaces(): void {
    const { data_version } = this.#db.get<{ data_version: number }>("PRAGMA data_version")!;
    if (data_version !== this.#version) this.#places.clear();
    this.#version = data_version;
  }

  /** Writes entries in their order; new sessions name who writes them. Within a transaction. */
  write(writerId: string, entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#writeEntry(writerId, entry);
    if (this.#unlisted >= MAX_UNLISTED) this.listSessions();
  }

  /** Keeps an error that belongs to no session. Within a transaction. */
  addError(partition: string, json: string): void {
    this.#db.run("INSERT INTO errors (partition, json) VALUES (?, ?)", partition, json);
  }

  /** The number of a term; `undefined` where no session has it. */
  findTerm(partition: string, term: string): number | undefined {
    return this.#db.get<{ id: number }>(
      "SELECT id FROM terms WHERE partition = ? AND term = ?",
      partition,
      term,
    )?.id;
  }

  /** Takes the sessions that are not in the lists yet into them. Within a transaction. */
  listSessions(): void {
    const db = this.#db;
    this.#unlisted = 0;
    db.run(
      "INSERT OR IGNORE INTO postings (term, started_at, seq) SELECT e.value, s.started_at, s.seq " +
        "FROM sessions s, json_each(s.terms) e WHERE s.listed < 2 AND s.listed = 0",
    );
    const states = db.all<{ partition: string; state: string }>(
      `SELECT DISTINCT partition, state FROM sessions WHERE listed < 2 AND ${IS_OVER}`,
    );
    for (const { partition, state } of states) {
      db.run(
        "INSERT OR IGNORE INTO postings (term, started_at, seq) SELECT ?, started_at, seq " +
          "FROM sessions WHERE listed < 2 AND partition = ? AND state = ?",
        this.#termId(partition, stateTerm(state)),
        partition,
        state,
      );
    }
    db.run(`UPDATE sessions SET listed = 1 + (${IS_OVER}) WHERE listed < 2 AND (listed = 0 OR ${IS_OVER})`);
  }

  /** Forgets a session. Within a transaction. */
  delete(partition: string, id: string): boolean {
    const row = this.#find(partition, id);
    if (row === undefined) return false;
    this.#deleteContent(row.seq);
    this.#unlist(row);
    // Whoever still writes to it must not find another session under its number.
    if (row.state === "running") {
      this.#db.run(
        "UPDATE sessions SET id = char(0) || seq, state = 'deleted', listed = 1 WHERE seq = ?",
        row.seq,
      );
    } else this.#db.run("DELETE FROM sessions WHERE seq = ?", row.seq);
    this.#places.clear();
    return true;
  }

  /** Removes what is left of the sessions that were deleted while `writerId` wrote them. Within a transaction. */
  deleteRemains(writerId: string): void {
    const sql = "DELETE FROM sessions WHERE listed < 2 AND state = 'deleted' AND writer = ? RETURNING seq";
    for (const { seq } of this.#db.all<{ seq: number }>(sql, writerId)) this.#deleteContent(seq);
    this.#places.clear();
  }

  #writeEntry(writerId: string, entry: LogEntry): void {
    const { partition, id, blobs } = entry;
    switch (entry.type) {
      case "start":
        this.#start(writerId, partition, entry.head, entry.replaces);
        break;
      case "step":
        this.#step(partition, id, entry.step);
        break;
      case "end":
        this.#end(partition, id, entry.end, entry.stepCount);
        break;
      case "error":
        this.addError(partition, entry.json);
        return;
    }
    if (blobs !== undefined) this.#addBlobs(partition, id, blobs);
    if (entry.type === "end") this.#places.delete(keyOf(partition, id));
  }

  #start(writerId: string, partition: string, head: StoredHead, replaces: boolean): void {
    const { id, parentId = null, tacticPath, tacticName, version, json } = head;
    const startedAt = Date.parse(head.startedAt);
    const insert = (seq: number | null) =>
      this.#db.run(
        "INSERT INTO sessions (seq, partition, id, parent_id, tactic_path, tactic_name, state, started_at, version, writer, " +
          "tags, terms, head) VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        seq,
        partition,
        id,
        parentId,
        tacticPath,
        tacticName,
        startedAt,
        version,
        writerId,
        JSON.stringify(head.tags),
        `[${termsOf(head).map((term) => this.#termId(partition, term)).join(",")}]`,
        json,
      );
    let { changes, lastId: seq } = insert(null);
    if (changes === 0) {
      const before = this.#find(partition, id)!;
      this.#unlist(before);
      if (replaces) this.#deleteContent(before.seq);
      else {
        this.#db.run("DELETE FROM entries WHERE session = ? AND idx = ?", before.seq, END_INDEX);
        // Twice, so that no two have the same index meanwhile.
        this.#db.run("UPDATE entries SET idx = -1 - idx - ? WHERE session = ?", ATTEMPT_SIZE, before.seq);
        this.#db.run("UPDATE entries SET idx = -1 - idx WHERE session = ? AND idx < 0", before.seq);
      }
      this.#db.run("DELETE FROM sessions WHERE seq = ?", before.seq);
      seq = insert(before.seq).lastId;
    }
    this.#unlisted++;
    this.#places.set(keyOf(partition, id), { seq });
  }

  #step(partition: string, id: string, step: RecordedStep): void {
    const place = this.#place(partition, id);
    if (place === undefined) return;
    this.#db.run(
      "INSERT OR REPLACE INTO entries (session, idx, ordinal, kind, name, path, request_hash, cost_usd, tokens, started_at, " +
        "duration_ms, error, input, output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      place.seq,
      step.index,
      step.ordinal,
      step.kind,
      step.name,
      step.path,
      step.requestHash ?? null,
      step.costUsd,
      step.tokens,
      step.startedAt,
      step.durationMs,
      step.error === undefined ? null : JSON.stringify(step.error),
      step.inputJson,
      step.outputJson ?? null,
    );
  }

  #end(partition: string, id: string, end: StoredEnd, stepCount: number): void {
    const place = this.#place(partition, id);
    if (place === undefined) return;
    const { state, endedAt, costUsd, totalTokens, json } = end;
    this.#reopen(place.seq);
    const { changes } = this.#db.run(
      "UPDATE sessions SET state = ?, ended_at = ?, cost_usd = ?, tokens = ?, step_count = ?, writer = NULL " +
        "WHERE seq = ? AND state <> 'deleted'",
      state,
      endedAt === undefined ? null : Date.parse(endedAt),
      costUsd,
      totalTokens,
      stepCount,
      place.seq,
    );
    if (changes === 0) return; // another program has deleted it
    this.#db.run(
      "INSERT OR REPLACE INTO entries (session, idx, ordinal, kind, name, path, cost_usd, tokens, started_at, " +
        "duration_ms, input) VALUES (?, ?, 0, 'end', '', '', 0, 0, 0, 0, ?)",
      place.seq,
      END_INDEX,
      json,
    );
  }

  /** A session that was taken for interrupted may end after all, such as when its store was closed before: the lists have to learn of it. */
  #reopen(seq: number): void {
    const row = this.#db.get<FoundSession>(
      `SELECT seq, started_at, state, terms FROM sessions WHERE seq = ? AND ${IS_OVER}`,
      seq,
    );
    if (row === undefined) return;
    this.#unlist(row);
    this.#db.run("UPDATE sessions SET listed = 0 WHERE seq = ?", seq);
  }

  #find(partition: string, id: string): FoundSession | undefined {
    return this.#db.get<FoundSession>(
      "SELECT seq, started_at, state, terms FROM sessions WHERE partition = ? AND id = ?",
      partition,
      id,
    );
  }

  #unlist({ seq, started_at, terms, state }: FoundSession): void {
    const stateId = this.#db.get<{ id: number }>(
      "SELECT t.id FROM terms t JOIN sessions s ON s.partition = t.partition WHERE s.seq = ? AND t.term = ?",
      seq,
      stateTerm(state),
    )?.id;
    const ids = [...JSON.parse(terms) as number[], ...(stateId === undefined ? [] : [stateId])];
    for (const id of ids) {
      this.#db.run("DELETE FROM postings WHERE term = ? AND started_at = ? AND seq = ?", id, started_at, seq);
    }
  }

  #deleteContent(seq: number): void {
    const db = this.#db;
    db.run("DELETE FROM entries WHERE session = ?", seq);
    const hashes = db.all<{ hash: string }>("DELETE FROM blob_uses WHERE session = ? RETURNING hash", seq);
    for (const { hash } of hashes) {
      db.run(
        "DELETE FROM blobs WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.hash = blobs.hash)",
        hash,
      );
    }
  }

  #addBlobs(partition: string, id: string, blobs: readonly StoredBlob[]): void {
    const place = this.#place(partition, id);
    if (place === undefined) return;
    for (const { hash, text } of blobs) {
      const { changes } = this.#db.run(
        "INSERT OR IGNORE INTO blob_uses (session, hash) VALUES (?, ?)",
        place.seq,
        hash,
      );
      if (changes > 0) {
        this.#db.run("INSERT OR IGNORE INTO blobs (hash, content) VALUES (?, ?)", hash, text);
      }
    }
  }

  #place(partition: string, id: string): Place | undefined {
    const key = keyOf(partition, id);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const row = this.#find(partition, id);
    if (row === undefined) return undefined;
    const place = { seq: row.seq };
    this.#places.set(key, place);
    return place;
  }

  #termId(partition: string, term: string): number {
    const key = keyOf(partition, term);
    const known = this.#terms.get(key);
    if (known !== undefined) return known;
    const id = this.findTerm(partition, term) ??
      this.#db.run("INSERT INTO terms (partition, term) VALUES (?, ?)", partition, term).lastId;
    if (this.#terms.size > MAX_TERMS) this.#terms.clear();
    this.#terms.set(key, id);
    return id;
  }
}

const MAX_TERMS = 50_000;

const IS_OVER = "state NOT IN ('running', 'deleted')";
/** So many sessions are taken into the lists at once, where nobody reads. */
const MAX_UNLISTED = 2_000;

/** A session's row, as far as its place in the lists goes. */
interface FoundSession {
  readonly seq: number;
  readonly started_at: number;
  readonly state: string;
  readonly terms: string;
}

function keyOf(partition: string, id: string): string {
  return `${partition}\0${id}`;
}
