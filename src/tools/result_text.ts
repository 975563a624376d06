import { type ContentPart, FunctionCall } from "../message/mod.ts";
import { isToolContent } from "./tool_content.ts";

/**
 * Writes what a call gave, for the model: the call, then the result between `---` lines (a string as it is, all else as
 * JSON).
 *
 * @example
 * ```ts
 * import { resultText } from "@lllm/lllm/tools";
 * import { FunctionCall } from "@lllm/lllm/message";
 * import assert from "node:assert/strict";
 *
 * const call = new FunctionCall({ id: "1", name: "add", arguments: { a: 1, b: 2 } });
 * assert.equal(resultText(call, 3), 'Result of add({"a":1,"b":2}):\n---\n3\n---');
 * ```
 *
 * @throws {TypeError} when the result cannot be written as JSON
 */
export function resultText(call: FunctionCall, result: unknown): string {
  return framed(`Result of ${signature(call)}`, valueText(result));
}

/** Writes a value for the model: a string as it is, all else as JSON; of an image that it is shown, the type. */
export function valueText(value: unknown): string {
  if (isToolContent(value)) return value.parts.map(partText).join("\n");
  return typeof value === "string" ? value : JSON.stringify(value) ?? "null";
}

function partText(part: ContentPart): string {
  if (part.type === "text") return part.text;
  return `[${part.type === "image" ? part.mediaType : part.type}]`;
}

/**
 * Completes a call with an error, which the model is told as the call's result.
 *
 * @example
 * ```ts
 * import { failCall } from "@lllm/lllm/tools";
 * import { FunctionCall } from "@lllm/lllm/message";
 *
 * const failed = failCall(new FunctionCall({ id: "1", name: "add", arguments: {} }), "Cancelled");
 * console.log(failed.success, failed.resultText); // false "Error of add({}): …"
 * ```
 */
export function failCall(call: FunctionCall, errorMessage: string): FunctionCall {
  return new FunctionCall({
    id: call.id,
    name: call.name,
    arguments: call.arguments,
    errorMessage,
    resultText: framed(`Error of ${signature(call)}`, errorMessage),
  });
}

/** In one piece: a text that `+` puts together makes `JSON.stringify` take its slow way for all that is written with it. */
function framed(title: string, text: string): string {
  return [title, ":\n---\n", text, "\n---"].join("");
}

function signature(call: FunctionCall): string {
  return `${call.name}(${JSON.stringify(call.arguments)})`;
}
