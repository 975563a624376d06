import { type RecordedStep, type StepRecord, toStepRecord } from "./recorded_step.ts";
import { scrubbedJson } from "./_scrub.ts";
import { costOfFailure, costOfResult } from "./step_cost.ts";
import type { Step, StepCost, StepRunner } from "./step.ts";
import { toStepError } from "./step_error.ts";

/** A runner that keeps what passed through it. */
export interface RecordingRunner extends StepRunner {
  /** The recorded steps, in the order in which they ended. */
  readonly steps: readonly StepRecord[];
}

/**
 * Takes recorded steps, in the order in which they ended.
 *
 * Contract: resolves when the step is safe: only then its result is handed on. It must not reject.
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
 * @example
 * ```ts
 * import { streamingRunner } from "@lllm/lllm/run";
 *
 * const runner = streamingRunner((step) => console.log(step.path, step.outputJson)); // tool:add#0 2
 * await runner.run({ kind: "tool", name: "add", path: "tool:add#0", input: { a: 1 } }, () => Promise.resolve(2));
 * ```
 */
export function streamingRunner(sink: StepSink): Required<StepRunner> {
  const seen = new Map<string, number>();
  let count = 0;
  const begin = (step: Step): OpenStep => {
    const ordinal = seen.get(step.path) ?? 0;
    seen.set(step.path, ordinal + 1);
    const inputJson = step.inputJson?.() ?? scrubbedJson(step.input);
    return { step, ordinal, inputJson, startedAt: Date.now(), start: performance.now() };
  };
  const end = (
    open: OpenStep,
    used: StepCost,
    outcome: Pick<RecordedStep, "outputJson" | "output" | "error">,
  ) => {
    const { step, ordinal, inputJson } = open;
    const durationMs = Math.round((performance.now() - open.start) * 1000) / 1000;
    return sink({
      index: count++,
      path: step.path,
      ordinal,
      kind: step.kind,
      name: step.name,
      inputJson,
      ...outcome,
      costUsd: used.costUsd,
      tokens: used.tokens,
      startedAt: open.startedAt,
      durationMs,
    });
  };
  return {
    async run<T>(step: Step, effect: () => Promise<T>): Promise<T> {
      const open = begin(step);
      let output: T;
      let outputJson: string;
      try {
        output = await effect();
        outputJson = writeOutput(output);
      } catch (error) {
        await end(open, costOfFailure(step, error), { error: toStepError(error) });
        throw error;
      }
      await end(open, costOfResult(step, output), { outputJson, output });
      return output;
    },
    runSync<T>(step: Step, effect: () => T): T {
      const open = begin(step);
      let output: T;
      try {
        output = effect();
      } catch (error) {
        end(open, costOfFailure(step, error), { error: toStepError(error) });
        throw error;
      }
      end(open, costOfResult(step, output), { outputJson: writeOutput(output), output });
      return output;
    },
  };
}

/** Where the engine has to call `toJSON` by itself, it takes a slow way for all that is below. */
function writeOutput(output: unknown): string {
  const { toJSON } = (output ?? {}) as { toJSON?: unknown };
  return JSON.stringify(typeof toJSON === "function" ? toJSON.call(output, "") : output) ?? "null";
}

/** A step that has started. */
interface OpenStep {
  readonly step: Step;
  readonly ordinal: number;
  readonly inputJson: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly start: number;
}
