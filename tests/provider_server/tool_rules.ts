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
import { COMPUTER_TOOLS } from "./computer_rules.ts";
import { MCP_TOOL } from "./mcp_rules.ts";
import { checkSchema } from "./schema_rules.ts";
import type { JsonObject, ProviderApi } from "./types.ts";
import { refuse } from "./wire_error.ts";

/** Names of tools and of message authors. */
export const NAME_PATTERN = /^[a-zA-Z0-9_-]{1,64}$/;

const toolName = text({ pattern: NAME_PATTERN });
const FUNCTION_FIELDS: Readonly<Record<string, Check>> = {
  name: toolName,
  description: nullable(text()),
  parameters: nullable(someObject),
  strict: nullable(flag),
};
const type = text();

const chatFunction = shape(FUNCTION_FIELDS, ["name"]);
const chatTool = shape({ type, function: chatFunction, custom: someObject }, ["type"]);
const flatFunction = shape({
  type,
  ...FUNCTION_FIELDS,
  defer_loading: flag,
  async: flag,
  allowed_callers: nullable(list(text())),
  output_schema: nullable(someObject),
}, ["name"]);

/** Tools that the provider defines; those of computer use are checked further. */
const HOSTED_TOOLS = [
  "file_search",
  "web_search",
  "web_search_2025_08_26",
  "web_search_preview",
  "web_search_preview_2025_03_11",
  "computer",
  "computer_use_preview",
  "mcp",
  "code_interpreter",
  "image_generation",
  "local_shell",
  "shell",
  "apply_patch",
  "tool_search",
  "namespace",
];

/** Checks a function's schema as the provider does: always its outline, all of it when `strict` is set. */
function checkFunction(definition: JsonObject, path: string): void {
  if (!isObject(definition.parameters)) {
    if (definition.strict === true) {
      refuse(
        `Missing required parameter: '${path}.parameters'.`,
        `${path}.parameters`,
        "missing_required_parameter",
      );
    }
    return;
  }
  const place = { owner: `function '${String(definition.name)}'`, param: `${path}.parameters` };
  checkSchema(definition.parameters, place, definition.strict === true);
}

/** Checks the tools of a request. */
export function checkTools(body: JsonObject, api: ProviderApi): void {
  const { tools } = body;
  if (tools === undefined) return;
  list(someObject, api === "chat" ? { min: 1, max: 128 } : {})(tools, "tools");
  const names = new Set<string>();
  for (const [index, tool] of (tools as JsonObject[]).entries()) {
    const path = `tools[${index}]`;
    const name = api === "chat" ? checkChatTool(tool, path) : checkFlatTool(tool, path);
    if (name === null) continue;
    if (names.has(name)) {
      refuse(`Duplicate tool name '${name}': tool names must be unique.`, path, "invalid_value");
    }
    names.add(name);
  }
}

function checkChatTool(tool: JsonObject, path: string): string | null {
  chatTool(tool, path);
  oneOf("function", "custom")(tool.type, `${path}.type`);
  const key = tool.type as string;
  const definition = tool[key];
  if (!isObject(definition)) {
    refuse(`Missing required parameter: '${path}.${key}'.`, `${path}.${key}`, "missing_required_parameter");
  }
  if (key === "function") checkFunction(definition, `${path}.function`);
  else toolName(definition.name, `${path}.custom.name`);
  return definition.name as string;
}

function checkFlatTool(tool: JsonObject, path: string): string | null {
  if (tool.type === undefined) {
    refuse(`Missing required parameter: '${path}.type'.`, `${path}.type`, "missing_required_parameter");
  }
  if (tool.type === "function") {
    flatFunction(tool, path);
    checkFunction(tool, path);
    return tool.name as string;
  }
  if (tool.type === "custom") {
    shape({
      type,
      name: toolName,
      description: nullable(text()),
      format: someObject,
      defer_loading: flag,
      allowed_callers: anything,
    }, ["name"])(tool, path);
    return tool.name as string;
  }
  if (typeof tool.type !== "string" || !HOSTED_TOOLS.includes(tool.type)) {
    wrongValue(tool.type, `${path}.type`, ["function", "custom", ...HOSTED_TOOLS]);
  }
  COMPUTER_TOOLS[tool.type]?.(tool, path);
  if (tool.type === "mcp") {
    MCP_TOOL(tool, path);
    return `mcp:${tool.server_label}`;
  }
  return null;
}

function namesOf(tools: unknown): string[] {
  if (!Array.isArray(tools)) return [];
  return tools.filter(isObject).map((tool) => {
    const inner = tool[tool.type === "custom" ? "custom" : "function"];
    return String(isObject(inner) ? inner.name : tool.name ?? tool.type);
  });
}

/** Checks `tool_choice` and `parallel_tool_calls` against the tools of the request. */
export function checkToolChoice(body: JsonObject, api: ProviderApi): void {
  const { tool_choice: choice, tools } = body;
  const given = Array.isArray(tools) && tools.length > 0;
  if (body.parallel_tool_calls !== undefined && !(api === "responses" && body.parallel_tool_calls === null)) {
    flag(body.parallel_tool_calls, "parallel_tool_calls");
    if (api === "chat" && !given) {
      refuse(
        "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
        "parallel_tool_calls",
      );
    }
  }
  if (choice === undefined) return;
  if (api === "chat" && !given) {
    refuse(
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      "tool_choice",
    );
  }
  if (typeof choice === "string") {
    oneOf("none", "auto", "required")(choice, "tool_choice");
    if (choice === "required" && !given) {
      refuse("Tool choice 'required' must be specified with 'tools' parameter.", "tool_choice");
    }
    return;
  }
  if (!isObject(choice)) wrongType(choice, "tool_choice", "one of 'none', 'auto', 'required' or an object");
  checkNamedChoice(choice, namesOf(tools), api);
}

function checkNamedChoice(choice: JsonObject, names: string[], api: ProviderApi): void {
  const kind = choice.type;
  if (kind !== "function" && kind !== "custom") {
    if (kind === "allowed_tools") return checkAllowedTools(choice, names, api);
    if (api === "responses" && typeof kind === "string" && HOSTED_TOOLS.includes(kind)) return;
    wrongValue(kind, "tool_choice.type", ["function", "custom", "allowed_tools"]);
  }
  if (api === "chat") {
    shape({ type, [kind]: shape({ name: text() }, ["name"]) }, [kind])(choice, "tool_choice");
  } else shape({ type, name: text() }, ["name"])(choice, "tool_choice");
  const name = String(api === "chat" ? (choice[kind] as JsonObject).name : choice.name);
  if (!names.includes(name)) {
    refuse(`Tool choice '${name}' not found in 'tools' parameter.`, "tool_choice", "invalid_value");
  }
}

function checkAllowedTools(choice: JsonObject, names: string[], api: ProviderApi): void {
  const allowed = shape({ type, mode: oneOf("auto", "required"), tools: list(someObject, { min: 1 }) }, [
    "mode",
    "tools",
  ]);
  const path = api === "chat" ? "tool_choice.allowed_tools" : "tool_choice";
  if (api === "chat") shape({ type, allowed_tools: allowed }, ["allowed_tools"])(choice, "tool_choice");
  else allowed(choice, path);
  const holder = api === "chat" ? choice.allowed_tools as JsonObject : choice;
  for (const name of namesOf(holder.tools)) {
    if (!names.includes(name)) {
      refuse(`Tool choice '${name}' not found in 'tools' parameter.`, `${path}.tools`, "invalid_value");
    }
  }
}
