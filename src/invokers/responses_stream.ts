import { CallIds } from "./_call_ids.ts";
import { COMPUTER_TOOL, computerArguments, isComputerCall } from "./_computer_use.ts";
import { approvalName, isApprovalRequest } from "./mcp_approval.ts";
import { brokenReply, errorInReply } from "./_provider_error.ts";
import { listOf, objectOf, type Wire } from "./_settings.ts";
import { isCall } from "./_output_items.ts";
import type { ReadStreamOptions } from "./chat_stream.ts";
import type { StreamChunk } from "./types.ts";

const FINAL = new Set(["response.completed", "response.incomplete", "response.failed"]);

/**
 * Reads a streamed response; the stream ends with all of it.
 *
 * @throws {LLLMError} `provider_error` when the stream ends before the response does, or tells of an error
 */
export async function readResponseStream(
  events: AsyncIterable<unknown>,
  options: ReadStreamOptions,
): Promise<Wire> {
  const reader = new DeltaReader(options);
  const done: Wire[] = [];
  let final: Wire | undefined;
  for await (const data of events) {
    const event = objectOf(data);
    const type = String(event.type ?? "");
    if (type === "error") throw errorInReply(options.model, event.error ?? event, false);
    if (type === "response.output_item.done") done[Number(event.output_index)] = objectOf(event.item);
    if (FINAL.has(type)) final = objectOf(event.response);
    const piece = reader.read(type, event);
    if (piece !== undefined && options.handler !== undefined) {
      await options.handler.handleChunk(
        piece.type === "text_delta" ? piece.text : "",
        { ...piece, raw: event } as StreamChunk,
      );
    }
  }
  if (final === undefined) {
    throw brokenReply(
      options.model,
      "expected a stream that ends with the whole response, found one that was cut",
    );
  }
  // Some compatible servers leave the output out of the last event.
  return listOf(final.output).length === 0 && done.length > 0
    ? { ...final, output: done.filter(Boolean) }
    : final;
}

/** Turns events into pieces of a reply. */
class DeltaReader {
  readonly #options: ReadStreamOptions;
  readonly #ids = new CallIds();
  /** The place of each call among the calls, by its place among the items. */
  readonly #calls = new Map<unknown, number>();
  #summaryPart: string | undefined;

  constructor(options: ReadStreamOptions) {
    this.#options = options;
  }

  read(type: string, event: Wire): StreamChunk | undefined {
    const text = typeof event.delta === "string" ? event.delta : "";
    switch (type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return text === "" ? undefined : { type: "text_delta", text };
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        return text === "" ? undefined : { type: "reasoning_delta", text: this.#apart(event) + text };
      case "response.output_item.added":
        return this.#begin(event);
      case "response.output_item.done":
        return this.#endWhole(event);
      case "response.function_call_arguments.delta": {
        const index = this.#calls.get(event.output_index);
        return index === undefined ? undefined : { type: "tool_call_delta", index, argumentsDelta: text };
      }
    }
    return undefined;
  }

  #begin(event: Wire): StreamChunk | undefined {
    const item = objectOf(event.item);
    if (!isCall(item)) return undefined;
    const index = this.#calls.size;
    this.#calls.set(event.output_index, index);
    return {
      type: "tool_call_delta",
      index,
      callId: this.#ids.accept(isApprovalRequest(item) ? item.id : item.call_id),
      name: isComputerCall(item)
        ? COMPUTER_TOOL
        : this.#options.names.fromWire(isApprovalRequest(item) ? approvalName(item) : String(item.name)),
      argumentsDelta: "",
    };
  }

  /** What is done on a screen comes in one piece, and so does what the provider asks about. */
  #endWhole(event: Wire): StreamChunk | undefined {
    const item = objectOf(event.item);
    const index = this.#calls.get(event.output_index);
    if (index === undefined) return undefined;
    if (isApprovalRequest(item)) {
      return { type: "tool_call_delta", index, argumentsDelta: String(item.arguments) };
    }
    if (!isComputerCall(item)) return undefined;
    return { type: "tool_call_delta", index, argumentsDelta: JSON.stringify(computerArguments(item)) };
  }

  /** Parts of the reasoning are paragraphs. */
  #apart(event: Wire): string {
    const part = `${event.item_id}/${event.summary_index ?? event.content_index}`;
    const isNext = this.#summaryPart !== undefined && this.#summaryPart !== part;
    this.#summaryPart = part;
    return isNext ? "\n\n" : "";
  }
}
