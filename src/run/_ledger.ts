import { budgetExceeded, unknownPrice } from "./_budget_exceeded.ts";
import type { Step, StepCost, StepEstimate } from "./step.ts";

/** Money is counted in whole picodollars, so that a thousand settlements add up to what they are. */
const PER_DOLLAR = 1e12;

/** Dollars as picodollars, and tokens: of what is set aside, used, or the limit. */
interface Amount {
  usd: number;
  tokens: number;
}

/** What is set aside for one step under way. */
export interface Reservation {
  /** Replaces what was set aside by what was used. Calling it again does nothing. */
  settle(actual: StepCost): void;
}

/** A step that waits for others to settle. */
interface Waiter {
  readonly step: Step;
  readonly estimate: StepEstimate;
  readonly grant: (reservation: Reservation) => void;
  readonly refuse: (error: unknown) => void;
}

/** What steps of one name have used so far, against what they had said. */
interface Experience {
  /** The most that one of them used. */
  readonly most: Amount;
  /** How far off the worst estimate was: from 1. */
  readonly factor: Amount;
}

const NONE: Experience = { most: { usd: 0, tokens: 0 }, factor: { usd: 1, tokens: 1 } };

/**
 * Sets aside dollars and tokens for steps, within limits that what is used and what is set aside never pass together. A step
 * that does not fit waits, in the order of arrival, as long as it could fit once others turn out smaller than they said; it is
 * refused when it could not fit any more. A step that can be made smaller is, rather than refused, when it is alone.
 *
 * No reservation waits for another, so that every one that is waited for ends with its step.
 */
export class Ledger {
  readonly used: Amount = { usd: 0, tokens: 0 };
  readonly reserved: Amount = { usd: 0, tokens: 0 };
  readonly #limit: Amount;
  readonly #waiting: Waiter[] = [];
  readonly #experience = new Map<string, Experience>();
  #active = 0;

  constructor(limits: { readonly usd: number | undefined; readonly tokens: number | undefined }) {
    this.#limit = {
      usd: limits.usd === undefined ? Infinity : Math.round(limits.usd * PER_DOLLAR),
      tokens: limits.tokens ?? Infinity,
    };
  }

  /** Whether there is anything to keep to. */
  get isLimited(): boolean {
    return this.#limit.usd < Infinity || this.#limit.tokens < Infinity;
  }

  /** The figures so far, in dollars. */
  figures(): { used: StepCost; reserved: StepCost } {
    return { used: toCost(this.used), reserved: toCost(this.reserved) };
  }

  /** Counts what could not be told before. */
  add(actual: StepCost): void {
    const amount = toAmount(actual);
    this.used.usd += amount.usd;
    this.used.tokens += amount.tokens;
    this.#pump();
  }

  /**
   * Refuses a step that does not say what it needs, once nothing is left.
   *
   * @throws {LLLMError} `budget_exceeded`
   */
  refuseIfSpent(step: Step): void {
    for (const key of ["usd", "tokens"] as const) {
      if (this.used[key] >= this.#limit[key]) throw this.#exceeded(step, key, 0);
    }
  }

  /**
   * Sets aside what a step may use. Where that has to wait and `mayWait` is false, the step is refused.
   *
   * @throws {LLLMError} `budget_exceeded`
   * @throws the signal's reason when it is aborted while the step waits
   */
  async reserve(
    step: Step,
    estimate: StepEstimate,
    options: { mayWait: boolean; signals: readonly AbortSignal[] },
  ): Promise<Reservation> {
    const { mayWait, signals } = options;
    if (this.#limit.usd < Infinity && estimate.costUsd === undefined) {
      throw unknownPrice(step, this.#limit.usd / PER_DOLLAR, this.figures());
    }
    for (const signal of signals) signal.throwIfAborted();
    const hopeless = this.#hopeless(step, estimate);
    if (hopeless !== undefined) throw hopeless;
    const granted = this.#waiting.length === 0 || !mayWait
      ? this.#tryGrant(step, estimate, !mayWait)
      : undefined;
    if (granted !== undefined) return granted;
    if (!mayWait) throw this.#tight(step, estimate);
    return await this.#wait(step, estimate, signals);
  }

  #wait(step: Step, estimate: StepEstimate, signals: readonly AbortSignal[]): Promise<Reservation> {
    const { promise, resolve, reject } = Promise.withResolvers<Reservation>();
    const waiter: Waiter = { step, estimate, grant: resolve, refuse: reject };
    const leave = (event: Event) => {
      const index = this.#waiting.indexOf(waiter);
      if (index === -1) return;
      this.#waiting.splice(index, 1);
      reject((event.target as AbortSignal).reason);
      this.#pump(); // those behind may fit
    };
    this.#waiting.push(waiter);
    for (const signal of signals) signal.addEventListener("abort", leave, { once: true });
    const forget = () => signals.forEach((signal) => signal.removeEventListener("abort", leave));
    promise.then(forget, forget);
    return promise;
  }

  /** Serves those that wait, after something has changed. */
  #pump(): void {
    for (let index = 0; index < this.#waiting.length;) {
      const { step, estimate, refuse } = this.#waiting[index]!;
      const hopeless = this.#hopeless(step, estimate);
      if (hopeless === undefined) index++;
      else {
        this.#waiting.splice(index, 1);
        refuse(hopeless);
      }
    }
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const granted = this.#tryGrant(next.step, next.estimate, false);
      if (granted === undefined) return;
      this.#waiting.shift();
      next.grant(granted);
    }
  }

  /** Sets aside what a step needs, or what is left of it, if that is there. */
  #tryGrant(step: Step, estimate: StepEstimate, shrinkAmongOthers: boolean): Reservation | undefined {
    const full = this.#needed(step, estimate);
    if (this.#fits(full, this.reserved)) return this.#grant(step, full, toAmount(withCost(estimate)));
    const { shrink } = estimate;
    if (shrink === undefined || this.#fits(full, ZERO)) return undefined;
    if (this.#active > 0 && !shrinkAmongOthers) return undefined;
    if (!this.#fits(this.#least(step, estimate), this.reserved)) return undefined;
    const { factor } = this.#experienceOf(step);
    const room = this.#room();
    const said = toAmount(
      shrink(toCost({ usd: room.usd / factor.usd, tokens: room.tokens / factor.tokens })),
    );
    return this.#grant(step, min(room, full), said);
  }

  #grant(step: Step, amount: Amount, said: Amount): Reservation {
    this.reserved.usd += amount.usd;
    this.reserved.tokens += amount.tokens;
    this.#active++;
    let isOpen = true;
    return {
      settle: (cost) => {
        if (!isOpen) return;
        isOpen = false;
        this.#active--;
        this.reserved.usd -= amount.usd;
        this.reserved.tokens -= amount.tokens;
        this.#learn(step, toAmount(cost), said);
        this.add(cost);
      },
    };
  }

  #learn(step: Step, actual: Amount, said: Amount): void {
    const { most, factor } = this.#experienceOf(step);
    this.#experience.set(step.name, {
      most: { usd: Math.max(most.usd, actual.usd), tokens: Math.max(most.tokens, actual.tokens) },
      factor: {
        usd: Math.max(factor.usd, said.usd > 0 ? actual.usd / said.usd : 1),
        tokens: Math.max(factor.tokens, said.tokens > 0 ? actual.tokens / said.tokens : 1),
      },
    });
  }

  #experienceOf(step: Step): Experience {
    return this.#experience.get(step.name) ?? NONE;
  }

  /** What a step needs as it is: what it says, and more where such steps have needed more than they said. */
  #needed(step: Step, estimate: StepEstimate): Amount {
    const { factor } = this.#experienceOf(step);
    const { usd, tokens } = toAmount(withCost(estimate));
    return { usd: Math.ceil(usd * factor.usd), tokens: Math.ceil(tokens * factor.tokens) };
  }

  /** What a step needs at least: room for the largest so far, lest it is cut short. */
  #least(step: Step, estimate: StepEstimate): Amount {
    const full = this.#needed(step, estimate);
    if (estimate.least === undefined) return full;
    const { most, factor } = this.#experienceOf(step);
    const { usd, tokens } = toAmount(estimate.least);
    return min(full, {
      usd: Math.max(most.usd, Math.ceil(usd * factor.usd)),
      tokens: Math.max(most.tokens, Math.ceil(tokens * factor.tokens)),
    });
  }

  #fits(amount: Amount, reserved: Amount): boolean {
    return this.used.usd + reserved.usd + amount.usd <= this.#limit.usd &&
      this.used.tokens + reserved.tokens + amount.tokens <= this.#limit.tokens;
  }

  #room(): Amount {
    return {
      usd: this.#limit.usd - this.used.usd - this.reserved.usd,
      tokens: this.#limit.tokens - this.used.tokens - this.reserved.tokens,
    };
  }

  /** The error for a step that would not fit even if all others turned out to cost nothing. */
  #hopeless(step: Step, estimate: StepEstimate): unknown {
    const least = this.#least(step, estimate);
    for (const key of ["usd", "tokens"] as const) {
      if (this.used[key] + least[key] > this.#limit[key]) return this.#exceeded(step, key, least[key]);
    }
    return undefined;
  }

  #tight(step: Step, estimate: StepEstimate): unknown {
    const least = this.#least(step, estimate);
    const usdFits = this.used.usd + this.reserved.usd + least.usd <= this.#limit.usd;
    const key = usdFits ? "tokens" : "usd";
    return this.#exceeded(step, key, least[key]);
  }

  #exceeded(step: Step, key: keyof Amount, needed: number): unknown {
    const unit = key === "usd" ? PER_DOLLAR : 1;
    return budgetExceeded(step, key, {
      limit: this.#limit[key] / unit,
      used: this.used[key] / unit,
      reserved: this.reserved[key] / unit,
      needed: needed / unit,
    });
  }
}

const ZERO: Amount = { usd: 0, tokens: 0 };

function withCost({ tokens, costUsd = 0 }: StepEstimate): StepCost {
  return { tokens, costUsd };
}

function toAmount({ tokens, costUsd }: StepCost): Amount {
  return { tokens: Math.ceil(tokens), usd: Math.ceil(costUsd * PER_DOLLAR - 1e-3) };
}

function toCost({ tokens, usd }: Amount): StepCost {
  return { tokens, costUsd: usd / PER_DOLLAR };
}

function min(a: Amount, b: Amount): Amount {
  return { usd: Math.min(a.usd, b.usd), tokens: Math.min(a.tokens, b.tokens) };
}
