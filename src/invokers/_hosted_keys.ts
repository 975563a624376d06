import { LLLMError } from "../errors.ts";
import type { Prompt } from "../prompt/mod.ts";
import { mcpSecrets } from "../tools/mod.ts";
import { type JsonObject, type JsonValue, Redactor } from "../util/mod.ts";

/** Gives what blanks the keys of a prompt's servers out of replies: those that the provider uses, and has the keys of. */
export function hostedKeys(prompt: Prompt | null): Redactor {
  const servers = [...prompt?.mcpServers.values() ?? []].filter(({ hosted }) => hosted);
  return new Redactor(servers.flatMap(mcpSecrets), Infinity);
}

/** Gives an error without keys: itself, where it has none. */
export function withoutKeys(error: unknown, keys: Redactor): unknown {
  const clean = keys.redactError(error);
  if (clean === error || !LLLMError.isInstance(error)) return clean;
  return new LLLMError(keys.redact(error.message), {
    code: error.code,
    data: keys.redactJson(error.data as JsonObject) as Record<string, JsonValue>,
    cause: clean,
  });
}

/** Shorter ones stand for no key, such as "ollama" at a local server. */
const MIN_KEY_CHARS = 16;

/** Whether a provider gave the key back that it was asked with, in what it said about a failure. */
export function tellsKey(error: unknown, apiKey: unknown): apiKey is string {
  return typeof apiKey === "string" && apiKey.length >= MIN_KEY_CHARS && error instanceof Error &&
    error.message.includes(apiKey);
}
