import type { TacticCallState } from "../session/mod.ts";

const STATES: Readonly<Record<TacticCallState, true>> = {
  initial: true,
  running: true,
  success: true,
  failure: true,
  interrupted: true,
  cancelled: true,
};

/** The states of sessions. */
export const SESSION_STATES: readonly string[] = Object.keys(STATES);
