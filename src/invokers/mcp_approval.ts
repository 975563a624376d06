import { contentText, type Message } from "../message/mod.ts";
import type { McpServer } from "../tools/mod.ts";
import { isPlainObject } from "../util/mod.ts";
import { objectOf, type Wire } from "./_settings.ts";

/** A provider that uses an MCP server itself asks whether it may make a call. */
export interface HostedMcpCall {
  /** The label of the server, as the request declared it. */
  readonly server: string;
  /** The server's tool. */
  readonly tool: string;
}

/** What a provider is told about such a call, in the metadata of the message that answers it. */
export interface HostedMcpDecision {
  /** Whether the provider may make the call. */
  readonly approve: boolean;
  /** Why not. */
  readonly reason?: string;
}

/**
 * Tells which calls of a reply are questions of its provider, by the id of the call. The message that answers one says what was
 * decided, as a {@linkcode HostedMcpDecision} in `metadata.mcpApproval`; without it the answer is no.
 */
export function hostedMcpCalls(reply: Message): ReadonlyMap<string, HostedMcpCall> {
  const asked = reply.metadata.mcpApprovalRequests;
  return new Map(isPlainObject(asked) ? Object.entries(asked as Record<string, HostedMcpCall>) : []);
}

/** The label under which a server is declared to a provider. */
export function hostedMcpLabel({ label }: McpServer): string {
  return label.replace(/[^A-Za-z0-9_-]/gu, "_");
}

/** Whether an item asks for an approval. */
export function isApprovalRequest(item: Wire | undefined): boolean {
  return item?.type === "mcp_approval_request";
}

/** What such a call is called in a dialog: no function that runs here has that name on the wire. */
export function approvalName(item: Wire): string {
  return `${item.server_label}/${item.name}`;
}

/** Answers a question of the provider. Whatever is not plainly yes is no. */
export function approvalResponse(item: Wire, answer: Message): Wire {
  const { approve, reason } = objectOf(answer.metadata.mcpApproval);
  const isApproved = approve === true;
  const why = typeof reason === "string" ? reason : contentText(answer.content);
  return {
    type: "mcp_approval_response",
    approval_request_id: item.id,
    approve: isApproved,
    ...(isApproved || why === "" ? {} : { reason: why }),
  };
}
