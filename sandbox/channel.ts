/**
 * The memory that the guest's two isolates share: how the worker waits for the main isolate without giving up its
 * thread, and how the main isolate interrupts it.
 *
 * @module
 */

/** Bytes of an answer that pass at once. */
const CHUNK_BYTES = 1024 * 1024;
const HEADER_BYTES = 64;

/** Slots of 32 bits at the start of the shared memory. */
const INTERRUPT = 0;
const CALL_STATE = 1;
const CHUNK_LENGTH = 2;
const WAKE = 3;
const HELD_MS = 4;

/** States of the one API call that can be under way. */
const IDLE = 0;
const WAITING = 1;
const LAST_CHUNK = 2;
const MORE_CHUNKS = 3;
const INTERRUPTED = 4;

/** Python's number for the interrupt signal, as Pyodide expects it in its interrupt buffer. */
const SIGINT = 2;

/** Creates the memory that both sides are given. */
export function createSharedMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + CHUNK_BYTES);
}

/** The main isolate's side. */
export class MainChannel {
  #slots: Int32Array;
  #chunk: Uint8Array;
  #rest: Uint8Array | null = null;

  /** Takes the memory of {@linkcode createSharedMemory}. */
  constructor(memory: SharedArrayBuffer) {
    this.#slots = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#chunk = new Uint8Array(memory, HEADER_BYTES);
  }

  /** Forgets interrupts that came too late. Only while no cell runs. */
  clear(): void {
    Atomics.store(this.#slots, INTERRUPT, 0);
    Atomics.store(this.#slots, WAKE, 0);
    Atomics.store(this.#slots, HELD_MS, 0);
    this.#rest = null;
  }

  /** Tells the worker for how long the clock of the cell's time limit has stood still in all. */
  setHeldMs(ms: number): void {
    Atomics.store(this.#slots, HELD_MS, Math.min(Math.round(ms), 2 ** 31 - 1));
  }

  /** Interrupts the worker in running code, in a sleep or in an API call. */
  interrupt(): void {
    this.#rest = null;
    Atomics.store(this.#slots, INTERRUPT, SIGINT);
    Atomics.store(this.#slots, WAKE, 1);
    Atomics.notify(this.#slots, WAKE);
    for (const state of [WAITING, LAST_CHUNK, MORE_CHUNKS]) {
      if (Atomics.compareExchange(this.#slots, CALL_STATE, state, INTERRUPTED) === state) {
        Atomics.notify(this.#slots, CALL_STATE);
        break;
      }
    }
  }

  /** Hands the answer to the waiting worker, or its first chunk. */
  answer(bytes: Uint8Array): void {
    if (Atomics.load(this.#slots, CALL_STATE) !== WAITING) return;
    this.#rest = bytes;
    this.sendChunk();
  }

  /** Hands the next chunk to the worker that asked for it. */
  sendChunk(): void {
    if (this.#rest === null) return;
    const part = this.#rest.subarray(0, CHUNK_BYTES);
    const rest = this.#rest.subarray(part.length);
    this.#chunk.set(part);
    Atomics.store(this.#slots, CHUNK_LENGTH, part.length);
    this.#rest = rest.length === 0 ? null : rest;
    const state = rest.length === 0 ? LAST_CHUNK : MORE_CHUNKS;
    if (Atomics.compareExchange(this.#slots, CALL_STATE, WAITING, state) === WAITING) {
      Atomics.notify(this.#slots, CALL_STATE);
    }
  }
}

/** The number of a signal that has come and was not taken; 0 for none. Writing 0 takes it. */
export interface InterruptBuffer {
  0: number;
}

/**
 * Pyodide reads the signal and then writes 0, whatever it read. In plain memory, a signal that comes between the two
 * is lost, which happened to one interrupt in a hundred; here only a signal that was read is taken away.
 */
function createInterruptBuffer(slots: Int32Array): InterruptBuffer {
  let seen = 0;
  return {
    get 0(): number {
      return seen = Atomics.load(slots, INTERRUPT);
    },
    set 0(_none: number) {
      if (seen !== 0) Atomics.store(slots, INTERRUPT, 0);
      seen = 0;
    },
  };
}

/** The worker's side. */
export class WorkerChannel {
  /** What Pyodide looks at for interrupts. */
  readonly interruptBuffer: InterruptBuffer;
  #slots: Int32Array;
  #chunk: Uint8Array;

  /** Takes the memory of {@linkcode createSharedMemory}. */
  constructor(memory: SharedArrayBuffer) {
    this.#slots = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#chunk = new Uint8Array(memory, HEADER_BYTES);
    this.interruptBuffer = createInterruptBuffer(this.#slots);
  }

  /** Forgets an interrupt that was not taken. */
  clear(): void {
    Atomics.store(this.#slots, INTERRUPT, 0);
    Atomics.store(this.#slots, WAKE, 0);
  }

  /** For how long the clock of the running cell's time limit has stood still in all. */
  get heldMs(): number {
    return Atomics.load(this.#slots, HELD_MS);
  }

  /** Sleeps. Returns false if it was interrupted. */
  sleep(ms: number): boolean {
    const end = performance.now() + ms;
    for (let left = ms; left > 0; left = end - performance.now()) {
      Atomics.wait(this.#slots, WAKE, 0, Math.min(left, 2 ** 30));
      if (Atomics.exchange(this.#slots, WAKE, 0) === 1) return false;
    }
    return Atomics.exchange(this.#slots, WAKE, 0) === 0;
  }

  /** Sends a request by `post` and waits for its answer, asking by `more` for further chunks. Null: interrupted. */
  request(post: () => void, more: () => void): Uint8Array | null {
    Atomics.store(this.#slots, CALL_STATE, WAITING);
    post();
    const chunks: Uint8Array[] = [];
    while (true) {
      Atomics.wait(this.#slots, CALL_STATE, WAITING);
      const state = Atomics.load(this.#slots, CALL_STATE);
      if (state === WAITING) continue;
      if (state === LAST_CHUNK || state === MORE_CHUNKS) {
        chunks.push(this.#chunk.slice(0, Atomics.load(this.#slots, CHUNK_LENGTH)));
      }
      const next = state === MORE_CHUNKS ? WAITING : IDLE;
      if (Atomics.compareExchange(this.#slots, CALL_STATE, state, next) !== state || state === INTERRUPTED) {
        Atomics.store(this.#slots, CALL_STATE, IDLE);
        return null;
      }
      if (state === LAST_CHUNK) return concat(chunks);
      more();
    }
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
