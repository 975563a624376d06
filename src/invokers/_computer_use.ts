import { contentText, type Message } from "../message/mod.ts";
import { objectOf, type Wire } from "./_settings.ts";
import { dataUrl } from "./chat_messages.ts";

/** The tool that carries out what a model does on a screen: a prompt that allows it has a tool of this name. */
export const COMPUTER_TOOL = "computer_use";

/** Whether an item asks for something to be done on a screen. */
export function isComputerCall(item: Wire | undefined): boolean {
  return item?.type === "computer_call";
}

/** Reads such an item as the arguments of the tool. */
export function computerArguments(item: Wire): Wire {
  const { action, actions, pending_safety_checks } = item;
  return {
    ...(action === undefined ? {} : { action }),
    ...(actions === undefined ? {} : { actions }),
    ...(Array.isArray(pending_safety_checks) && pending_safety_checks.length > 0
      ? { pending_safety_checks }
      : {}),
  };
}

/** Whether a tool's declaration is that of a screen which the model uses. */
export function isComputerTool(tool: Wire): boolean {
  return tool.type === "computer" || tool.type === "computer_use_preview";
}

/**
 * Answers such an item with the screenshot that the tool gave: an image, or the address of one as its text. What the tool says
 * beside an image follows as a text. Without a screenshot (the call failed, or was denied) there is no valid answer: the call is
 * taken back, with the reasoning that led to it, and the outcome told as text.
 */
export function answerComputerCall(items: Wire[], call: Wire, answer: Message): void {
  const image = imageOf(answer);
  const screenshot = image ?? addressOf(answer);
  if (screenshot === undefined) {
    takeBack(items, call);
    items.push(toldAsText(answer));
    return;
  }
  const { pending_safety_checks } = objectOf(call);
  items.push({
    type: "computer_call_output",
    call_id: call.call_id,
    output: { type: "computer_screenshot", image_url: screenshot },
    ...(Array.isArray(pending_safety_checks) && pending_safety_checks.length > 0
      ? { acknowledged_safety_checks: pending_safety_checks }
      : {}),
  });
  if (image !== undefined && contentText(answer.content) !== "") items.push(toldAsText(answer));
}

/** Tells what came of a call whose own item cannot be sent again. */
export function tellOutcome(items: Wire[], answer: Message): void {
  const image = imageOf(answer);
  const { role, content } = toldAsText(answer);
  items.push({
    role,
    content: image === undefined ? content : [
      { type: "input_text", text: content },
      { type: "input_image", detail: "auto", image_url: image },
    ],
  });
}

function toldAsText(answer: Message): Wire {
  return { role: "user", content: `${answer.name}: ${contentText(answer.content) || "see the image"}` };
}

function takeBack(items: Wire[], call: Wire): void {
  const index = items.lastIndexOf(call);
  let start = index;
  while (start > 0 && items[start - 1]!.type === "reasoning") start--;
  items.splice(start, index - start + 1);
}

function imageOf({ content }: Message): string | undefined {
  if (typeof content === "string") return undefined;
  for (const part of content) {
    if (part.type === "image") return dataUrl(part);
    if (part.type === "image_url") return part.url;
  }
  return undefined;
}

const IMAGE_URL = /^(?:data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+|https?:\/\/[^\s"']+)$/;

/** The address that is the whole of a result: one that is only mentioned, as in an error, is no screenshot. */
function addressOf(answer: Message): string | undefined {
  const text = contentText(answer.content).trim();
  const value = /(?:^|\n)---\n(\S*)\n---$/.exec(text)?.[1] ?? text;
  return IMAGE_URL.test(value) ? value : undefined;
}
