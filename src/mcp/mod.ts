/**
 * The Model Context Protocol: a client of servers of tools, resources and prompts, and a server of plain lists of tools.
 *
 * @module
 */
export { connectMcp } from "./connect_mcp.ts";
export type {
  ConnectMcpOptions,
  ElicitationAnswer,
  ElicitationHandler,
  ElicitationRequest,
  McpFetch,
} from "./connect_options.ts";
export { createMcpServer, type McpServerOptions, type ToolServer } from "./create_mcp_server.ts";
export { McpConnection, type McpReadOptions } from "./mcp_connection.ts";
export { McpLease, type McpLeaseRun, type McpLeaseToolsOptions } from "./mcp_lease.ts";
export { type McpCaller, type McpCallOptions, mcpTools, type ToolProgressEvent } from "./mcp_tools.ts";
export { McpAnswer, type McpLogLevel, type ServedCallContext, type ServedTool } from "./served_tool.ts";
export type {
  McpImage,
  McpList,
  McpProgress,
  McpPrompt,
  McpPromptMessages,
  McpResource,
  McpResourceContent,
  McpResourceTemplate,
  McpServerInfo,
  McpToolAnnotations,
  McpToolInfo,
  McpToolResult,
  McpTransport,
} from "./types.ts";
export type { JsonObject, JsonSchema, JsonValue, OnWarning, Warning } from "../util/mod.ts";
export { type McpApproval, type McpApprovalFilter, McpServer, type McpServerInit } from "../tools/mod.ts";
export type { FunctionTool, ToolCallOptions, ToolContext, ToolFunction } from "../tools/mod.ts";
export type {
  ApprovalRequest,
  CallContext,
  Clock,
  ResolvedResource,
  Resolver,
  RunEvent,
} from "../run/mod.ts";
export type { ApiType, FunctionCall } from "../message/mod.ts";
