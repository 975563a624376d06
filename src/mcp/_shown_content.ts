import type { ContentPart } from "../message/mod.ts";
import { imageType, type ToolContent, toolContent } from "../tools/mod.ts";
import { isPlainObject } from "../util/mod.ts";
import { partText } from "./_tool_result.ts";
import type { McpToolResult } from "./types.ts";

/** What one answer shows at most: providers refuse a request with more, and would refuse it again with every turn. */
const MAX_IMAGES = 20;
const MAX_BASE64_CHARS = 20_000_000;

/**
 * Gives an answer with its images where a model can see them: the texts and the images in their order, and a note in place of each
 * other part. Images are what their bytes say they are. `undefined` where there is nothing to see.
 */
export function shownContent({ content, structuredContent }: McpToolResult): ToolContent | undefined {
  let chars = 0;
  let count = 0;
  const parts = content.flatMap((part): ContentPart[] => {
    const image = imageOf(part);
    const fits = image !== undefined && count < MAX_IMAGES && chars + image.data.length <= MAX_BASE64_CHARS;
    if (!fits) return textPart(partText(part));
    count++;
    chars += image.data.length;
    return part.type === "resource" ? [...textPart(partText(part)), image] : [image];
  });
  if (count === 0) return undefined;
  const hasText = content.some((part) => part.type === "text" && part.text !== "");
  const data = structuredContent === undefined || hasText ? "" : JSON.stringify(structuredContent);
  return toolContent([...textPart(data), ...parts]);
}

function textPart(text: string): ContentPart[] {
  return text === "" ? [] : [{ type: "text", text }];
}

function imageOf(part: Readonly<Record<string, unknown>>): (ContentPart & { type: "image" }) | undefined {
  const resource = isPlainObject(part.resource) ? part.resource as Record<string, unknown> : {};
  const given = part.type === "image" ? part.data : part.type === "resource" ? resource.blob : undefined;
  if (typeof given !== "string") return undefined;
  const data = given.replaceAll(/\s+/g, "");
  if (data.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return undefined;
  const mediaType = imageType(Uint8Array.fromBase64(data.slice(0, 24)));
  return mediaType === undefined ? undefined : { type: "image", mediaType, data };
}
