import type { JsonObject, JsonSchema, OnWarning } from "../util/mod.ts";
import type { McpList, McpProgress } from "./types.ts";

/** A server's question to the person who uses its client. */
export interface ElicitationRequest {
  /** The question. */
  readonly message: string;
  /** What the answer looks like: an object of plain values. */
  readonly requestedSchema: JsonSchema;
  /** Aborted when the server no longer wants the answer. */
  readonly signal: AbortSignal;
}

/** The answer to an {@linkcode ElicitationRequest}. */
export interface ElicitationAnswer {
  /** Whether the question is answered, refused, or left. */
  readonly action: "accept" | "decline" | "cancel";
  /** The answer, with `accept`. */
  readonly content?: JsonObject;
}

/** Answers a server's questions. It may be called concurrently; what it throws is told to the server. */
export type ElicitationHandler = (
  request: ElicitationRequest,
) => ElicitationAnswer | Promise<ElicitationAnswer>;

/** Makes a request over HTTP, as the global `fetch` does. */
export type McpFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Options of `connectMcp`. */
export interface ConnectMcpOptions {
  /** Milliseconds without an answer or a sign of progress before a request is given up. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Aborts the connecting. Default: none. */
  readonly signal?: AbortSignal;
  /** How often in a row a process that ended is started again before it is left alone. Default: 3. */
  readonly maxRestarts?: number;
  /**
   * Whether a server over HTTP may speak unasked (changed lists), over a stream that stays open, and that keeps the program from
   * ending until the connection is closed. Default: true.
   */
  readonly listen?: boolean;
  /**
   * Makes the requests over HTTP, such as one that gets a token first and sends it along. It must not follow redirects where `init`
   * says so. Default: the global `fetch`.
   */
  readonly fetch?: McpFetch;
  /** Hears of the progress of every call. Default: nobody. */
  readonly onProgress?: (progress: McpProgress & { readonly tool: string }) => void;
  /** Hears of lists that changed; `tools` have been read again by then. Default: nobody. */
  readonly onListChanged?: (list: McpList) => void;
  /** Answers questions of the server to a person. Default: the server is told that it cannot ask. */
  readonly onElicitation?: ElicitationHandler;
  /** Hears of warnings: tools that cannot be used, a server that was started again. Default: the console. */
  readonly onWarning?: OnWarning;
}
