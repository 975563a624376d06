/**
 * `AbortController` and `AbortSignal`, whose one event is `abort`. Code that runs cannot be aborted by them, and neither
 * can a request, since it holds up all other code; but a request keeps a signal's time limit.
 *
 * @module
 */
import { Array, ask, harness, TypeError } from "./border.ts";
import { DOMException } from "./dom_exception.ts";

type Listener = (event: { readonly type: "abort"; readonly target: AbortSignal }) => unknown;

/** Starts a timer of the cell. */
type StartTimer = (callback: () => void, ms: number) => void;

const SECRET = {};
let startTimer: StartTimer;

/** Sets how timers are started. */
export function setTimer(start: StartTimer): void {
  startTimer = start;
}

/** Aborts a signal. */
let abort: (signal: AbortSignal, reason: unknown) => void;
/** When a signal will be aborted by itself; null for what is no signal. Units: milliseconds of the harness's clock. */
export let deadlineOf: (value: object) => number | null;

function now(): number {
  return ask("AbortSignal", () => harness.now());
}

/** Tells that something is no longer wanted. */
export class AbortSignal {
  onabort: Listener | null = null;
  #isAborted = false;
  #reason: unknown = undefined;
  #deadline = Infinity;
  #listeners: Listener[] = [];

  static {
    abort = (signal, reason) => signal.#abort(reason);
    deadlineOf = (value) => #deadline in value ? value.#deadline : null;
  }

  constructor(secret: unknown) {
    if (secret !== SECRET) throw new TypeError("Illegal constructor: use new AbortController().signal");
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(SECRET);
    signal.#abort(reason);
    return signal;
  }

  static timeout(ms: unknown): AbortSignal {
    const signal = new AbortSignal(SECRET);
    const delay = +(ms as number) > 0 ? +(ms as number) : 0;
    signal.#deadline = now() + delay;
    startTimer(() => {
      signal.#deadline = 0; // the timer's clock may be a little ahead
      signal.#look();
    }, delay);
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const joined = new AbortSignal(SECRET);
    for (const signal of Array.from(signals)) {
      if (signal.aborted) joined.#abort(signal.#reason);
      else signal.addEventListener("abort", () => joined.#abort(signal.#reason));
      if (signal.#deadline < joined.#deadline) joined.#deadline = signal.#deadline;
    }
    return joined;
  }

  get aborted(): boolean {
    this.#look();
    return this.#isAborted;
  }

  get reason(): unknown {
    this.#look();
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.#reason;
  }

  addEventListener(type: unknown, listener: Listener): void {
    if (type === "abort" && typeof listener === "function") this.#listeners = [...this.#listeners, listener];
  }

  removeEventListener(type: unknown, listener: Listener): void {
    if (type === "abort") this.#listeners = this.#listeners.filter((entry) => entry !== listener);
  }

  /** The time may be over although the timer could not run. */
  #look(): void {
    if (this.#isAborted || now() < this.#deadline) return;
    this.#abort(new DOMException("The signal's time is over", "TimeoutError"));
  }

  #abort(reason: unknown = new DOMException("The signal was aborted", "AbortError")): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    const event = { type: "abort", target: this } as const;
    const listeners = this.#listeners;
    this.#listeners = [];
    this.onabort?.(event);
    for (const listener of listeners) listener(event);
  }
}

/** Aborts its signal. */
export class AbortController {
  readonly #signal = new AbortSignal(SECRET);

  get signal(): AbortSignal {
    return this.#signal;
  }

  abort(reason?: unknown): void {
    abort(this.#signal, reason);
  }
}
