import type { FunctionCall } from "../message/mod.ts";
import { currentRun, type RunEvent } from "../run/mod.ts";
import {
  type FunctionTool,
  type McpServer,
  needsMcpApproval,
  resultText,
  tool,
  type ToolContent,
} from "../tools/mod.ts";
import { emitWarning, foreignSchema, type JsonValue, type OnWarning } from "../util/mod.ts";
import { shownContent } from "./_shown_content.ts";
import type { McpProgress, McpToolInfo, McpToolResult } from "./types.ts";

/** How a call is made. */
export interface McpCallOptions {
  /** Aborts the call; the server is told. Default: the signal of the current run, if any. */
  readonly signal?: AbortSignal;
  /** Hears of the call's progress. Default: nobody. */
  readonly onProgress?: (progress: McpProgress) => void;
  /** Milliseconds without an answer or a sign of progress before it is given up. Default: the connection's. */
  readonly timeoutMs?: number;
}

/** Calls a tool of a server. */
export type McpCaller = (
  name: string,
  args: Record<string, unknown>,
  options: McpCallOptions,
) => Promise<McpToolResult>;

/** A run's event: a tool of a server told how far it has come. */
export interface ToolProgressEvent extends RunEvent, McpProgress {
  /** Tells the events apart. */
  readonly type: "tool_progress";
  /** The label of the server. */
  readonly server: string;
  /** The tool. */
  readonly toolName: string;
  /** The provider's id of the call. */
  readonly callId: string;
}

/**
 * Makes tools for a model out of a server's. Their names stay as they are, unless `nameOf` changes them; `requireApproval` "always" and "manual" make each call need
 * approval; tools that say of themselves that they only read, or that a second call changes nothing more, are `repeatable`.
 *
 * A tool that failed throws what it said, which the model is told. Images are shown to the model. Progress is an event of the run.
 */
export function mcpTools(
  server: McpServer,
  infos: readonly McpToolInfo[],
  options: { call: McpCaller; onWarning?: OnWarning; nameOf?: (name: string) => string },
): FunctionTool[] {
  const { call, onWarning, nameOf = (name) => name } = options;
  return infos.flatMap((info) => {
    try {
      return [mcpTool(server, info, nameOf(info.name), call)];
    } catch (error) {
      emitWarning(unusableTool(server, info.name, error), onWarning === undefined ? {} : { onWarning });
      return [];
    }
  });
}

/** The warning for a tool that cannot be offered. */
export function unusableTool(
  server: McpServer,
  name: string,
  error: unknown,
): { code: string; message: string; data: Record<string, unknown> } {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: "mcp_tool_skipped",
    message: `Tool "${name}" of MCP server "${server.label}" is left out: ${reason}`,
    data: { server: server.label, tool: name },
  };
}

/** Tells whether a tool may be called twice with no more effect than once, by what it says of itself. */
export function isHarmlessTwice({ annotations }: McpToolInfo): boolean {
  return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
}

function mcpTool(server: McpServer, info: McpToolInfo, shownName: string, call: McpCaller): FunctionTool {
  const { name, title, description } = info;
  return tool<Record<string, unknown>, unknown>({
    name: shownName,
    description: description ?? title ?? name,
    parameters: foreignSchema(info.inputSchema),
    needsApproval: needsMcpApproval(server, name),
    repeatable: isHarmlessTwice(info),
    execute: async (args, { signal, callId }) => {
      const run = currentRun();
      const event = { type: "tool_progress", server: server.label, toolName: name, callId } as const;
      const result = await call(name, args, {
        signal,
        ...(run?.hasListener
          ? { onProgress: (progress) => run.emit({ ...progress, ...event } as ToolProgressEvent) }
          : {}),
      });
      if (result.isError) throw new ToolFailure(result.text === "" ? "no reason was given" : result.text);
      return toolOutput(result, server);
    },
    processor: toldText,
  });
}

/** A failure that the tool itself told about. */
class ToolFailure extends Error {
  override readonly name = "ToolError";
}

/** What a model reads of an answer that is data, where that is something else than the data. */
const texts = new WeakMap<object, string>();

function toolOutput(result: McpToolResult, { showImages }: McpServer): JsonValue | ToolContent {
  const shown = showImages === false ? undefined : shownContent(result);
  if (shown !== undefined) return shown;
  const { value, text } = result;
  if (typeof value === "object" && value !== null && text !== "") texts.set(value, text);
  return value;
}

function toldText(output: unknown, call: FunctionCall): string {
  const known = typeof output === "object" && output !== null ? texts.get(output) : undefined;
  return resultText(call, known ?? output);
}
