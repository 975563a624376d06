import { ifThere } from "./_if_there.ts";
import { Journal } from "./_journal.ts";
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
import { SqliteIntake } from "./_sqlite_intake.ts";
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

/**
 * Sessions in an SQLite file, which is opened at the first use. What is kept goes to a journal beside it, and from there to the
 * database when somebody reads, or when the store is closed.
 */
export class SqliteBackend implements LogBackend {
  readonly #path: string;
  readonly #surviveOutage: boolean;
  #open: OpenDatabase | undefined;
  /** Whether there may be files of the journal that the program has left before they were in their place. */
  #hasLeft = false;

  /** Creates a backend over a file, or over memory, which needs no journal. */
  constructor(path: string, options: { surviveOutage: boolean }) {
    this.#path = path;
    this.#surviveOutage = options.surviveOutage;
  }

  /** Keeps entries. */
  write(entries: readonly LogEntry[]): void | Promise<void> {
    const { writer, files } = this.#opened();
    if (files === undefined) return writer.transaction(() => writer.write("", entries));
    if (!entries.some(mayBeThere)) return this.#append(files, entries);
    // What others have kept of the same session is older, and has to be in its place before.
    return files.intake.takeOthers().then(() => this.#append(files, entries));
  }

  #append({ journal, presence, intake }: OpenFiles, entries: readonly LogEntry[]): void {
    if (!journal.isOpen) presence.show();
    const before = journal.size;
    journal.append(entries);
    const written = journal.size - before;
    if (journal.size > MAX_JOURNAL_BYTES) {
      journal.leaveFile();
      this.#hasLeft = true;
    }
    if (!this.#hasLeft) return;
    try {
      this.#hasLeft = intake.takeSomeLeft(written);
    } catch {
      // it stays in the journal, where it is safe; whoever reads hears of it
    }
  }

  /** Lists sessions, the newest first. */
  async list(page: SessionPage): Promise<SessionSummary[]> {
    const open = await this.#upToDate();
    const { db } = open;
    const conditions = conditionsOf(open, page, page.cursor);
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    const rows = db.all<SessionRow>(
      `SELECT ${SUMMARY_COLUMNS} ${sql} ${listOrder(conditions)} LIMIT ?`,
      ...values,
      page.limit,
    );
    return rows.map((row) => toSummary(row.state === "running" ? { ...row, ...soFar(db, row.seq) } : row));
  }

  /** Loads a session. */
  async load(partition: string, id: string): Promise<StoredSession | undefined> {
    const { db } = await this.#upToDate();
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
  async sumCosts(filter: SessionFilter): Promise<CostRow[]> {
    const open = await this.#upToDate();
    const { db } = open;
    const conditions = conditionsOf(open, filter);
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    return db.all<CostRow>(
      "SELECT s.tactic_path AS tacticPath, strftime('%Y-%m-%d', s.started_at / 1000, 'unixepoch') AS day, " +
        `count(*) AS sessionCount, sum(s.cost_usd) AS costUsd, sum(s.tokens) AS totalTokens ${sql} GROUP BY 1, 2`,
      ...values,
    );
  }

  /** Adds up the costs of model calls, by model. */
  async sumModelCosts(filter: SessionFilter): Promise<ModelCostRow[]> {
    const open = await this.#upToDate();
    const { db } = open;
    const conditions = conditionsOf(open, filter);
    if (conditions === undefined) return [];
    const { sql, values } = writeListQuery(conditions);
    return db.all<ModelCostRow>(
      "SELECT t.name AS model, count(*) AS callCount, sum(t.cost_usd) AS costUsd, sum(t.tokens) AS totalTokens " +
        `FROM (SELECT s.seq ${sql}) f CROSS JOIN entries t ON t.session = f.seq WHERE t.kind = 'model' AND t.idx < ${ATTEMPT_SIZE} GROUP BY 1`,
      ...values,
    );
  }

  /** Lists errors, the newest first. */
  async listErrors(partition: string, limit: number): Promise<string[]> {
    const sql = "SELECT json FROM errors WHERE partition = ? ORDER BY seq DESC LIMIT ?";
    const { db } = await this.#upToDate();
    return db.all<{ json: string }>(sql, partition, limit).map(({ json }) => json);
  }

  /** Forgets a session. */
  async delete(partition: string, id: string): Promise<boolean> {
    const { writer } = await this.#upToDate();
    return writer.transaction(() => writer.delete(partition, id));
  }

  /** Adds up the pages in use: a file keeps those of what is gone, and uses them again. */
  async countBytes(): Promise<number> {
    const sql = "SELECT (page_count - freelist_count) * page_size AS n " +
      "FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    const { db } = await this.#upToDate();
    return db.get<{ n: number }>(sql)!.n;
  }

  /** Brings everything to its place, and closes the file. */
  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { db, writer, files } = open;
    try {
      if (files !== undefined && isReplaced(db, files)) return; // what the journal has is for whoever opens the other one
      files?.intake.takeOwn();
      writer.transaction(() => writer.listSessions());
    } finally {
      files?.journal.leaveFile();
      db.close();
      files?.presence.leave();
    }
  }

  #opened(): OpenDatabase {
    return this.#open ??= this.#openDatabase();
  }

  /** Opens the database that is there now, if another one is: what goes into one that was removed is lost. */
  #openedAnew(): OpenDatabase {
    const open = this.#opened();
    if (open.files === undefined || !isReplaced(open.db, open.files)) return open;
    this.#open = this.#openDatabase(open.files);
    open.db.close();
    return this.#open;
  }

  #openDatabase(before?: OpenFiles): OpenDatabase {
    const options = { surviveOutage: this.#surviveOutage };
    const db = SqliteDatabase.open(this.#path, options);
    const writer = new SqliteWriter(db);
    if (db.file === "") return { db, writer };
    // Anew each time: what is left of a writer that is gone is for others to take. By whatever name the file is opened, it has one folder.
    const presence = before?.presence ?? new Presence(`${db.file}-writers`);
    const journal = before?.journal ?? new Journal(presence.id, presence.folder, options);
    const intake = new SqliteIntake(db, writer, presence, journal);
    return { db, writer, files: { presence, journal, intake, identity: identityOf(db.file) } };
  }

  /** Takes what is new into the database, and into the lists. */
  async #upToDate(): Promise<OpenDatabase> {
    const open = this.#openedAnew();
    await open.files?.intake.takeAll();
    const { db, writer } = open;
    if (db.get(`SELECT 1 FROM sessions WHERE ${TO_LIST} LIMIT 1`) !== undefined) {
      writer.transaction(() => writer.listSessions());
    }
    return open;
  }
}

/** A database that is open; one in memory has no files beside it. */
interface OpenDatabase {
  readonly db: SqliteDatabase;
  readonly writer: SqliteWriter;
  readonly files?: OpenFiles;
}

/** What is beside the database. */
interface OpenFiles {
  readonly presence: Presence;
  readonly journal: Journal;
  readonly intake: SqliteIntake;
  /** Tells the database from another one under its name. */
  readonly identity: string;
}

function isReplaced({ file }: SqliteDatabase, { identity }: OpenFiles): boolean {
  return identityOf(file) !== identity;
}

function identityOf(path: string): string {
  const info = ifThere(() => Deno.statSync(path));
  return info === undefined ? "" : `${info.dev}.${info.ino}`;
}

/**
 * A longer file of the journal is left, and brought to its place while the program goes on, so that a reader waits seconds at most.
 * Units: bytes.
 */
const MAX_JOURNAL_BYTES = 200_000_000;

/** Whether a start may be that of a session that is there: the id of a new one begins with the time of its start. */
function mayBeThere(entry: LogEntry): boolean {
  if (entry.type !== "start") return false;
  const { id, startedAt } = entry.head;
  const digits = (from: number) => startedAt.slice(from, from + 2);
  const time = `${digits(0)}${digits(2)}${digits(5)}${digits(8)}_${digits(11)}${digits(14)}${digits(17)}`;
  return entry.replaces || !id.startsWith(time);
}

const TO_LIST = "listed < 2 AND (listed = 0 OR state NOT IN ('running', 'deleted'))";

/** The conditions of a filter; `undefined` if no session can meet them. */
function conditionsOf(
  { db, writer }: OpenDatabase,
  filter: SessionFilter,
  cursor?: string,
): ListConditions | undefined {
  const { partition, state, after, before } = filter;
  const terms: number[] = [];
  for (const term of termsOfFilter(filter)) {
    const id = writer.findTerm(partition, term);
    if (id === undefined) return undefined;
    terms.push(id);
  }
  return {
    terms: rarestFirst(db, terms),
    ...(state === "running" ? { running: { partition, sql: "s.listed < 2 AND s.state = 'running'" } } : {}),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
    ...(cursor === undefined ? {} : { cursor: readCursor(cursor) }),
  };
}

/** Counts up to a bound: that one list is far shorter than another is all that matters. */
function rarestFirst(db: SqliteDatabase, terms: readonly number[]): number[] {
  if (terms.length < 2) return [...terms];
  const sql = "SELECT count(*) AS n FROM (SELECT 1 FROM postings WHERE term = ? LIMIT 1000)";
  const counts = new Map(terms.map((term) => [term, db.get<{ n: number }>(sql, term)!.n]));
  return [...terms].sort((a, b) => counts.get(a)! - counts.get(b)!);
}

/** What a run that goes on has come to so far. */
function soFar(db: SqliteDatabase, seq: number): Pick<SessionRow, "cost_usd" | "tokens" | "step_count"> {
  const sql = soFarSql("", "session = ?");
  return db.get<Pick<SessionRow, "cost_usd" | "tokens" | "step_count">>(sql, seq)!;
}
