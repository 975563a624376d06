import type { Budget, BudgetRunner, OnApproval, StepRunner } from "../run/mod.ts";

/** Options of {@linkcode Tactic.run}. */
export interface RunOptions {
  /** Texts to filter the session by. Default: `{}`. */
  tags?: Record<string, string>;
  /** Free facts for the session. Default: `{}`. */
  metadata?: Record<string, unknown>;
  /** Cancels the run: it rejects with the signal's reason. Default: the run around, if any. */
  signal?: AbortSignal;
  /**
   * Upper limits of the run, sub-tactics and batches within it included; or a budget that several runs share. Default: none of its
   * own; the run around has those that it has.
   */
  budget?: Budget | BudgetRunner;
  /** Decides about tools and endpoints that need approval. Default: the run around, else they are denied. */
  onApproval?: OnApproval;
  /**
   * How long a decision may take, in milliseconds; then the call is refused. Time limits of cells stand still meanwhile. Default: the
   * run around, else no limit.
   */
  approvalTimeoutMs?: number;
  /** Id of the session; a store goes on with a session of that id. Default: a new one. */
  sessionId?: string;
  /** What the run's code is told as `runId` and `sessionId`, where it repeats an earlier run. Default: the session's id. */
  runId?: string;
  /** Runs the effects. Default: the run around, else each is run as it is. */
  steps?: StepRunner;
}

/** How far a batch has come. */
export interface BatchProgress {
  /** Runs that succeeded. */
  readonly done: number;
  /** Runs that failed. */
  readonly failed: number;
  /** Runs in all. */
  readonly total: number;
}

/** Options of {@linkcode Tactic.bcall} and {@linkcode Tactic.ccall}. */
export interface BatchOptions {
  /** Runs under way at once. Default: the config's `max_workers`, else 8. */
  maxWorkers?: number;
  /** Whether the first failure ends the batch. Default: true. */
  failFast?: boolean;
  /** Whether sessions are given in place of results. Default: false. */
  returnSessions?: boolean;
  /** Tags of every run. Default: `{}`. */
  tags?: Record<string, string>;
  /** Metadata of every run, or of the run of each task by its index. Default: `{}`. */
  metadata?: Record<string, unknown> | ((index: number) => Record<string, unknown>);
  /** Upper limits of all runs together. Default: none of its own; the run around has those that it has. */
  budget?: Budget | BudgetRunner;
  /** Decides about tools and endpoints that need approval, for all runs. Default: the run around, else they are denied. */
  onApproval?: OnApproval;
  /** How long a decision may take, in milliseconds; then the call is refused. Default: the run around, else no limit. */
  approvalTimeoutMs?: number;
  /**
   * Names the batch, so that it can go on: tasks of it whose runs the tactic's log store has as successful are not run again, and
   * count as done. Runs get the tags `batch` (this name) and `batch_task`. Default: every task is run.
   */
  resumeKey?: string;
  /** Cancels the batch. Default: the run around, if any. */
  signal?: AbortSignal;
  /** Hears of each run that ends. */
  onProgress?: (progress: BatchProgress) => void;
}

/** Ways in which a tactic can be used. */
export type TacticSurface = "run" | "stream" | "events";

/** What a tactic says of itself. */
export interface TacticInfo {
  /** The tactic's name. */
  readonly name: string;
  /** What it does. */
  readonly description?: string;
  /** JSON Schema of its task. */
  readonly inputSchema?: Record<string, unknown>;
  /** JSON Schema of its result. */
  readonly outputSchema?: Record<string, unknown>;
  /** Names of its agents. */
  readonly agents: string[];
  /** Names of the tactics in its public fields. */
  readonly subTactics: string[];
  /** Ways in which it can be used. */
  readonly surfaces: TacticSurface[];
}
