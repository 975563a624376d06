import type { StreamHandler } from "../invokers/mod.ts";
import type { Message } from "../message/mod.ts";
import type { ModelDelta } from "../session/mod.ts";

/** Streams a reply that is there as a whole, each part in one piece. */
export async function streamReply(message: Message, handler: StreamHandler): Promise<void> {
  const { reasoning, content, functionCalls } = message;
  const text = typeof content === "string"
    ? content
    : content.map((part) => part.type === "text" ? part.text : "").join("");
  const send = async (delta: ModelDelta) => {
    await handler.handleChunk(delta.type === "text_delta" ? delta.text : "", delta);
  };
  if (reasoning !== null && reasoning !== "") await send({ type: "reasoning_delta", text: reasoning });
  if (text !== "") await send({ type: "text_delta", text });
  for (const [index, { id: callId, name, arguments: args }] of functionCalls.entries()) {
    await send({ type: "tool_call_delta", index, callId, name, argumentsDelta: JSON.stringify(args) });
  }
}
