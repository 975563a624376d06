import { LLLMError } from "../errors.ts";
import type { McpServer } from "../tools/mod.ts";
import { type JsonValue, raceAbort } from "../util/mod.ts";
import { redactorOf, told } from "./_redactor_of.ts";
import { type Failure, readFailure } from "./_failure.ts";
import type { Link, LinkRequestOptions } from "./_link.ts";

/** Options of {@linkcode SessionKeeper.request}. */
export interface KeptRequestOptions extends LinkRequestOptions {
  /** Whether the request may be made twice. */
  readonly repeatable: boolean;
  /** What the request is, for the error, such as `call tool "add" of`. */
  readonly action: string;
}

/** Options of the {@linkcode SessionKeeper} constructor. */
export interface SessionKeeperOptions {
  readonly server: McpServer;
  readonly open: (signal: AbortSignal | undefined) => Promise<Link>;
  readonly maxRestarts: number;
  /** Called when a session took the place of one that ended. */
  readonly onReplaced: (reason: string) => void;
}

/**
 * Keeps a session with a server: one that ended is replaced when the next request is made.
 *
 * A request that was not carried out is made again, once. One of which that is unknown is made again only if that can do no harm.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #closing = new AbortController();
  #opening: Promise<Link> | undefined;
  #link: Link | undefined;
  #lastEnd: string | undefined;
  /** Processes in a row that ended, or never answered. */
  #failures = 0;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  /** The session, which is opened where there is none. */
  async link(signal: AbortSignal | undefined): Promise<Link> {
    const { server, maxRestarts } = this.#options;
    if (this.#closing.signal.aborted) throw this.#error("use", "an open connection", "one that was closed");
    if (this.#link !== undefined && this.#link.endReason !== "") this.#drop(this.#link);
    if (this.#link !== undefined) return this.#link;
    if (this.#opening === undefined) {
      if (server.command !== undefined && this.#failures > maxRestarts) {
        throw this.#error("use", "a server that runs", `that it ended ${this.#failures} times in a row`);
      }
      this.#opening = this.#open().finally(() => this.#opening = undefined);
    }
    return await raceAbort(this.#opening, signal);
  }

  /** Makes a request, again where that can do no harm. */
  async request(
    method: string,
    params: Record<string, unknown>,
    options: KeptRequestOptions,
  ): Promise<Record<string, unknown>> {
    const { signal, repeatable, action } = options;
    for (let attempt = 0;; attempt++) {
      signal?.throwIfAborted();
      const link = await this.link(signal);
      try {
        const result = await link.request(method, params, options);
        this.#failures = 0;
        return redactorOf(this.#options.server).redactJson(result as JsonValue) as Record<string, unknown>;
      } catch (error) {
        signal?.throwIfAborted();
        if (LLLMError.isInstance(error)) throw error;
        const failure = readFailure(error, link);
        if (failure.kind === "unsent" || failure.kind === "broken") this.#drop(link, failure);
        if (failure.kind === "answered") this.#failures = 0;
        const again = failure.kind === "unsent" || (failure.kind === "broken" && repeatable);
        if (!again || attempt > 0 || this.#closing.signal.aborted) throw this.#failed(action, failure, error);
      }
    }
  }

  /** Ends the session for good. */
  async close(): Promise<void> {
    this.#closing.abort(this.#error("use", "an open connection", "one that was closed"));
    await this.#opening?.catch(() => {});
    await this.#link?.close();
  }

  /** Who waits for a session may give up; it is opened for all. */
  async #open(): Promise<Link> {
    try {
      const link = await this.#options.open(this.#closing.signal);
      this.#link = link;
      if (this.#lastEnd !== undefined) this.#options.onReplaced(this.#lastEnd);
      return link;
    } catch (error) {
      this.#failures++;
      throw error;
    }
  }

  #drop(link: Link, failure?: Failure): void {
    if (this.#link === link) {
      const found = link.endReason === "" ? failure?.found ?? "" : link.endReason;
      this.#lastEnd = told(this.#options.server, found);
      this.#link = undefined;
      this.#failures++;
    }
    link.close().catch(() => {});
  }

  #failed(action: string, { kind, found }: Failure, cause: unknown): LLLMError {
    const unknown = kind === "broken" || kind === "timeout"
      ? "; whether it was carried out is unknown, so it was not repeated"
      : "";
    return this.#error(action, "an answer", `${told(this.#options.server, found)}${unknown}`, kind, cause);
  }

  #error(action: string, expected: string, found: string, kind = "closed", cause?: unknown): LLLMError {
    const { server } = this.#options;
    const redactor = redactorOf(server);
    const message = `Cannot ${action} MCP server "${server.label}": expected ${expected}, found ${found}`;
    return new LLLMError(message, {
      code: "mcp_failed",
      data: { server: server.label, kind },
      cause: redactor.redactError(cause),
    });
  }
}
