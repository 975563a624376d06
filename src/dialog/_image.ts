import type { ImagePart } from "../message/mod.ts";
import { imageType } from "../tools/mod.ts";

/** Reads an image from bytes, base64, a `data:` address, or a file. */
export async function loadImage(image: string | URL | Uint8Array): Promise<ImagePart> {
  const bytes = await imageBytes(image);
  const mediaType = imageType(bytes);
  if (mediaType === undefined) {
    throw new TypeError("Cannot put image: expected PNG, JPEG, GIF or WebP content, found something else");
  }
  return { type: "image", mediaType, data: bytes.toBase64() };
}

async function imageBytes(image: unknown): Promise<Uint8Array> {
  if (image instanceof Uint8Array) return image;
  if (image instanceof URL) {
    if (image.protocol === "data:") return dataUrlBytes(image.href);
    if (image.protocol === "file:") return await readImage(image);
    throw new TypeError(`Cannot put image: expected a file: or data: URL, found "${image.protocol}"`);
  }
  if (typeof image !== "string") {
    throw new TypeError(`Cannot put image: expected a path, a URL, base64 or bytes, found ${typeof image}`);
  }
  if (image.startsWith("data:")) return dataUrlBytes(image);
  return base64Bytes(image) ?? await readImage(image);
}

async function readImage(path: string | URL): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const shown = String(path).length > 80 ? `${String(path).slice(0, 80)}…` : String(path);
    throw new TypeError(`Cannot put image: expected a file or base64, found "${shown}"`, { cause });
  }
}

function dataUrlBytes(url: string): Uint8Array {
  const comma = url.indexOf(",");
  const bytes = /;base64$/i.test(url.slice(0, Math.max(comma, 0)))
    ? base64Bytes(url.slice(comma + 1))
    : undefined;
  if (bytes === undefined) {
    throw new TypeError("Cannot put image: expected a data: URL with base64, found another form");
  }
  return bytes;
}

/** Decodes base64 of an image; a short text is a path, since no image is that small. */
function base64Bytes(text: string): Uint8Array | undefined {
  if (text.length < 24 || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(text);
    return imageType(bytes) === undefined ? undefined : bytes;
  } catch {
    return undefined; // not base64 after all: it may still be a path
  }
}
