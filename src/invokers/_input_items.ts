import { orderToolResults, toolCallId } from "../dialog/mod.ts";
import { type ContentPart, type Message, Role } from "../message/mod.ts";
import { answerComputerCall, isComputerCall, tellOutcome } from "./_computer_use.ts";
import { approvalResponse, isApprovalRequest } from "./mcp_approval.ts";
import { outputItems } from "./_output_items.ts";
import type { Wire } from "./_settings.ts";
import { dataUrl } from "./chat_messages.ts";
import type { WireNames } from "./wire_names.ts";

/** Options of {@linkcode inputItems}. */
export interface InputOptions {
  /** How the names of tools travel. */
  readonly names: WireNames;
  /** The role that stands for `system`. */
  readonly systemRole: string;
  /** Whether the provider keeps the items that it gave out. */
  readonly store: boolean;
}

/** Writes a history as the input items of a Responses request. */
export function inputItems(messages: readonly Message[], options: InputOptions): Wire[] {
  const items: Wire[] = [];
  const usedIds = new Set<unknown>();
  let callIds: ReadonlyMap<string, string> = new Map();
  for (const message of orderToolResults(messages)) {
    if (message.role === Role.TOOL) {
      const id = toolCallId(message)!;
      const callId = callIds.get(id) ?? id;
      const call = items.findLast((item) => isOpenCall(item, callId));
      if (isComputerCall(call)) answerComputerCall(items, call!, message);
      else if (isApprovalRequest(call)) items.push(approvalResponse(call!, message));
      else if (call === undefined) tellOutcome(items, message);
      else items.push({ type: "function_call_output", call_id: callId, output: content(message) });
    } else if (message.isFunctionCall || message.role === Role.ASSISTANT || message.role === Role.TOOL_CALL) {
      const output = outputItems(message, { names: options.names, store: options.store, usedIds });
      callIds = output.callIds;
      items.push(...output.items);
      for (const { id } of output.items) if (id !== undefined) usedIds.add(id);
      if (!message.isFunctionCall && hasMedia(message)) {
        items.push({ role: "user", content: mediaParts(message) });
      }
    } else {
      const role = message.role === Role.SYSTEM && !hasMedia(message) ? options.systemRole : "user";
      items.push({ role, content: content(message) });
    }
  }
  return items;
}

function isOpenCall(item: Wire, id: string): boolean {
  return isApprovalRequest(item) ? item.id === id : item.call_id === id && item.output === undefined;
}

function content(message: Message): string | Wire[] {
  const { content } = message;
  return typeof content === "string" ? content : content.length === 0 ? "" : content.map(inputPart);
}

/** What an assistant shows beside its text is shown again in the user's name: an assistant's items hold text only. */
function mediaParts(message: Message): Wire[] {
  return (message.content as readonly ContentPart[]).filter((part) => part.type !== "text").map(inputPart);
}

function hasMedia(message: Message): boolean {
  if (typeof message.content === "string" || message.modality === "audio") return false;
  return message.content.some((part) => part.type !== "text");
}

function inputPart(part: ContentPart): Wire {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return { type: "input_image", detail: "auto", image_url: dataUrl(part) };
    case "image_url":
      return { type: "input_image", detail: "auto", image_url: part.url };
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
  }
}
