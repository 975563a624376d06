import type { Message } from "../message/mod.ts";
import { scrubSecrets } from "../run/mod.ts";
import type { TracingSettings } from "./setup_tracing.ts";

type Facts = Readonly<Record<string, unknown>>;

/** One attribute with what was said, where that is wanted. */
export function content(
  { captureContent, redact }: TracingSettings,
  attribute: string,
  read: () => unknown,
): Record<string, string> {
  if (!captureContent) return {};
  try {
    const value = read();
    const kept = value === undefined || value === null ? undefined : redact(attribute, scrubSecrets(value));
    if (kept === undefined) return {};
    return { [attribute]: typeof kept === "string" ? kept : JSON.stringify(kept) };
  } catch {
    return {}; // a filter that fails costs the content, not the span
  }
}

/** The messages of a request, in the form of the conventions' schema. */
export function inputMessages(messages: unknown): unknown[] | undefined {
  return Array.isArray(messages) ? messages.map(toMessage) : undefined;
}

/** A reply, in the form of the conventions' schema. */
export function outputMessages(message: Message): unknown[] {
  const { reasoning, metadata } = message;
  const thought = reasoning === null ? [] : [{ type: "reasoning", content: reasoning }];
  const { role, parts } = toMessage(message as unknown as Facts);
  return [{ role, parts: [...thought, ...parts], finish_reason: metadata.finishReason ?? "stop" }];
}

/** Names the tools that a request offers. */
export function toolDefinitions(tools: unknown): unknown[] | undefined {
  if (!Array.isArray(tools) || tools.length === 0) return undefined;
  return tools.map((tool: Facts) => {
    const { name, description } = (tool.function ?? tool) as Facts;
    return { type: "function", name, description };
  });
}

function toMessage(message: Facts): { role: string; parts: unknown[] } {
  const { role, content, functionCalls = [], toolCallId } = message;
  if (role === "tool") {
    const response = typeof content === "string" ? content : parts(content);
    return { role, parts: [{ type: "tool_call_response", id: toolCallId ?? null, response }] };
  }
  const calls = (functionCalls as readonly Facts[]).map(({ id, name, arguments: args }) => ({
    type: "tool_call",
    id,
    name,
    arguments: args,
  }));
  return { role: role === "tool_call" ? "assistant" : String(role), parts: [...parts(content), ...calls] };
}

/** Parts of a content. Pictures and sounds are named, not carried. */
function parts(content: unknown): unknown[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", content }];
  if (!Array.isArray(content)) return [];
  return content.map((part: Facts) =>
    part.type === "text" ? { type: "text", content: part.text } : { type: part.type }
  );
}
