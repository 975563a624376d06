import type { IdSource } from "./ids.ts";
import { approvedCalls, needsApproval } from "./mcp_rules.ts";
import { argumentText } from "./reply_text.ts";
import type { JsonObject, Reply, ReplyMcpCall } from "./types.ts";
import { WireError } from "./wire_error.ts";

/**
 * The output items of a reply's calls on servers that the provider uses itself: the list of tools where the context has none yet, then
 * for each call what came of it, or the question whether it may be made. A call that was approved is made once.
 */
export function mcpItems(
  reply: Reply,
  request: JsonObject,
  context: readonly JsonObject[],
  ids: IdSource,
): JsonObject[] {
  const approved = approvedCalls(context);
  const items: JsonObject[] = [];
  const listed = new Set(
    context.filter((item) => item.type === "mcp_list_tools").map((item) => item.server_label),
  );
  for (const call of reply.mcpCalls ?? []) {
    if (!listed.has(call.server)) {
      listed.add(call.server);
      items.push(listOfTools(reply, call.server, ids));
    }
    items.push(callItem(call, request, approved, ids));
  }
  if (approved.length > 0) {
    const open = approved.map((item) => `${item.server_label}/${item.name}`).join();
    throw new WireError(
      `The script leaves out approved calls: ${open}`,
      null,
      "script_failed",
      500,
      "server_error",
    );
  }
  return items;
}

function callItem(
  call: ReplyMcpCall,
  request: JsonObject,
  approved: JsonObject[],
  ids: IdSource,
): JsonObject {
  const { server, name } = call;
  const args = argumentText(call.arguments);
  const about = { arguments: args, name, server_label: server };
  let approval: string | null = null;
  if (needsApproval(request, server, name)) {
    const index = approved.findIndex((item) =>
      item.server_label === server && item.name === name && item.arguments === args
    );
    if (index < 0) return { id: ids.next("mcpr_", 50), type: "mcp_approval_request", ...about };
    approval = String(approved.splice(index, 1)[0]!.id);
  }
  return {
    id: ids.next("mcp_", 50),
    type: "mcp_call",
    status: call.error === undefined ? "completed" : "failed",
    approval_request_id: approval,
    ...about,
    error: call.error ?? null,
    output: call.error === undefined ? call.output ?? "ok" : null,
  };
}

function listOfTools(reply: Reply, server: string, ids: IdSource): JsonObject {
  const names = new Set(
    (reply.mcpCalls ?? []).filter((call) => call.server === server).map(({ name }) => name),
  );
  const tools = [...names].map((name) => ({
    annotations: { read_only: false },
    description: `The tool ${name}`,
    input_schema: { type: "object", properties: {} },
    name,
  }));
  return { id: ids.next("mcpl_", 50), type: "mcp_list_tools", server_label: server, tools };
}
