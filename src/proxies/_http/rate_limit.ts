import { LLLMError } from "../../errors.ts";
import { type Clock, wait } from "../../run/mod.ts";
import type { HttpRateLimit } from "../http_types.ts";

/** Nobody waits longer than this for a turn. Milliseconds. */
const MAX_WAIT_MS = 60_000;

/** Gives turns, evenly once the burst is used up: a bucket of tokens, kept as the time at which it will be full. */
export class RateLimiter {
  readonly #intervalMs: number;
  readonly #burst: number;
  #fullAt = -Infinity;

  constructor({ requests, perMs, burst = requests }: HttpRateLimit) {
    if (!(requests > 0 && perMs > 0 && burst >= 1)) {
      throw new RangeError(
        `Cannot set rate limit: expected positive numbers, found ${requests} requests per ${perMs} ms, burst ${burst}`,
      );
    }
    this.#intervalMs = perMs / requests;
    this.#burst = burst;
  }

  /**
   * Waits for a turn. Turns are given in the order in which they were asked for.
   *
   * @throws {LLLMError} `rate_limited` when the turn is too far away
   */
  async acquire(clock: Clock, signal: AbortSignal | undefined, api: string): Promise<void> {
    const now = clock.now();
    const fullAt = Math.max(now, this.#fullAt) + this.#intervalMs;
    const waitMs = Math.ceil(fullAt - this.#burst * this.#intervalMs - now);
    if (waitMs > MAX_WAIT_MS) {
      throw new LLLMError(
        `Cannot call API "${api}": expected a free turn within ${MAX_WAIT_MS / 1000} s, found ${
          Math.ceil(waitMs / 1000)
        } s of calls ahead`,
        { code: "rate_limited", data: { api, waitMs } },
      );
    }
    this.#fullAt = fullAt;
    if (waitMs > 0) await wait(waitMs, { clock, ...(signal === undefined ? {} : { signal }) });
  }
}
