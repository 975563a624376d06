/**
 * A time limit whose clock can stand still.
 *
 * @module
 */

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back once, when its time is up; the time during which it is held does not count. */
export class TimeLimit {
  /** For how long the clock has stood still, up to the last time that it went on. Units: milliseconds. */
  heldMs = 0;
  readonly #onEnd: () => void;
  #leftMs: number;
  #startedAt = 0;
  #heldAt = 0;
  #holds = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts the clock. */
  constructor(timeoutMs: number, onEnd: () => void) {
    this.#leftMs = timeoutMs;
    this.#onEnd = onEnd;
    this.#start();
  }

  /** Stops the clock; as often as it is stopped, it has to be let go on. */
  hold(): void {
    if (++this.#holds > 1) return;
    clearTimeout(this.#timer);
    this.#heldAt = performance.now();
    this.#leftMs -= this.#heldAt - this.#startedAt;
  }

  /** Lets the clock go on. */
  resume(): void {
    if (this.#holds === 0 || --this.#holds > 0) return;
    this.heldMs += performance.now() - this.#heldAt;
    this.#start();
  }

  /** Forgets the limit. */
  end(): void {
    clearTimeout(this.#timer);
    this.#holds = Infinity;
  }

  #start(): void {
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#onEnd, Math.min(Math.max(0, this.#leftMs), MAX_TIMER_MS));
  }
}
