import { computerCall, computerCallOutput } from "./computer_rules.ts";
import { INPUT_PARTS, OUTPUT_PARTS, parts, textOr } from "./content_rules.ts";
import {
  anything,
  type Check,
  flag,
  isObject,
  list,
  nullable,
  oneOf,
  shape,
  someObject,
  text,
  wrongType,
  wrongValue,
} from "./fields.ts";
import { itemType, type Ledger } from "./ledger.ts";
import { MCP_ITEMS } from "./mcp_rules.ts";
import { NAME_PATTERN } from "./tool_rules.ts";
import type { JsonObject } from "./types.ts";
import { refuse } from "./wire_error.ts";

const type = text();
const status = nullable(oneOf("in_progress", "completed", "incomplete"));
const callId = text({ min: 1, max: 64 });
const ROLES = ["user", "assistant", "system", "developer"];

function id(prefix: string): Check {
  return (value, path) => {
    text({ max: 64 })(value, path);
    if (!(value as string).startsWith(prefix)) {
      refuse(
        `Invalid '${path}': '${value}'. Expected an ID that begins with '${prefix}'.`,
        path,
        "invalid_value",
      );
    }
  };
}

const inputMessage = shape({
  type,
  role: type,
  id: nullable(id("msg")),
  content: textOr(parts(INPUT_PARTS)),
  status,
  phase: nullable(text()),
}, ["content"]);
const outputMessage = shape({
  type,
  role: type,
  id: nullable(id("msg")),
  content: textOr(parts(OUTPUT_PARTS, 0)),
  status,
  phase: nullable(oneOf("commentary", "final_answer")),
}, ["content"]);
const toolOutput = textOr(parts(INPUT_PARTS, 0));

const SHAPES: Readonly<Record<string, Check>> = {
  function_call: shape({
    type,
    id: nullable(id("fc")),
    call_id: callId,
    name: text({ pattern: NAME_PATTERN }),
    arguments: text(),
    status,
    namespace: nullable(text()),
    async: flag,
    caller: nullable(someObject),
  }, ["call_id", "name", "arguments"]),
  function_call_output: shape({
    type,
    id: nullable(id("fc")),
    call_id: callId,
    output: toolOutput,
    status,
    name: nullable(text()),
    namespace: nullable(text()),
    caller: nullable(someObject),
  }, ["call_id", "output"]),
  custom_tool_call: shape({
    type,
    id: nullable(text()),
    call_id: callId,
    name: text({ pattern: NAME_PATTERN }),
    input: text(),
    status,
    namespace: nullable(text()),
    caller: nullable(someObject),
  }, ["call_id", "name", "input"]),
  custom_tool_call_output: shape({
    type,
    id: nullable(text()),
    call_id: callId,
    output: toolOutput,
    status,
    caller: anything,
  }, ["call_id", "output"]),
  computer_call: computerCall,
  computer_call_output: computerCallOutput,
  /** `status` is an output-only member of reasoning items. */
  reasoning: shape({
    type,
    id: id("rs_"),
    summary: list(shape({ type: oneOf("summary_text"), text: text() }, ["type", "text"])),
    content: nullable(list(shape({ type: oneOf("reasoning_text"), text: text() }, ["type", "text"]))),
    encrypted_content: nullable(text({ min: 1 })),
  }, ["id", "summary"]),
  ...MCP_ITEMS,
  item_reference: shape({ type: nullable(type), id: text({ min: 1, max: 64 }) }, ["id"]),
};

/** Items of tools that run at the provider: only their type is checked. */
const HOSTED = [
  "file_search_call",
  "web_search_call",
  "image_generation_call",
  "code_interpreter_call",
  "local_shell_call",
  "local_shell_call_output",
  "shell_call",
  "shell_call_output",
  "apply_patch_call",
  "apply_patch_call_output",
  "compaction",
];

/** Checks the members of one input item. */
export function checkItem(item: unknown, path: string, ledger: Ledger): void {
  if (!isObject(item)) wrongType(item, path, "an object");
  const kind = itemType(item);
  if (kind === "message") return checkMessage(item, path);
  if (HOSTED.includes(kind)) return;
  const check = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
  if (check === undefined) wrongValue(kind, `${path}.type`, ["message", ...Object.keys(SHAPES), ...HOSTED]);
  check(item, path);
  if (kind === "function_call") checkArguments(item, path, ledger);
}

function checkMessage(item: JsonObject, path: string): void {
  if (item.role === undefined) {
    refuse(`Missing required parameter: '${path}.role'.`, `${path}.role`, "missing_required_parameter");
  }
  if (typeof item.role !== "string" || !ROLES.includes(item.role)) {
    wrongValue(item.role, `${path}.role`, ROLES);
  }
  (item.role === "assistant" ? outputMessage : inputMessage)(item, path);
}

/** Arguments must be JSON, except in the unchanged echo of a call that was itself answered with broken ones. */
function checkArguments(item: JsonObject, path: string, ledger: Ledger): void {
  if (ledger.item(item.id)?.item.arguments === item.arguments) return;
  try {
    JSON.parse(item.arguments as string);
  } catch {
    refuse(
      `Invalid '${path}.arguments': expected a string of valid JSON.`,
      `${path}.arguments`,
      "invalid_value",
    );
  }
}
