/**
 * What the guest's two isolates post to each other. The worker is not trusted: the main isolate takes its messages
 * for what the running code wants to say, never for what is true.
 *
 * @module
 */

/** Starts the worker. */
export interface BootMessage {
  readonly type: "boot";
  readonly memory: SharedArrayBuffer;
  readonly maxTextChars: number;
  readonly fileQuotaBytes: number;
  readonly packages: readonly string[];
  /** Whether cells may make network requests. */
  readonly net: boolean;
}

/** Runs one cell in the worker. */
export interface RunMessage {
  readonly type: "run";
  readonly cell: number;
  readonly code: string;
  /** The soft time limit. Units: milliseconds. */
  readonly timeoutMs: number;
}

/** Ends a cell of a worker that takes messages while cells run; Python looks at the shared memory instead. */
export interface InterruptMessage {
  readonly type: "interrupt";
  readonly cell: number;
  readonly reason: "timeout" | "interrupt";
}

/** All messages of the main isolate. */
export type MainMessage = BootMessage | RunMessage | InterruptMessage;

/** What ended a cell, in the worker's words. */
export interface CellReport {
  readonly value?: string;
  /** The session is of no more use after this cell, and why. */
  readonly broken?: "memory" | "crash";
  /** The worker itself stopped the cell. */
  readonly stopped?: "timeout";
  /** The error says that memory ran out. */
  readonly outOfMemory?: true;
  readonly error?: { readonly name: string; readonly message: string; readonly traceback: string };
}

/** All messages of the worker. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "output"; readonly stream: "stdout" | "stderr"; readonly bytes: Uint8Array }
  | { readonly type: "call"; readonly path: string; readonly params: string }
  | { readonly type: "fetch"; readonly request: string }
  | { readonly type: "more" }
  | { readonly type: "display"; readonly bundle: string }
  | { readonly type: "done"; readonly report: CellReport; readonly dropped: boolean };

/** The first byte of an answer that the worker gets: the JSON after it is a value, or an error message. */
export const ANSWER_OK = 1;
/** See {@linkcode ANSWER_OK}. */
export const ANSWER_ERROR = 0;
