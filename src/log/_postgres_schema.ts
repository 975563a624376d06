import { LLLMError } from "../errors.ts";
import type { PostgresConnection } from "./_postgres_connection.ts";

/**
 * The steps from one form of the schema to the next; table `schema_version` has the number of those taken. A step that was
 * released is never changed: what comes later is a step of its own.
 *
 * - `entries`: the steps of the sessions, and their ends (kind `end`).
 * - `postings`: the index of the lists: for each term (a tactic, a tag, a tag of a tactic, a state) the sessions, in the order of time.
 */
export const POSTGRES_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sessions (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partition text NOT NULL,
    id text NOT NULL,
    parent_id text,
    tactic_path text NOT NULL,
    tactic_name text NOT NULL,
    state text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    cost_usd double precision NOT NULL DEFAULT 0,
    tokens bigint NOT NULL DEFAULT 0,
    step_count integer NOT NULL DEFAULT 0,
    version integer NOT NULL,
    writer integer,
    tags text NOT NULL,
    terms integer[] NOT NULL,
    head text NOT NULL,
    UNIQUE (partition, id)
  );
  CREATE INDEX running_sessions ON sessions (partition, started_at, seq) WHERE state = 'running';
  CREATE TABLE entries (
    session bigint NOT NULL,
    idx bigint NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    request_hash text,
    cost_usd double precision NOT NULL,
    tokens bigint NOT NULL,
    started_at bigint NOT NULL,
    duration_ms double precision NOT NULL,
    error text,
    input text NOT NULL,
    output text,
    PRIMARY KEY (session, idx)
  );
  CREATE TABLE terms (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partition text NOT NULL,
    term text NOT NULL,
    UNIQUE (partition, term)
  );
  CREATE TABLE postings (
    term integer NOT NULL,
    started_at bigint NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (term, started_at, seq)
  );
  CREATE TABLE blobs (hash text PRIMARY KEY, content text NOT NULL);
  CREATE TABLE blob_uses (session bigint NOT NULL, hash text NOT NULL, PRIMARY KEY (session, hash));
  CREATE INDEX uses_of_blob ON blob_uses (hash);
  CREATE TABLE errors (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, partition text NOT NULL, json text NOT NULL);
  CREATE INDEX errors_of_partition ON errors (partition, seq);
  `,
];

/**
 * Brings the schema to the newest form. Several programs may try at once.
 *
 * @throws {LLLMError} `record_too_new`, when a newer version of the library made it.
 */
export async function migratePostgres(
  connection: PostgresConnection,
  schema: string,
  migrations: readonly string[] = POSTGRES_MIGRATIONS,
): Promise<void> {
  const newest = migrations.length;
  await connection.transaction(async (tx) => {
    await tx.run("SELECT pg_advisory_xact_lock(hashtext('lllm schema'))");
    await tx.run(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    await tx.run("CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)");
    const [row] = await tx.all<{ version: number }>("SELECT version FROM schema_version");
    const found = row?.version ?? 0;
    if (found > newest) {
      throw new LLLMError(
        `Cannot open log "${schema}": expected a schema of version ${newest} or older, found ${found}; ` +
          "a newer version of the library made it",
        { code: "record_too_new", data: { schema, version: found, supported: newest } },
      );
    }
    if (found === newest) return;
    for (const step of migrations.slice(found)) await tx.script(step);
    await tx.run("DELETE FROM schema_version");
    await tx.run("INSERT INTO schema_version (version) VALUES (?)", newest);
  });
}
