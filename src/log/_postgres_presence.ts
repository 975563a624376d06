import { openPostgres, type PostgresConnection } from "./_postgres_connection.ts";

/** The first half of the keys of our locks: `LLLM`. */
const LOCK_CLASS = 0x4c4c_4c4d;

/**
 * Tells living writers from dead ones by locks: who writes holds a lock of its own on a connection of its own, and the server lets
 * go of it when that connection ends, however it ends. A connection that breaks is made again, with its lock.
 */
export class PostgresPresence {
  /** Names this writer. */
  readonly id: number = crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
  readonly #url: string;
  readonly #schema: string;
  #holder: Promise<PostgresConnection> | undefined;

  /** Creates the presence of a writer that has not shown itself. */
  constructor(url: string, schema: string) {
    this.#url = url;
    this.#schema = schema;
  }

  /** Takes the lock. From now on the writer counts as alive. */
  async show(): Promise<void> {
    this.#holder ??= this.#hold();
    try {
      await this.#holder;
    } catch (error) {
      this.#holder = undefined;
      throw error;
    }
  }

  /** Lets go of the lock. */
  async leave(): Promise<void> {
    const holder = this.#holder;
    this.#holder = undefined;
    await (await holder?.catch(() => undefined))?.close();
  }

  async #hold(): Promise<PostgresConnection> {
    const take = () => connection.run("SELECT pg_advisory_lock(?, ?)", LOCK_CLASS, this.id);
    const connection: PostgresConnection = await openPostgres(this.#url, {
      schema: this.#schema,
      max: 1,
      idleSeconds: 0,
      onClose: () => {
        if (this.#holder !== undefined) take().catch(() => this.#holder = undefined);
      },
    });
    await take();
    return connection;
  }
}

/** A condition on `sessions s`: its writer holds no lock. */
export const WRITER_IS_GONE =
  `NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = ${LOCK_CLASS} AND l.objsubid = 2 ` +
  "AND l.granted AND l.objid = s.writer::oid AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
