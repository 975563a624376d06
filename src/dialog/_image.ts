import { LLLMError } from "../errors.ts";
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
  if (/^data:/i.test(image)) return dataUrlBytes(image);
  const bytes = base64Bytes(image);
  // A path may look like base64; hardly one that starts as an image does.
  return bytes !== undefined && imageType(bytes) !== undefined ? bytes : await readImage(image);
}

async function readImage(path: string | URL): Promise<Uint8Array> {
  try {
    if (String(path).length > MAX_PATH_CHARS) throw new RangeError("it is too long for a path");
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      const flag = `--allow-read=${path instanceof URL ? decodeURIComponent(path.pathname) : path}`;
      throw new LLLMError(`Cannot put image: expected the permission ${flag}, found it missing`, {
        code: "config_invalid",
        data: { flag },
        cause,
      });
    }
    const shown = String(path).length > 80 ? `${String(path).slice(0, 80)}…` : String(path);
    throw new TypeError(`Cannot put image: expected a file or base64, found "${shown}"`, { cause });
  }
}

/** No system takes longer ones. */
const MAX_PATH_CHARS = 32_767;

function dataUrlBytes(url: string): Uint8Array {
  const comma = url.indexOf(",");
  const isBase64 = /;base64$/i.test(url.slice(0, Math.max(comma, 0)));
  const bytes = isBase64
    ? base64Bytes(url.slice(comma + 1).replace(/%2B|%2F|%3D/gi, decodeURIComponent))
    : undefined;
  if (bytes === undefined) {
    throw new TypeError("Cannot put image: expected a data: URL with base64, found another form");
  }
  return bytes;
}

function base64Bytes(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}
