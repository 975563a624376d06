import type { StepKind } from "./step.ts";

/** What a tracer follows: a step, a call of an agent, a run of a tactic. Every step is one. */
export interface TraceScope {
  /** What is going on. */
  readonly kind: StepKind | "agent";
  /** The model, tool, API path, tactic or agent. */
  readonly name: string;
  /** The place in the run. Default: none. */
  readonly path?: string;
  /** What it depends on, JSON-safe. */
  readonly input?: unknown;
  /** Facts that are known before. Default: none. */
  readonly details?: () => Readonly<Record<string, unknown>>;
  /** Facts that are known when it has ended, well or not. Default: none. */
  readonly summary?: () => Readonly<Record<string, unknown>>;
}

/**
 * Follows runs, as spans do. It looks on: what happens, and what comes of it, is as without it.
 *
 * Contract: `trace` calls `body` once, and settles as it does; it does not throw by itself. It may be called concurrently.
 */
export interface RunTracer {
  /**
   * Follows `body`. `around` is what the scope around was given, if there is one; `body` is given what the scopes within are to
   * be told.
   */
  trace<T>(scope: TraceScope, around: unknown, body: (trace: unknown) => Promise<T>): Promise<T>;
}
