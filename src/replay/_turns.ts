import { nextTurn } from "../util/mod.ts";

/** How long a step waits for those before it that nobody asks for, beyond the time that that took. */
const GRACE_MS = 50;

/** Tells how long after a step that waits one was asked for that is missing, both by index. Units: milliseconds. */
type TimeBetween = (waiting: number, missing: number) => number;

/**
 * Hands out results in the order in which they came when they were recorded, each after what follows the one before it has gone on,
 * so that a program in which several things go on at once goes on in the same order again.
 */
export class Turns {
  readonly #order: readonly number[];
  readonly #timeBetween: TimeBetween;
  readonly #done = new Set<number>();
  readonly #waiting = new Map<number, { resolve: () => void; reject: (reason: unknown) => void }>();
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isScheduled = false;

  /** Takes the indexes of the recorded steps, ascending, and how long to wait for one that a program asks for later. */
  constructor(order: readonly number[], timeBetween: TimeBetween = () => 0) {
    this.#order = order;
    this.#timeBetween = timeBetween;
  }

  /** Resolves when it is the turn of a step. */
  take(index: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.set(index, { resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Says that nobody need wait for a step. */
  done(index: number): void {
    this.#done.add(index);
  }

  /** Ends the waiting of all. */
  fail(reason: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0 || this.#isScheduled) return;
    const first = Math.min(...this.#waiting.keys());
    if (!this.#isNext(first)) {
      const patience = GRACE_MS + this.#timeBetween(first, this.#order[this.#next]!);
      this.#timer = setTimeout(() => this.#skipTo(first), patience);
      return;
    }
    this.#isScheduled = true;
    nextTurn().then(() => {
      this.#isScheduled = false;
      this.#release();
    });
  }

  #isNext(index: number): boolean {
    while (this.#next < this.#order.length && this.#done.has(this.#order[this.#next]!)) this.#next++;
    return this.#next >= this.#order.length || index <= this.#order[this.#next]!;
  }

  #skipTo(index: number): void {
    while (this.#next < this.#order.length && this.#order[this.#next]! < index) this.#next++;
    this.#schedule();
  }

  /** One may have come meanwhile whose turn is earlier. */
  #release(): void {
    if (this.#waiting.size === 0) return;
    const first = Math.min(...this.#waiting.keys());
    if (this.#isNext(first)) {
      const { resolve } = this.#waiting.get(first)!;
      this.#waiting.delete(first);
      this.#done.add(first);
      resolve();
    }
    this.#schedule();
  }
}
