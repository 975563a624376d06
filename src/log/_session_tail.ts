import type { FunctionCall, Message } from "../message/mod.ts";
import { scrubSecrets } from "../run/mod.ts";
import { setOwn } from "../util/mod.ts";
import type { AgentCallSession, InvokeResult, TacticCallSession } from "../session/mod.ts";

/** The key of what stands for a reply that a step of the session gave: the index of the step. */
const REPLY = "$lllm-reply";

/** The key of what stands for a call that a step of the session completed: the index of the step. */
const CALL = "$lllm-call";

/** What the steps of a session gave. */
export interface Outputs {
  /** The replies of models, by the ids of their messages, and the indexes of their steps. */
  readonly replies: ReadonlyMap<string, { readonly result: InvokeResult; readonly index: number }>;
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
  const tail: ReplyReference & Record<string, unknown> = { [REPLY]: reply.index };
  if (reply.result === result) return tail;
  const { message: _, modelArgs, ...changes } = changesOf(reply.result, result);
  Object.assign(tail, changes);
  if (modelArgs !== undefined) tail.modelArgs = scrubSecrets(modelArgs);
  return referTo(reply.result.message, result.message, tail);
}

function toMessageTail(message: Message, { replies }: Outputs): unknown {
  const reply = replies.get(message.id);
  if (reply === undefined) return message;
  return referTo(reply.result.message, message, { [REPLY]: reply.index });
}

/** Adds to a reference how a message differs from that of the reply; what most differ in has short forms. */
function referTo<R extends ReplyReference>(original: Message, message: Message, reference: R): R {
  let changes: Record<string, unknown> | undefined;
  for (const name in message) {
    const key = name as keyof Message;
    if (message[key] === original[key]) continue;
    if (key === "parsed" && isContent(message)) reference.isUnparsed = true;
    else if (key === "metadata" && namesDialog(original.metadata, message.metadata)) {
      reference.dialogId = message.metadata.dialogId;
    } else (changes ??= {})[key] = message[key];
  }
  if (changes !== undefined) reference.message = changes;
  return reference;
}

/** What stands for a reply, and for its message. */
interface ReplyReference {
  /** The index of the step. */
  [REPLY]?: number;
  /** Whether what was made of the content is `{ raw: content }`: there was nothing to parse it. */
  isUnparsed?: boolean;
  /** The dialog, where the metadata has nothing else that the reply's has not. */
  dialogId?: unknown;
  /** In what else the message differs. */
  message?: Record<string, unknown>;
}

function isContent({ content, parsed }: Message): boolean {
  for (const key in parsed) if (key !== "raw") return false;
  return typeof content === "string" && parsed?.raw === content;
}

type Metadata = Readonly<Record<string, unknown>>;

function namesDialog(original: Metadata, metadata: Metadata): boolean {
  for (const key in original) if (original[key] !== metadata[key]) return false;
  for (const key in metadata) if (key !== "dialogId" && !Object.hasOwn(original, key)) return false;
  return typeof metadata.dialogId === "string" && !Object.hasOwn(original, "dialogId");
}

/** The fields in which a copy differs; what it shares is the same object. */
function changesOf<T extends object>(original: T, copy: T): Partial<T> {
  const changes: Partial<T> = {};
  for (const key in copy) if (copy[key] !== original[key]) changes[key] = copy[key];
  return changes;
}

/** The outputs of a session's steps by their indexes, as their records have them. */
export type RecordedOutputs = ReadonlyMap<number, unknown>;

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

interface CallTail {
  readonly interrupts?: Lists<CallReference>;
  readonly invokeTraces?: Lists<ReplyReference>;
  readonly delivery?: ReplyReference | null;
}

interface Tail {
  readonly agentSessions?: Lists<CallTail>;
  readonly subTacticSessions?: Lists<unknown>;
}

type CallReference = { readonly [CALL]?: number };

function restoreDone(done: CallReference, outputs: RecordedOutputs): unknown {
  const index = done[CALL];
  return index === undefined ? done : outputs.get(index);
}

/** A reply as a step's record has it. */
interface Reply {
  readonly message: Record<string, unknown> & { readonly content?: unknown; readonly metadata?: Metadata };
}

function restoreResult(reference: ReplyReference, outputs: RecordedOutputs): unknown {
  const { [REPLY]: index, isUnparsed: _, dialogId: __, message: ___, ...changes } = reference;
  if (index === undefined) return reference;
  return { ...outputs.get(index) as Reply, ...changes, message: restoreMessage(reference, outputs) };
}

function restoreMessage(reference: ReplyReference | null, outputs: RecordedOutputs): unknown {
  const index = reference?.[REPLY];
  if (index === undefined) return reference;
  const { isUnparsed, dialogId, message: changes } = reference!;
  const { message = {} } = (outputs.get(index) ?? {}) as Partial<Reply>;
  return {
    ...message,
    ...(isUnparsed === true ? { parsed: { raw: message.content } } : {}),
    ...(dialogId === undefined ? {} : { metadata: { ...message.metadata, dialogId } }),
    ...changes,
  };
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
