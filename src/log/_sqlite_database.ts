import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LLLMError } from "../errors.ts";
import { kindOf } from "./_kind_of.ts";
import { migrateSqlite } from "./_sqlite_schema.ts";

/** What a parameter of a statement may be. */
export type SqliteValue = string | number | null;

/** An open database, its statements prepared once. */
export class SqliteDatabase {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
  }

  /** Opens a database, made where there is none, in its newest form. */
  static open(path: string, options: { surviveOutage: boolean }): SqliteDatabase {
    const sqlite = loadSqlite();
    let db: DatabaseSync | undefined;
    try {
      if (path !== ":memory:") Deno.mkdirSync(folderOf(path), { recursive: true });
      db = new sqlite.DatabaseSync(path);
      // A large page holds a few steps, and a transaction then writes few pages.
      db.exec("PRAGMA busy_timeout = 10000; PRAGMA page_size = 8192");
      db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -32000");
      db.exec(`PRAGMA synchronous = ${options.surviveOutage ? "FULL" : "NORMAL"}`);
      migrateSqlite(db, path);
    } catch (error) {
      db?.close();
      throw cannotOpen(path, error);
    }
    return new SqliteDatabase(db, path);
  }

  /** The path of the file, absolute, without links; `""` for one in memory. */
  get file(): string {
    return this.get<{ file: string }>("SELECT file FROM pragma_database_list WHERE name = 'main'")!.file;
  }

  /** Runs a statement that gives no rows; gives what it changed. */
  run(sql: string, ...values: readonly SqliteValue[]): { changes: number; lastId: number } {
    try {
      const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
      return { changes: Number(changes), lastId: Number(lastInsertRowid) };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot write the log "${this.#path}": ${reason}`, { cause });
    }
  }

  /** Gives the rows of a query. */
  all<Row>(sql: string, ...values: readonly SqliteValue[]): Row[] {
    return this.#statement(sql).all(...values) as unknown as Row[];
  }

  /** Gives the first row of a query. */
  get<Row>(sql: string, ...values: readonly SqliteValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  /** Does all of it or none of it. */
  transaction<T>(body: () => T): T {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = body();
      this.run("COMMIT");
      return result;
    } catch (error) {
      try {
        this.run("ROLLBACK");
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full
      }
      throw error;
    }
  }

  /** Closes the file. */
  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size > 200) this.#statements.clear();
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function loadSqlite(): typeof import("node:sqlite") {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  return process.getBuiltinModule("node:sqlite") as typeof import("node:sqlite");
}

function folderOf(path: string): string {
  const end = path.replaceAll("\\", "/").lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end + 1);
}

/** Says what is in the way: the system and SQLite tell neither what was wanted nor where. */
function cannotOpen(path: string, cause: unknown): unknown {
  if (LLLMError.isInstance(cause)) return cause;
  if (
    cause instanceof Deno.errors.NotCapable || (cause as { code?: unknown })?.code === "ERR_ACCESS_DENIED"
  ) {
    return cannotReach(path, cause);
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const reason = message.replace(/: mkdir '.*$/s, "").replace(`: ${path}`, "");
  return new Error(
    `Cannot open a log: expected a file of SQLite at "${path}", found ${findObstacle(path, reason)}`,
    { cause },
  );
}

/** SQLite keeps files beside the one that is named. */
function cannotReach(path: string, cause: unknown): LLLMError {
  const folder = parentOf(path);
  const flags = ["read", "write"].map((name) => `--allow-${name}=${folder}`);
  return new LLLMError(
    `Cannot open a log: expected the permissions ${flags.join(" ")} for "${path}", found one missing`,
    { code: "config_invalid", data: { flag: flags.join(" ") }, cause },
  );
}

function findObstacle(path: string, reason: string): string {
  const kind = kindOf(path);
  if (kind === "folder") return "a folder";
  if (kind === "file") {
    return /not a database/.test(reason) ? "a file of another kind" : `one that cannot be used: ${reason}`;
  }
  let folder = parentOf(path);
  while (kindOf(folder) === undefined && folder !== parentOf(folder)) folder = parentOf(folder);
  return kindOf(folder) === "file"
    ? `that "${folder}" is no folder`
    : `that nothing can be made in the folder "${folder}": ${reason}`;
}

/** Without a slash at its end: with one, the system does not see a file. */
function parentOf(path: string): string {
  return folderOf(path).replace(/(?<=.)[/\\]$/, "");
}
