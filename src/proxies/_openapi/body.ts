import { LLLMError } from "../../errors.ts";
import { isPlainObject } from "../../util/mod.ts";
import { textOf } from "../_http/build_request.ts";
import type { HttpParts } from "../_http/send.ts";
import type { OperationBody } from "./operations.ts";

/** Writes the body of a request; the content type goes into `headers`. */
export function writeBody(
  { form, mediaType, name }: OperationBody,
  value: unknown,
  headers: Headers,
  api: string,
): NonNullable<HttpParts["body"]> {
  if (form !== "multipart") headers.set("content-type", mediaType); // multipart needs its boundary in it
  switch (form) {
    case "json":
      return JSON.stringify(value);
    case "form":
      return writeForm(value);
    case "multipart":
      return writeMultipart(value, name, api);
    case "text":
      return textOf(value);
    case "bytes":
      return readBase64(value, name, api);
  }
}

function writeForm(value: unknown): string {
  const form = new URLSearchParams();
  for (const [key, inner] of entriesOf(value)) {
    for (const item of Array.isArray(inner) ? inner : [inner]) form.append(key, textOf(item));
  }
  return form.toString();
}

function writeMultipart(value: unknown, name: string, api: string): FormData {
  const form = new FormData();
  for (const [key, inner] of entriesOf(value)) {
    for (const item of Array.isArray(inner) ? inner : [inner]) {
      if (!isPlainObject(item)) form.append(key, textOf(item));
      else if (isFile(item)) form.append(key, toBlob(item, `${name}.${key}`, api), item.filename ?? "file");
      else form.append(key, new Blob([JSON.stringify(item)], { type: "application/json" }));
    }
  }
  return form;
}

/** A file in a multipart body, as calls give it. */
interface FileValue {
  readonly base64: string;
  readonly filename?: string;
  readonly contentType?: string;
}

function isFile(value: Record<string, unknown>): value is Record<string, unknown> & FileValue {
  return typeof value.base64 === "string" &&
    Object.keys(value).every((key) => ["base64", "filename", "contentType"].includes(key));
}

function toBlob(
  { base64, contentType = "application/octet-stream" }: FileValue,
  name: string,
  api: string,
): Blob {
  return new Blob([readBase64(base64, name, api)], { type: contentType });
}

function readBase64(value: unknown, name: string, api: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(value as string);
  } catch {
    throw new LLLMError(
      `Cannot call API "${api}" with these parameters: "${name}": expected bytes in base64`,
      {
        code: "endpoint_args_invalid",
        data: { api },
      },
    );
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  if (!isPlainObject(value)) return [];
  return Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
}
