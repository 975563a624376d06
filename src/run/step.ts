import { scrubbedJson } from "./_scrub.ts";

/** What a step does: asks a model, runs a tool, a sandbox cell or an API call, a sub-tactic, or an effect of a tactic. */
export type StepKind = "model" | "tool" | "cell" | "api" | "tactic" | "effect";

/** What a step used, as far as it can be told from its result. */
export interface StepCost {
  /** Tokens, sent and received. */
  readonly tokens: number;
  /** US dollars. */
  readonly costUsd: number;
}

/** What a step may use at most, told before it is run. */
export interface StepEstimate {
  /** Tokens, sent and received. */
  readonly tokens: number;
  /** US dollars; `undefined` where no price is known. */
  readonly costUsd: number | undefined;
  /** The least that the step could be made to use by {@linkcode StepEstimate.shrink}. Default: it cannot be made smaller. */
  readonly least?: StepCost;
  /** Makes the step use no more than this, and tells what it then uses at most. Called with no less than `least`. */
  readonly shrink?: (room: StepCost) => StepCost;
}

/** One effect of a run, as runners see it. */
export interface Step {
  /** What the step does. */
  readonly kind: StepKind;
  /** The model, tool, API path or tactic. */
  readonly name: string;
  /**
   * Identifies the step within its run, such as `writer/draft#3/tool:search#0`. Two runs of one program with the same
   * replies give the same paths.
   */
  readonly path: string;
  /** What the effect depends on, JSON-safe. May be computed when it is read: a runner that needs none reads none. */
  readonly input: unknown;
  /**
   * Gives what {@linkcode scrubbedJson} makes of the input, where that can be had at less cost, in pieces: what it shares with an earlier
   * step is in pieces of its own. Default: it is made of the input.
   */
  readonly inputPieces?: () => readonly string[];
  /** Tells what a result cost. Default: nothing. */
  readonly measure?: (result: unknown) => StepCost;
  /** Tells what the effect may cost at most, so that it can be set aside before. Default: nothing is known. */
  readonly estimate?: () => StepEstimate;
  /**
   * Tells what the effect has used where no result does: when it failed or was aborted, or where the provider does not count.
   * Default: nothing.
   */
  readonly measureSoFar?: () => StepCost;
  /** Aborts the step while a runner lets it wait. Default: the run's signal alone. */
  readonly signal?: AbortSignal | undefined;
  /** Tells listeners of what the step gave, where a runner answers with an earlier result. Default: there are none. */
  readonly replayed?: (result: unknown) => Promise<void> | void;
  /** Facts for whoever looks on that are no part of the request, such as the id of a tool call. Default: none. */
  readonly details?: () => Readonly<Record<string, unknown>>;
}

/**
 * Runs steps. Every effect of a run passes through one: recording, replaying, tracing, budgets and durable execution
 * are runners, and no other code knows about them.
 *
 * Contract: `run` calls `effect` at most once and resolves with its JSON-safe result, or with an earlier result of the
 * same step; what the effect throws passes through unless the runner replaces it. It may be called concurrently.
 */
export interface StepRunner {
  /** Runs one step. */
  run<T>(step: Step, effect: () => Promise<T>): Promise<T>;
  /** Runs a step that cannot wait: the time, a random number. Default: its effect is run as it is. */
  runSync?<T>(step: Step, effect: () => T): T;
}

/** Runs every effect as it is. */
export const directRunner: StepRunner = {
  run: (_step, effect) => effect(),
};

/**
 * Puts runners around each other: the first is the outermost.
 *
 * @example
 * ```ts
 * import { composeRunners, directRunner, recordingRunner } from "@lllm/lllm/run";
 *
 * const recorder = recordingRunner();
 * const runner = composeRunners(recorder, directRunner);
 * await runner.run({ kind: "effect", name: "dice", path: "dice#0", input: null }, () => Promise.resolve(4));
 * console.log(recorder.steps[0]?.output); // 4
 * ```
 */
export function composeRunners(...runners: readonly StepRunner[]): StepRunner {
  const used = runners.filter((runner) => runner !== directRunner);
  if (used.length === 0) return directRunner;
  return used.reduceRight((inner, outer) => ({
    run: (step, effect) => outer.run(step, () => inner.run(step, effect)),
    runSync: (step, effect) => runSyncStep(outer, step, () => runSyncStep(inner, step, effect)),
  }));
}

/** Gives the canonical JSON of a step's input, without secrets. */
export function writeInput(step: Step): string {
  return step.inputPieces?.().join("") ?? scrubbedJson(step.input);
}

/** Runs a step that cannot wait, as it is where the runner has no way of its own for such steps. */
export function runSyncStep<T>(runner: StepRunner, step: Step, effect: () => T): T {
  return runner.runSync === undefined ? effect() : runner.runSync(step, effect);
}
