/**
 * Invokers: the provider boundary, a scripted stand-in for it, and what calls cost.
 *
 * @module
 */
export { type CallEstimate, estimateCall } from "./estimate.ts";
export { type ClassifyOptions, classifyProviderError, type ProviderErrorClass } from "./errors.ts";
export {
  type HostedMcpCall,
  hostedMcpCalls,
  type HostedMcpDecision,
  hostedMcpLabel,
} from "./mcp_approval.ts";
export { openaiInvoker, type OpenAIInvokerOptions } from "./openai.ts";
export { contextWindowOf, type ModelPrice, priceOf } from "./prices.ts";
export { buildInvoker, type InvokerConfig, type InvokerFactory, registerInvoker } from "./registry.ts";
export {
  type Script,
  type ScriptCondition,
  type ScriptDocument,
  type ScriptedCall,
  type ScriptedError,
  type ScriptedInvoker,
  scriptedInvoker,
  type ScriptedInvokerOptions,
  type ScriptedReply,
  type ScriptedToolCall,
  type ScriptReply,
  type ScriptRule,
} from "./scripted.ts";
export type { Invoker, InvokeRequest, InvokeTarget, StreamChunk, StreamHandler } from "./types.ts";
