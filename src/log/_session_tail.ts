import type { Message } from "../message/mod.ts";
import { scrubSecrets } from "../run/mod.ts";
import type { AgentCallSession, InvokeResult, TacticCallSession } from "../session/mod.ts";

/** The key of what stands for a reply that a step of the session gave: the id of its message. */
const REPLY = "$lllm-reply";

/** The replies that the model steps of a session gave, by the ids of their messages. */
export type Replies = ReadonlyMap<string, InvokeResult>;

/**
 * Gives what is kept of a session beside its head: calls of agents, sub-tactics, approvals. Replies that a step has are
 * referred to, with what the session knows better (what the contract made of them).
 */
export function toSessionTail(
  session: TacticCallSession<unknown>,
  replies: Replies,
): Record<string, unknown> {
  return {
    agentSessions: mapLists(session.agentSessions, (call) => toCallTail(call, replies)),
    subTacticSessions: mapLists(session.subTacticSessions, (child) => {
      const { agentSessions: _, subTacticSessions: __, ...fields } = child;
      return { ...fields, ...toSessionTail(child, replies) };
    }),
    approvals: session.approvals,
  };
}

function toCallTail(call: AgentCallSession, replies: Replies): Record<string, unknown> {
  const { invokeTraces, interrupts, delivery, ...fields } = call;
  return {
    ...fields,
    interrupts: mapLists(interrupts, (interrupt) => interrupt.toJSON()), // here, so that JSON.stringify finds plain data
    invokeTraces: mapLists(invokeTraces, (result) => toResultTail(result, replies)),
    delivery: delivery === null ? null : toMessageTail(delivery, replies),
  };
}

function toResultTail(result: InvokeResult, replies: Replies): unknown {
  const reply = replies.get(result.message.id);
  if (reply === undefined) return result;
  const { message: _, modelArgs, ...changes } = changesOf(reply, result);
  const args = modelArgs === undefined ? {} : { modelArgs: scrubSecrets(modelArgs) };
  return {
    [REPLY]: reply.message.id,
    ...changes,
    ...args,
    message: changesOf(reply.message, result.message),
  };
}

function toMessageTail(message: Message, replies: Replies): unknown {
  const reply = replies.get(message.id);
  return reply === undefined ? message : { [REPLY]: message.id, message: changesOf(reply.message, message) };
}

/** The fields in which a copy differs; what it shares is the same object. */
function changesOf<T extends object>(original: T, copy: T): Partial<T> {
  const changes: Partial<T> = {};
  for (const key of Object.keys(copy) as (keyof T)[]) {
    if (copy[key] !== original[key]) changes[key] = copy[key];
  }
  return changes;
}

/** Puts the replies back: the outputs of steps, by the ids of their messages. */
export function restoreSessionTail(tail: unknown, outputs: ReadonlyMap<string, Reply>): unknown {
  if (typeof tail !== "object" || tail === null) return tail;
  const { agentSessions, subTacticSessions } = tail as Tail;
  return {
    ...tail,
    ...(agentSessions === undefined ? {} : {
      agentSessions: mapLists(agentSessions, (call) => {
        const invokeTraces = mapLists(call.invokeTraces, (result) => restoreResult(result, outputs));
        return { ...call, invokeTraces, delivery: restoreMessage(call.delivery, outputs) };
      }),
    }),
    ...(subTacticSessions === undefined ? {} : {
      subTacticSessions: mapLists(subTacticSessions, (child) => restoreSessionTail(child, outputs)),
    }),
  };
}

/** A reply as a step's record has it. */
export interface Reply {
  readonly message: Record<string, unknown>;
}

interface Tail {
  readonly agentSessions?: Lists<
    { readonly invokeTraces: Lists<Reference>; readonly delivery: Reference | null }
  >;
  readonly subTacticSessions?: Lists<unknown>;
}

type Reference = { readonly [REPLY]?: string; readonly message: Record<string, unknown> };

function restoreResult({ [REPLY]: id, ...changes }: Reference, outputs: ReadonlyMap<string, Reply>): unknown {
  if (id === undefined) return changes;
  const output = outputs.get(id);
  return { ...output, ...changes, message: { ...output?.message, ...changes.message } };
}

function restoreMessage(reference: Reference | null, outputs: ReadonlyMap<string, Reply>): unknown {
  const id = reference?.[REPLY];
  return id === undefined ? reference : { ...outputs.get(id)?.message, ...reference!.message };
}

type Lists<T> = Readonly<Record<string, readonly T[]>>;

function mapLists<T, U>(lists: Lists<T>, map: (entry: T) => U): Record<string, U[]> {
  return Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, list.map(map)]));
}
