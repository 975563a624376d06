import { contentText, type FunctionCall, type Message } from "../message/mod.ts";
import { deepEqual } from "../util/mod.ts";
import { COMPUTER_TOOL, isComputerCall } from "./_computer_use.ts";
import { approvalName, isApprovalRequest } from "./mcp_approval.ts";
import { parseArguments } from "./_reply.ts";
import { listOf, objectOf, type Wire } from "./_settings.ts";
import type { WireNames } from "./wire_names.ts";

/** Longest id of a call that Responses takes back. */
const MAX_CALL_ID = 64;
const NO_IDS: ReadonlyMap<string, string> = new Map();

/** Options of {@linkcode outputItems}. */
export interface OutputOptions {
  /** How the names of tools travel. */
  readonly names: WireNames;
  /** Whether the provider keeps the items that it gave out. */
  readonly store: boolean;
  /** Ids of the items that the request has already: a second one of the same id would be refused. */
  readonly usedIds: ReadonlySet<unknown>;
}

/** The items that stand for an assistant's message. */
export interface OutputItems {
  /** The items, in order. */
  readonly items: readonly Wire[];
  /** Ids of calls on the wire, where they differ from those in the dialog. */
  readonly callIds: ReadonlyMap<string, string>;
}

/**
 * Gives the items of an assistant's message: those that the provider gave out, unchanged and in order, as long as the message
 * still says the same; else items made of the message itself, without ids, and without the reasoning that led to other ones.
 */
export function outputItems(message: Message, options: OutputOptions): OutputItems {
  const given = listOf(message.metadata.responseItems) as Wire[];
  if (given.length === 0 || !saysTheSame(message, given, options.names)) {
    return { items: plainItems(message, options.names), callIds: NO_IDS };
  }
  const calls = given.filter(isCall);
  const ids = wireIds(message, calls);
  const kept = withoutTrailingReasoning(given);
  // Reasoning that was not stored travels encrypted or not at all, and what it led to has no place without it.
  const lost = !options.store && kept.some((item) => item.type === "reasoning" && !item.encrypted_content);
  const renamed = calls.some((item, index) => ids[index] !== callId(item));
  const bare = lost || renamed || kept.some((item) => item.id !== undefined && options.usedIds.has(item.id));
  const items = kept.flatMap((item) => {
    const index = calls.indexOf(item);
    const changed = index < 0 ? item : withArguments(item, message.functionCalls[index]!, bare);
    if (!bare) return [changed.type === "reasoning" ? withoutStatus(changed) : changed];
    if (item.type !== "message" && item.type !== "function_call") return [];
    const { id: _id, ...rest } = changed;
    return [index < 0 ? rest : { ...rest, call_id: ids[index] }];
  });
  const differing = message.functionCalls.flatMap((call, index) =>
    ids[index] === call.id ? [] : [[call.id, ids[index]!] as const]
  );
  return { items, callIds: differing.length === 0 ? NO_IDS : new Map(differing) };
}

/** Whether an item asks for a tool that runs here, or whether one may run at the provider. */
export function isCall(item: Wire): boolean {
  return item.type === "function_call" || isComputerCall(item) || isApprovalRequest(item);
}

/** What an answer to such an item refers to. */
function callId(item: Wire): unknown {
  return isApprovalRequest(item) ? item.id : item.call_id;
}

/** The text of output items: what was said, and what was refused. */
export function itemsText(items: readonly Wire[]): string {
  return items.filter((item) => item.type === "message")
    .flatMap((item) => listOf(item.content).map(objectOf))
    .map((part) => part.type === "refusal" ? part.refusal : part.type === "output_text" ? part.text : "")
    .join("");
}

/** Messages can be edited: a cut of the context shortens texts, a program may change calls. */
function saysTheSame(message: Message, items: readonly Wire[], names: WireNames): boolean {
  const calls = items.filter(isCall);
  return calls.length === message.functionCalls.length &&
    calls.every((item, index) => {
      const { name, arguments: args } = message.functionCalls[index]!;
      if (isComputerCall(item)) return name === COMPUTER_TOOL;
      if (!isApprovalRequest(item)) return names.toWire(name) === item.name;
      return name === approvalName(item) && deepEqual(parseArguments(item.arguments) ?? {}, args);
    }) &&
    itemsText(items) === contentText(message.content);
}

/** A call travels under the id that its provider gave it, unless that is too long or was given twice. */
function wireIds(message: Message, calls: readonly Wire[]): string[] {
  const used = new Set<string>();
  return calls.map((item, index) => {
    const own = String(callId(item) ?? "");
    const fits = own.length <= MAX_CALL_ID || isApprovalRequest(item);
    const id = own !== "" && fits && !used.has(own) ? own : message.functionCalls[index]!.id;
    used.add(id);
    return id;
  });
}

function withArguments(item: Wire, call: FunctionCall, mustBeJson: boolean): Wire {
  if (item.type !== "function_call") return item;
  const parsed = parseArguments(item.arguments);
  const unchanged = parsed === undefined
    ? !mustBeJson && Object.keys(call.arguments).length === 0
    : deepEqual(parsed, call.arguments) && item.arguments !== "";
  return unchanged ? item : { ...item, arguments: JSON.stringify(call.arguments) };
}

/** A reply that was cut may end in reasoning that led nowhere. */
function withoutTrailingReasoning(items: readonly Wire[]): readonly Wire[] {
  let end = items.length;
  while (end > 0 && items[end - 1]!.type === "reasoning") end--;
  return end === items.length ? items : items.slice(0, end);
}

/** Some providers give reasoning a status, and take none back. */
function withoutStatus(item: Wire): Wire {
  if (!("status" in item)) return item;
  const { status: _status, ...rest } = item;
  return rest;
}

/** The items of an assistant's message that did not come by Responses, or is no longer what came. */
function plainItems(message: Message, names: WireNames): Wire[] {
  const text = contentText(message.content);
  const items: Wire[] = text === "" && message.isFunctionCall ? [] : [{ role: "assistant", content: text }];
  for (const call of message.functionCalls) {
    items.push({
      type: "function_call",
      call_id: call.id,
      name: names.toWire(call.name),
      arguments: JSON.stringify(call.arguments),
    });
  }
  return items;
}
