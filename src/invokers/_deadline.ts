import { followSignals, MAX_TIMER_MS } from "../util/mod.ts";

/**
 * Gives up on a request that makes no progress: `signal` is aborted when the caller's is, or when nothing was heard of for
 * `timeoutMs`.
 */
export class Deadline {
  /** Aborted with the caller's reason, or when time is up. */
  readonly signal: AbortSignal;
  readonly #release: () => void;
  readonly #end: (reason?: unknown) => void;
  /** Whether time was up. */
  expired = false;
  readonly #timeoutMs: number;
  #heardAt = Date.now();
  #waiting = true;
  #timer: ReturnType<typeof setTimeout>;

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs;
    const followed = followSignals(signal);
    this.signal = followed.signal;
    this.#release = followed.release;
    this.#end = followed.abort;
    this.#timer = setTimeout(() => this.#check(), Math.min(timeoutMs, MAX_TIMER_MS));
  }

  /** Notes that the provider was heard of. Cheap: the timer is not touched, it looks at the time when it fires. */
  extend(): void {
    this.#heardAt = Date.now();
  }

  /** Says whose turn it is: time that the caller takes does not count. */
  wait(forProvider: boolean): void {
    this.#waiting = forProvider;
    this.#heardAt = Date.now();
  }

  /** Stops waiting; to be called once the request is over. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#release();
  }

  #check(): void {
    const waited = this.#waiting ? Date.now() - this.#heardAt : 0;
    const left = this.#timeoutMs - waited;
    if (left > 1) {
      this.#timer = setTimeout(() => this.#check(), Math.min(left, MAX_TIMER_MS));
      return;
    }
    this.expired = true;
    this.#end();
  }
}
