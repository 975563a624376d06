import type { DatabaseSync, StatementSync } from "node:sqlite";
import { migrateSqlite } from "./_sqlite_schema.ts";

/** What a parameter of a statement may be. */
export type SqliteValue = string | number | null;

/** An open database, its statements prepared once. */
export class SqliteDatabase {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Opens a database, made where there is none, in its newest form. */
  static open(path: string, options: { surviveOutage: boolean }): SqliteDatabase {
    const sqlite = loadSqlite();
    if (path !== ":memory:") Deno.mkdirSync(folderOf(path), { recursive: true });
    const db = new sqlite.DatabaseSync(path);
    try {
      // A large page holds a few steps, and a transaction then writes few pages.
      db.exec("PRAGMA busy_timeout = 10000; PRAGMA page_size = 8192");
      db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -32000");
      db.exec(`PRAGMA synchronous = ${options.surviveOutage ? "FULL" : "NORMAL"}`);
      migrateSqlite(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
    return new SqliteDatabase(db);
  }

  /** The path of the file, absolute, without links; `""` for one in memory. */
  get file(): string {
    return this.get<{ file: string }>("SELECT file FROM pragma_database_list WHERE name = 'main'")!.file;
  }

  /** Runs a statement that gives no rows; gives what it changed. */
  run(sql: string, ...values: readonly SqliteValue[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
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
