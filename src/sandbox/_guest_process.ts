/**
 * One guest process: started, spoken to, watched, and ended.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { getLogger } from "../logging/mod.ts";
import { type GuestFrame, type HostFrame, PROTOCOL_VERSION, TOKEN_BYTES } from "../../sandbox/protocol.ts";
import { encodeAnswer, encodeFrame, FrameParser } from "./_frames.ts";
import { FILE_QUOTA_BYTES, type GuestCommandOptions, residentLimitMb } from "./_guest_command.ts";
import { takePlace } from "./_process_count.ts";
import { startGuest } from "./_start_guest.ts";

const logger = getLogger("sandbox");

const START_LIMIT_MS = 60_000;
const MAX_ERROR_CHARS = 4000;
const MB = 1024 * 1024;

/** Why a guest process ended. */
export interface GuestEnd {
  readonly kind: "timeout" | "cancelled" | "memory" | "other";
  /** For people: completes "State was lost: …". */
  readonly reason: string;
}

/** Options of {@linkcode GuestProcess.start}. */
export interface GuestProcessOptions extends GuestCommandOptions {
  readonly language: "python" | "typescript";
  readonly folder: string;
  readonly maxTextChars: number;
  /** Whether cells may make network requests. */
  readonly net: boolean;
  /** Most processes of this program. */
  readonly maxProcesses: number;
}

/** A guest process that is ready for cells, or has ended. */
export class GuestProcess {
  /** Called for each frame of a cell. */
  onFrame: (frame: GuestFrame) => void = () => {};
  /** Resolves when the process is gone. */
  readonly ended: Promise<GuestEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #memoryMb: number;
  readonly #residentLimitBytes: number;
  #end: GuestEnd | null = null;
  #errors = "";
  #ready = Promise.withResolvers<void>();

  private constructor(child: Deno.ChildProcess, token: Uint8Array, options: GuestCommandOptions) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#memoryMb = options.memoryMb;
    this.#residentLimitBytes = residentLimitMb(options) * MB;
    this.#ready.promise.catch(() => {});
    this.ended = this.#watch(new FrameParser(token));
  }

  /** Starts a process and waits until it can take cells. */
  static async start(guestOptions: GuestProcessOptions): Promise<GuestProcess> {
    const { folder, language, packages, net, maxTextChars, maxProcesses } = guestOptions;
    const leave = takePlace(maxProcesses);
    let child: Deno.ChildProcess;
    try {
      child = startGuest(folder, "guest/main.js", guestOptions);
    } catch (error) {
      leave();
      throw error;
    }
    const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
    const guest = new GuestProcess(child, token, guestOptions);
    guest.ended.then(leave);
    const timer = setTimeout(
      () => guest.kill({ kind: "timeout", reason: "it did not start in time" }),
      START_LIMIT_MS,
    );
    try {
      guest.send({
        type: "hello",
        version: PROTOCOL_VERSION,
        language,
        token: token.toHex(),
        maxTextChars,
        fileQuotaBytes: FILE_QUOTA_BYTES,
        packages: packages?.files ?? [],
        net,
        residentLimitBytes: guest.#residentLimitBytes,
      });
      await guest.#ready.promise;
      return guest;
    } catch (error) {
      await guest.ended;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The process's number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a frame; one that the guest cannot read any more is dropped. */
  send(frame: HostFrame): void {
    this.#writer.write(encodeFrame(frame)).catch(() => {});
  }

  /** Sends the answer to an API call. */
  sendAnswer(call: number, ok: boolean, json: Uint8Array): void {
    this.#writer.write(encodeAnswer({ type: "answer", call, ok }, json)).catch(() => {});
  }

  /** Ends the process at once. Its `ended` tells the first reason that was given. */
  kill(end: GuestEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
  }

  /** Looks at the process's memory, and ends it when it has too much. False: this cannot be seen here. */
  checkMemory(): boolean {
    try {
      const pages = Deno.readTextFileSync(`/proc/${this.#child.pid}/statm`).split(" ")[1];
      if (Number(pages) * 4096 > this.#residentLimitBytes) this.kill(this.#outOfMemory());
      return true;
    } catch {
      return false;
    }
  }

  /** Lets the host program end while the guest is idle, or not. */
  setIdle(idle: boolean): void {
    if (idle) this.#child.unref();
    else this.#child.ref();
  }

  #outOfMemory(): GuestEnd {
    return { kind: "memory", reason: `the process used more than its ${this.#memoryMb} MB` };
  }

  async #watch(parser: FrameParser): Promise<GuestEnd> {
    const errors = this.#readErrors().catch(() => {});
    try {
      for await (const chunk of this.#child.stdout) {
        if (this.#end !== null) continue;
        for (const frame of parser.push(chunk)) this.#onFrame(frame);
      }
    } catch (error) {
      this.kill({ kind: "other", reason: `the process broke the protocol by ${(error as Error).message}` });
    }
    const status = await this.#child.status;
    await errors;
    await this.#writer.abort().catch(() => {});
    const end = this.#end ??= this.#explain(status);
    logger[end.kind === "cancelled" ? "debug" : "warn"]("A sandbox process has ended", () => ({
      pid: this.pid,
      ...end,
    }));
    this.#ready.reject(
      new LLLMError(
        `Cannot start the sandbox: ${end.reason}${this.#errors === "" ? "" : `: ${this.#errors}`}`,
        {
          code: end.kind === "timeout" ? "sandbox_timeout" : "sandbox_killed",
          data: { stderr: this.#errors },
        },
      ),
    );
    return end;
  }

  #onFrame(frame: GuestFrame): void {
    if (frame.type === "ready") return this.#ready.resolve();
    if (frame.type !== "fatal") return this.onFrame(frame);
    this.#errors += frame.message.toWellFormed().slice(0, MAX_ERROR_CHARS);
    if (frame.reason === "memory") this.kill(this.#outOfMemory());
    else this.kill({ kind: "other", reason: `the interpreter failed (${firstLine(frame.message)})` });
  }

  async #readErrors(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#errors = (this.#errors + text).slice(0, MAX_ERROR_CHARS);
    }
  }

  #explain({ code, signal }: Deno.CommandStatus): GuestEnd {
    if (/out of memory|OOM/i.test(this.#errors)) return this.#outOfMemory();
    return { kind: "other", reason: `the process ended with ${signal ?? `exit code ${code}`}` };
  }
}

function firstLine(text: string): string {
  return text.toWellFormed().split("\n", 1)[0]!.slice(0, 200);
}
