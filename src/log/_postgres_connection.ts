import { LLLMError } from "../errors.ts";
import { outsideRun } from "../util/mod.ts";
import { POSTGRES_VARIABLES } from "./postgres_variables.ts";

/** What a parameter of a statement may be. */
export type PostgresValue = string | number | boolean | null | readonly number[];

/** The part of the client that is used here. */
interface Client {
  unsafe(
    sql: string,
    values?: unknown[],
    options?: { prepare?: boolean },
  ): Promise<Record<string, unknown>[]>;
  begin<T>(body: (client: Client) => Promise<T>): Promise<T>;
  end(options?: { timeout?: number }): Promise<void>;
}

/** Options of {@linkcode openPostgres}. */
export interface PostgresConnectionOptions {
  /** The schema whose tables are meant. */
  readonly schema: string;
  /** Connections at once. */
  readonly max: number;
  /** Seconds after which a connection that nobody uses is closed; 0: never. */
  readonly idleSeconds: number;
  /** Hears of a connection that was closed. Default: nobody. */
  readonly onClose?: () => void;
}

/** Statements, on any connection of a pool or, within a transaction, on one. `?` stands for a value. */
export class PostgresConnection {
  readonly #client: Client;

  /** Creates it over a client. */
  constructor(client: Client) {
    this.#client = client;
  }

  /** Runs a statement; gives its rows. */
  async all<Row>(sql: string, ...values: readonly PostgresValue[]): Promise<Row[]> {
    let count = 0;
    const text = sql.replaceAll("?", () => `$${++count}`);
    return await this.#client.unsafe(text, [...values], { prepare: true }) as Row[];
  }

  /** Runs a statement whose rows are not needed. */
  async run(sql: string, ...values: readonly PostgresValue[]): Promise<void> {
    await this.all(sql, ...values);
  }

  /** Runs several statements. */
  async script(sql: string): Promise<void> {
    await this.#client.unsafe(sql);
  }

  /** Does all of it or none of it. */
  transaction<T>(body: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    return this.#client.begin((client) => body(new PostgresConnection(client)));
  }

  /** Waits for what is under way, and closes all connections. */
  async close(): Promise<void> {
    await this.#client.end({ timeout: 5 });
  }
}

/** Opens a pool of connections; each is made when it is needed. */
export async function openPostgres(
  url: string,
  options: PostgresConnectionOptions,
): Promise<PostgresConnection> {
  const { default: postgres } = await outsideRun(() => import("postgres"));
  const { schema, max, idleSeconds, onClose = () => {} } = options;
  const toNumber = { to: 20, from: [20], parse: Number, serialize: String };
  const client = withVariables(() =>
    postgres(url, {
      max,
      max_lifetime: null,
      idle_timeout: idleSeconds,
      onnotice: () => {},
      onclose: onClose,
      types: { int8: toNumber },
      connection: {
        search_path: `"${schema}"`,
        application_name: "lllm log",
        plan_cache_mode: "force_custom_plan", // a plan that does not look at the values takes frequent tags for rare ones
      },
    })
  );
  return new PostgresConnection(client as unknown as Client);
}

/** The client reads many variables, and Deno tells of one at a time. */
function withVariables<T>(create: () => T): T {
  try {
    return create();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    const refused = /env access to "([^"]+)"/.exec(cause.message)?.[1];
    const names = new Set([...(refused === undefined ? [] : [refused]), ...POSTGRES_VARIABLES]);
    const flag = `--allow-env=${[...names].join(",")}`;
    throw new LLLMError(
      `Cannot open a log in PostgreSQL: expected the permission ${flag}, found one of these variables that may not be read`,
      { code: "config_invalid", data: { flag }, cause },
    );
  }
}
