import { eventFrame, type Frame } from "./frames.ts";
import { cutText } from "./reply_text.ts";
import type { JsonObject, Reply } from "./types.ts";

/** Collects events and numbers them. */
class EventList {
  readonly frames: Frame[] = [];

  push(type: string, members: JsonObject, role: "delta" | "ending" | "other" = "other"): void {
    this.frames.push(
      eventFrame({ type, sequence_number: this.frames.length, ...members } as { type: string }, role),
    );
  }
}

/** The events of a response: opening, each item from added to done, and the final one. */
export function responseFrames(opening: JsonObject, final: JsonObject, reply: Reply): Frame[] {
  const events = new EventList();
  events.push("response.created", { response: opening });
  events.push("response.in_progress", { response: opening });
  for (const [index, item] of (final.output as JsonObject[]).entries()) pushItem(events, item, index, reply);
  events.push(`response.${final.status}`, { response: final }, "ending");
  return events.frames;
}

function pushItem(events: EventList, item: JsonObject, index: number, reply: Reply): void {
  const place = { output_index: index };
  const started = { ...item, ...(item.status === undefined ? {} : { status: "in_progress" }) };
  switch (item.type) {
    case "reasoning":
      events.push("response.output_item.added", { ...place, item: { ...started, summary: [] } });
      pushSummary(events, item, index, reply);
      break;
    case "function_call":
      events.push("response.output_item.added", { ...place, item: { ...started, arguments: "" } });
      pushArguments(events, item, index, reply);
      break;
    case "computer_call":
    case "mcp_approval_request":
      events.push("response.output_item.added", { ...place, item: started });
      break;
    case "mcp_list_tools":
      events.push("response.output_item.added", { ...place, item: { ...started, tools: [] } });
      events.push("response.mcp_list_tools.in_progress", { ...place, item_id: item.id });
      events.push("response.mcp_list_tools.completed", { ...place, item_id: item.id });
      break;
    case "mcp_call":
      events.push("response.output_item.added", {
        ...place,
        item: { ...started, arguments: "", output: null },
      });
      events.push("response.mcp_call.in_progress", { ...place, item_id: item.id });
      pushMcpArguments(events, item, index, reply);
      events.push(`response.mcp_call.${item.status}`, { ...place, item_id: item.id });
      break;
    default:
      events.push("response.output_item.added", { ...place, item: { ...started, content: [] } });
      for (const [number, part] of (item.content as JsonObject[]).entries()) {
        pushPart(events, item, index, part, number, reply);
      }
  }
  events.push("response.output_item.done", { ...place, item });
}

function pushSummary(events: EventList, item: JsonObject, index: number, reply: Reply): void {
  for (const [number, part] of (item.summary as { text: string }[]).entries()) {
    const place = { item_id: item.id, output_index: index, summary_index: number };
    events.push("response.reasoning_summary_part.added", {
      ...place,
      part: { type: "summary_text", text: "" },
    });
    for (const delta of cutText(part.text, reply)) {
      events.push("response.reasoning_summary_text.delta", { ...place, delta }, "delta");
    }
    events.push("response.reasoning_summary_text.done", { ...place, text: part.text });
    events.push("response.reasoning_summary_part.done", { ...place, part });
  }
}

function pushArguments(events: EventList, item: JsonObject, index: number, reply: Reply): void {
  const place = { item_id: item.id, output_index: index };
  for (const delta of cutText(String(item.arguments), reply)) {
    events.push("response.function_call_arguments.delta", { ...place, delta }, "delta");
  }
  events.push("response.function_call_arguments.done", {
    ...place,
    arguments: item.arguments,
    name: item.name,
  });
}

function pushMcpArguments(events: EventList, item: JsonObject, index: number, reply: Reply): void {
  const place = { item_id: item.id, output_index: index };
  for (const delta of cutText(String(item.arguments), reply)) {
    events.push("response.mcp_call_arguments.delta", { ...place, delta }, "delta");
  }
  events.push("response.mcp_call_arguments.done", { ...place, arguments: item.arguments });
}

function pushPart(
  events: EventList,
  item: JsonObject,
  index: number,
  part: JsonObject,
  number: number,
  reply: Reply,
): void {
  const place = { item_id: item.id, output_index: index, content_index: number };
  if (part.type === "refusal") {
    events.push("response.content_part.added", { ...place, part: { type: "refusal", refusal: "" } });
    for (const delta of cutText(String(part.refusal), reply)) {
      events.push("response.refusal.delta", { ...place, delta }, "delta");
    }
    events.push("response.refusal.done", { ...place, refusal: part.refusal });
  } else {
    const logprobs = part.logprobs as { token: string }[];
    events.push("response.content_part.added", { ...place, part: { ...part, text: "", logprobs: [] } });
    for (const [delta, own] of textDeltas(String(part.text), logprobs, reply)) {
      events.push("response.output_text.delta", { ...place, delta, logprobs: own }, "delta");
    }
    events.push("response.output_text.done", { ...place, text: part.text, logprobs });
  }
  events.push("response.content_part.done", { ...place, part });
}

/** With log probabilities one delta per token, else pieces of the chosen size. */
function textDeltas(
  content: string,
  logprobs: { token: string }[],
  reply: Reply,
): [string, { token: string }[]][] {
  if (logprobs.length > 0 && logprobs.map((entry) => entry.token).join("") === content) {
    return logprobs.map((entry) => [entry.token, [entry]]);
  }
  return cutText(content, reply).map((piece, index) => [piece, index === 0 ? logprobs : []]);
}
