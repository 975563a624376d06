import { CallIds } from "./_call_ids.ts";
import { brokenReply, errorInReply } from "./_provider_error.ts";
import { listOf, objectOf, type Wire } from "./_settings.ts";
import { readContent, reasoningOf } from "./chat_reply.ts";
import type { StreamChunk, StreamHandler } from "./types.ts";
import type { WireNames } from "./wire_names.ts";

/** Options of the readers of streams. */
export interface ReadStreamOptions {
  /** The model that was asked, for error messages. */
  readonly model: string;
  /** How the names of tools travel. */
  readonly names: WireNames;
  /** Hears of each piece. Default: nobody. */
  readonly handler?: StreamHandler | undefined;
}

interface StreamedCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
  /** What a provider wants back with the call, such as a signature of its thoughts. */
  extra_content?: unknown;
}

/**
 * Reads a streamed chat completion and puts it together: what it gives has the form of a reply that was not streamed.
 *
 * @throws {LLLMError} `provider_error` when the stream ends before the reply does, or tells of an error
 */
export async function readChatStream(
  events: AsyncIterable<unknown>,
  options: ReadStreamOptions,
): Promise<Wire> {
  const reply = new StreamedReply(options);
  for await (const event of events) {
    const chunk = objectOf(event);
    if (chunk.error) throw errorInReply(options.model, chunk.error, false);
    const pieces = reply.add(chunk);
    if (options.handler === undefined) continue;
    for (const piece of pieces) {
      const text = piece.type === "text_delta" ? piece.text : "";
      await options.handler.handleChunk(text, { ...piece, raw: chunk } as StreamChunk);
    }
  }
  return reply.finish();
}

/** A chat completion that is still arriving. Only its first choice is read. */
class StreamedReply {
  readonly #options: ReadStreamOptions;
  readonly #ids = new CallIds();
  readonly #calls = new Map<number, StreamedCall>();
  /** The provider's id of each call. */
  readonly #wireIds = new Map<number, unknown>();
  /** Where the pieces of an index go that several calls share. */
  readonly #shared = new Map<number, number>();
  readonly #logprobs: { content: unknown[] | null; refusal: unknown[] | null } = {
    content: null,
    refusal: null,
  };
  readonly #annotations: unknown[] = [];
  readonly #audio: Wire = {};
  #head: Wire | undefined;
  #usage: unknown;
  #content = "";
  #refusal = "";
  #reasoning = "";
  #finishReason: string | null = null;

  constructor(options: ReadStreamOptions) {
    this.#options = options;
  }

  /** Takes one chunk and gives the pieces in it. */
  add(chunk: Wire): readonly StreamChunk[] {
    const { choices, usage } = chunk;
    if (usage) this.#usage = usage;
    const [first] = listOf(choices);
    let choice = objectOf(first);
    if (choice.index !== undefined && choice.index !== 0) {
      choice = objectOf(listOf(choices).find((entry) => objectOf(entry).index === 0));
    }
    const ends = typeof choice.finish_reason === "string" && choice.finish_reason !== "";
    if (ends) this.#finishReason = choice.finish_reason as string;
    // Facts about the reply come first, and with some providers last.
    if (this.#head === undefined || ends || first === undefined) this.#addHead(chunk);
    if (choice.logprobs) this.#addLogprobs(objectOf(choice.logprobs));
    return choice.delta ? this.#addDelta(objectOf(choice.delta)) : [];
  }

  #addHead(chunk: Wire): void {
    const { choices: _choices, usage: _usage, object: _object, ...head } = chunk;
    this.#head ??= {};
    // What comes before the reply itself, such as a filter's findings, may leave id and model empty.
    for (const key in head) this.#head[key] ||= head[key];
  }

  #addDelta(delta: Wire): StreamChunk[] {
    const pieces: StreamChunk[] = [];
    const { text, thoughts } = typeof delta.content === "string"
      ? { text: delta.content, thoughts: "" }
      : readContent(delta.content);
    const reasoning = (reasoningOf(delta) ?? "") + thoughts;
    if (reasoning !== "") {
      this.#reasoning += reasoning;
      pieces.push({ type: "reasoning_delta", text: reasoning });
    }
    if (text !== "") {
      this.#content += text;
      pieces.push({ type: "text_delta", text });
    }
    if (typeof delta.refusal === "string" && delta.refusal !== "") {
      this.#refusal += delta.refusal;
      pieces.push({ type: "text_delta", text: delta.refusal });
    }
    if (delta.annotations) this.#annotations.push(...listOf(delta.annotations));
    if (delta.audio) this.#addAudio(objectOf(delta.audio));
    if (delta.tool_calls) {
      for (const call of listOf(delta.tool_calls)) pieces.push(this.#addCall(objectOf(call)));
    }
    return pieces;
  }

  #addCall(delta: Wire): StreamChunk {
    const { name, arguments: args } = objectOf(delta.function);
    const argumentsDelta = typeof args === "string"
      ? args
      : args === undefined || args === null
      ? ""
      : JSON.stringify(args);
    const index = this.#indexOf(delta, name, argumentsDelta);
    let call = this.#calls.get(index);
    const isNew = call === undefined;
    if (call === undefined) {
      call = { id: this.#ids.accept(delta.id), type: "function", function: { name: "", arguments: "" } };
      this.#calls.set(index, call);
      this.#wireIds.set(index, delta.id);
    }
    if (delta.extra_content) call.extra_content = delta.extra_content;
    if (typeof name === "string" && call.function.name === "") call.function.name = name;
    call.function.arguments += argumentsDelta;
    return {
      type: "tool_call_delta",
      index,
      ...(isNew ? { callId: call.id } : {}),
      ...(typeof name === "string" && name !== "" ? { name: this.#options.names.fromWire(name) } : {}),
      argumentsDelta,
    };
  }

  /**
   * Some providers leave the index out, or give every call the same: a call that begins has an id or a name, here both and another
   * id, and its other pieces follow at once. Since others give every piece of a call a name and a fresh id, a call begins under
   * a known index only with another name, or after one that is whole.
   */
  #indexOf({ id, index: given }: Wire, name: unknown, args: string): number {
    const last = this.#calls.size - 1;
    if (typeof given !== "number") return id || name ? last + 1 : Math.max(last, 0);
    const index = this.#shared.get(given) ?? given;
    const known = this.#wireIds.get(index);
    if (!id || !name || !known || known === id) return index;
    const current = this.#calls.get(index)!.function;
    if (current.name === name && (this.#isTail(args) || !isWholeJson(current.arguments))) return index;
    const next = Math.max(...this.#calls.keys()) + 1;
    this.#shared.set(given, next);
    return next;
  }

  /** Whether a piece can only end a call: white space, or nothing at the end of the reply. */
  #isTail(args: string): boolean {
    return args.trim() === "" && (args !== "" || this.#finishReason !== null);
  }

  #addLogprobs(logprobs: Wire): void {
    for (const kind of ["content", "refusal"] as const) {
      if (Array.isArray(logprobs[kind])) (this.#logprobs[kind] ??= []).push(...logprobs[kind]);
    }
  }

  #addAudio(delta: Wire): void {
    for (const [key, value] of Object.entries(delta)) {
      const joins = (key === "data" || key === "transcript") && typeof this.#audio[key] === "string";
      this.#audio[key] = joins ? `${this.#audio[key]}${value}` : value;
    }
  }

  /** Gives the whole reply, in the form of one that was not streamed. */
  finish(): Wire {
    if (this.#finishReason === null) {
      throw brokenReply(
        this.#options.model,
        "expected a stream that ends with a finish_reason, found one that was cut",
      );
    }
    const calls = [...this.#calls].sort(([a], [b]) => a - b).map(([, call]) => call);
    const { content, refusal } = this.#logprobs;
    return {
      ...this.#head,
      object: "chat.completion",
      choices: [{
        index: 0,
        message: {
          role: "assistant",
          content: this.#content === "" && calls.length > 0 ? null : this.#content,
          refusal: this.#refusal || null,
          ...(this.#reasoning === "" ? {} : { reasoning_content: this.#reasoning }),
          ...(this.#annotations.length === 0 ? {} : { annotations: this.#annotations }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
          ...(this.#audio.data === undefined ? {} : { audio: this.#audio }),
        },
        logprobs: content === null && refusal === null ? null : this.#logprobs,
        finish_reason: this.#finishReason,
      }],
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    };
  }
}

function isWholeJson(args: string): boolean {
  if (!args.trimEnd().endsWith("}")) return false;
  try {
    JSON.parse(args);
    return true;
  } catch {
    return false;
  }
}
