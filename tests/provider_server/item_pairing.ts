import { checkAcknowledged } from "./computer_rules.ts";
import { type IssuedItem, itemType, type Ledger } from "./ledger.ts";
import { checkApprovals } from "./mcp_rules.ts";
import type { JsonObject } from "./types.ts";
import { refuse } from "./wire_error.ts";

/** How the request keeps its items. */
export interface PairingOptions {
  /** The request's `store`; without it a reasoning item must carry its encrypted content. */
  readonly store: boolean;
}

/**
 * Checks what items ask of each other: calls and outputs, reasoning and the item it led to, references to what was
 * issued. `prior` is the context of `previous_response_id`.
 */
export function checkPairing(
  prior: readonly JsonObject[],
  input: readonly JsonObject[],
  ledger: Ledger,
  options: PairingOptions,
): void {
  const resolved = input.map((item, index) => resolve(item, index, ledger));
  const items = [...prior, ...resolved];
  checkDuplicates(resolved);
  checkCalls(items);
  checkApprovals(items, (id) => ledger.item(id)?.item.type === "mcp_approval_request");
  for (let index = prior.length; index < items.length; index += 1) {
    const item = items[index] as JsonObject;
    const issued = ledger.item(item.id);
    if (issued !== undefined) checkEcho(item, issued, `input[${index - prior.length}]`);
    if (itemType(item) === "reasoning") {
      checkReasoning(item, issued, options, index - prior.length);
      checkFollower(item, issued, items[index + 1], options);
    } else if (issued !== undefined) {
      checkPredecessor(item, issued, items, index);
    }
  }
}

function resolve(item: JsonObject, index: number, ledger: Ledger): JsonObject {
  if (itemType(item) !== "item_reference") return item;
  const issued = ledger.item(item.id);
  if (issued === undefined) refuse(`Item with id '${item.id}' not found.`, `input[${index}].id`, null, 404);
  if (!issued.stored) notPersisted(item.id);
  return issued.item;
}

function notPersisted(id: unknown): never {
  refuse(
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    "input",
    null,
    404,
  );
}

function checkDuplicates(items: readonly JsonObject[]): void {
  const seen = new Set<unknown>();
  for (const { id } of items) {
    if (id === undefined || id === null) continue;
    if (seen.has(id)) {
      refuse(
        `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`,
        "input",
      );
    }
    seen.add(id);
  }
}

const CALLS = ["function_call", "custom_tool_call", "computer_call"];

/** Every output answers an earlier call, every call is answered, no id is open twice. */
function checkCalls(items: readonly JsonObject[]): void {
  const open = new Map<unknown, JsonObject>();
  for (const item of items) {
    const kind = itemType(item);
    if (CALLS.includes(kind)) {
      if (open.has(item.call_id)) refuse(`Duplicate function call with call_id ${item.call_id}.`, "input");
      open.set(item.call_id, item);
    } else if (CALLS.includes(kind.replace("_output", ""))) {
      const call = open.get(item.call_id);
      if (call === undefined || itemType(call) !== kind.replace("_output", "")) {
        refuse(`No tool call found for function call output with call_id ${item.call_id}.`, "input");
      }
      if (kind === "computer_call_output") checkAcknowledged(call, item);
      open.delete(item.call_id);
    }
  }
  for (const callId of open.keys()) refuse(`No tool output found for function call ${callId}.`, "input");
}

/** An item under an id of ours is the item that we issued. */
function checkEcho(item: JsonObject, issued: IssuedItem, path: string): void {
  const keys = ["type", "role", "call_id", "name", "server_label", "approval_request_id"];
  for (const key of issued.item.type === "mcp_approval_request" ? [...keys, "arguments"] : keys) {
    if (item[key] !== undefined && issued.item[key] !== undefined && item[key] !== issued.item[key]) {
      refuse(
        `Invalid '${path}.${key}': item '${item.id}' was issued with '${issued.item[key]}'.`,
        `${path}.${key}`,
        "invalid_value",
      );
    }
  }
}

function checkReasoning(
  item: JsonObject,
  issued: IssuedItem | undefined,
  options: PairingOptions,
  index: number,
): void {
  const encrypted = item.encrypted_content;
  if (typeof encrypted === "string") {
    const original = issued?.item.encrypted_content;
    if (typeof original === "string" && original !== encrypted) {
      refuse(
        `The encrypted content for item ${item.id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
        `input[${index}].encrypted_content`,
        "invalid_encrypted_content",
      );
    }
    return;
  }
  if (issued === undefined || !issued.stored || !options.store) notPersisted(item.id);
}

/** A reasoning item stands directly before the item that it led to. */
function checkFollower(
  item: JsonObject,
  issued: IssuedItem | undefined,
  next: JsonObject | undefined,
  options: PairingOptions,
): void {
  if (next !== undefined && isOutput(next)) {
    const expected = issued?.next;
    if (expected === undefined) return;
    if (expected !== null && next.id === expected.id) return;
    const bare = next.id === undefined || next.id === null;
    if (
      expected !== null && bare && (!options.store || typeof item.encrypted_content === "string") &&
      sameOutput(next, expected)
    ) {
      return;
    }
  }
  refuse(`Item '${item.id}' of type 'reasoning' was provided without its required following item.`, "input");
}

function isOutput(item: JsonObject): boolean {
  const kind = itemType(item);
  return kind === "message" ? item.role === "assistant" : kind === "reasoning" || kind.endsWith("_call") ||
    kind === "mcp_list_tools" || kind === "mcp_approval_request";
}

function sameOutput(left: JsonObject, right: JsonObject): boolean {
  return itemType(left) === itemType(right) && left.call_id === right.call_id;
}

/** An item that was produced with reasoning comes with it. */
function checkPredecessor(
  item: JsonObject,
  issued: IssuedItem,
  items: readonly JsonObject[],
  index: number,
): void {
  const needed = issued.reasoning;
  if (needed === null) return;
  const found = issued.previous === needed
    ? items[index - 1]?.id === needed
    : items.slice(0, index).some((earlier) => earlier.id === needed);
  if (!found) {
    refuse(
      `Item '${item.id}' of type '${
        itemType(item)
      }' was provided without its required 'reasoning' item: '${needed}'.`,
      "input",
    );
  }
}
