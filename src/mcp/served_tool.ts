import { type ContentPart, FunctionCall } from "../message/mod.ts";
import type { ApprovalRequest } from "../run/mod.ts";
import { FunctionTool, isToolContent } from "../tools/mod.ts";
import { isPlainObject, type JsonObject, type JsonSchema } from "../util/mod.ts";
import type { ElicitationAnswer } from "./connect_options.ts";
import type { McpProgress, McpToolAnnotations } from "./types.ts";

/** How grave a line of a server's log is. */
export type McpLogLevel =
  | "debug"
  | "info"
  | "notice"
  | "warning"
  | "error"
  | "critical"
  | "alert"
  | "emergency";

/** What a served tool is given beside its arguments. */
export interface ServedCallContext {
  /** Aborted when the client cancels the call, or leaves. */
  readonly signal: AbortSignal;
  /** Tells the client how far the call has come; dropped where the client did not ask for it. */
  readonly onProgress: (progress: McpProgress) => void;
  /** Writes a line to the client's log. */
  readonly log: (level: McpLogLevel, data: unknown) => void;
  /** Asks the person at the client; rejects where the client cannot ask. */
  readonly ask: (message: string, requestedSchema: JsonSchema) => Promise<ElicitationAnswer>;
  /** Asks the person at the client whether a call may go ahead; rejects where the client cannot ask, which counts as "deny". */
  readonly onApproval: (request: ApprovalRequest) => Promise<"approve" | "deny">;
}

/** A tool that {@linkcode createMcpServer} offers. */
export interface ServedTool {
  /** The name in calls: at most 128 of `A-Z a-z 0-9 _ - .`. */
  readonly name: string;
  /** A readable name. Default: none. */
  readonly title?: string;
  /** What it does, for the client's model. */
  readonly description: string;
  /** The arguments: an object schema. Arguments that do not fit are refused. */
  readonly inputSchema: JsonSchema;
  /** What the answer looks like: an object schema. Default: not said. */
  readonly outputSchema?: JsonSchema;
  /** What the tool says of itself. Default: nothing. */
  readonly annotations?: McpToolAnnotations;
  /**
   * Answers a call: a text, data, or an {@linkcode McpAnswer}. What it throws is told to the client as the call's failure. May be called
   * concurrently.
   */
  readonly call: (args: Record<string, unknown>, context: ServedCallContext) => unknown;
}

/** An answer of several parts: texts, images and others, as the protocol has them. */
export class McpAnswer {
  /** The parts: `{ type: "text", text }`, `{ type: "image", data, mimeType }`, … */
  readonly content: readonly JsonObject[];
  /** The answer as data. */
  readonly structuredContent: JsonObject | undefined;
  /** Whether the call failed. */
  readonly isError: boolean;

  /** Creates an answer of its parts. */
  constructor(
    content: readonly JsonObject[],
    options: { structuredContent?: JsonObject; isError?: boolean } = {},
  ) {
    this.content = content;
    this.structuredContent = options.structuredContent;
    this.isError = options.isError ?? false;
  }
}

/** Writes what a call gave as the protocol has it. */
export function toCallResult(value: unknown): Record<string, unknown> {
  if (value instanceof McpAnswer) {
    const { content, structuredContent, isError } = value;
    return { content, ...(structuredContent === undefined ? {} : { structuredContent }), isError };
  }
  if (isToolContent(value)) return { content: value.parts.map(contentPart), isError: false };
  if (typeof value === "string") return { content: [{ type: "text", text: value }], isError: false };
  const json = JSON.stringify(value) ?? "null";
  const data = JSON.parse(json);
  return {
    content: [{ type: "text", text: json }],
    ...(isPlainObject(data) ? { structuredContent: data } : {}),
    isError: false,
  };
}

/** A part of a message as the protocol has it. */
function contentPart(part: ContentPart): JsonObject {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return { type: "image", data: part.data, mimeType: part.mediaType };
    case "audio":
      return {
        type: "audio",
        data: part.data,
        mimeType: `audio/${part.format === "mp3" ? "mpeg" : part.format}`,
      };
    case "image_url": {
      const held = /^data:(image\/[a-z+.-]+);base64,(.*)$/s.exec(part.url);
      return held === null
        ? { type: "resource_link", uri: part.url, name: "image" }
        : { type: "image", data: held[2]!, mimeType: held[1]! };
    }
  }
}

/** Writes a failure as the protocol has it. */
export function toFailure(error: unknown): Record<string, unknown> {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return { content: [{ type: "text", text }], isError: true };
}

/** Makes a tool for models one that is served. One that needs approval asks the person at the client. */
export function serveFunctionTool(tool: FunctionTool): ServedTool {
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: tool.parameters,
    call: async (args, { signal, onApproval }) => {
      const call = new FunctionCall({ id: crypto.randomUUID(), name: tool.name, arguments: args });
      if (tool.needsApproval) {
        const request = { agentName: "mcp", toolName: tool.name, callId: call.id, arguments: call.arguments };
        if (await onApproval(request) !== "approve") {
          throw new Error("The call was not approved, so it was not made");
        }
      }
      const { result, success, errorMessage } = await tool.call(call, { signal, agentName: "mcp" });
      if (!success) throw new Error(errorMessage ?? "The call failed");
      return result;
    },
  };
}

/** Tells a tool for models from one that is served already. */
export function toServedTool(tool: ServedTool | FunctionTool): ServedTool {
  return FunctionTool.isInstance(tool) ? serveFunctionTool(tool) : tool;
}
