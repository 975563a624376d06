/**
 * Sessions: what happened in a run, as data: results of model calls, calls of agents, runs of tactics, and the events
 * in between.
 *
 * @module
 */
export {
  AgentCallSession,
  type AgentCallState,
  type RecallRecord,
  type RepairRecord,
} from "./agent_call_session.ts";
export { AgentError, TacticError } from "./errors.ts";
export type { AgentEvent, ModelDelta, SessionEvent, TacticEvent } from "./events.ts";
export { type ExecutionError, InvokeResult, type InvokeResultInit } from "./invoke_result.ts";
export {
  checkRecordVersion,
  readSessionRecord,
  SESSION_RECORD_VERSION,
  type SessionEnd,
  type SessionHead,
  type SessionRecord,
  type SessionStore,
  type SessionWriter,
  toSessionEnd,
  toSessionHead,
  toSessionRecord,
} from "./session_record.ts";
export {
  TacticCallSession,
  type TacticCallSessionInit,
  type TacticCallState,
  type TacticCallSummary,
} from "./tactic_call_session.ts";
