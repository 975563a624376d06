/**
 * Cells one after the other, in realms that outlive them: what starts a cell, what wakes it, and what ends it.
 *
 * All code of a cell that the worker itself starts runs under the time limit and can be stopped with the state kept:
 * the code up to its first `await`, callbacks of timers, and what displaying its value takes. What runs after an `await`
 * is started by V8; a loop there ends with the process.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { WorkerChannel } from "../channel.ts";
import { ANSWER_OK, type CellReport, type RunMessage, type WorkerMessage } from "../messages.ts";
import type { OutputBuffer } from "../output.ts";
import { MAX_NET_BODY_BYTES, MAX_PARAMS_BYTES } from "../protocol.ts";
import type { Acorn } from "./acorn.ts";
import { assignedName } from "./assigned_name.ts";
import { type CellScript, createCellScript, type ScriptText } from "./cell_script.ts";
import type { Host } from "./realm/harness.ts";
import { Realms } from "./realms.ts";
import { CellSyntaxError } from "./syntax_error.ts";
import { Timers } from "./timers.ts";
import { traceOf } from "./trace.ts";
import { WEB_TEXT } from "./web_text.ts";

/** Options of {@linkcode Session}. */
export interface SessionOptions {
  readonly acorn: Acorn;
  readonly channel: WorkerChannel;
  readonly output: OutputBuffer;
  readonly post: (message: WorkerMessage) => void;
  /** Most characters of a text that are of use. */
  readonly maxTextChars: number;
  /** Whether cells may make network requests. */
  readonly net: boolean;
}

/** The cell that runs. */
interface RunningCell {
  /** The main isolate's number for it. */
  readonly id: number;
  readonly number: number;
  readonly deadline: number;
  readonly timeoutMs: number;
  isEnding: boolean;
  /** A request of it was interrupted: the message that tells why, and ends it, is on its way. */
  isInterrupted: boolean;
}

/**
 * How long after its time limit running code is terminated. At the limit requests are interrupted; a termination that
 * comes when a job is just ending because of that would end the worker.
 */
const TERMINATION_MS = 25;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One session's cells. */
export class Session {
  readonly #options: SessionOptions;
  readonly #realms: Realms;
  readonly #scripts = new Map<number, CellScript>();
  readonly #timers = new Timers((id) => this.#wake(() => this.#realms.harness.prepareTimer(id)));
  #cell: RunningCell | null = null;
  #count = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#realms = new Realms(this.#createHost(), options.maxTextChars);
  }

  /** Starts a cell; its end is posted. */
  run({ cell: id, code, timeoutMs }: RunMessage): void {
    const deadline = performance.now() + timeoutMs;
    const cell = this.#cell = {
      id,
      number: ++this.#count,
      deadline,
      timeoutMs,
      isEnding: false,
      isInterrupted: false,
    };
    this.#options.output.reset();
    let script;
    try {
      script = createCellScript(this.#options.acorn, code);
      this.#scripts.set(cell.number, script);
      const { functions, body } = script;
      this.#realms.harness.prepareStart(cell.number, script.declarations, {
        functions: functions && this.#evaluate(functions, `<cell ${cell.number}>.functions`),
        body: this.#evaluate(body, `<cell ${cell.number}>.body`),
      });
    } catch (error) {
      return this.#end(cell, { error: describe(error, cell.number, code) });
    }
    this.#runJob(cell);
  }

  /** Ends a cell that waits. */
  interrupt(id: number, reason: "timeout" | "interrupt"): void {
    const cell = this.#cell;
    if (cell === null || cell.id !== id || cell.isEnding) return;
    if (reason === "timeout") this.#end(cell, timedOut(cell));
    else this.#end(cell, stopped("AbortError", "the cell was cancelled"));
  }

  /** Tells of a promise that was rejected and whose error nothing handled. */
  reject(reason: unknown): void {
    this.#wake(() => this.#realms.harness.prepareRejection(reason));
  }

  #evaluate({ code, headLength }: ScriptText, filename: string): (...helpers: unknown[]) => Promise<unknown> {
    return this.#realms.evaluate(this.#realms.compile(code, filename, -headLength));
  }

  /** Runs a job of the cell that waits. */
  #wake(prepare: () => void): void {
    const cell = this.#cell;
    if (cell === null || cell.isEnding) return;
    prepare();
    this.#runJob(cell);
  }

  #runJob(cell: RunningCell): boolean {
    const deadline = cell.deadline + this.#options.channel.heldMs;
    if (this.#realms.runJob(deadline + TERMINATION_MS - performance.now())) return true;
    this.#end(cell, timedOut(cell));
    return false;
  }

  #onSettled(number: number): void {
    const cell = this.#cell;
    if (cell === null || cell.number !== number || cell.isEnding) return;
    // Promises that the cell still has under way get their turn first. If that has no end, the cell has none.
    setImmediate(() => {
      if (this.#cell !== cell || cell.isEnding || cell.isInterrupted) return;
      this.#realms.harness.prepareReport();
      if (this.#runJob(cell)) this.#end(cell, JSON.parse(this.#realms.harness.takeReport()));
    });
  }

  #end(cell: RunningCell, report: CellReport): void {
    cell.isEnding = true;
    this.#timers.clear();
    this.#realms.harness.end();
    setImmediate(() => {
      const { output, post } = this.#options;
      this.#cell = null;
      output.flush();
      post({ type: "done", report, dropped: output.dropped });
    });
  }

  #createHost(): Host {
    const { output, maxTextChars, net } = this.#options;
    return {
      write: (stream, text) => {
        if (this.#cell !== null) output.write(stream, encoder.encode(text.slice(0, maxTextChars + 1)));
      },
      display: (json) => {
        if (this.#cell !== null) output.display(encoder.encode(json));
      },
      call: (path, params) => {
        if (params.length > MAX_PARAMS_BYTES / 3 && encoder.encode(params).length > MAX_PARAMS_BYTES) {
          return `1CALL_API parameters are larger than ${MAX_PARAMS_BYTES} bytes`;
        }
        return this.#request({ type: "call", path, params });
      },
      fetch: (request) => {
        if (!net) return "1Cannot fetch: this sandbox has no network";
        if (request.length > 2 * MAX_NET_BODY_BYTES) {
          return `1The request is too large: expected a body of at most ${MAX_NET_BODY_BYTES} bytes`;
        }
        return this.#request({ type: "fetch", request });
      },
      startTimer: (ms, repeats) =>
        this.#cell === null || this.#cell.isEnding ? 0 : this.#timers.start(ms, repeats),
      stopTimer: (id) => this.#timers.stop(id),
      now: () => performance.now(),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536))).toHex(),
      trace: (stack) => traceOf(stack, this.#scripts),
      assignedName: (trace) => assignedName(trace, this.#scripts),
      settled: (number) => this.#onSettled(number),
      ...WEB_TEXT,
    };
  }

  /** Asks the main isolate and waits: `0` and the answer's JSON; `1` and an error message; `2` for an interrupt. */
  #request(message: WorkerMessage): string {
    const { output, channel, post } = this.#options;
    const cell = this.#cell;
    if (cell === null || cell.isEnding) return "1The cell has ended";
    if (cell.isInterrupted) return "2";
    output.flush(); // it is not held back while the worker waits
    const answer = channel.request(() => post(message), () => post({ type: "more" }));
    if (answer === null) {
      cell.isInterrupted = true;
      return "2";
    }
    const json = decoder.decode(answer.subarray(1));
    return answer[0] === ANSWER_OK ? `0${json}` : `1${JSON.parse(json)}`;
  }
}

function timedOut({ timeoutMs }: RunningCell): CellReport {
  return { ...stopped("TimeoutError", `the time limit of ${timeoutMs} ms was reached`), stopped: "timeout" };
}

function stopped(name: string, message: string): CellReport {
  return { error: { name, message, traceback: `${name}: ${message}\n` } };
}

/** Why a cell did not run. */
function describe(error: unknown, number: number, code: string): NonNullable<CellReport["error"]> {
  const known = error instanceof CellSyntaxError
    ? error
    : new CellSyntaxError(error instanceof Error ? error.message : "The cell cannot be compiled", null);
  return { name: "SyntaxError", message: known.message, traceback: known.format(number, code) };
}
