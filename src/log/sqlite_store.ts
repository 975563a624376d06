import { LogStore, type LogStoreOptions } from "./log_store.ts";
import { SqliteBackend } from "./_sqlite_backend.ts";

/** Options of {@linkcode sqliteStore}. */
export interface SqliteStoreOptions extends LogStoreOptions {
  /**
   * Whether what is safe survives an outage of the machine too, not only the death of the program; every group of writes then waits
   * for the disk. Default: false.
   */
  surviveOutage?: boolean;
}

/**
 * Creates a store in one SQLite file, which is made at the first use, with its folder; `":memory:"` keeps sessions as long as the
 * store. Several programs may use a file at once.
 *
 * Beside the file there are its `-wal` and `-shm`, and a folder `-writers` where programs that write show that they live, and append
 * what they keep; it goes into the file when somebody reads, and when the store is closed.
 *
 * @example
 * ```ts
 * import { sqliteStore } from "@lllm/lllm/log";
 * import assert from "node:assert/strict";
 *
 * await using store = sqliteStore(":memory:");
 * assert.deepEqual(await store.listSessions(), []);
 * ```
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): LogStore {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`Cannot open a log: expected the path of a file, found ${JSON.stringify(path)}`);
  }
  const { surviveOutage = false, ...rest } = options;
  return new LogStore(new SqliteBackend(path, { surviveOutage }), rest);
}
