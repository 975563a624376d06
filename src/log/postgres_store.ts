import { LogStore, type LogStoreOptions } from "./log_store.ts";
import { PostgresBackend } from "./_postgres_backend.ts";

/** Options of {@linkcode postgresStore}. */
export interface PostgresStoreOptions extends LogStoreOptions {
  /** The schema of the tables; it is made where it is missing. Default: `"lllm"`. */
  schema?: string;
  /** Connections at once, beside one that shows that the program lives. Default: 4. */
  maxConnections?: number;
}

/**
 * Creates a store in a PostgreSQL database, which is connected to at the first use. Any number of programs, on any number of
 * machines, may use it at once. Close it: an open connection keeps a program running.
 *
 * @example
 * ```ts ignore
 * import { postgresStore } from "@lllm/lllm/log";
 *
 * await using logStore = postgresStore("postgres://ann@localhost/agents");
 * console.log(await logStore.listSessions({ state: "failure", limit: 10 }));
 * ```
 */
export function postgresStore(url: string, options: PostgresStoreOptions = {}): LogStore {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new TypeError(`Cannot open a log: expected a postgres: URL, found one of another form`);
  }
  const { schema = "lllm", maxConnections = 4, ...rest } = options;
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema)) {
    throw new RangeError(`Cannot open a log: expected a schema's name, found ${JSON.stringify(schema)}`);
  }
  return new LogStore(new PostgresBackend(url, { schema, maxConnections }), rest);
}
