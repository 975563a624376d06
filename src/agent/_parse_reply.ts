import { LLLMError } from "../errors.ts";
import { contentText, type Message } from "../message/mod.ts";
import type { Prompt } from "../prompt/mod.ts";
import type { ExecutionError } from "../session/mod.ts";
import { describeIssues, outsideRun, raceAbort } from "../util/mod.ts";
import type { AgentCall } from "./_call.ts";

/** What the contract made of a reply: a value, or what is wrong with it. */
export type ParsedReply =
  | { readonly ok: true; readonly parsed: unknown; readonly mended?: string }
  | { readonly ok: false; readonly error: ExecutionError };

/**
 * Reads a reply as its contract demands. With a format, nearly valid JSON is first mended without a model call; `mended` then
 * says what was wrong.
 */
export async function parseReply(
  message: Message,
  prompt: Prompt,
  { parserArgs, signal }: Pick<AgentCall, "parserArgs" | "signal">,
): Promise<ParsedReply> {
  const text = contentText(message.content);
  if (message.metadata.refusal === true) return { ok: true, parsed: { raw: text } };
  if (prompt.format !== null) {
    if (message.metadata.finishReason === "length") {
      return fail("length", "The reply was cut off at the token limit: expected complete JSON");
    }
    return await parseFormat(text, prompt, { signal, isCut: isCut(message) });
  }
  try {
    return { ok: true, parsed: prompt.parse(text, parserArgs) };
  } catch (cause) {
    if (isParseFailure(cause)) return fail("parse", cause.message);
    throw cause;
  }
}

/** Whether a reply ends in the middle: what mending makes of it is not what the model was about to say. */
export function isCut({ metadata: { finishReason } }: Message): boolean {
  return finishReason === "length" || finishReason === "content_filter";
}

async function parseFormat(
  text: string,
  prompt: Prompt,
  { signal, isCut }: { signal: AbortSignal | undefined; isCut: boolean },
): Promise<ParsedReply> {
  const asSent = await validateJson(text, prompt, signal);
  if (asSent.ok || isCut) return asSent;
  for (const candidate of [text, fenceBehindObject(text)]) {
    const mended = candidate === undefined ? undefined : await mendJson(candidate);
    if (mended === undefined || mended === text) continue;
    const second = await validateJson(mended, prompt, signal);
    if (second.ok) return { ...second, mended: asSent.error.message };
  }
  return asSent;
}

async function validateJson(
  text: string,
  prompt: Prompt,
  signal: AbortSignal | undefined,
): Promise<ParsedReply> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return fail("format", `Expected a JSON object, found ${excerpt(text)}: ${(cause as Error).message}`);
  }
  const result = await raceAbort(prompt.validateFormat(value), signal); // a schema may ask elsewhere
  if ("value" in result) return { ok: true, parsed: result.value };
  return fail("format", `The JSON does not fit its schema: ${describeIssues(result.issues)}`);
}

/** Completes nearly valid JSON (fences, comments, missing quotes and brackets, trailing commas); undefined if it cannot. */
export async function mendJson(text: string): Promise<string | undefined> {
  if (!/[{[]/.test(text)) return undefined; // prose: mending would make a JSON string of it
  const { jsonrepair } = await outsideRun(() => import("jsonrepair"));
  try {
    return jsonrepair(withoutFence(text).trim());
  } catch {
    return undefined; // beyond mending: the next rung asks the model again
  }
}

/** A fence is around the JSON; one within it is a part of a text there. */
function withoutFence(text: string): string {
  return /^\s*\{/.test(text) ? text : fenced(text) ?? text;
}

function fenced(text: string): string | undefined {
  return /```(?:json)?[^\S\n]*\n([\s\S]*?)```/.exec(text)?.[1];
}

/** What is fenced behind the braces that a text begins with, which may be no JSON, or the same JSON. */
function fenceBehindObject(text: string): string | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  let depth = 0;
  let isInString = false;
  for (let at = text.indexOf("{"); at < text.length; at++) {
    const char = text[at];
    if (char === '"') isInString = !isInString;
    else if (isInString) at += char === "\\" ? 1 : 0;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return fenced(text.slice(at + 1));
  }
  return undefined;
}

function isParseFailure(cause: unknown): cause is Error {
  return cause instanceof SyntaxError || (LLLMError.isInstance(cause) && cause.code === "parse_failed");
}

function fail(type: ExecutionError["type"], message: string): ParsedReply {
  return { ok: false, error: { type, message } };
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
