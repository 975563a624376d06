/**
 * Tools: functions that a model may call, and descriptions of servers that offer more of them.
 *
 * @module
 */
export { FunctionTool, type FunctionToolInit } from "./function_tool.ts";
export {
  type McpApproval,
  type McpApprovalFilter,
  McpServer,
  type McpServerInit,
  needsMcpApproval,
} from "./mcp_server.ts";
export { mcpSecrets } from "./mcp_secrets.ts";
export { imageType } from "./image_type.ts";
export { failCall, resultText, valueText } from "./result_text.ts";
export { tool, type ToolOptions } from "./tool.ts";
export { isToolContent, type ToolContent, toolContent, toolMedia } from "./tool_content.ts";
export type { ToolCallOptions, ToolContext, ToolFunction } from "./tool_context.ts";
export type { JsonSchema, Schema, SchemaInput } from "../util/mod.ts";
