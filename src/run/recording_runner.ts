import { type RecordedStep, type StepRecord, toStepRecord } from "./recorded_step.ts";
import { costOfFailure, costOfResult } from "./step_cost.ts";
import { scrubbedJson } from "./_scrub.ts";
import type { Step, StepCost, StepKind, StepRunner } from "./step.ts";
import { type StepError, toStepError } from "./step_error.ts";

/** A runner that keeps what passed through it. */
export interface RecordingRunner extends StepRunner {
  /** The recorded steps, in the order in which they ended. */
  readonly steps: readonly StepRecord[];
}

/**
 * Takes recorded steps, in the order in which they ended.
 *
 * Contract: resolves when the step is safe: only then its result is handed on. Where nobody hears of failures it must not reject.
 */
export type StepSink = (step: RecordedStep) => Promise<void> | void;

/**
 * Creates a runner that records every step: input, output or error, time and cost. Keys and authorization headers
 * are scrubbed from inputs.
 *
 * @example
 * ```ts
 * import { recordingRunner } from "@lllm/lllm/run";
 * import assert from "node:assert/strict";
 *
 * const recorder = recordingRunner();
 * await recorder.run({ kind: "tool", name: "add", path: "tool:add#0", input: { a: 1 } }, () => Promise.resolve(2));
 * assert.equal(recorder.steps[0]?.output, 2);
 * ```
 */
export function recordingRunner(): RecordingRunner {
  const recorded: RecordedStep[] = [];
  const records: StepRecord[] = [];
  return {
    ...streamingRunner((step) => void recorded.push(step)),
    get steps() {
      while (records.length < recorded.length) records.push(toStepRecord(recorded[records.length]!));
      return records;
    },
  };
}

/**
 * Creates a runner that gives every step to a sink as soon as it has ended, and hands its result on when the sink says
 * that the step is safe. A step that cannot wait is handed on at once; the sink has it before any later step.
 *
 * @param onFailure hears of a step that the sink did not keep, whose result is then handed on nevertheless. Default: a step that
 * had not failed fails.
 *
 * @example
 * ```ts
 * import { streamingRunner } from "@lllm/lllm/run";
 *
 * const runner = streamingRunner((step) => console.log(step.path, step.outputJson)); // tool:add#0 2
 * await runner.run({ kind: "tool", name: "add", path: "tool:add#0", input: { a: 1 } }, () => Promise.resolve(2));
 * ```
 */
export function streamingRunner(
  sink: StepSink,
  onFailure?: (reason: unknown) => void,
): Required<StepRunner> {
  const seen = new Map<string, number>();
  let count = 0;
  const begin = (step: Step): TakenStep => {
    const ordinal = seen.get(step.path) ?? 0;
    seen.set(step.path, ordinal + 1);
    return new TakenStep(step, ordinal);
  };
  const handOver = (taken: TakenStep, output: unknown, failure: Failure | undefined) => {
    if (failure === undefined) taken.end(output);
    else taken.fail(failure.error);
    taken.index = count++;
    return sink(taken);
  };
  const tell = (reason: unknown, failure: Failure | undefined) => {
    if (onFailure !== undefined) onFailure(reason);
    else if (failure === undefined) throw reason;
  };
  return {
    async run<T>(step: Step, effect: () => Promise<T>): Promise<T> {
      const taken = begin(step);
      let output: T | undefined;
      let failure: Failure | undefined;
      try {
        output = await effect();
      } catch (error) {
        failure = { error };
      }
      try {
        const kept = handOver(taken, output, failure);
        if (kept !== undefined) await kept;
      } catch (reason) {
        tell(reason, failure);
      }
      if (failure !== undefined) throw failure.error;
      return output as T;
    },
    runSync<T>(step: Step, effect: () => T): T {
      const taken = begin(step);
      let output: T | undefined;
      let failure: Failure | undefined;
      try {
        output = effect();
      } catch (error) {
        failure = { error };
      }
      try {
        const kept = handOver(taken, output, failure);
        if (onFailure !== undefined) kept?.catch(onFailure);
      } catch (reason) {
        tell(reason, failure);
      }
      if (failure !== undefined) throw failure.error;
      return output as T;
    },
  };
}

/** What an effect threw. */
interface Failure {
  readonly error: unknown;
}

/**
 * A step that is under way, and then what is recorded of it. What it was asked is written as it begins, what it gave as it ends: then
 * both are at hand, and nobody has changed them yet.
 */
class TakenStep implements RecordedStep {
  index = -1;
  readonly path: string;
  readonly ordinal: number;
  readonly kind: StepKind;
  readonly name: string;
  readonly inputPieces: readonly string[] | undefined;
  output: unknown = undefined;
  outputJson: string | undefined = undefined;
  error?: StepError;
  costUsd = 0;
  tokens = 0;
  readonly startedAt: number = Date.now();
  durationMs = 0;
  readonly #start: number = performance.now();
  readonly #step: Step;
  #inputJson: string | undefined;

  constructor(step: Step, ordinal: number) {
    this.path = step.path;
    this.ordinal = ordinal;
    this.kind = step.kind;
    this.name = step.name;
    this.#step = step;
    this.inputPieces = step.inputPieces?.();
    if (this.inputPieces === undefined) this.#inputJson = scrubbedJson(step.input);
  }

  get inputJson(): string {
    return this.#inputJson ??= this.inputPieces!.join("");
  }

  /** Ends the step with its result; throws where that is no JSON. */
  end(output: unknown): void {
    this.outputJson = writeOutput(output);
    this.output = output;
    this.#end(costOfResult(this.#step, output));
  }

  /** Ends the step with an error. */
  fail(error: unknown): void {
    this.error = toStepError(error);
    this.#end(costOfFailure(this.#step, error));
  }

  #end({ costUsd, tokens }: StepCost): void {
    this.costUsd = costUsd;
    this.tokens = tokens;
    this.durationMs = Math.round((performance.now() - this.#start) * 1000) / 1000;
  }
}

/** Where the engine has to call `toJSON` by itself, it takes a slow way for all that is below. */
function writeOutput(output: unknown): string {
  const { toJSON } = (output ?? {}) as { toJSON?: unknown };
  return JSON.stringify(typeof toJSON === "function" ? toJSON.call(output, "") : output) ?? "null";
}
