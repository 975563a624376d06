/** Writes zip archives: the same files give the same bytes. */
import type { ZipFile } from "./read_zip.ts";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const UNIX = 3;
const UTF8 = 0x800;
const DEFLATED = 8;
const STORED = 0;
/** 1 January 1980, the first day that the format knows. */
const DATE = 0x21;
const FILE_MODE = 0o100644;
const MAX_BYTES = 0xffffffff;
/** What unpacks to much more than its size looks like an attack to whoever unpacks it. */
const MAX_RATIO = 100;

/**
 * Packs files, in the order of their paths, with a fixed time.
 *
 * @throws {RangeError} for more than the format can hold without its extension: 65,534 files, 4 GB
 */
export async function writeZip(files: readonly ZipFile[]): Promise<Uint8Array<ArrayBuffer>> {
  const { constants, crc32, deflateRawSync } = await import("node:zlib");
  const sorted = [...files].sort((a, b) => a.path < b.path ? -1 : 1);
  if (sorted.length >= 0xffff) {
    throw new RangeError(`Cannot pack ${sorted.length} files: expected 65,534 at most`);
  }
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { path, bytes } of sorted) {
    let deflated = deflateRawSync(bytes);
    if (deflated.length * MAX_RATIO < bytes.length) {
      deflated = deflateRawSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY }); // an eighth, at best
    }
    const isSmaller = deflated.length < bytes.length;
    const content = isSmaller ? deflated : bytes;
    const name = new TextEncoder().encode(path);
    const common = [
      [VERSION, 2],
      [UTF8, 2],
      [isSmaller ? DEFLATED : STORED, 2],
      [0, 2],
      [DATE, 2],
      [crc32(bytes), 4],
      [content.length, 4],
      [bytes.length, 4],
      [name.length, 2],
      [0, 2],
    ] as const;
    const local = fields([[LOCAL, 4], ...common]);
    parts.push(local, name, content);
    const details = [[0, 2], [0, 2], [0, 2], [FILE_MODE * 0x10000, 4], [at, 4]] as const;
    directory.push(fields([[CENTRAL, 4], [UNIX << 8 | VERSION, 2], ...common, ...details]), name);
    at += local.length + name.length + content.length;
    if (at > MAX_BYTES) throw new RangeError("Cannot pack the files: expected less than 4 GB");
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const counts = [[0, 2], [0, 2], [sorted.length, 2], [sorted.length, 2]] as const;
  return join([...parts, ...directory, fields([[END, 4], ...counts, [size, 4], [at, 4], [0, 2]])]);
}

function fields(values: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array {
  const packed = new DataView(new ArrayBuffer(values.reduce((sum, [, bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [value, bytes] of values) {
    if (bytes === 2) packed.setUint16(at, value, true);
    else packed.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(packed.buffer);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
