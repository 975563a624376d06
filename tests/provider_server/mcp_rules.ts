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
} from "./fields.ts";
import { itemType } from "./ledger.ts";
import type { JsonObject } from "./types.ts";
import { refuse, WireError } from "./wire_error.ts";

const type = text();
const id = text({ min: 1 });
const label = text({ pattern: /^[a-zA-Z0-9_-]+$/ });

/** The items of servers that the provider uses itself. */
export const MCP_ITEMS: Readonly<Record<string, Check>> = {
  mcp_list_tools: shape({
    type,
    id,
    server_label: label,
    tools: list(shape({
      name: text(),
      input_schema: anything,
      description: nullable(text()),
      annotations: nullable(someObject),
    }, ["name", "input_schema"])),
    error: nullable(text()),
  }, ["id", "server_label", "tools"]),
  mcp_approval_request: shape({ type, id, arguments: text(), name: text(), server_label: label }, [
    "id",
    "arguments",
    "name",
    "server_label",
  ]),
  mcp_approval_response: shape({
    type,
    id: nullable(id),
    approval_request_id: id,
    approve: flag,
    reason: nullable(text()),
  }, ["approval_request_id", "approve"]),
  mcp_call: shape({
    type,
    id,
    arguments: text(),
    name: text(),
    server_label: label,
    approval_request_id: nullable(text()),
    error: nullable(anything),
    output: nullable(text()),
    status: oneOf("in_progress", "completed", "incomplete", "calling", "failed"),
  }, ["id", "arguments", "name", "server_label"]),
};

const names = shape({ tool_names: list(text()), read_only: flag });
const filter = shape({ always: names, never: names });

/** The declaration of such a server. */
export const MCP_TOOL: Check = (value, path) => {
  shape({
    type,
    server_label: label,
    server_url: text(),
    connector_id: text(),
    server_description: text(),
    headers: nullable(someObject),
    authorization: text(),
    allowed_tools: nullable((allowed, at) => (isObject(allowed) ? names : list(text()))(allowed, at)),
    require_approval: nullable((asked, at) =>
      (isObject(asked) ? filter : oneOf("always", "never"))(asked, at)
    ),
    defer_loading: flag,
    allowed_callers: nullable(list(text())),
  }, ["server_label"])(value, path);
  const { server_url, connector_id } = value as JsonObject;
  if (server_url === undefined && connector_id === undefined) {
    refuse(
      `Missing required parameter: '${path}.server_url'.`,
      `${path}.server_url`,
      "missing_required_parameter",
    );
  }
};

/** Every answer is about a question that was asked before it and is still open; every question is answered. */
export function checkApprovals(items: readonly JsonObject[], isIssued: (id: unknown) => boolean): void {
  const open = new Set<unknown>();
  for (const item of items) {
    const kind = itemType(item);
    if (kind === "mcp_approval_request") {
      if (!isIssued(item.id)) refuse(`MCP approval request with id '${item.id}' not found.`, "input");
      open.add(item.id);
    } else if (kind === "mcp_approval_response" && !open.delete(item.approval_request_id)) {
      refuse(
        `No open MCP approval request found for approval response with id '${item.approval_request_id}'.`,
        "input",
      );
    }
  }
  for (const asked of open) {
    refuse(`No MCP approval response found for approval request '${asked}'.`, "input");
  }
}

/** The questions that were answered with yes, and whose call was not made yet. */
export function approvedCalls(items: readonly JsonObject[]): JsonObject[] {
  const done = new Set(
    items.filter((item) => item.type === "mcp_call").map((item) => item.approval_request_id),
  );
  const yes = new Set(
    items.filter((item) => item.type === "mcp_approval_response" && item.approve === true)
      .map((item) => item.approval_request_id),
  );
  return items.filter((item) =>
    item.type === "mcp_approval_request" && yes.has(item.id) && !done.has(item.id)
  );
}

/** A call that was approved can only be made on a server that the request declares. */
export function checkApprovedServers(body: JsonObject, items: readonly JsonObject[]): void {
  for (const { server_label } of approvedCalls(items)) {
    if (serverOf(body, server_label) !== undefined) continue;
    refuse(`MCP server '${server_label}' of an approved call not found in 'tools'.`, "tools");
  }
}

/** Whether a call of a tool must be approved, as the request declares it; a script must not call what is not declared. */
export function needsApproval(body: JsonObject, label: string, name: string): boolean {
  const server = serverOf(body, label);
  const allowed = Array.isArray(server?.allowed_tools) ? server.allowed_tools : [name];
  if (server === undefined || !allowed.includes(name)) {
    throw new WireError(
      `The script calls ${label}/${name}, which is not declared`,
      null,
      "script_failed",
      500,
      "server_error",
    );
  }
  const asked = server.require_approval ?? "always";
  if (!isObject(asked)) return asked !== "never";
  const { tool_names } = isObject(asked.never) ? asked.never : {};
  return !(Array.isArray(tool_names) && tool_names.includes(name));
}

function serverOf(body: JsonObject, label: unknown): JsonObject | undefined {
  const tools = Array.isArray(body.tools) ? body.tools.filter(isObject) : [];
  return tools.find((tool) => tool.type === "mcp" && tool.server_label === label);
}
