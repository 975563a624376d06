import { MAX_TIMER_MS } from "../util/mod.ts";

/** Waits. Handed to whatever must wait, so that tests need not. */
export interface Clock {
  /** Calls `callback` after `delayMs` milliseconds and gives a handle for {@linkcode Clock.clearTimeout}. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Forgets a callback that was not called yet. */
  clearTimeout(handle: unknown): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** A wait that takes several timers. */
class LongTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(callback: () => void, delayMs: number) {
    this.#wait(callback, delayMs);
  }

  clear(): void {
    globalThis.clearTimeout(this.#timer);
  }

  #wait(callback: () => void, leftMs: number): void {
    const next = leftMs <= MAX_TIMER_MS ? callback : () => this.#wait(callback, leftMs - MAX_TIMER_MS);
    this.#timer = globalThis.setTimeout(next, Math.min(leftMs, MAX_TIMER_MS));
  }
}

/** The clock of the machine; the global timers are read at call time. */
export const systemClock: Clock = {
  setTimeout: (callback, delayMs) =>
    delayMs > MAX_TIMER_MS ? new LongTimer(callback, delayMs) : globalThis.setTimeout(callback, delayMs),
  clearTimeout: (handle) =>
    handle instanceof LongTimer ? handle.clear() : globalThis.clearTimeout(handle as number),
  now: () => Date.now(),
};

/**
 * Waits, or rejects with the signal's reason as soon as it is aborted.
 *
 * Units: milliseconds.
 *
 * @example
 * ```ts
 * import { wait } from "@lllm/lllm/run";
 *
 * await wait(1);
 * ```
 */
export function wait(delayMs: number, options: { signal?: AbortSignal; clock?: Clock } = {}): Promise<void> {
  const { signal, clock = systemClock } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clock.clearTimeout(handle);
      reject(signal!.reason);
    };
    const handle = clock.setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
