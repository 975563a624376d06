const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
/** Events that were read stay in the list until they are this many, and half of it. */
const LEAST_DROPPED = 1_000;

/** Turns pushed events into something that can be iterated; unbounded, in order, by any number of readers at once. */
export class EventChannel<T> {
  readonly #queue: T[] = [];
  /** Where in the list the next event is: to take from the front of a long list costs as much as the list is long. */
  #read = 0;
  #ended = false;
  #failure: { error: unknown } | undefined;
  readonly #waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];

  push(event: T): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#queue.push(event);
    else waiting.resolve({ done: false, value: event });
  }

  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(END);
  }

  fail(error: unknown): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#failure = { error };
    else waiting.reject(error);
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#read < this.#queue.length) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve(END);
    const waiting = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #take(): T {
    const event = this.#queue[this.#read++]!;
    if (this.#read >= LEAST_DROPPED && this.#read * 2 >= this.#queue.length) {
      this.#queue.splice(0, this.#read);
      this.#read = 0;
    }
    return event;
  }
}
