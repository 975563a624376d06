import type { HeldClock } from "../run/mod.ts";
import { MAX_TIMER_MS } from "../util/mod.ts";

/** Calls back once, when its time is up; the time during which it is held does not count. The guest has one of its own. */
export class TimeLimit implements HeldClock {
  readonly #onEnd: () => void;
  #leftMs: number;
  #startedAt = 0;
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
    this.#leftMs -= performance.now() - this.#startedAt;
  }

  /** Lets the clock go on. */
  resume(): void {
    if (this.#holds === 0 || --this.#holds > 0) return;
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
