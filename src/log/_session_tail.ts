import type { FunctionCall } from "../message/mod.ts";
import { setOwn } from "../util/mod.ts";
import type { AgentCallSession, TacticCallSession } from "../session/mod.ts";
import { emptyCall, isPlainCall, type PlainCall, restorePlainCall, toPlainCall } from "./_plain_call.ts";
import {
  isNothing,
  type Outputs,
  type RecordedOutputs,
  type ReplyReference,
  restoreMessage,
  restoreResult,
  toMessageTail,
  toResultTail,
} from "./_reply_reference.ts";

/** The key of what stands for a call that a step of the session completed: the index of the step. */
const CALL = "$lllm-call";

/**
 * Gives what is kept of a session beside its head: calls of agents, sub-tactics, approvals. What a step has is referred to, with what
 * the session knows better (what the contract made of a reply); what is empty is left out.
 */
export function toSessionTail(
  session: TacticCallSession<unknown>,
  outputs: Outputs,
): Record<string, unknown> {
  return {
    agentSessions: mapLists(session.agentSessions, outputs, toCallTail),
    subTacticSessions: mapLists(session.subTacticSessions, outputs, toChildTail),
    approvals: session.approvals,
  };
}

function toChildTail(child: TacticCallSession<unknown>, outputs: Outputs): Record<string, unknown> {
  const { agentSessions: _, subTacticSessions: __, ...fields } = child;
  return { ...fields, ...toSessionTail(child, outputs) };
}

function toCallTail(call: AgentCallSession, outputs: Outputs): object {
  const plain = toPlainCall(call, outputs);
  if (plain !== undefined) return plain;
  const tail: Record<string, unknown> = {};
  for (const name in call) {
    const key = name as keyof AgentCallSession;
    const value = call[key];
    if (isNothing(value)) continue;
    if (key === "interrupts") tail[key] = mapLists(call[key], outputs, toDoneTail);
    else if (key === "invokeTraces") tail[key] = mapLists(call[key], outputs, toResultTail);
    else if (key === "delivery") tail[key] = toMessageTail(call.delivery!, outputs);
    else tail[key] = value;
  }
  return tail;
}

function toDoneTail(done: FunctionCall, { calls }: Outputs): unknown {
  const index = calls.get(done);
  return index === undefined ? done.toJSON() : { [CALL]: index };
}

/** Puts the outputs of steps back, and what was left out. */
export function restoreSessionTail(tail: unknown, outputs: RecordedOutputs): unknown {
  if (typeof tail !== "object" || tail === null) return tail;
  const { agentSessions, subTacticSessions } = tail as Tail;
  return {
    ...tail,
    ...(agentSessions === undefined ? {} : {
      agentSessions: mapLists(agentSessions, outputs, restoreCall),
    }),
    ...(subTacticSessions === undefined ? {} : {
      subTacticSessions: mapLists(subTacticSessions, outputs, restoreSessionTail),
    }),
  };
}

function restoreCall(kept: CallTail | PlainCall, outputs: RecordedOutputs): Record<string, unknown> {
  if (isPlainCall(kept)) return restorePlainCall(kept, outputs);
  const call = { ...emptyCall(), ...kept };
  return {
    ...call,
    interrupts: mapLists(call.interrupts, outputs, restoreDone),
    invokeTraces: mapLists(call.invokeTraces, outputs, restoreResult),
    delivery: restoreMessage(call.delivery, outputs),
  };
}

interface CallTail {
  readonly interrupts?: Lists<CallReference>;
  readonly invokeTraces?: Lists<ReplyReference>;
  readonly delivery?: ReplyReference | null;
}

interface Tail {
  readonly agentSessions?: Lists<CallTail | PlainCall>;
  readonly subTacticSessions?: Lists<unknown>;
}

type CallReference = { readonly [CALL]?: number };

function restoreDone(done: CallReference, outputs: RecordedOutputs): unknown {
  const index = done[CALL];
  return index === undefined ? done : outputs.get(index);
}

type Lists<T> = Readonly<Record<string, readonly T[]>>;

function mapLists<T, O, U>(
  lists: Lists<T>,
  outputs: O,
  map: (entry: T, outputs: O) => U,
): Record<string, U[]> {
  const mapped: Record<string, U[]> = {};
  for (const key in lists) setOwn(mapped, key, lists[key]!.map((entry) => map(entry, outputs)));
  return mapped;
}
