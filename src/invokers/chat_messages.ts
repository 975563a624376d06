import { orderToolResults, toolCallId } from "../dialog/mod.ts";
import { type ContentPart, contentText, type Message, Role } from "../message/mod.ts";
import { listOf, objectOf, type Wire } from "./_settings.ts";
import type { Provider } from "./providers.ts";
import type { WireNames } from "./wire_names.ts";

/** Options of {@linkcode chatMessages}. */
export interface ChatMessagesOptions {
  /** Who is asked. */
  readonly provider: Provider;
  /** How the names of tools travel. */
  readonly names: WireNames;
  /** The role that stands for `system`. */
  readonly systemRole: string;
}

/** Writes a history as the messages of a Chat Completions request. */
export function chatMessages(messages: readonly Message[], options: ChatMessagesOptions): Wire[] {
  const { provider, names, systemRole } = options;
  const variant = `${systemRole}${provider.acceptsNames ? " named" : ""}${
    provider.wantsExtras ? " extras" : ""
  }`;
  const wire: Wire[] = [];
  // Results of tools may hold text only: their images follow in a user's message, after the last result.
  let images: Wire[] = [];
  for (const message of orderToolResults(messages)) {
    if (images.length > 0 && message.role !== Role.TOOL) {
      wire.push({ role: "user", content: images });
      images = [];
    }
    if (message.role === Role.TOOL && typeof message.content !== "string") {
      images.push(...message.content.filter((part) => part.type !== "text").map(chatPart));
    }
    const known = cache.get(message);
    if (known !== undefined && known.variant === variant) {
      wire.push(known.wire);
      continue;
    }
    const made = chatMessage(message, options);
    // How a name travels depends on the other tools of a request; one that travels as it is does not.
    const isStable = message.functionCalls.every((call) => names.toWire(call.name) === call.name);
    if (isStable) cache.set(message, { variant, wire: made });
    wire.push(made);
  }
  if (images.length > 0) wire.push({ role: "user", content: images });
  return wire;
}

/** The wire form of messages. Messages never change, and a history is sent again with every turn. */
const cache: WeakMap<Message, { readonly variant: string; readonly wire: Wire }> = new WeakMap();

function chatMessage(message: Message, options: ChatMessagesOptions): Wire {
  const { provider, systemRole } = options;
  if (message.role === Role.TOOL) {
    const text = contentText(message.content);
    const content = text === "" && message.content.length > 0 ? "See the image." : text;
    return { role: "tool", tool_call_id: toolCallId(message)!, content };
  }
  const role = message.role === Role.TOOL_CALL
    ? "assistant"
    : message.role === Role.SYSTEM
    ? systemRole
    : message.role;
  // Only a user may show something: whatever is more than text is said in the user's name, so that nothing is lost.
  const shown = role !== "user" && showsMedia(message) ? "user" : role;
  const wire: Wire = { role: shown };
  const name = message.sanitizedName;
  if (provider.acceptsNames && (shown === "user" || shown === "assistant") && name !== message.role) {
    wire.name = name;
  }
  if (message.isFunctionCall && shown === "assistant") {
    wire.content = contentText(message.content) || null;
    wire.tool_calls = chatCalls(message, options);
    return wire;
  }
  wire.content = shown === "user" ? chatContent(message) : contentText(message.content);
  return wire;
}

function chatCalls(message: Message, { provider, names }: ChatMessagesOptions): Wire[] {
  const extras = provider.wantsExtras ? objectOf(message.metadata.callExtras) : {};
  return message.functionCalls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: names.toWire(call.name), arguments: JSON.stringify(call.arguments) },
    ...(extras[call.id] === undefined ? {} : { extra_content: extras[call.id] }),
  }));
}

function chatContent(message: Message): string | Wire[] {
  const { content } = message;
  return typeof content === "string" ? content : content.length === 0 ? "" : content.map(chatPart);
}

/** Whether a message has more than text to show. The model's own speech has not: its text stands for it. */
function showsMedia(message: Message): boolean {
  if (message.isFunctionCall || (message.modality === "audio" && message.role === Role.ASSISTANT)) {
    return false;
  }
  return listOf(message.content).some((part) => (part as ContentPart).type !== "text");
}

function chatPart(part: ContentPart): Wire {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return { type: "image_url", image_url: { url: dataUrl(part) } };
    case "image_url":
      return { type: "image_url", image_url: { url: part.url } };
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } };
  }
}

/** Writes an image as an address that holds it. */
export function dataUrl(image: { readonly mediaType: string; readonly data: string }): string {
  return `data:${image.mediaType};base64,${image.data}`;
}
