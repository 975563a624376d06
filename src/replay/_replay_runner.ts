import type { ReplayDivergenceError } from "../errors.ts";
import { InvokeCost } from "../message/mod.ts";
import {
  currentRun,
  markReplayed,
  reviveStepError,
  type RunEvent,
  type Step,
  type StepCost,
  type StepRecord,
  type StepRunner,
  writeInput,
} from "../run/mod.ts";
import { repeatApproval } from "../run/ask_approval.ts";
import { costOfFailure, costOfResult } from "../run/step_cost.ts";
import { currentSession } from "../tactic/current_session.ts";
import { isPlainObject, joinSignals, raceAbort, sha256Hex } from "../util/mod.ts";
import { divergence, divergenceOfCut } from "./_divergence.ts";
import { isPassed } from "./_passed_errors.ts";
import { decisionsOf, restoreSessions } from "./_restore_sessions.ts";
import { isCall, substituteOutput } from "./_substitute_output.ts";
import { StepTable } from "./_step_table.ts";
import type { ComparedStep } from "./step_difference.ts";
import { Turns } from "./_turns.ts";

/** What a {@linkcode ReplayRunner} does with steps that were not recorded. */
export interface ReplayRunnerOptions {
  /** `strict`: they end the run; `continue`: they are done. */
  readonly mode: "strict" | "continue";
  /** Whether the run came to its end when it was recorded: then each of its errors was got over. Default: true. */
  readonly succeeded?: boolean;
  /** What the recorded run ended with, if it failed. Default: that is not known. */
  readonly failure?: string | undefined;
  /** Changes the JSON of requests before they are compared, as it was changed before it was recorded. Default: nothing. */
  readonly scrub?: (json: string) => string;
  /** From this step on everything is done anew; it alone may be given an output. Default: nothing. */
  readonly fork?: { readonly record: StepRecord; readonly output?: unknown } | undefined;
}

/** What a replay came to. */
export interface ReplayCounts {
  /** Steps that were answered from the record. */
  replayed: number;
  /** Steps that were done. */
  live: number;
  /** Steps before a fork whose request was another, and that were answered from the record nevertheless. */
  changed: number;
  /** What the replayed steps cost when they were recorded, in US dollars. */
  savedCostUsd: number;
  /** What the steps that were done cost, those that failed included, in US dollars. */
  spentCostUsd: number;
}

/** Answers steps from a record. */
export class ReplayRunner implements StepRunner {
  /** What the replay came to so far. */
  readonly counts: ReplayCounts = { replayed: 0, live: 0, changed: 0, savedCostUsd: 0, spentCostUsd: 0 };
  readonly #table: StepTable;
  readonly #turns: Turns;
  readonly #options: ReplayRunnerOptions;
  readonly #end = new AbortController();
  readonly #repeated = new WeakSet<Step>();
  readonly #restored = new WeakSet<StepRecord>();
  /** Steps of a cell that is run once more to bring a sandbox to where it was: what they tell was told. */
  readonly #toldAgain = new WeakSet<Step>();
  #divergence: ReplayDivergenceError | undefined;
  /** Records from this index on are of a history that is not this one's. */
  #cut = Infinity;
  #askedCount = 0;
  #isClosed = false;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(records: readonly StepRecord[], options: ReplayRunnerOptions) {
    this.#options = options;
    this.#table = new StepTable(records);
    const order = this.#table.all.filter(kindHasTurn).map(({ index }) => index);
    this.#turns = options.mode === "strict"
      ? new Turns(order, (waiting, missing) => this.#table.timeBetween(waiting, missing))
      : new Turns(order);
    if (options.fork !== undefined) this.#cutAt(options.fork.record.index);
  }

  /** The first step that was not the recorded one, in strict mode. */
  get divergence(): ReplayDivergenceError | undefined {
    return this.#divergence;
  }

  /** Aborted at the first divergence, with the error. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  async run<T>(step: Step, effect: () => Promise<T>): Promise<T> {
    this.#askedCount++;
    if (this.#wasUnderWay(step)) return await this.#leaveUnderWay(step, effect);
    const record = this.#find(step);
    if (record?.kind === "tactic" && !this.#repeated.has(step)) {
      markReplayed(step);
      return await effect();
    }
    if (record === undefined) return await this.#do(step, effect);
    const children = this.#table.childrenOf(record);
    if (children.length > 0 && !this.#repeated.has(step)) this.#restoreSessions(record);
    for (const child of children) await this.#repeatChild(child);
    if (kindHasTurn(step)) await this.#turns.take(record.index);
    const output = this.#answer(record);
    if (!this.#toldAgain.has(step)) await step.replayed?.(output);
    return output as T;
  }

  runSync<T>(step: Step, effect: () => T): T {
    const record = this.#find(step);
    if (record === undefined) return effect();
    this.#turns.done(record.index);
    return this.#answer(record) as T;
  }

  /** Ends a strict replay: what was recorded and not asked for is a divergence too. */
  checkEnd(): void {
    const expected = this.#options.mode === "strict" ? this.#table.nextExpected : undefined;
    if (expected !== undefined) this.#diverge(expected.path, expected, undefined);
  }

  /** Lets go of what waits for the end of a run that has ended. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Whether a run that failed may have asked for a step, and ended before the step did: nobody knows what it would have given. */
  #wasUnderWay(step: Step): boolean {
    const { mode, failure } = this.#options;
    return mode === "strict" && failure !== undefined && !this.#repeated.has(step) &&
      !this.#table.has(step.path);
  }

  /** Steps that ended within a tactic that did not are recorded. */
  async #leaveUnderWay<T>(step: Step, effect: () => Promise<T>): Promise<never> {
    if (this.#divergence !== undefined) throw this.#divergence;
    if (step.kind === "tactic") {
      markReplayed(step);
      await effect().catch(() => {});
    }
    const stuck = Promise.withResolvers<never>();
    this.#watch(step, stuck.reject);
    return await raceAbort(stuck.promise, joinSignals(this.signal, currentRun()?.signal, step.signal));
  }

  /** What ends the run comes from elsewhere. Where nothing goes on any more, it is this step that was not recorded. */
  #watch(step: Step, reject: (reason: unknown) => void): void {
    if (this.#isClosed) return;
    const before = this.#askedCount;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#askedCount !== before) return this.#watch(step, reject);
      try {
        const asked = this.#ask(step);
        this.#diverge(asked.path, this.#table.nextExpected, asked);
      } catch (error) {
        reject(error);
      }
    }, PATIENCE_MS + this.#table.timeToNext());
    this.#timers.add(timer);
  }

  async #do<T>(step: Step, effect: () => Promise<T>): Promise<T> {
    let output: T;
    try {
      output = await effect();
    } catch (error) {
      this.counts.spentCostUsd += costOfFailure(step, error).costUsd;
      throw error;
    }
    this.counts.spentCostUsd += costOfResult(step, output).costUsd;
    return output;
  }

  /** The record of a step; `undefined` where the step is to be done. */
  #find(step: Step): StepRecord | undefined {
    if (this.#divergence !== undefined) throw this.#divergence;
    const asked = this.#ask(step);
    const { kind } = step;
    const { record, near } = this.#table.take(asked);
    const again = record === undefined ? this.#table.findBelowCell(asked) : undefined;
    if (again !== undefined) {
      this.#toldAgain.add(step);
      return again;
    }
    const found = record ?? this.#accept(asked, near);
    // What the effect of a replayed step did is not done once more, whatever is known of it.
    if (found === undefined || (!this.#repeated.has(step) && this.#isToBeDone(found))) {
      if (kind !== "tactic") this.counts.live++;
      return undefined;
    }
    const isNeeded = this.#options.mode === "strict" && !this.#repeated.has(step);
    if (isNeeded && this.#isCut(found)) this.#stop(divergenceOfCut(found, asked));
    if (kind !== "tactic") this.#count(found);
    return found;
  }

  #ask(step: Step): ComparedStep {
    const { scrub = (json: string) => json } = this.#options;
    const inputJson = scrub(writeInput(step));
    const { kind, name, path } = step;
    return {
      kind,
      name,
      path,
      requestHash: sha256Hex(inputJson),
      get input(): unknown {
        return JSON.parse(inputJson);
      },
    };
  }

  #count(record: StepRecord): void {
    this.counts.replayed++;
    this.counts.savedCostUsd += record.costUsd ?? 0;
  }

  /** No step has this request: what is done about it. */
  #accept(asked: ComparedStep, near: StepRecord | undefined): StepRecord | undefined {
    const { mode, fork } = this.#options;
    if (mode === "strict") this.#diverge(asked.path, near ?? this.#table.nextExpected, asked);
    if (near === undefined || near.kind !== asked.kind) return undefined;
    const isBeforeFork = fork !== undefined && near.index <= fork.record.index;
    if (isBeforeFork) {
      this.#table.use(near);
      if (near !== fork.record) this.counts.changed++;
      return near;
    }
    this.#cutAt(near.index);
    return undefined;
  }

  #isToBeDone(record: StepRecord): boolean {
    const { mode, succeeded = true, failure, fork } = this.#options;
    if (mode === "strict") return false;
    if (record === fork?.record) return !("output" in fork);
    if (record.index >= this.#cut) return true;
    if (this.#isCut(record)) {
      this.#turns.done(record.index);
      return true;
    }
    return !succeeded && record.error !== undefined && !isPassed(record, this.#table.all, failure);
  }

  /** Whether nobody knows what the step gave; what a tactic gave is not asked for. */
  #isCut(record: StepRecord): boolean {
    return record.kind !== "tactic" && (record.cut !== undefined || isLost(record));
  }

  #cutAt(index: number): void {
    if (index >= this.#cut) return;
    this.#cut = index;
    for (const record of this.#table.all) if (record.index >= index) this.#turns.done(record.index);
  }

  #answer(record: StepRecord): unknown {
    const { fork } = this.#options;
    if (record === fork?.record && "output" in fork) return substituteOutput(record, fork.output);
    if (record.error !== undefined) throw reviveStepError(record.error, costOf(record));
    return structuredClone(record.output);
  }

  /** Once for each, though a cell may ask for its steps again. */
  #restoreSessions(record: StepRecord): void {
    if (this.#restored.has(record)) return;
    this.#restored.add(record);
    const childrenOf = (step: StepRecord) => this.#table.childrenOf(step);
    const steps = childrenOf(record);
    const tell = (event: RunEvent) => currentRun()?.emit(event);
    for (const approval of decisionsOf(steps, childrenOf)) repeatApproval(approval, tell);
    const session = currentSession();
    if (session !== undefined) restoreSessions(session, steps, childrenOf);
  }

  /** What the effect of a replayed step asked for passes through the run's runners once more, so that it is recorded again. */
  async #repeatChild(record: StepRecord): Promise<void> {
    const { kind, name, path, input } = record;
    const steps = currentRun()?.steps ?? this;
    const used = () => costOf(record);
    const step: Step = { kind, name, path, input, measure: used, measureSoFar: used };
    this.#repeated.add(step);
    await steps.run(step, () => Promise.resolve(null)).catch((error) => {
      if (this.#divergence !== undefined) throw error; // else it is what the effect got over, or ended with
    });
  }

  #diverge(path: string, expected: StepRecord | undefined, actual: ComparedStep | undefined): never {
    this.#stop(divergence(path, expected, actual));
  }

  #stop(error: ReplayDivergenceError): never {
    this.#divergence = error;
    this.#turns.fail(error);
    this.#end.abort(error);
    throw error;
  }
}

/** How long a run that is replayed may do nothing that shows, beyond the time that it took when it was recorded. */
const PATIENCE_MS = 250;

/** A run inside the run goes on by itself: nobody waits for its end. */
function kindHasTurn({ kind }: { readonly kind: Step["kind"] }): boolean {
  return kind !== "tactic";
}

/** Whether what a step gave is not there, or nothing that a step of its kind gives: a record may have been changed by hand. */
function isLost({ kind, input, output, error }: StepRecord): boolean {
  if (error !== undefined) return false;
  const fields = isPlainObject(output) ? output : {};
  if (kind === "model") return !isPlainObject(fields.message);
  if (kind === "tool" && isCall(input)) {
    return typeof fields.name !== "string" || !isPlainObject(fields.arguments);
  }
  return output === undefined;
}

/** A record tells the dollars; the tokens of a model call are in its reply. */
function costOf({ costUsd = 0, output }: StepRecord): StepCost {
  const usage = (output as { message?: { usage?: Record<string, unknown> } } | null | undefined)?.message
    ?.usage;
  return { costUsd, tokens: usage === undefined ? 0 : InvokeCost.fromUsage(usage).totalTokens };
}
