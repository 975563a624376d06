/**
 * What a sandbox is to its users.
 *
 * @module
 */
import type { JsonValue } from "../util/json.ts";

/** What a cell shows: data by media type; binary data is base64. Its content is the cell's, and not made safe. */
export type MimeBundle = Readonly<Record<string, JsonValue>>;

/** A part of what a cell puts out: text on one of its streams, or something that it shows. */
export type CellOutput =
  | { readonly type: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "display"; readonly data: MimeBundle };

/**
 * How a cell ended.
 *
 * `ok`: well. `error`: it raised. `timeout`: the time limit ended it. `cancelled`: the caller ended it.
 * `out_of_memory`: a memory limit ended it. `killed`: the process ended otherwise.
 */
export type CellOutcome = "ok" | "error" | "timeout" | "killed" | "out_of_memory" | "cancelled";

/** What a cell raised, or why its process had to go. */
export interface CellErrorInfo {
  /** The class of the exception. */
  readonly name: string;
  /** The exception's own text. */
  readonly message: string;
  /** The traceback from the cell's first frame on; empty if there is none. */
  readonly traceback: string;
}

/** What a cell did. All texts are well-formed Unicode and cut at the sandbox's `maxOutputChars`. */
export interface CellResult {
  /** How the cell ended. */
  readonly outcome: CellOutcome;
  /** What it wrote to standard output. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
  /** The last expression's display form; absent for none, `None` and `undefined`. */
  readonly value?: string;
  /** Present unless the outcome is `ok`. */
  readonly error?: CellErrorInfo;
  /** What it showed, in order. */
  readonly displays: readonly MimeBundle[];
  /**
   * `stdout`, `stderr` and `displays` in the order in which the cell made them. Neighbours of one stream are one part; of
   * a cell that changes between the streams a thousand times, the rest is joined by stream.
   */
  readonly outputs: readonly CellOutput[];
  /** Whether any text was cut or any display dropped. */
  readonly truncated: boolean;
  /** Time from the call to the end of the cell, without starting a process. Units: milliseconds. */
  readonly durationMs: number;
  /** Whether the process had to go, and with it all that earlier cells defined. */
  readonly stateLost: boolean;
  /** The result as one text, as the tools give it to a model. */
  toText(): string;
}

/** Options of {@linkcode Sandbox.runCell}. */
export interface RunCellOptions {
  /** Ends the cell with outcome `cancelled`. */
  readonly signal?: AbortSignal;
  /** The time limit of this cell. Units: milliseconds. Default: the sandbox's. */
  readonly timeoutMs?: number;
}

/**
 * A session in which untrusted code runs, cell after cell, in a process without permissions.
 *
 * One cell runs at a time. Whoever created a sandbox closes it.
 */
export interface Sandbox extends AsyncDisposable {
  /**
   * Runs one cell. Resolves for everything that code can do.
   *
   * @throws {LLLMError} `sandbox_closed` after {@linkcode Sandbox.close}.
   * @throws {TypeError} while another cell runs.
   */
  runCell(code: string, options?: RunCellOptions): Promise<CellResult>;
  /** Ends the process and starts a new one; a running cell ends with outcome `cancelled`. */
  reset(): Promise<void>;
  /** Ends the running cell with outcome `cancelled`, by force if it must; resolves when it has ended. */
  interrupt(): Promise<void>;
  /** Ends the session; resolves when its process is gone. Further calls do nothing. */
  close(): Promise<void>;
}

/** Answers a `CALL_API` of a cell; may be called again while an abandoned call still runs. */
export type ApiHandler = (
  path: string,
  params: Record<string, unknown>,
  context: ApiCallContext,
) => unknown;

/** What an {@linkcode ApiHandler} is told besides the call itself. */
export interface ApiCallContext {
  /** Aborts when the cell no longer waits for the answer. */
  readonly signal: AbortSignal;
}
