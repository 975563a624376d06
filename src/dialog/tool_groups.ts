import { type ContentPart, type FunctionCall, Message, Role } from "../message/mod.ts";

/** A stretch of a history that belongs together: a message that asks for tools, up to the last answer to it. */
export interface ToolGroup {
  /** Index of the message that asks. */
  readonly start: number;
  /** Index after the last answer. */
  readonly end: number;
}

/** Finds the groups of a history, in order. */
export function findToolGroups(messages: readonly Message[]): ToolGroup[] {
  const groups: ToolGroup[] = [];
  for (let start = 0; start < messages.length; start++) {
    const asking = messages[start]!;
    if (!asking.isFunctionCall) continue;
    const ids = new Set(asking.functionCalls.map((call) => call.id));
    let end = start + 1;
    for (let i = start + 1; i < messages.length && ids.size > 0; i++) {
      if (messages[i]!.isFunctionCall && messages[i]!.functionCalls.some((call) => ids.has(call.id))) break;
      if (ids.delete(toolCallId(messages[i]!) ?? "")) end = i + 1;
    }
    groups.push({ start, end });
  }
  return groups;
}

/** Moves a cut that would fall inside a group to the group's start, or to its end. */
export function moveCut(cut: number, groups: readonly ToolGroup[], towards: "start" | "end"): number {
  let moved = cut;
  const ordered = towards === "start" ? [...groups].reverse() : groups;
  for (const group of ordered) if (group.start < moved && moved < group.end) moved = group[towards];
  return moved;
}

/** What stands for the answer of a call that was never answered. */
export const CANCELLED_RESULT = "Cancelled";

/**
 * Gives a history in which every call of a tool is answered exactly once, directly after it and in call order, as
 * providers demand: a missing answer becomes "Cancelled", answers without a call and second answers are left out. A
 * history that is in order already is returned as it is.
 */
export function orderToolResults(messages: readonly Message[]): readonly Message[] {
  if (isInOrder(messages)) return messages;
  const ordered: Message[] = [];
  const used = new Set<Message>();
  messages.forEach((message, index) => {
    if (message.role === Role.TOOL) return;
    ordered.push(message);
    for (const call of message.functionCalls) {
      const answer = findAnswer(messages, index, call, used);
      if (answer !== undefined) used.add(answer);
      ordered.push(answer ?? toolResultMessage(call, CANCELLED_RESULT));
    }
  });
  return ordered;
}

/** Creates the message that answers a call: a text, and images if there are any. */
export function toolResultMessage(
  call: FunctionCall,
  text: string,
  media: readonly ContentPart[] = [],
): Message {
  return new Message({
    role: Role.TOOL,
    name: call.name,
    ...(media.length === 0 ? { content: text } : {
      content: [...(text === "" ? [] : [{ type: "text" as const, text }]), ...media],
      modality: "image" as const,
    }),
    metadata: { toolCallId: call.id },
  });
}

/** Gives the id of the call that a message answers, if it answers one. */
export function toolCallId(message: Message): string | undefined {
  const id = message.role === Role.TOOL ? message.metadata.toolCallId : undefined;
  return typeof id === "string" ? id : undefined;
}

function isInOrder(messages: readonly Message[]): boolean {
  let pending: readonly FunctionCall[] = [];
  let next = 0;
  for (const message of messages) {
    if (next < pending.length) {
      if (toolCallId(message) !== pending[next]!.id) return false;
      next++;
      continue;
    }
    if (message.role === Role.TOOL) return false;
    pending = message.functionCalls;
    next = 0;
  }
  return next === pending.length;
}

/** The first unused answer after `index`, before another message asks under the same id. */
function findAnswer(
  messages: readonly Message[],
  index: number,
  call: FunctionCall,
  used: ReadonlySet<Message>,
): Message | undefined {
  for (let i = index + 1; i < messages.length; i++) {
    const message = messages[i]!;
    if (toolCallId(message) === call.id && !used.has(message)) return message;
    if (message.functionCalls.some((other) => other.id === call.id)) return undefined;
  }
  return undefined;
}
