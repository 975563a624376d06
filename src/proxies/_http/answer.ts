import { LLLMError } from "../../errors.ts";
import type { JsonValue } from "../../util/mod.ts";
import type { HttpAnswerForm } from "../http_types.ts";
import { parseCsv } from "./csv.ts";
import type { Secrets } from "./secrets.ts";
import type { HttpAnswer } from "./send.ts";

/**
 * Reads an answer as JSON data, with secrets blanked out. Bytes become `{ contentType, base64 }`.
 *
 * @throws {LLLMError} `provider_error` when it is not what was expected
 */
export function readAnswer(
  answer: HttpAnswer,
  form: HttpAnswerForm,
  secrets: Secrets,
  api: string,
): JsonValue {
  try {
    return parseAnswer(answer, form, secrets, api);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LLLMError(`Cannot call API "${api}": expected data of bearable depth and width, found more`, {
      code: "provider_error",
      data: { api, status: answer.status },
    });
  }
}

function parseAnswer(
  answer: HttpAnswer,
  form: HttpAnswerForm,
  secrets: Secrets,
  api: string,
): JsonValue {
  const contentType = secrets.redact(answer.headers.get("content-type") ?? "").toLowerCase();
  if (answer.body.length === 0) return form === "text" ? "" : form === "csv" ? [] : null;
  const chosen = form === "auto" ? formOf(contentType) : form;
  if (chosen === "bytes") {
    return { contentType, base64: secrets.redactBytes(answer.body).toBase64() };
  }
  const text = decode(answer.body, contentType);
  if (chosen === "text") return secrets.redact(text);
  if (chosen === "csv") return secrets.redactJson(parseCsv(text));
  try {
    return secrets.redactJson(JSON.parse(text));
  } catch (error) {
    if (form === "auto" && !contentType.includes("json")) return secrets.redact(text);
    if (error instanceof RangeError) throw error;
    throw new LLLMError(
      `Cannot call API "${api}": expected JSON, found ${contentType || "no content type"}: ${
        excerpt(text, secrets)
      }`,
      { code: "provider_error", data: { api, status: answer.status } },
    );
  }
}

/** The beginning of a text, in one line, with secrets blanked out. */
export function excerpt(text: string, secrets: Secrets): string {
  const line = secrets.redact(text).slice(0, 4_000).replace(/\s+/g, " ").trim();
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}

function formOf(contentType: string): Exclude<HttpAnswerForm, "auto"> {
  const [type = ""] = contentType.split(";");
  if (type === "" || /[/+]json$|^application\/json|^application\/.*javascript/.test(type.trim())) {
    return "json";
  }
  if (type.trim() === "text/csv") return "csv";
  return /^text\/|xml$|yaml$|x-www-form-urlencoded$|ndjson$|jsonl$/.test(type.trim()) ? "text" : "bytes";
}

/** Reads bytes as the content type's charset says; what it does not know is UTF-8. */
export function decode(bytes: Uint8Array, contentType: string): string {
  const [, charset = "utf-8"] = /charset="?([\w-]+)"?/.exec(contentType) ?? [];
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
