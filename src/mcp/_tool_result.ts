import { isPlainObject, type JsonObject } from "../util/mod.ts";
import type { McpImage, McpToolResult } from "./types.ts";

type Part = Record<string, unknown>;

/** Reads the result of a call, whatever it holds. */
export function readToolResult(result: Record<string, unknown>): McpToolResult {
  const { content, structuredContent, isError, toolResult } = result;
  const parts = (Array.isArray(content) ? content : []).filter(isPlainObject);
  if (toolResult !== undefined && parts.length === 0) { // as in the first version of the protocol
    const text = typeof toolResult === "string" ? toolResult : JSON.stringify(toolResult);
    parts.push({ type: "text", text });
  }
  const structured = isPlainObject(structuredContent) ? structuredContent as JsonObject : undefined;
  const texts = parts.every((part) => part.type === "text");
  const said = parts.map(partText).filter((text) => text !== "").join("\n");
  return {
    isError: isError === true,
    text: said === "" && structured !== undefined ? JSON.stringify(structured) : said,
    images: parts.filter(isImage).map((part): McpImage => ({
      mediaType: String(part.mimeType ?? "image/png"),
      data: String(part.data),
    })),
    ...(structured === undefined ? {} : { structuredContent: structured }),
    value: structured ?? (texts ? said : parts as JsonObject[]),
    content: parts as JsonObject[],
  };
}

function isImage(part: Part): boolean {
  return part.type === "image" && typeof part.data === "string";
}

/** What a model reads of a part: a text, or a note of what there is. */
export function partText(part: Part): string {
  switch (part.type) {
    case "text":
      return String(part.text ?? "");
    case "image":
    case "audio":
      return `[${part.type} ${part.mimeType ?? "of unknown type"}, ${base64Bytes(part.data)} bytes]`;
    case "resource_link":
      return `[resource ${part.name ?? ""} ${part.uri ?? ""}]${described(part)}`;
    case "resource":
      return resourceText(isPlainObject(part.resource) ? part.resource : {});
    default:
      return JSON.stringify(part);
  }
}

function resourceText(resource: Part): string {
  if (typeof resource.text === "string") return resource.text;
  const type = resource.mimeType ?? "of unknown type";
  return `[resource ${resource.uri ?? ""} ${type}, ${base64Bytes(resource.blob)} bytes]`;
}

function described(part: Part): string {
  return typeof part.description === "string" ? `: ${part.description}` : "";
}

function base64Bytes(data: unknown): number {
  if (typeof data !== "string") return 0;
  return Math.floor(data.replace(/=+$/, "").length * 3 / 4);
}
