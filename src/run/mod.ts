/**
 * Runs: the step seam through which every effect passes, and the context that belongs to the current run.
 *
 * @module
 */
export type {
  ApprovalAnswer,
  ApprovalContext,
  ApprovalEvent,
  ApprovalRecord,
  ApprovalRequest,
  OnApproval,
} from "./approval.ts";
export { askApproval, type AskApprovalOptions, describeRefusal } from "./ask_approval.ts";
export {
  type Budget,
  type BudgetRunner,
  budgetRunner,
  type BudgetRunnerOptions,
  type BudgetUsage,
  isBudgetRunner,
} from "./budget.ts";
export type { CallContext } from "./call_context.ts";
export { type Clock, systemClock, wait } from "./clock.ts";
export { type HeldClock, holdClocks, withClock } from "./held_clock.ts";
export {
  type CutContent,
  fromStepRecord,
  type RecordedStep,
  type StepRecord,
  toStepRecord,
} from "./recorded_step.ts";
export { type RecordingRunner, recordingRunner, type StepSink, streamingRunner } from "./recording_runner.ts";
export { scrubbedJson, scrubSecrets } from "./_scrub.ts";
export { SCRUBBED } from "./_secrets.ts";
export { markReplayed } from "./replayed_step.ts";
export { getDefaultResolver, type ResolvedResource, type Resolver, setDefaultResolver } from "./resolver.ts";
export {
  currentRun,
  RunContext,
  type RunContextInit,
  type RunEvent,
  type RunLifetime,
} from "./run_context.ts";
export {
  composeRunners,
  directRunner,
  runSyncStep,
  type Step,
  type StepCost,
  type StepEstimate,
  type StepKind,
  type StepRunner,
  writeInput,
} from "./step.ts";
export { isRevived, reviveStepError, type StepError, toStepError } from "./step_error.ts";
export type { RunTracer, TraceScope } from "./tracing.ts";
