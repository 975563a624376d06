const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** How long rate limits may hold up one request in all, without using a recall. */
const RATE_LIMIT_ALLOWANCE_MS = 60_000;

/** A provider that asks to wait longer than this is not waited for. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** What to do after a provider error: wait, or give up. */
export type RecallDecision =
  | { readonly retry: true; readonly waitMs: number; readonly countsAsRecall: boolean }
  | { readonly retry: false };

/**
 * Decides what follows the failures of one request: waits of 1, 2, 4 … up to 30 seconds with jitter, or as long as the provider
 * asked for, up to a minute. A rate limit uses no recall until it has taken a minute in all.
 */
export class Backoff {
  #failures = 0;
  #rateLimitedMs = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  decide(error: { kind: string; retryAfterMs?: number }, recallsLeft: number): RecallDecision {
    // No time at all, or a date that is over, says nothing: to ask again at once, time after time, would be a flood.
    const waitMs = error.retryAfterMs || this.#nextWait();
    this.#failures++;
    // Asking sooner than the provider allows is of no use, and waiting longer than this is for the caller to decide.
    if (waitMs > LONGEST_RETRY_AFTER_MS) return { retry: false };
    if (error.kind === "rate_limit" && this.#rateLimitedMs + waitMs <= RATE_LIMIT_ALLOWANCE_MS) {
      this.#rateLimitedMs += waitMs;
      return { retry: true, waitMs, countsAsRecall: false };
    }
    if (error.kind === "fatal" || recallsLeft <= 0) return { retry: false };
    return { retry: true, waitMs, countsAsRecall: true };
  }

  /** Full steps with up to a quarter of jitter taken off. */
  #nextWait(): number {
    const step = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    return Math.round(step * (1 - this.#random() / 4));
  }
}
