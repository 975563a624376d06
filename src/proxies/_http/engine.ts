import { LLLMError } from "../../errors.ts";
import { getLogger } from "../../logging/mod.ts";
import { type Clock, systemClock, wait } from "../../run/mod.ts";
import { type JsonValue, retryAfterMs } from "../../util/mod.ts";
import type { HttpAnswerForm, HttpAuth, HttpLimits } from "../http_types.ts";
import { decode, excerpt, readAnswer } from "./answer.ts";
import { prepareAuth } from "./auth.ts";
import { RateLimiter } from "./rate_limit.ts";
import { Secrets } from "./secrets.ts";
import { type HttpAnswer, type HttpParts, NoAnswer, send } from "./send.ts";

const logger = getLogger("proxies");

/** What a request is beside its parts. */
export interface RequestOptions {
  /** For messages. */
  readonly api: string;
  readonly idempotent: boolean;
  readonly auths: readonly HttpAuth[];
  readonly signal: AbortSignal | undefined;
  /** How much an answer may still have. Default: as the limits say. */
  readonly maxBytes?: number;
}

const DEFAULTS = {
  timeoutMs: 30_000,
  maxResponseBytes: 10 * 1024 * 1024,
  retries: 2,
  maxRetryDelayMs: 30_000,
};
const REPEATED = new Set([429, 500, 502, 503, 504]);
const FIRST_DELAY_MS = 500;

/** Sends the requests of one service: keys, turns, time limits, repetitions, and errors that tell no key. */
export class HttpEngine {
  /** The service's keys. */
  readonly secrets: Secrets = new Secrets();
  /** How much an answer may have. Units: bytes. */
  readonly maxBytes: number;
  readonly #limits: typeof DEFAULTS;
  readonly #limiter: RateLimiter | undefined;
  readonly #clock: Clock;

  constructor(limits: HttpLimits, clock: Clock = systemClock) {
    const { timeoutMs, maxResponseBytes, retries, maxRetryDelayMs } = { ...DEFAULTS, ...defined(limits) };
    this.#limits = { timeoutMs, maxResponseBytes, retries, maxRetryDelayMs };
    for (const [name, value] of Object.entries(this.#limits)) {
      if (
        !(typeof value === "number" && value >= (name === "retries" || name === "maxRetryDelayMs" ? 0 : 1))
      ) {
        throw new RangeError(`Cannot use ${name}: expected a positive number, found ${value}`);
      }
    }
    this.maxBytes = maxResponseBytes;
    this.#clock = clock;
    this.#limiter = limiterOf(limits, clock);
  }

  /**
   * Sends a request until it is answered with success.
   *
   * @throws {LLLMError} `missing_api_key`, `rate_limited`, or `provider_error` with the status and the beginning of the answer
   */
  async request(parts: HttpParts, options: RequestOptions): Promise<HttpAnswer> {
    const { api, idempotent, signal, maxBytes = this.maxBytes } = options;
    const { secrets } = this;
    const auth = await prepareAuth(options.auths, secrets, api);
    const { timeoutMs, retries } = this.#limits;
    const clock = this.#clock;
    for (let attempt = 0;; attempt++) {
      await this.#limiter?.acquire(clock, signal, api);
      const repeatable = idempotent && attempt < retries;
      let answer: HttpAnswer;
      try {
        answer = await send(parts, { auth, secrets, api, timeoutMs, maxBytes, clock, signal });
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (!repeatable) throw noAnswer(api, error.message);
        await this.#pause(FIRST_DELAY_MS * 2 ** attempt, signal, { api, reason: error.message });
        continue;
      }
      if (answer.status < 400 && answer.status >= 200) return answer;
      const delayMs = this.#delay(answer, attempt);
      if (!repeatable || !REPEATED.has(answer.status) || delayMs === undefined) {
        throw badStatus(api, answer, secrets);
      }
      await this.#pause(delayMs, signal, { api, status: answer.status });
    }
  }

  /** Reads an answer as JSON data. */
  read(answer: HttpAnswer, form: HttpAnswerForm, api: string): JsonValue {
    return readAnswer(answer, form, this.secrets, api);
  }

  /** How long to wait before the next attempt; `undefined` if that would be too long. */
  #delay({ headers }: HttpAnswer, attempt: number): number | undefined {
    const { maxRetryDelayMs } = this.#limits;
    const asked = retryAfterMs(headers, this.#clock.now());
    if (asked === undefined) return Math.min(FIRST_DELAY_MS * 2 ** attempt, maxRetryDelayMs);
    return asked <= maxRetryDelayMs ? asked : undefined;
  }

  async #pause(
    delayMs: number,
    signal: AbortSignal | undefined,
    why: Record<string, unknown>,
  ): Promise<void> {
    logger.warn("A request is repeated", () => ({ ...why, waitMs: delayMs }));
    await wait(delayMs, { clock: this.#clock, ...(signal === undefined ? {} : { signal }) });
  }
}

/** One limiter for all instances that share a declaration and a clock: a limit is the service's, not an agent's. */
const limiters: WeakMap<HttpLimits, WeakMap<Clock, RateLimiter>> = new WeakMap();

function limiterOf(limits: HttpLimits, clock: Clock): RateLimiter | undefined {
  if (limits.rateLimit === undefined) return undefined;
  let byClock = limiters.get(limits);
  if (byClock === undefined) limiters.set(limits, byClock = new WeakMap());
  let limiter = byClock.get(clock);
  if (limiter === undefined) byClock.set(clock, limiter = new RateLimiter(limits.rateLimit));
  return limiter;
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function noAnswer(api: string, reason: string): LLLMError {
  return new LLLMError(`Cannot call API "${api}": expected an answer, found: ${reason}`, {
    code: "provider_error",
    data: { api },
  });
}

function badStatus(api: string, answer: HttpAnswer, secrets: Secrets): LLLMError {
  const { status, statusText, headers, body } = answer;
  const text = excerpt(decode(body, headers.get("content-type") ?? ""), secrets);
  const title = secrets.redact(`${status} ${statusText}`.trim());
  return new LLLMError(
    `Cannot call API "${api}": expected an answer, found status ${title}${text === "" ? "" : `: ${text}`}`,
    { code: status === 429 ? "rate_limited" : "provider_error", data: { api, status } },
  );
}
