/**
 * Sandboxes: where code that a model wrote runs, in a process without permissions.
 *
 * @module
 */
export type { ApiType, FunctionCall } from "../message/mod.ts";
export type { NetRequestInfo } from "../net/mod.ts";
export type { CallContext, Clock, ResolvedResource, Resolver } from "../run/mod.ts";
export type { FunctionTool, ToolCallOptions, ToolContext, ToolFunction } from "../tools/mod.ts";
export type { JsonObject, JsonSchema, JsonValue } from "../util/mod.ts";
export { createSandbox } from "./create_sandbox.ts";
export { findSandboxOptionProblem, type SandboxOptionProblem, type SandboxOptions } from "./_options.ts";
export type { PackageIndex } from "./package_index.ts";
export type {
  ApiCallContext,
  ApiHandler,
  CellErrorInfo,
  CellOutcome,
  CellOutput,
  CellResult,
  MimeBundle,
  RunCellOptions,
  Sandbox,
} from "./types.ts";
export type { Notebook, NotebookCell, NotebookLanguage, NotebookOutput } from "./notebook_format.ts";
export { NotebookSession, type NotebookSessionOptions } from "./notebook_session.ts";
export {
  type NotebookReply,
  type NotebookSource,
  type NotebookTagParser,
  notebookTagParser,
} from "./notebook_tag_parser.ts";
export type { Parser } from "../prompt/mod.ts";
export { type NotebookTurn, runNotebookReply, type RunNotebookReplyOptions } from "./run_notebook_reply.ts";
export { runPythonTool, runTypescriptTool } from "./run_code_tool.ts";
export { SandboxLease } from "./sandbox_lease.ts";
export {
  type AcquireOptions,
  SandboxPool,
  type SandboxPoolOptions,
  type SandboxPoolStats,
} from "./sandbox_pool.ts";
