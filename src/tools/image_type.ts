/**
 * Tells by its first bytes which image a file is: the kinds that providers show to a model, whatever a name or a header says.
 *
 * @returns `image/png`, `image/jpeg`, `image/gif`, `image/webp`, or `undefined`
 *
 * @example
 * ```ts
 * import { imageType } from "@lllm/lllm/tools";
 *
 * console.log(imageType(new TextEncoder().encode("GIF89a"))); // image/gif
 * ```
 */
export function imageType(bytes: Uint8Array): string | undefined {
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
  if (ascii(0, 3) === "\xff\xd8\xff") return "image/jpeg";
  if (ascii(0, 6) === "GIF87a" || ascii(0, 6) === "GIF89a") return "image/gif";
  if (ascii(0, 4) === "RIFF" && ascii(8, 12) === "WEBP") return "image/webp";
  return undefined;
}
