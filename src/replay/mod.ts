/**
 * Replay: runs a recorded session again, whole or up to a step, and compares sessions.
 *
 * @module
 */
export { compareSessions, type SessionComparison, type StepComparison } from "./compare_sessions.ts";
export type { ForkPoint } from "./fork_point.ts";
export { type ReplayCost, type ReplayOptions, type ReplayResult, replaySession } from "./replay_session.ts";
export {
  type ComparedStep,
  compareSteps,
  compareValues,
  type FieldDifference,
  formatDifferences,
} from "./step_difference.ts";
export { type Cassette, type CassetteMode, type CassetteOptions, withCassette } from "./with_cassette.ts";
