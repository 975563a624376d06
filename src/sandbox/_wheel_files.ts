/**
 * Wheels as the guest takes them: unpacked, in one file, with places for each file in its file system.
 *
 * Layout: `SHA-256 of the rest | u32 length of list | list (JSON) | contents`, little-endian; the list has
 * `[path, length]` of each file in order. The guest's part is `sandbox/python/packages.ts`.
 *
 * @module
 */
import { readZip } from "../util/read_zip.ts";

/** Most bytes of one sandbox's packages, unpacked. */
export const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

const MAX_ENTRIES = 20_000;
const HASH_BYTES = 32;

/** Named in the cache, so that another layout is another file. */
export const LAYOUT = 1;

/**
 * Unpacks a wheel, or an archive of shared libraries.
 *
 * @throws {Error} for a wheel that is damaged or unsafe; the message completes "… is refused: ".
 */
export async function unpackWheel(
  archive: Uint8Array,
  kind: "wheel" | "libraries",
): Promise<Uint8Array<ArrayBuffer>> {
  const files = await readZip(archive, { maxBytes: MAX_UNPACKED_BYTES, maxEntries: MAX_ENTRIES });
  if (kind === "wheel" && !files.some(({ path }) => /^[^/]+\.dist-info\/METADATA$/.test(path))) {
    throw new Error("it is no wheel: its METADATA is missing");
  }
  const placed = files.flatMap(({ path, bytes }) => {
    const place = kind === "wheel" ? placeOf(path) : path;
    return place === null ? [] : [{ path: `${kind === "wheel" ? "site" : "lib"}/${place}`, bytes }];
  });
  const list = new TextEncoder().encode(
    JSON.stringify(placed.map(({ path, bytes }) => [path, bytes.length])),
  );
  const length = placed.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const packed = new Uint8Array(HASH_BYTES + 4 + list.length + length);
  new DataView(packed.buffer).setUint32(HASH_BYTES, list.length, true);
  packed.set(list, HASH_BYTES + 4);
  let at = HASH_BYTES + 4 + list.length;
  for (const { bytes } of placed) {
    packed.set(bytes, at);
    at += bytes.length;
  }
  packed.set(await digest(packed), 0);
  return packed;
}

/** Whether a file is as {@linkcode unpackWheel} made it. */
export async function isWhole(packed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  if (packed.length < HASH_BYTES + 4) return false;
  const found = await digest(packed);
  return found.every((byte, index) => byte === packed[index]);
}

/** What a wheel keeps beside its packages goes to them, or, as scripts and headers, nowhere. */
function placeOf(path: string): string | null {
  const match = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(path);
  if (match === null) return path;
  return match[1] === "purelib" || match[1] === "platlib" ? match[2]! : null;
}

async function digest(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", packed.subarray(HASH_BYTES)));
}
