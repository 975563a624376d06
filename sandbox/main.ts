/**
 * The guest's main isolate: it holds the token, reads and writes frames, and keeps the soft time limit. It never runs
 * a user's code; that is the worker's part.
 *
 * @module
 */
import { checkPath, parseObject, parseParams } from "./call_params.ts";
import { createSharedMemory, MainChannel } from "./channel.ts";
import {
  ANSWER_ERROR,
  ANSWER_OK,
  type CellReport,
  type MainMessage,
  type WorkerMessage,
} from "./messages.ts";
import {
  type DoneFrame,
  type HelloFrame,
  MAX_PARAMS_BYTES,
  type NetRequest,
  PROTOCOL_VERSION,
  type TextField,
} from "./protocol.ts";
import { FrameReader, FrameWriter } from "./stdio.ts";
import { TimeLimit } from "./time_limit.ts";

const MEMORY_CHECK_MS = 50;
const TEXT_CHUNK_CHARS = 256 * 1024;

/** The cell that runs, from its `run` frame to its `done` frame. */
interface RunningCell {
  readonly id: number;
  readonly limit: TimeLimit;
  readonly memoryTimer: ReturnType<typeof setInterval>;
  readonly decoders: Readonly<Record<"stdout" | "stderr", TextDecoder>>;
  stopped?: "timeout" | "interrupt";
  dropped: boolean;
  /** The API call that the worker waits for; 0 for none. */
  call: number;
}

class Guest {
  #hello: HelloFrame;
  #out: FrameWriter;
  #channel: MainChannel;
  #worker: Worker;
  #cell: RunningCell | null = null;
  #calls = 0;

  constructor(hello: HelloFrame) {
    this.#hello = hello;
    this.#out = new FrameWriter(hello.token);
    const memory = createSharedMemory();
    this.#channel = new MainChannel(memory);
    const workers = { python: "./python/worker.js", typescript: "./typescript/worker.js" };
    this.#worker = new Worker(new URL(workers[hello.language], import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<WorkerMessage>) => this.#onMessage(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end("crash", event.message);
    };
    const { maxTextChars, fileQuotaBytes, packages, net } = hello;
    this.#post({ type: "boot", memory, maxTextChars, fileQuotaBytes, packages, net });
  }

  run(id: number, code: string, timeoutMs: number): void {
    this.#channel.clear();
    this.#cell = {
      id,
      limit: new TimeLimit(timeoutMs, () => this.interrupt("timeout")),
      memoryTimer: setInterval(() => this.#checkMemory(), MEMORY_CHECK_MS),
      decoders: { stdout: createDecoder(), stderr: createDecoder() },
      dropped: false,
      call: 0,
    };
    this.#post({ type: "run", cell: id, code, timeoutMs });
  }

  interrupt(reason: "timeout" | "interrupt"): void {
    if (this.#cell === null) return;
    this.#cell.stopped ??= reason;
    this.#cell.call = 0;
    this.#channel.interrupt();
    if (this.#hello.language === "typescript") this.#post({ type: "interrupt", cell: this.#cell.id, reason });
  }

  /** Stops the clock of the cell's time limit, or lets it go on. */
  setClock(isHeld: boolean): void {
    const limit = this.#cell?.limit;
    if (isHeld) limit?.hold();
    else limit?.resume();
    if (limit !== undefined) this.#channel.setHeldMs(limit.heldMs);
  }

  isRunning(cell: number): boolean {
    return this.#cell?.id === cell;
  }

  answer(call: number, ok: boolean, json: Uint8Array): void {
    if (this.#cell === null || this.#cell.call !== call) return;
    this.#cell.call = 0;
    const bytes = new Uint8Array(1 + json.length);
    bytes[0] = ok ? ANSWER_OK : ANSWER_ERROR;
    bytes.set(json, 1);
    this.#channel.answer(bytes);
  }

  #onMessage(message: WorkerMessage): void {
    if (message.type === "ready") {
      this.#out.write({ type: "ready", version: PROTOCOL_VERSION });
    } else if (message.type === "failed") {
      this.#end("crash", message.message);
    } else if (this.#cell !== null) {
      this.#onCellMessage(this.#cell, message);
    }
  }

  #onCellMessage(cell: RunningCell, message: WorkerMessage): void {
    switch (message.type) {
      case "output":
        return this.#text(
          message.stream,
          cell.decoders[message.stream].decode(message.bytes, { stream: true }),
        );
      case "call":
        return this.#call(cell, message.path, message.params);
      case "fetch":
        return this.#fetch(cell, message.request);
      case "more":
        return this.#channel.sendChunk();
      case "display":
        return this.#display(cell, message.bundle);
      case "done":
        return this.#done(cell, message.report, message.dropped);
    }
  }

  #call(cell: RunningCell, path: string, params: string): void {
    cell.call = ++this.#calls;
    let problem = checkPath(path);
    if (problem === undefined) {
      try {
        const parsed = parseParams(params);
        const frame = { type: "call", cell: cell.id, call: cell.call, path, params: parsed } as const;
        if (this.#out.write(frame)) return;
        problem = `CALL_API parameters are larger than ${MAX_PARAMS_BYTES} bytes`;
      } catch (error) {
        problem = `CALL_API parameters are refused: ${(error as Error).message}`;
      }
    }
    this.answer(cell.call, false, new TextEncoder().encode(JSON.stringify(problem)));
  }

  #fetch(cell: RunningCell, json: string): void {
    cell.call = ++this.#calls;
    let problem = "the request is too large";
    try {
      const request = parseObject(json) as unknown as NetRequest;
      if (this.#out.write({ type: "fetch", cell: cell.id, call: cell.call, request })) return;
    } catch (error) {
      problem = (error as Error).message;
    }
    this.answer(cell.call, false, new TextEncoder().encode(JSON.stringify(problem)));
  }

  #display(cell: RunningCell, json: string): void {
    try {
      if (!this.#out.write({ type: "display", cell: cell.id, bundle: parseObject(json) })) {
        cell.dropped = true;
      }
    } catch {
      cell.dropped = true;
    }
  }

  #done(cell: RunningCell, report: CellReport, dropped: boolean): void {
    cell.limit.end();
    clearInterval(cell.memoryTimer);
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = cell.decoders[stream].decode();
      const frame = { type: "text", cell: cell.id, field: stream, text: rest, late: true } as const;
      if (rest !== "") this.#out.write(frame);
    }
    this.#text("value", report.value ?? "");
    this.#text("message", report.error?.message ?? "");
    this.#text("traceback", report.error?.traceback ?? "");
    this.#cell = null;
    const stopped = cell.stopped ?? report.stopped;
    const frame: DoneFrame = {
      type: "done",
      cell: cell.id,
      hasValue: report.value !== undefined,
      ...(report.error === undefined ? {} : { errorName: report.error.name.slice(0, 200) }),
      ...(report.outOfMemory === true && { outOfMemory: true }),
      ...(report.broken === undefined ? {} : { broken: report.broken }),
      ...(stopped === undefined ? {} : { stopped }),
      dropped: dropped || cell.dropped,
    };
    this.#out.write(frame);
  }

  #text(field: TextField, text: string): void {
    for (let at = 0; at < text.length; at += TEXT_CHUNK_CHARS) {
      const part = text.slice(at, at + TEXT_CHUNK_CHARS);
      this.#out.write({ type: "text", cell: this.#cell!.id, field, text: part });
    }
  }

  #checkMemory(): void {
    const { rss } = Deno.memoryUsage();
    if (rss <= this.#hello.residentLimitBytes) return;
    this.#end("memory", `${rss} bytes of resident memory`);
  }

  #end(reason: "memory" | "crash", message: string): never {
    this.#out.write({ type: "fatal", reason, message: message.slice(0, 4000) });
    Deno.exit(3);
  }

  #post(message: MainMessage): void {
    this.#worker.postMessage(message);
  }
}

function createDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

async function serve(): Promise<never> {
  // A terminal interrupts the host and all that it started; the host decides what becomes of its guests.
  Deno.addSignalListener("SIGINT", () => {});
  const reader = new FrameReader();
  const hello = await reader.readFrame();
  if (hello.type !== "hello" || hello.version !== PROTOCOL_VERSION) Deno.exit(2);
  const guest = new Guest(hello);
  while (true) {
    const frame = await reader.readFrame();
    if (frame.type === "run") guest.run(frame.cell, frame.code, frame.timeoutMs);
    else if (frame.type === "interrupt" && guest.isRunning(frame.cell)) guest.interrupt("interrupt");
    else if (frame.type === "hold" || frame.type === "resume") {
      if (guest.isRunning(frame.cell)) guest.setClock(frame.type === "hold");
    } else if (frame.type === "answer") guest.answer(frame.call, frame.ok, await reader.readBytes());
  }
}

await serve();
