import { currentRun, type RunEvent } from "../run/mod.ts";
import type { SessionStore, TacticCallSession } from "../session/mod.ts";

/** What a run keeps for the runs inside it. */
export interface TacticState {
  /** The run's session. */
  readonly session: TacticCallSession<unknown>;
  /** The stores that this run and those around it are kept in. */
  readonly stores: readonly SessionStore[];
  /** Tells this run's observers, and those of the runs around it. */
  readonly forward: (event: RunEvent) => void;
}

/** Where a run's context has that. */
export const STATE: unique symbol = Symbol("tactic state");

/** The session of the tactic whose run the current code is a part of. */
export function currentSession(): TacticCallSession<unknown> | undefined {
  return (currentRun()?.slots.get(STATE) as TacticState | undefined)?.session;
}
