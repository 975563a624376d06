import type { PostgresConnection } from "./_postgres_connection.ts";
import { END_INDEX } from "./_rows.ts";
import { stateTerm, termsOf } from "./_terms.ts";
import { ATTEMPT_SIZE, type LogEntry } from "./types.ts";

type Start = LogEntry & { readonly type: "start" };
type Step = LogEntry & { readonly type: "step" };
type End = LogEntry & { readonly type: "end" };

/** The lock that writers of long texts share, and that whoever deletes long texts has alone. */
const BLOB_LOCK = "hashtext('lllm blobs')";
const MAX_TERMS = 50_000;

/** Writes entries, many with one statement. It remembers the numbers of terms. */
export class PostgresWriter {
  readonly #db: PostgresConnection;
  readonly #writerId: number;
  readonly #terms = new Map<string, number>();

  /** Creates a writer to a database; its sessions name it as the one who writes them. */
  constructor(db: PostgresConnection, writerId: number) {
    this.#db = db;
    this.#writerId = writerId;
  }

  /** Writes entries in their order, all or none. */
  async write(entries: readonly LogEntry[]): Promise<void> {
    await this.#addTerms(entries);
    await this.#db.transaction(async (tx) => {
      if (entries.some(({ blobs }) => blobs !== undefined)) {
        await tx.run(`SELECT pg_advisory_xact_lock_shared(${BLOB_LOCK})`);
      }
      for (const group of splitAtStarts(entries)) await this.#writeGroup(tx, group);
    });
  }

  /** Puts sessions that are over under the terms of their states. */
  async addStates(tx: PostgresConnection, rows: readonly EndedRow[]): Promise<void> {
    const values = rows.map(({ seq, started_at, partition, state }) => ({
      seq,
      started_at,
      term: this.#terms.get(keyOf(partition, stateTerm(state)))!,
    }));
    await tx.run(
      "INSERT INTO postings (term, started_at, seq) SELECT term, started_at, seq " +
        "FROM json_to_recordset(?::text::json) AS r(term integer, started_at bigint, seq bigint) ON CONFLICT DO NOTHING",
      JSON.stringify(values),
    );
  }

  /** Gives terms their numbers. Not within a transaction: others would wait for its end. */
  async ensureTerms(wanted: readonly (readonly [partition: string, term: string])[]): Promise<void> {
    const missing = new Map(
      wanted.filter((pair) => !this.#terms.has(keyOf(...pair))).map((pair) => [keyOf(...pair), pair]),
    );
    if (missing.size === 0) return;
    if (this.#terms.size > MAX_TERMS) {
      this.#terms.clear();
      return await this.ensureTerms(wanted);
    }
    const json = JSON.stringify([...missing.values()].map(([partition, term]) => ({ partition, term })));
    const pairs = "json_to_recordset(?::text::json) AS r(partition text, term text)";
    await this.#db.run(
      `INSERT INTO terms (partition, term) SELECT partition, term FROM ${pairs} ORDER BY 1, 2 ON CONFLICT DO NOTHING`,
      json,
    );
    const rows = await this.#db.all<{ id: number; partition: string; term: string }>(
      `SELECT t.id, t.partition, t.term FROM ${pairs} JOIN terms t USING (partition, term)`,
      json,
    );
    for (const { id, partition, term } of rows) this.#terms.set(keyOf(partition, term), id);
  }

  /** Forgets a session. */
  async delete(partition: string, id: string): Promise<boolean> {
    return await this.#db.transaction(async (tx) => {
      await tx.run(`SELECT pg_advisory_xact_lock(${BLOB_LOCK})`);
      const [row] = await tx.all<FoundRow>(
        `DELETE FROM sessions WHERE partition = ? AND id = ? RETURNING ${FOUND}`,
        partition,
        id,
      );
      if (row === undefined) return false;
      await deleteContent(tx, row.seq);
      await unlist(tx, [row]);
      return true;
    });
  }

  async #addTerms(entries: readonly LogEntry[]): Promise<void> {
    await this.ensureTerms(entries.flatMap((entry) => {
      const { partition } = entry;
      if (entry.type === "start") return termsOf(entry.head).map((term) => [partition, term] as const);
      return entry.type === "end" ? [[partition, stateTerm(entry.end.state)] as const] : [];
    }));
  }

  async #writeGroup(tx: PostgresConnection, entries: readonly LogEntry[]): Promise<void> {
    const of = <T extends LogEntry>(type: T["type"]) => entries.filter((entry) => entry.type === type) as T[];
    await this.#start(tx, of<Start>("start"));
    await addBlobs(tx, entries);
    await addSteps(tx, of<Step>("step"));
    await this.#end(tx, of<End>("end"));
    for (const { partition, json } of of<LogEntry & { readonly type: "error" }>("error")) {
      await tx.run("INSERT INTO errors (partition, json) VALUES (?, ?)", partition, json);
    }
  }

  async #start(tx: PostgresConnection, starts: readonly Start[]): Promise<void> {
    if (starts.length === 0) return;
    const rows = starts.map(({ partition, head, replaces }) => ({
      partition,
      id: head.id,
      parent_id: head.parentId ?? null,
      tactic_path: head.tacticPath,
      tactic_name: head.tacticName,
      started_at: Date.parse(head.startedAt),
      version: head.version,
      tags: JSON.stringify(head.tags),
      terms: termsOf(head).map((term) => this.#terms.get(keyOf(partition, term))!),
      head: head.json,
      replaces,
    }));
    const json = JSON.stringify(rows);
    const before = await tx.all<FoundRow & { replaces: boolean }>(
      `SELECT ${FOUND}, replaces FROM sessions s JOIN json_to_recordset(?::text::json) ` +
        "AS r(partition text, id text, replaces boolean) USING (partition, id) ORDER BY seq FOR UPDATE OF s",
      json,
    );
    if (before.length > 0) {
      await unlist(tx, before);
      for (const { seq, replaces } of before) {
        if (replaces) await deleteContent(tx, seq, { keepsBlobs: true });
        else {
          await tx.run("DELETE FROM entries WHERE session = ? AND idx = ?", seq, END_INDEX);
          // Twice, so that no two have the same index meanwhile.
          await tx.run("UPDATE entries SET idx = -1 - idx - ? WHERE session = ?", ATTEMPT_SIZE, seq);
          await tx.run("UPDATE entries SET idx = -1 - idx WHERE session = ? AND idx < 0", seq);
        }
      }
    }
    await tx.run(
      `WITH started AS (
        INSERT INTO sessions (partition, id, parent_id, tactic_path, tactic_name, state, started_at, version, writer, tags, terms, head)
        SELECT partition, id, parent_id, tactic_path, tactic_name, 'running', started_at, version, ?::integer, tags, terms, head
        FROM json_to_recordset(?::text::json) AS r(partition text, id text, parent_id text, tactic_path text, tactic_name text,
          started_at bigint, version integer, tags text, terms integer[], head text)
        ORDER BY partition, id
        ON CONFLICT (partition, id) DO UPDATE SET parent_id = excluded.parent_id, tactic_path = excluded.tactic_path,
          tactic_name = excluded.tactic_name, state = 'running', started_at = excluded.started_at, ended_at = NULL, cost_usd = 0,
          tokens = 0, step_count = 0, version = excluded.version, writer = excluded.writer, tags = excluded.tags,
          terms = excluded.terms, head = excluded.head
        RETURNING seq, started_at, terms
      )
      INSERT INTO postings (term, started_at, seq) SELECT unnest(terms), started_at, seq FROM started ON CONFLICT DO NOTHING`,
      this.#writerId,
      json,
    );
  }

  async #end(tx: PostgresConnection, ends: readonly End[]): Promise<void> {
    if (ends.length === 0) return;
    const rows = ends.map(({ partition, id, end, stepCount }) => ({
      partition,
      id,
      state: end.state,
      ended_at: end.endedAt === undefined ? null : Date.parse(end.endedAt),
      cost_usd: end.costUsd,
      tokens: end.totalTokens,
      step_count: stepCount,
      json: end.json,
    }));
    const ended = await tx.all<EndedRow>(
      `WITH r AS (SELECT * FROM json_to_recordset(?::text::json) AS r(partition text, id text, state text, ended_at bigint,
          cost_usd double precision, tokens bigint, step_count integer, json text)),
      ended AS (
        UPDATE sessions s SET state = r.state, ended_at = r.ended_at, cost_usd = r.cost_usd, tokens = r.tokens,
          step_count = r.step_count, writer = NULL
        FROM r WHERE s.partition = r.partition AND s.id = r.id
        RETURNING s.seq, s.started_at, s.partition, s.state, r.json
      ),
      kept AS (
        INSERT INTO entries (session, idx, ordinal, kind, name, path, cost_usd, tokens, started_at, duration_ms, input)
        SELECT seq, ?::bigint, 0, 'end', '', '', 0, 0, 0, 0, json FROM ended
        ON CONFLICT (session, idx) DO UPDATE SET input = excluded.input
      )
      SELECT seq, started_at, partition, state FROM ended`,
      JSON.stringify(rows),
      END_INDEX,
    );
    await this.addStates(tx, ended);
  }
}

/** A session that is over. */
export interface EndedRow {
  readonly seq: number;
  readonly started_at: number;
  readonly partition: string;
  readonly state: string;
}

interface FoundRow {
  readonly seq: number;
  readonly started_at: number;
  readonly partition: string;
  readonly state: string;
  readonly terms: readonly number[];
}

const FOUND = "seq, started_at, partition, state, terms";

/** A statement takes each session once: where one starts anew, a new group begins. */
function splitAtStarts(entries: readonly LogEntry[]): LogEntry[][] {
  const groups: LogEntry[][] = [[]];
  let seen = new Set<string>();
  for (const entry of entries) {
    const key = keyOf(entry.partition, entry.id);
    if (entry.type === "start" && seen.has(key)) {
      groups.push([]);
      seen = new Set();
    }
    seen.add(key);
    groups.at(-1)!.push(entry);
  }
  return groups;
}

async function addSteps(tx: PostgresConnection, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return;
  const rows = steps.map(({ partition, id, step }) => ({
    partition,
    id,
    idx: step.index,
    ordinal: step.ordinal,
    kind: step.kind,
    name: step.name,
    path: step.path,
    request_hash: step.requestHash ?? null,
    cost_usd: step.costUsd,
    tokens: step.tokens,
    started_at: step.startedAt,
    duration_ms: step.durationMs,
    error: step.error === undefined ? null : JSON.stringify(step.error),
    input: step.inputJson,
    output: step.outputJson ?? null,
  }));
  const columns =
    "idx, ordinal, kind, name, path, request_hash, cost_usd, tokens, started_at, duration_ms, error, input, output";
  await tx.run(
    `INSERT INTO entries (session, ${columns}) SELECT s.seq, r.idx, r.ordinal, r.kind, r.name, r.path, r.request_hash, r.cost_usd,
        r.tokens, r.started_at, r.duration_ms, r.error, r.input, r.output
      FROM json_to_recordset(?::text::json) AS r(partition text, id text, idx bigint, ordinal integer, kind text, name text, path text,
        request_hash text, cost_usd double precision, tokens bigint, started_at bigint, duration_ms double precision, error text,
        input text, output text)
      JOIN sessions s ON s.partition = r.partition AND s.id = r.id FOR KEY SHARE OF s
      ON CONFLICT (session, idx) DO UPDATE SET (${columns}) = (${
      columns.replaceAll(/\w+/g, (column) => `excluded.${column}`)
    })`,
    JSON.stringify(rows),
  );
}

async function addBlobs(tx: PostgresConnection, entries: readonly LogEntry[]): Promise<void> {
  const uses = entries.flatMap(({ partition, id, blobs = [] }) =>
    blobs.map(({ hash }) => ({ partition, id, hash }))
  );
  if (uses.length === 0) return;
  const texts = new Map(entries.flatMap(({ blobs = [] }) => blobs.map(({ hash, text }) => [hash, text])));
  await tx.run(
    "INSERT INTO blobs (hash, content) SELECT hash, content FROM json_to_recordset(?::text::json) AS r(hash text, content text) " +
      "ORDER BY hash ON CONFLICT DO NOTHING",
    JSON.stringify([...texts].map(([hash, content]) => ({ hash, content }))),
  );
  await tx.run(
    "INSERT INTO blob_uses (session, hash) SELECT s.seq, r.hash FROM json_to_recordset(?::text::json) AS r(partition text, id text, " +
      "hash text) JOIN sessions s ON s.partition = r.partition AND s.id = r.id ON CONFLICT DO NOTHING",
    JSON.stringify(uses),
  );
}

async function unlist(tx: PostgresConnection, rows: readonly FoundRow[]): Promise<void> {
  for (const { seq, started_at, partition, state, terms } of rows) {
    await tx.run(
      "DELETE FROM postings WHERE started_at = ? AND seq = ? AND (term = ANY(?::integer[]) OR term = " +
        "(SELECT id FROM terms WHERE partition = ? AND term = ?))",
      started_at,
      seq,
      terms,
      partition,
      stateTerm(state),
    );
  }
}

async function deleteContent(
  tx: PostgresConnection,
  seq: number,
  options: { keepsBlobs?: boolean } = {},
): Promise<void> {
  await tx.run("DELETE FROM entries WHERE session = ?", seq);
  const uses = await tx.all<{ hash: string }>("DELETE FROM blob_uses WHERE session = ? RETURNING hash", seq);
  if (uses.length === 0 || options.keepsBlobs === true) return;
  await tx.run(
    "DELETE FROM blobs WHERE hash IN (SELECT json_array_elements_text(?::text::json)) " +
      "AND NOT EXISTS (SELECT 1 FROM blob_uses u WHERE u.hash = blobs.hash)",
    JSON.stringify(uses.map(({ hash }) => hash)),
  );
}

function keyOf(partition: string, id: string): string {
  return `${partition}\0${id}`;
}
