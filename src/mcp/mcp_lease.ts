import { currentRun } from "../run/mod.ts";
import type { FunctionTool, McpServer } from "../tools/mod.ts";
import { emitWarning, raceAbort } from "../util/mod.ts";
import { connectMcp } from "./connect_mcp.ts";
import type { McpConnection } from "./mcp_connection.ts";
import { mcpTools } from "./mcp_tools.ts";
import type { McpToolInfo } from "./types.ts";

/** The run around, as far as a lease needs it. */
export interface McpLeaseRun {
  /** Gives the path of the next step called `label`. */
  nextPath(label: string): string;
  /** Runs a step. */
  runStep<T>(
    step: { readonly kind: "effect"; readonly name: string; readonly path: string; readonly input: unknown },
    effect: () => Promise<T>,
  ): Promise<T>;
}

/** Options of {@linkcode McpLease.tools}. */
export interface McpLeaseToolsOptions {
  /** The run whose step the listing is. */
  readonly run: McpLeaseRun;
  /** The prefix of the step's place in the run, such as `writer/draft`. */
  readonly label: string;
  /** Names that others have: a tool of such a name is offered as `<server>_<name>`. */
  readonly taken: ReadonlySet<string>;
  /** Aborts the listing. */
  readonly signal: AbortSignal | undefined;
}

/**
 * One agent's use of an MCP server: connected when its tools are first listed, closed with whoever holds the lease.
 *
 * The list of tools is a step of the run, and so is each call: a run that is replayed from its record needs no server.
 */
export class McpLease {
  readonly #server: McpServer;
  readonly #connect: typeof connectMcp;
  #connection: Promise<McpConnection> | undefined;
  #made:
    | { readonly infos: readonly McpToolInfo[]; readonly key: string; readonly tools: FunctionTool[] }
    | undefined;
  readonly #disposal = new AbortController();

  /** Creates a lease; nothing is connected yet. `connect` connects, by default {@linkcode connectMcp}. */
  constructor(server: McpServer, connect: typeof connectMcp = connectMcp) {
    this.#server = server;
    this.#connect = connect;
  }

  /**
   * Gives the server's tools, as they are now. The same tools as the last time, if nothing changed.
   *
   * @throws {LLLMError} `config_invalid` or `mcp_failed` when the server cannot be used
   * @throws the signal's reason on an abort
   */
  async tools(options: McpLeaseToolsOptions): Promise<FunctionTool[]> {
    const { run, label, taken, signal } = options;
    const name = `mcp:${this.#server.label}`;
    const step = {
      kind: "effect",
      name,
      path: run.nextPath(`${label}/${name}`),
      input: this.#server.toJSON(),
    } as const;
    const infos = await run.runStep(step, async () => {
      const connection = await this.#connected(signal);
      return await connection.listTools(signal === undefined ? {} : { signal });
    });
    const renamed = infos.filter((info) => taken.has(info.name)).map((info) => info.name);
    const key = renamed.join("\n");
    if (this.#made?.infos !== infos || this.#made.key !== key) {
      this.#made = { infos, key, tools: this.#makeTools(infos, new Set(renamed)) };
    }
    return this.#made.tools;
  }

  /** Ends the connection, if there is one; resolves when the server's process is gone. */
  async dispose(): Promise<void> {
    this.#disposal.abort(this.#ended());
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    await connection?.close();
  }

  #makeTools(infos: readonly McpToolInfo[], renamed: ReadonlySet<string>): FunctionTool[] {
    return mcpTools(this.#server, infos, {
      call: async (name, args, callOptions) => {
        const connection = await this.#connected(callOptions.signal);
        return await connection.callTool(name, args, callOptions);
      },
      nameOf: (name) => renamed.has(name) ? `${this.#server.label}_${name}` : name,
    });
  }

  /** The connection is made for all; who waits for it may give up. */
  async #connected(signal: AbortSignal | undefined): Promise<McpConnection> {
    if (this.#disposal.signal.aborted) throw this.#ended();
    if (this.#connection === undefined) {
      const sink = currentRun()?.resolver;
      const connecting = this.#connect(this.#server, {
        onWarning: (warning) => emitWarning(warning, { sink }),
        signal: this.#disposal.signal,
      });
      this.#connection = connecting;
      connecting.catch(() => {
        if (this.#connection === connecting) this.#connection = undefined; // the next use tries again
      });
    }
    return await raceAbort(this.#connection, signal);
  }

  #ended(): TypeError {
    const { label } = this.#server;
    return new TypeError(
      `Cannot use MCP server "${label}": expected an agent in use, found one that was disposed`,
    );
  }
}
