import type { RecordedStep } from "../run/mod.ts";
import type { SqliteDatabase } from "./_sqlite_database.ts";
import { stateTerm, termsOf } from "./_terms.ts";
import type { LogEntry, StoredBlob, StoredEnd, StoredHead } from "./types.ts";

/** Where a session is in the database. */
interface Place {
  readonly seq: number;
  readonly startedAt: number;
}

/** Writes entries. It remembers where sessions that go on are, and the numbers of terms. */
export class SqliteWriter {
  readonly #db: SqliteDatabase;
  readonly #writerId: string;
  readonly #places = new Map<string, Place>();
  readonly #terms = new Map<string, number>();

  /** Creates a writer to a database; its sessions name it as the one who writes them. */
  constructor(db: SqliteDatabase, writerId: string) {
    this.#db = db;
    this.#writerId = writerId;
  }

  /** Writes entries in their order, all or none. */
  write(entries: readonly LogEntry[]): void {
    try {
      this.#db.transaction(() => {
        for (const entry of entries) this.#writeEntry(entry);
      });
    } catch (error) {
      this.#places.clear(); // what was learnt meanwhile may have been rolled back
      this.#terms.clear();
      throw error;
    }
  }

  /** The number of a term; `undefined` where no session has it. */
  findTerm(partition: string, term: string): number | undefined {
    return this.#db.get<{ id: number }>(
      "SELECT id FROM terms WHERE partition = ? AND term = ?",
      partition,
      term,
    )?.id;
  }

  /** Puts a session under the term of a state. */
  addState(partition: string, state: string, { seq, startedAt }: Place): void {
    this.#db.run(
      "INSERT OR IGNORE INTO postings (term, started_at, seq) VALUES (?, ?, ?)",
      this.#termId(partition, stateTerm(state)),
      startedAt,
      seq,
    );
  }

  /** Forgets a session: its row is deleted by the caller. */
  deleteContent(seq: number): void {
    const db = this.#db;
    db.run("DELETE FROM ends WHERE seq = ?", seq);
    db.run("DELETE FROM steps WHERE session = ?", seq);
    const hashes = db.all<{ hash: string }>("DELETE FROM blob_uses WHERE session = ? RETURNING hash", seq);
    for (const { hash } of hashes) {
      db.run(
        "DELETE FROM blobs WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM blob_uses WHERE blob_uses.hash = blobs.hash)",
        hash,
      );
    }
  }

  /** Takes a session out of the lists. */
  deletePostings(partition: string, row: PostingSource): void {
    const terms = [...termsOf(fromSource(row)), stateTerm(row.state)];
    for (const term of terms) {
      const id = this.findTerm(partition, term);
      if (id === undefined) continue;
      this.#db.run(
        "DELETE FROM postings WHERE term = ? AND started_at = ? AND seq = ?",
        id,
        row.started_at,
        row.seq,
      );
    }
    this.#places.clear();
  }

  #writeEntry(entry: LogEntry): void {
    const { partition, id, blobs } = entry;
    switch (entry.type) {
      case "start":
        this.#start(partition, entry.head, entry.replaces);
        break;
      case "step":
        this.#step(partition, id, entry.step);
        break;
      case "end":
        this.#end(partition, id, entry.end, entry.stepCount);
        break;
      case "error":
        this.#db.run("INSERT INTO errors (partition, json) VALUES (?, ?)", partition, entry.json);
        return;
    }
    if (blobs !== undefined) this.#addBlobs(partition, id, blobs);
    if (entry.type === "end") this.#places.delete(keyOf(partition, id));
  }

  #start(partition: string, head: StoredHead, replaces: boolean): void {
    const db = this.#db;
    const { id, parentId = null, tacticPath, tacticName, version, json } = head;
    const startedAt = Date.parse(head.startedAt);
    const tags = JSON.stringify(head.tags);
    const before = db.get<PostingSource>(
      `SELECT ${SOURCE} FROM sessions WHERE partition = ? AND id = ?`,
      partition,
      id,
    );
    if (before !== undefined) {
      this.deletePostings(partition, before);
      if (replaces) this.deleteContent(before.seq);
      else db.run("DELETE FROM ends WHERE seq = ?", before.seq);
      db.run("DELETE FROM sessions WHERE seq = ?", before.seq);
    }
    const { lastId: seq } = db.run(
      "INSERT INTO sessions (seq, partition, id, parent_id, tactic_path, tactic_name, state, started_at, version, writer, tags, head) " +
        "VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?)",
      before?.seq ?? null,
      partition,
      id,
      parentId,
      tacticPath,
      tacticName,
      startedAt,
      version,
      this.#writerId,
      tags,
      json,
    );
    const terms = termsOf(head).map((term) => this.#termId(partition, term));
    db.run(
      `INSERT OR IGNORE INTO postings (term, started_at, seq) VALUES ${
        terms.map(() => "(?, ?, ?)").join(", ")
      }`,
      ...terms.flatMap((term) => [term, startedAt, seq]),
    );
    this.#places.set(keyOf(partition, id), { seq, startedAt });
  }

  #step(partition: string, id: string, step: RecordedStep): void {
    const place = this.#place(partition, id);
    if (place === undefined) return;
    this.#db.run(
      "INSERT OR REPLACE INTO steps (session, idx, ordinal, kind, name, path, request_hash, cost_usd, tokens, started_at, " +
        "duration_ms, error, input, output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      place.seq,
      step.index,
      step.ordinal,
      step.kind,
      step.name,
      step.path,
      step.requestHash,
      step.costUsd,
      step.tokens,
      Date.parse(step.startedAt),
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
    const { changes } = this.#db.run(
      "UPDATE sessions SET state = ?, ended_at = ?, cost_usd = ?, tokens = ?, step_count = ?, writer = NULL WHERE seq = ?",
      state,
      endedAt === undefined ? null : Date.parse(endedAt),
      costUsd,
      totalTokens,
      stepCount,
      place.seq,
    );
    if (changes === 0) return; // another program has deleted it
    this.#db.run("INSERT OR REPLACE INTO ends (seq, json) VALUES (?, ?)", place.seq, json);
    this.addState(partition, state, place);
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
    const row = this.#db.get<{ seq: number; started_at: number }>(
      "SELECT seq, started_at FROM sessions WHERE partition = ? AND id = ?",
      partition,
      id,
    );
    if (row === undefined) return undefined;
    const place = { seq: row.seq, startedAt: row.started_at };
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

/** What of a session's row tells its terms. */
export interface PostingSource {
  readonly seq: number;
  readonly started_at: number;
  readonly tactic_path: string;
  readonly tactic_name: string;
  readonly state: string;
  readonly tags: string;
}

/** The columns of a {@linkcode PostingSource}. */
export const SOURCE = "seq, started_at, tactic_path, tactic_name, state, tags";

/** What the terms are made of. */
export function fromSource(row: PostingSource): Parameters<typeof termsOf>[0] {
  const tags = JSON.parse(row.tags) as Record<string, string>;
  return { tacticPath: row.tactic_path, tacticName: row.tactic_name, tags };
}

function keyOf(partition: string, id: string): string {
  return `${partition}\0${id}`;
}
