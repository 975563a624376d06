import type { ContentPart } from "../message/mod.ts";
import type { ReplyParts } from "./_reply.ts";
import { readLogprobs } from "./_reply.ts";
import { brokenReply, errorInReply } from "./_provider_error.ts";
import { listOf, objectOf, type Wire } from "./_settings.ts";

/** Options of {@linkcode readChatReply}. */
export interface ReadChatOptions {
  /** The model that was asked, for error messages. */
  readonly model: string;
  /** The format of spoken replies that was asked for. Default: `"wav"`. */
  readonly audioFormat?: unknown;
}

/**
 * Reads a chat completion.
 *
 * @throws {LLLMError} `provider_error` when it or its choice tells of an error, or there is no choice with a message
 */
export function readChatReply(completion: Wire, options: ReadChatOptions): ReplyParts {
  if (completion.error) throw errorInReply(options.model, completion.error, true);
  const choice = listOf(completion.choices)[0];
  if (choice === undefined) {
    throw brokenReply(options.model, "expected a reply with choices, found none");
  }
  const { message: given, logprobs: givenLogprobs, finish_reason, error } = objectOf(choice);
  if (error || finish_reason === "error") {
    throw errorInReply(options.model, error || { message: "the reply ended with an error" }, true);
  }
  if (typeof given !== "object" || given === null) {
    throw brokenReply(options.model, "expected a choice with a message, found none");
  }
  const message = objectOf(given);
  const { text, thoughts } = readContent(message.content);
  const refusal = typeof message.refusal === "string" && message.refusal !== "" ? message.refusal : undefined;
  const logprobs = objectOf(givenLogprobs);
  const annotations = listOf(message.annotations);
  return {
    ...readSpeech(message.audio, text || (refusal ?? ""), options.audioFormat ?? "wav"),
    calls: readCalls(message),
    reasoning: reasoningOf(message) ?? (thoughts || null),
    refused: refusal !== undefined,
    finishReason: typeof finish_reason === "string" ? finish_reason : null,
    logprobs: readLogprobs(logprobs.content ?? logprobs.refusal),
    usage: objectOf(completion.usage),
    metadata: {
      ...(typeof completion.id === "string" ? { responseId: completion.id } : {}),
      ...(annotations.length > 0 ? { annotations } : {}),
    },
  };
}

function readCalls(message: Wire): ReplyParts["calls"] {
  return listOf(message.tool_calls).map((call) => {
    const { id, function: named, custom, extra_content: extra } = objectOf(call);
    const target = objectOf(named ?? custom);
    return { id, name: target.name, arguments: target.arguments ?? target.input, extra };
  });
}

/** The content is a text, or a list of parts, in which some providers put the reasoning too. */
export function readContent(content: unknown): { text: string; thoughts: string } {
  if (typeof content === "string") return { text: content, thoughts: "" };
  let text = "";
  let thoughts = "";
  for (const part of listOf(content).map(objectOf)) {
    if (part.type === "text" || part.type === "output_text") text += String(part.text ?? "");
    if (part.type === "thinking") thoughts += readContent(part.thinking).text;
  }
  return { text, thoughts };
}

/** The reasoning that a message or a delta shows, under the names that compatible providers give it. */
export function reasoningOf(message: Wire): string | undefined {
  const shown = message.reasoning_content ?? message.reasoning;
  return typeof shown === "string" && shown !== "" ? shown : undefined;
}

/** A spoken reply has its transcript as text, and the sound as a part of its own. */
function readSpeech(
  audio: unknown,
  text: string,
  format: unknown,
): Pick<ReplyParts, "content" | "modality"> {
  const { data, transcript } = objectOf(audio);
  if (typeof data !== "string") return { content: text };
  const parts: ContentPart[] = [
    { type: "text", text: text || String(transcript ?? "") },
    { type: "audio", format: String(format), data },
  ];
  return { content: parts, modality: "audio" };
}
