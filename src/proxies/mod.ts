/**
 * Proxies: API surfaces that code written by a model calls by `CALL_API`, and the manager that answers the calls.
 *
 * @module
 */
export { BaseProxy } from "./base_proxy.ts";
export { defineHttpProxy, type HttpProxyDefinition } from "./define_http_proxy.ts";
export { defineProxy, type EndpointDefinition, type ProxyDefinition } from "./define_proxy.ts";
export { endpoint, type EndpointDecorator } from "./endpoint.ts";
export { type ExecEnv, execEnvBlock, type ExecEnvBlockOptions } from "./exec_env_block.ts";
export { HttpProxy } from "./http_proxy.ts";
export type {
  HttpAnswerForm,
  HttpApi,
  HttpAuth,
  HttpCall,
  HttpEndpoint,
  HttpLimits,
  HttpPages,
  HttpPlace,
  HttpRateLimit,
  HttpRoute,
  Secret,
} from "./http_types.ts";
export { mcpProxy, type McpProxyClass, type McpProxyOptions } from "./mcp_proxy.ts";
export { openApiProxy } from "./open_api_proxy.ts";
export type { OpenApiKey, OpenApiOperation, OpenApiProxyOptions } from "./open_api_types.ts";
export { isProxyClass, proxy, type ProxyClass, type ProxyDecorator, proxyInfo } from "./proxy.ts";
export {
  type ApiDocsOptions,
  type ProxyCallOptions,
  ProxyManager,
  type ProxyManagerOptions,
} from "./proxy_manager.ts";
export { proxyTools } from "./proxy_tools.ts";
export { queryApiDocTool } from "./query_api_doc_tool.ts";
export type {
  ApiDirectory,
  AutoTestResult,
  DateParam,
  EndpointContext,
  EndpointInfo,
  EndpointOptions,
  FinishedCall,
  ParamDeclaration,
  ParamType,
  PostCall,
  ProxyInfo,
  ProxyOptions,
} from "./types.ts";
export type { CallContext, Clock, ResolvedResource, Resolver } from "../run/mod.ts";
export type { ApiType, FunctionCall } from "../message/mod.ts";
export type { FunctionTool, ToolCallOptions, ToolContext, ToolFunction } from "../tools/mod.ts";
export type { JsonObject, JsonSchema, JsonValue } from "../util/mod.ts";
export type {
  ConnectMcpOptions,
  ElicitationAnswer,
  ElicitationHandler,
  ElicitationRequest,
  McpApproval,
  McpApprovalFilter,
  McpCallOptions,
  McpConnection,
  McpFetch,
  McpImage,
  McpList,
  McpProgress,
  McpPrompt,
  McpPromptMessages,
  McpReadOptions,
  McpResource,
  McpResourceContent,
  McpResourceTemplate,
  McpServer,
  McpServerInfo,
  McpServerInit,
  McpToolAnnotations,
  McpToolInfo,
  McpToolResult,
  McpTransport,
} from "../mcp/mod.ts";
export type { OnWarning, Warning } from "../util/mod.ts";
