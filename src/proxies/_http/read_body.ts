import { LLLMError } from "../../errors.ts";

/**
 * Reads the body of a response, never more than it may have.
 *
 * @throws {LLLMError} `provider_error` when there is more
 */
export async function readBody(response: Response, maxBytes: number, api: string): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const tooLarge = () =>
    new LLLMError(
      `Cannot call API "${api}": expected an answer of at most ${maxBytes} bytes, found more; ask for less`,
      { code: "provider_error", data: { api, maxBytes } },
    );
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await response.body.cancel();
    throw tooLarge();
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body) { // leaving the loop cancels the rest
    length += part.length;
    if (length > maxBytes) throw tooLarge();
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
