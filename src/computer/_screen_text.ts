import { contentText } from "../message/mod.ts";
import { isToolContent } from "../tools/mod.ts";

/** What the model reads beside a screenshot: nothing, but for what the screenshot does not show. */
export function screenText(result: unknown): string {
  return isToolContent(result) ? contentText(result.parts) : "";
}
