import type { DatabaseSync } from "node:sqlite";
import { LLLMError } from "../errors.ts";

/**
 * The steps from one form of the database to the next; the number of those taken is its `user_version`. A step that was
 * released is never changed: what comes later is a step of its own.
 *
 * - `entries`: the steps of the sessions, in the order in which they were written, and their ends (kind `end`).
 * - `postings`: the index of the lists: for each term (a tactic, a tag, a tag of a tactic, a state) the sessions, in the order of time.
 *   Writing it for each session as it comes would cost more than the session itself, so that is done for many at once, at the latest
 *   when somebody reads. `sessions.terms` has the numbers of a session's terms; `listed` says how far it is in the index: 0 not at all,
 *   1 all but its state, 2 with its state.
 * - `journals`: how much of the journals beside the database is in it, in bytes.
 */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY,
    partition TEXT NOT NULL,
    id TEXT NOT NULL,
    parent_id TEXT,
    tactic_path TEXT NOT NULL,
    tactic_name TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    cost_usd REAL NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0,
    step_count INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    writer TEXT,
    tags TEXT NOT NULL,
    terms TEXT NOT NULL,
    listed INTEGER NOT NULL DEFAULT 0,
    head TEXT NOT NULL,
    UNIQUE (partition, id)
  );
  CREATE INDEX sessions_to_list ON sessions (seq) WHERE listed < 2;
  CREATE TABLE entries (
    session INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    request_hash TEXT,
    cost_usd REAL NOT NULL,
    tokens INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    error TEXT,
    input TEXT NOT NULL,
    output TEXT
  );
  CREATE UNIQUE INDEX entries_of_session ON entries (session, idx);
  CREATE TABLE terms (id INTEGER PRIMARY KEY, partition TEXT NOT NULL, term TEXT NOT NULL, UNIQUE (partition, term));
  CREATE TABLE postings (
    term INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (term, started_at, seq)
  ) WITHOUT ROWID;
  CREATE TABLE blobs (hash TEXT NOT NULL UNIQUE, content TEXT NOT NULL);
  CREATE TABLE blob_uses (session INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (session, hash)) WITHOUT ROWID;
  CREATE INDEX uses_of_blob ON blob_uses (hash);
  CREATE TABLE errors (seq INTEGER PRIMARY KEY, partition TEXT NOT NULL, json TEXT NOT NULL);
  CREATE INDEX errors_of_partition ON errors (partition, seq);
  `,
  "CREATE TABLE journals (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
];

/**
 * Brings a database to the newest form. Several programs may try at once.
 *
 * @throws {LLLMError} `record_too_new`, when a newer version of the library made it.
 */
export function migrateSqlite(
  db: DatabaseSync,
  path: string,
  migrations: readonly string[] = SQLITE_MIGRATIONS,
): void {
  const version = () => (db.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
  const newest = migrations.length;
  if (version() === newest) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    const found = version(); // another program may have been faster
    if (found > newest) {
      throw new LLLMError(
        `Cannot open log "${path}": expected a database of version ${newest} or older, found ${found}; ` +
          "a newer version of the library made it",
        { code: "record_too_new", data: { path, version: found, supported: newest } },
      );
    }
    for (const step of migrations.slice(found)) db.exec(step);
    db.exec(`PRAGMA user_version = ${newest}`);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}
