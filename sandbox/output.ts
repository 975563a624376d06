/**
 * Collects what cells write to their standard streams and posts it in parts; counts what they display.
 *
 * @module
 */
import type { WorkerMessage } from "./messages.ts";
import { MAX_DISPLAY_BYTES, MAX_DISPLAYS, MAX_OUTPUT_PARTS } from "./protocol.ts";

const HELD_BYTES = 64 * 1024;
const MAX_POST_BYTES = 1024 * 1024;
const HOLD_MS = 50;

type Stream = "stdout" | "stderr";

/** Bytes of one stream among those that are held. */
interface Run {
  readonly stream: Stream;
  /** Of which part of the cell's output it is. */
  readonly part: number;
  readonly start: number;
  end: number;
}

/** The output of one cell after the other, in the order in which the cell makes it. */
export class OutputBuffer {
  /** Whether the running cell wrote more than is kept. */
  dropped = false;
  readonly #limit: number;
  readonly #post: (message: WorkerMessage) => void;
  readonly #sent: Record<Stream, number> = { stdout: 0, stderr: 0 };
  readonly #held = new Uint8Array(HELD_BYTES);
  #runs: Run[] = [];
  /** Parts of the cell's output so far: what one stream wrote without a break, or a display. */
  #parts = 0;
  #last: Stream | null = null;
  #flushedAt = 0;
  #displays = 0;
  #displayed = 0;

  /** `limit`: most bytes that are kept of each stream of one cell. */
  constructor(limit: number, post: (message: WorkerMessage) => void) {
    this.#limit = limit;
    this.#post = post;
  }

  /** Begins a new cell. */
  reset(): void {
    this.dropped = false;
    this.#sent.stdout = 0;
    this.#sent.stderr = 0;
    this.#parts = 0;
    this.#last = null;
    this.#displays = 0;
    this.#displayed = 0;
    this.#flushedAt = performance.now();
  }

  /** Takes bytes; they are posted at once if there are many or the last post was long ago. */
  write(stream: Stream, bytes: Uint8Array): number {
    const room = this.#limit - this.#sent[stream];
    if (bytes.length > room) this.dropped = true;
    const kept = bytes.subarray(0, Math.max(0, room));
    if (kept.length === 0) return bytes.length;
    this.#sent[stream] += kept.length;
    if (stream !== this.#last) this.#parts++;
    this.#last = stream;
    if (kept.length > HELD_BYTES - this.#heldLength) this.flush();
    if (kept.length > HELD_BYTES) this.#postAll(stream, kept);
    else this.#hold(stream, kept);
    if (performance.now() - this.#flushedAt > HOLD_MS) this.flush();
    return bytes.length;
  }

  /** Posts a bundle of display data, unless the cell has shown enough. */
  display(bundle: Uint8Array): void {
    if (this.#displays >= MAX_DISPLAYS || this.#displayed + bundle.length > MAX_DISPLAY_BYTES) {
      this.dropped = true;
      return;
    }
    this.#displays++;
    this.#displayed += bundle.length;
    this.#parts++;
    this.#last = null;
    this.flush(); // what was written before is before it
    this.#post({ type: "display", bundle: new TextDecoder().decode(bundle) });
  }

  /** Posts what is held. */
  flush(): void {
    this.#flushedAt = performance.now();
    const runs = this.#runs;
    this.#runs = [];
    const rest: Run[] = []; // the host keeps no order between more parts; a post for each would be a flood of its own
    for (const run of runs) {
      if (run.part > MAX_OUTPUT_PARTS) rest.push(run);
      else this.#postOne(run.stream, this.#held.slice(run.start, run.end));
    }
    for (const stream of ["stdout", "stderr"] as const) {
      const bytes = this.#gather(rest.filter((run) => run.stream === stream));
      if (bytes.length > 0) this.#postOne(stream, bytes);
    }
  }

  get #heldLength(): number {
    return this.#runs.at(-1)?.end ?? 0;
  }

  #hold(stream: Stream, bytes: Uint8Array): void {
    const start = this.#heldLength;
    this.#held.set(bytes, start);
    const last = this.#runs.at(-1);
    if (last?.stream === stream) last.end += bytes.length;
    else this.#runs.push({ stream, part: this.#parts, start, end: start + bytes.length });
  }

  #gather(runs: readonly Run[]): Uint8Array {
    const bytes = new Uint8Array(runs.reduce((sum, { start, end }) => sum + end - start, 0));
    let at = 0;
    for (const { start, end } of runs) {
      bytes.set(this.#held.subarray(start, end), at);
      at += end - start;
    }
    return bytes;
  }

  #postAll(stream: Stream, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MAX_POST_BYTES) {
      this.#postOne(stream, bytes.slice(at, at + MAX_POST_BYTES));
    }
  }

  #postOne(stream: Stream, bytes: Uint8Array): void {
    this.#post({ type: "output", stream, bytes });
  }
}
