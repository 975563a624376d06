import type { FunctionCall, Message } from "../message/mod.ts";
import { scrubSecrets } from "../run/mod.ts";
import type { InvokeResult } from "../session/mod.ts";
import { isPlainObject } from "../util/mod.ts";

/** The key of what stands for a reply that a step of the session gave: the index of the step. */
export const REPLY = "$lllm-reply";

/** A reply as a step gave it. */
export interface StepReply {
  readonly result: InvokeResult;
  /** The index of the step. */
  readonly index: number;
}

/** What the steps of a session gave. */
export interface Outputs {
  /** The replies of models, by the ids of their messages. */
  readonly replies: ReadonlyMap<string, StepReply>;
  /** The completed calls of tools, and the indexes of their steps. */
  readonly calls: ReadonlyMap<FunctionCall, number>;
}

/** What is kept of a result of a call. */
export function toResultTail(result: InvokeResult, { replies }: Outputs): unknown {
  const reply = replies.get(result.message.id);
  if (reply === undefined) return result;
  const tail: ReplyReference & Record<string, unknown> = { [REPLY]: reply.index };
  if (reply.result === result) return tail;
  const { message: _, modelArgs, ...changes } = changesOf(reply.result, result);
  Object.assign(tail, changes);
  if (modelArgs !== undefined) tail.modelArgs = scrubSecrets(modelArgs);
  return referTo(reply.result.message, result.message, tail);
}

/** What is kept of a message of a call. */
export function toMessageTail(message: Message, { replies }: Outputs): unknown {
  const reply = replies.get(message.id);
  if (reply === undefined) return message;
  return referTo(reply.result.message, message, { [REPLY]: reply.index });
}

/** Adds to a reference how a message differs from that of the reply; what most differ in has short forms. */
export function referTo<R extends ReplyReference>(original: Message, message: Message, reference: R): R {
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
export interface ReplyReference {
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

/** A reply as a step's record has it. */
interface Reply {
  readonly message: Record<string, unknown> & { readonly content?: unknown; readonly metadata?: Metadata };
}

/** Puts a result in the place of what stands for it. */
export function restoreResult(reference: ReplyReference, outputs: RecordedOutputs): unknown {
  const { [REPLY]: index, isUnparsed: _, dialogId: __, message: ___, ...changes } = reference;
  if (index === undefined) return reference;
  const output = outputs.get(index);
  const rest = isPlainObject(output) ? output : {};
  return { ...rest, ...changes, message: restoreMessage(reference, outputs) };
}

/** Puts a message in the place of what stands for it. */
export function restoreMessage(reference: ReplyReference | null, outputs: RecordedOutputs): unknown {
  const index = reference?.[REPLY];
  if (index === undefined) return reference;
  const { isUnparsed, dialogId, message: changes } = reference!;
  const message = messageOf(outputs.get(index));
  return {
    ...message,
    ...(isUnparsed === true ? { parsed: { raw: message.content } } : {}),
    ...(dialogId === undefined ? {} : { metadata: { ...message.metadata, dialogId } }),
    ...changes,
  };
}

/** Of a message that was too long as a whole the log has a text: the beginning of what it was. */
function messageOf(output: unknown): Reply["message"] {
  const { message } = (output ?? {}) as Partial<Reply>;
  if (isPlainObject(message)) return message;
  return { role: "assistant", content: String(message ?? (typeof output === "string" ? output : "")) };
}

/** Whether something is null, or has no entries. */
export function isNothing(value: unknown): boolean {
  if (typeof value !== "object") return false;
  for (const _ in value) return false;
  return true;
}
