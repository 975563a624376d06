import type { FunctionCall, InvokeCost, Message } from "../message/mod.ts";
import type { ApprovalEvent } from "../run/mod.ts";
import type { AgentCallSession } from "./agent_call_session.ts";
import type { TacticCallSession } from "./tactic_call_session.ts";

/** A piece of a reply that is still arriving. */
export type ModelDelta =
  | { readonly type: "text_delta"; readonly text: string }
  | { readonly type: "reasoning_delta"; readonly text: string }
  | {
    readonly type: "tool_call_delta";
    readonly index: number;
    readonly callId?: string;
    readonly name?: string;
    readonly argumentsDelta: string;
  };

/**
 * What happens in one `respond()` of an agent, in order. `step` counts its interrupt steps from 0.
 *
 * Deltas of an attempt that fails are followed by `repair` or `recall`; `agent_end` is the last event on success, and
 * a failure throws from the iterator.
 */
export type AgentEvent =
  & {
    /** The agent. */
    readonly agentName: string;
    /** The interrupt step, from 0. */
    readonly step: number;
  }
  & (
    | { readonly type: "agent_start"; readonly session: AgentCallSession }
    | { readonly type: "model_start"; readonly model: string; readonly attempt: number }
    | ModelDelta
    | { readonly type: "model_end"; readonly message: Message; readonly cost: InvokeCost }
    | {
      readonly type: "repair";
      readonly rung: "mend" | "reask";
      readonly error: string;
      readonly attempt: number;
    }
    | {
      readonly type: "recall";
      readonly error: string;
      readonly waitMs: number;
      readonly countsAsRecall: boolean;
    }
    | { readonly type: "tool_start"; readonly call: FunctionCall }
    | {
      readonly type: "tool_end";
      readonly call: FunctionCall;
      readonly durationMs: number;
      readonly repeated: boolean;
    }
    | ApprovalEvent
    | { readonly type: "agent_end"; readonly message: Message; readonly session: AgentCallSession }
  );

/** What happens in a run of a tactic, beside what its agents do: approvals are those of calls that the tactic itself makes. */
export type TacticEvent =
  | ApprovalEvent
  | { readonly type: "tactic_start"; readonly session: TacticCallSession<unknown> }
  | { readonly type: "tactic_end"; readonly session: TacticCallSession<unknown> };

/** Everything that a run tells its observers: the one union that agents emit, and stores, replays and viewers read. */
export type SessionEvent = AgentEvent | TacticEvent;
