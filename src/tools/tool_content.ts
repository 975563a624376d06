import type { ContentPart } from "../message/mod.ts";

/** What a tool returns that is more than a text: the model is shown its images, not told their bytes. */
export interface ToolContent {
  /** Tells such a result from other data. */
  readonly type: "tool_content";
  /** Texts and images, in order. */
  readonly parts: readonly ContentPart[];
}

/**
 * Makes a result with images in it. The texts are the result's text; the images go into the message that answers the call.
 *
 * @example
 * ```ts
 * import { tool, toolContent } from "@lllm/lllm/tools";
 * import { z } from "zod";
 *
 * const map = tool({
 *   name: "map",
 *   description: "Shows a map",
 *   parameters: z.object({ place: z.string() }),
 *   execute: ({ place }) => toolContent([
 *     { type: "text", text: `Map of ${place}` },
 *     { type: "image", mediaType: "image/png", data: "iVBORw0KGgo=" },
 *   ]),
 * });
 * console.log(map.name);
 * ```
 */
export function toolContent(parts: readonly ContentPart[]): ToolContent {
  return { type: "tool_content", parts };
}

/** Tells whether a tool's result was made by {@linkcode toolContent}. */
export function isToolContent(result: unknown): result is ToolContent {
  return typeof result === "object" && result !== null &&
    (result as ToolContent).type === "tool_content" && Array.isArray((result as ToolContent).parts);
}

/** Gives what a tool's result shows beside its text. */
export function toolMedia(result: unknown): readonly ContentPart[] {
  return isToolContent(result) ? result.parts.filter((part) => part.type !== "text") : [];
}
