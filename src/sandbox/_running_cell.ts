/**
 * One cell from its start to its result: what it puts out, whom it calls, and what ends it.
 *
 * @module
 */
import {
  type DoneFrame,
  type GuestFrame,
  MAX_ANSWER_BYTES,
  type NetAnswer,
  type NetRequest,
  type TextField,
  type TextFrame,
} from "../../sandbox/protocol.ts";
import { NetPolicy } from "../net/mod.ts";
import { currentRun, type HeldClock, type RunContext, withClock } from "../run/mod.ts";
import { makeResult } from "./_cell_result.ts";
import type { GuestEnd, GuestProcess } from "./_guest_process.ts";
import { performNetRequest } from "./_net_broker.ts";
import type { CheckedOptions } from "./_options.ts";
import { OutputCollector } from "./_output_collector.ts";
import { TextCollector, type TextLimit } from "./_text.ts";
import { TimeLimit } from "./_time_limit.ts";
import type { CellOutcome, CellResult } from "./types.ts";

const MEMORY_CHECK_MS = 50;
/** The errors that end an interrupted cell: Python's, TypeScript's. */
const INTERRUPTS: ReadonlySet<string> = new Set(["KeyboardInterrupt", "AbortError"]);

/** Runs one cell in a process that runs no other. */
export class RunningCell implements HeldClock {
  /** The result; never rejects. */
  readonly result: Promise<CellResult>;
  readonly #resolve: (result: CellResult) => void;
  readonly #id: number;
  readonly #guest: GuestProcess;
  readonly #options: CheckedOptions;
  readonly #timeoutMs: number;
  readonly #output: OutputCollector;
  readonly #texts: Readonly<Record<Exclude<TextField, "stdout" | "stderr">, TextCollector>>;
  /** Frames are read outside of any run; the calls of the cell belong to the run that the cell is part of. */
  readonly #run: RunContext | undefined = currentRun();
  readonly #startedAt = performance.now();
  readonly #limit: TimeLimit;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #calls = 0;
  #holds = 0;
  #call: AbortController | null = null;
  #stopped: "timeout" | "interrupt" | null = null;
  #over = false;

  constructor(id: number, guest: GuestProcess, code: string, timeoutMs: number, options: CheckedOptions) {
    this.#id = id;
    this.#guest = guest;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
    this.#output = new OutputCollector(this.#textLimit);
    const collector = () => new TextCollector(this.#textLimit);
    this.#texts = { value: collector(), message: collector(), traceback: collector() };
    const { promise, resolve } = Promise.withResolvers<CellResult>();
    this.result = promise;
    this.#resolve = resolve;
    guest.onFrame = (frame) => this.#onFrame(frame);
    guest.ended.then((end) => this.#onEnd(end));
    guest.send({ type: "run", cell: id, code, timeoutMs });
    this.#limit = new TimeLimit(timeoutMs + options.graceMs, () => this.#kill("timeout"));
    if (guest.checkMemory()) this.#timers.push(setInterval(() => guest.checkMemory(), MEMORY_CHECK_MS));
  }

  /** Asks the cell to stop; kills it after the grace time. */
  interrupt(): void {
    if (this.#over || this.#stopped !== null) return;
    this.#stopped = "interrupt";
    this.#guest.send({ type: "interrupt", cell: this.#id });
    this.#timers.push(setTimeout(() => this.#kill("cancelled"), this.#options.graceMs));
  }

  /** Stops the clock of the time limit: an answer that the cell waits for takes a person. */
  hold(): void {
    if (this.#over) return;
    if (this.#holds++ === 0) this.#guest.send({ type: "hold", cell: this.#id });
    this.#limit.hold();
  }

  /** Lets the clock of the time limit go on. */
  resume(): void {
    if (this.#over) return;
    if (--this.#holds === 0) this.#guest.send({ type: "resume", cell: this.#id });
    this.#limit.resume();
  }

  get #textLimit(): TextLimit {
    return { maxChars: this.#options.maxOutputChars, indicator: this.#options.truncationIndicator };
  }

  #kill(kind: "timeout" | "cancelled"): void {
    const reason = kind === "timeout"
      ? `the cell did not stop at its time limit of ${this.#timeoutMs} ms`
      : "the cell was cancelled and did not stop";
    this.#guest.kill({ kind, reason });
  }

  #onFrame(frame: GuestFrame): void {
    if (this.#over || !("cell" in frame) || frame.cell !== this.#id) {
      this.#guest.kill({
        kind: "other",
        reason: "the process broke the protocol by a frame of another cell",
      });
      return;
    }
    switch (frame.type) {
      case "text":
        return this.#onText(frame);
      case "display":
        return this.#output.addDisplay(frame.bundle);
      case "call":
        return void this.#onCall(frame.call, (signal) => this.#callApi(frame.path, frame.params, signal));
      case "fetch":
        return void this.#onCall(frame.call, (signal) => this.#fetch(frame.request, signal));
      case "done":
        return this.#onDone(frame);
    }
  }

  #onText({ field, text, late }: TextFrame): void {
    if (field === "stdout" || field === "stderr") this.#output.addText(field, text, late === true);
    else this.#texts[field].add(text);
  }

  async #onCall(call: number, effect: (signal: AbortSignal) => unknown): Promise<void> {
    this.#call?.abort(new DOMException("The cell gave the call up", "AbortError"));
    const controller = this.#call = new AbortController();
    const { ok, json } = await this.#answer(() => effect(controller.signal));
    if (this.#call === controller) this.#call = null;
    if (!controller.signal.aborted && !this.#over) this.#guest.sendAnswer(call, ok, json);
  }

  #callApi(path: string, params: Record<string, unknown>, signal: AbortSignal): unknown {
    const { callApi } = this.#options;
    if (callApi === undefined) throw new Error("No API is available here");
    return withClock(this, () => callApi(path, params, { signal }));
  }

  #fetch(request: NetRequest, signal: AbortSignal): Promise<NetAnswer> {
    const { allowNet, onNetRequest } = this.#options;
    if (allowNet.length === 0) throw new Error("This sandbox has no network");
    const policy = new NetPolicy(allowNet, { holder: "this sandbox" });
    return performNetRequest(request, { policy, signal, ...(onNetRequest && { onNetRequest }) });
  }

  async #answer(effect: () => unknown): Promise<{ ok: boolean; json: Uint8Array }> {
    const { maxApiCalls } = this.#options;
    try {
      if (++this.#calls > maxApiCalls) {
        throw new Error(
          `A cell can make ${maxApiCalls} API calls at most (maxApiCalls); go on in another cell, or ask for more data at a time`,
        );
      }
      const json = encodeJson(await (this.#run === undefined ? effect() : this.#run.enter(effect)));
      if (json.length <= MAX_ANSWER_BYTES) return { ok: true, json };
      throw new Error(`The answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    } catch (error) {
      return { ok: false, json: encodeJson(messageOf(error)) };
    }
  }

  #onDone(frame: DoneFrame): void {
    let outcome: CellOutcome = frame.errorName === undefined ? "ok" : "error";
    if (frame.outOfMemory === true) outcome = "out_of_memory";
    if (frame.stopped === "timeout") outcome = "timeout";
    else if (frame.stopped === "interrupt" && INTERRUPTS.has(frame.errorName ?? "")) outcome = "cancelled";
    if (frame.broken === undefined) return this.#finish(outcome, frame, null);
    const end = frame.broken === "memory"
      ? { kind: "memory", reason: "its memory was full" } as const
      : { kind: "other", reason: "the interpreter failed" } as const;
    this.#guest.kill(end);
    this.#over = true;
    this.#guest.ended.then(() => this.#finish(end.kind === "memory" ? outcome : "killed", frame, end.reason));
  }

  #onEnd(end: GuestEnd): void {
    if (this.#over) return;
    const outcomes = {
      timeout: "timeout",
      cancelled: "cancelled",
      memory: "out_of_memory",
      other: "killed",
    } as const;
    const outcome = end.kind === "other" && this.#stopped === "interrupt" ? "cancelled" : outcomes[end.kind];
    this.#finish(outcome, null, end.reason);
  }

  #finish(outcome: CellOutcome, done: DoneFrame | null, lossReason: string | null): void {
    this.#over = true;
    this.#limit.end();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#call?.abort(new DOMException("The cell has ended", "AbortError"));
    const { outputs, stdout, stderr, dropped } = this.#output.finish();
    const { value, message, traceback } = this.#texts;
    this.#resolve(makeResult({
      outcome,
      outputs,
      texts: {
        stdout,
        stderr,
        value: value.finish(),
        message: message.finish(),
        traceback: traceback.finish(),
      },
      hasValue: done?.hasValue ?? false,
      errorName: done?.errorName ?? null,
      dropped: dropped || (done?.dropped ?? false),
      durationMs: performance.now() - this.#startedAt,
      timeoutMs: this.#timeoutMs,
      lossReason,
      limit: this.#textLimit,
    }));
  }
}

function encodeJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value);
  return new TextEncoder().encode(text ?? "null");
}

function messageOf(error: unknown): string {
  try {
    const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
    return String(message).toWellFormed();
  } catch {
    return "The call failed";
  }
}
