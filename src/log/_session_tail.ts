import type { FunctionCall, Message } from "../message/mod.ts";
import { scrubSecrets } from "../run/mod.ts";
import { setOwn } from "../util/mod.ts";
import type { AgentCallSession, InvokeResult, TacticCallSession } from "../session/mod.ts";

/** The key of what stands for a reply that a step of the session gave: the id of its message. */
const REPLY = "$lllm-reply";

/** The key of what stands for a call that a step of the session completed: the index of the step. */
const CALL = "$lllm-call";

/** What the steps of a session gave. */
export interface Outputs {
  /** The replies of models, by the ids of their messages. */
  readonly replies: ReadonlyMap<string, InvokeResult>;
  /** The completed calls of tools, and the indexes of their steps. */
  readonly calls: ReadonlyMap<FunctionCall, number>;
}

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

/** What an empty call has where nothing was kept. */
function emptyCall(): Required<CallTail> & Record<string, unknown> {
  return {
    exceptionRetries: {},
    interrupts: {},
    llmRecalls: {},
    repairs: {},
    approvals: {},
    invokeTraces: {},
    delivery: null,
    error: null,
    metadata: {},
  };
}

function toCallTail(call: AgentCallSession, outputs: Outputs): Record<string, unknown> {
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

function isNothing(value: unknown): boolean {
  if (typeof value !== "object") return false;
  for (const _ in value) return false;
  return true;
}

function toDoneTail(done: FunctionCall, { calls }: Outputs): unknown {
  const index = calls.get(done);
  return index === undefined ? done.toJSON() : { [CALL]: index };
}

function toResultTail(result: InvokeResult, { replies }: Outputs): unknown {
  const reply = replies.get(result.message.id);
  if (reply === undefined) return result;
  if (reply === result) return { [REPLY]: reply.message.id };
  const { message: _, modelArgs, ...changes } = changesOf(reply, result);
  const args = modelArgs === undefined ? {} : { modelArgs: scrubSecrets(modelArgs) };
  return {
    [REPLY]: reply.message.id,
    ...changes,
    ...args,
    message: changesOf(reply.message, result.message),
  };
}

function toMessageTail(message: Message, { replies }: Outputs): unknown {
  const reply = replies.get(message.id);
  return reply === undefined ? message : { [REPLY]: message.id, message: changesOf(reply.message, message) };
}

/** The fields in which a copy differs; what it shares is the same object. */
function changesOf<T extends object>(original: T, copy: T): Partial<T> {
  const changes: Partial<T> = {};
  for (const key in copy) if (copy[key] !== original[key]) changes[key] = copy[key];
  return changes;
}

/** The outputs of a session's steps, as their records have them. */
export interface RecordedOutputs {
  /** The replies of models, by the ids of their messages. */
  readonly replies: ReadonlyMap<string, Reply>;
  /** All outputs, by the indexes of the steps. */
  readonly byIndex: ReadonlyMap<number, unknown>;
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

function restoreCall(kept: CallTail, outputs: RecordedOutputs): Record<string, unknown> {
  const call = { ...emptyCall(), ...kept };
  return {
    ...call,
    interrupts: mapLists(call.interrupts, outputs, restoreDone),
    invokeTraces: mapLists(call.invokeTraces, outputs, restoreResult),
    delivery: restoreMessage(call.delivery, outputs),
  };
}

/** A reply as a step's record has it. */
export interface Reply {
  readonly message: Record<string, unknown>;
}

interface CallTail {
  readonly interrupts?: Lists<CallReference>;
  readonly invokeTraces?: Lists<Reference>;
  readonly delivery?: Reference | null;
}

interface Tail {
  readonly agentSessions?: Lists<CallTail>;
  readonly subTacticSessions?: Lists<unknown>;
}

type Reference = { readonly [REPLY]?: string; readonly message?: Record<string, unknown> };
type CallReference = { readonly [CALL]?: number };

function restoreDone(done: CallReference, { byIndex }: RecordedOutputs): unknown {
  const index = done[CALL];
  return index === undefined ? done : byIndex.get(index);
}

function restoreResult({ [REPLY]: id, ...changes }: Reference, { replies }: RecordedOutputs): unknown {
  if (id === undefined) return changes;
  const output = replies.get(id);
  return { ...output, ...changes, message: { ...output?.message, ...changes.message } };
}

function restoreMessage(reference: Reference | null, { replies }: RecordedOutputs): unknown {
  const id = reference?.[REPLY];
  return id === undefined ? reference : { ...replies.get(id)?.message, ...reference!.message };
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
