/**
 * A strict model provider for tests: it speaks Chat Completions and Responses as OpenAI does, refuses what OpenAI
 * refuses, answers from a script, and can go wrong in every way that a provider can.
 *
 * ```ts ignore
 * await using server = await startProviderServer({
 *   script: [
 *     { toolCalls: [{ name: "search", arguments: { query: "x" } }] },
 *     { when: { contains: "slow" }, reply: { text: "one two", holdAfterChunks: 1 } },
 *     { fault: { kind: "status", status: 429, retryAfter: 1 } },
 *     { reply: { text: "otherwise" } },
 *   ],
 * });
 * // … point a client at server.baseUrl …
 * server.assertNoRejections();
 * ```
 * @module
 */
export { sseEvents } from "./frames.ts";
export type { ProviderServer, ProviderServerOptions } from "./provider_server.ts";
export { startProviderServer } from "./server.ts";
export type {
  Fault,
  FinishReason,
  JsonObject,
  Outcome,
  ProviderApi,
  ProviderRequest,
  Rejection,
  Reply,
  ReplyFunction,
  ReplyLogprob,
  ReplyMcpCall,
  ReplyToolCall,
  ReplyUsage,
  RequestRecord,
  Rule,
  RuleCondition,
  Script,
} from "./types.ts";
