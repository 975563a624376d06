/**
 * Reads zip archives that are not trusted: whole in memory, every name and size checked before it is used.
 *
 * An archive is taken in one way or not at all: what two programs could read differently (entries that overlap, bytes
 * that belong to no entry, a header that contradicts the directory, two names for one file) is refused.
 *
 * @module
 */
import type { inflateRawSync } from "node:zlib";
import { checkExtraFields, decodeName, FLAG, readDirectory, type ZipRecord } from "./_zip_directory.ts";

/** A file of an archive. */
export interface ZipFile {
  /** Relative, with `/`, without `.` and `..`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Limits of {@linkcode readZip}. */
export interface ZipLimits {
  /** Most bytes of all files together, unpacked. */
  readonly maxBytes: number;
  /** Most files and folders. */
  readonly maxEntries: number;
  /** Most bytes unpacked for one packed, for files above a megabyte. Default: any. */
  readonly maxRatio?: number;
  /** Looks at all paths, those of folders end with `/`, before any of them is unpacked; throws what completes the message. */
  readonly checkPaths?: (paths: readonly string[]) => void;
}

const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const DESCRIPTOR = 0x08074b50;
const STORED = 0;
const DEFLATED = 8;
const TYPE_MASK = 0o170000;
const REGULAR_FILE = 0o100000;
const FOLDER = 0o040000;
const SYMBOLIC_LINK = 0o120000;
const RATIO_FROM_BYTES = 1024 * 1024;
const COMPARED_FLAGS = FLAG.encrypted | FLAG.patch | FLAG.strong | FLAG.utf8 | FLAG.masked | FLAG.descriptor;

/**
 * Reads all files of an archive, in its order; folders are left out.
 *
 * @throws {Error} for whatever is damaged, unusual or unsafe; the message completes "… is refused: ".
 */
export async function readZip(archive: Uint8Array, limits: ZipLimits): Promise<ZipFile[]> {
  const { inflateRawSync, crc32 } = await import("node:zlib");
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const { records, startsAt } = readDirectory(archive, view, limits.maxEntries);
  checkSizes(records, limits);
  const seen = new Set<string>();
  for (const record of records) {
    checkKind(record);
    const path = checkPath(record.name);
    if (seen.has(path)) throw new Error(`it has "${path}" twice`);
    seen.add(path);
  }
  limits.checkPaths?.(records.map(({ name }) => name));
  const places = records.map((record) => locate(archive, view, record));
  checkPlaces(places, startsAt);
  return places.filter(({ record }) => !record.name.endsWith("/")).map(({ record, dataAt }) => {
    const bytes = unpack(record, archive.subarray(dataAt, dataAt + record.packedBytes), inflateRawSync);
    if (crc32(bytes) !== record.crc) throw new Error(`the checksum of "${record.name}" is wrong`);
    return { path: record.name, bytes };
  });
}

function checkSizes(records: readonly ZipRecord[], { maxBytes, maxRatio }: ZipLimits): void {
  let total = 0;
  for (const { name, bytes, packedBytes } of records) {
    total += bytes;
    if (total > maxBytes) throw new Error(`its files have more than ${maxBytes} bytes`);
    if (maxRatio !== undefined && bytes > RATIO_FROM_BYTES && bytes > packedBytes * maxRatio) {
      throw new Error(`"${name}" unpacks to more than ${maxRatio} times its size`);
    }
  }
}

function checkKind({ name, flags, mode, method, bytes, packedBytes }: ZipRecord): void {
  if ((flags & (FLAG.encrypted | FLAG.strong | FLAG.masked)) !== 0) throw new Error(`"${name}" is encrypted`);
  if ((flags & FLAG.patch) !== 0) throw new Error(`"${name}" is a patch of another file`);
  if (method !== STORED && method !== DEFLATED) {
    throw new Error(`"${name}" is packed by the unknown method ${method}`);
  }
  const isFolder = name.endsWith("/");
  const type = mode & TYPE_MASK;
  if (type === SYMBOLIC_LINK) throw new Error(`"${name}" is a symbolic link`);
  // Some programs give folders the mode of a file.
  if (type !== 0 && type !== REGULAR_FILE && !(isFolder && type === FOLDER)) {
    throw new Error(`"${name}" is neither a file nor a folder, or not the one that its name says`);
  }
  if (isFolder && (bytes !== 0 || packedBytes > 2)) throw new Error(`the folder "${name}" has content`);
}

/** The path without a folder's last slash. */
function checkPath(name: string): string {
  const path = name.endsWith("/") ? name.slice(0, -1) : name;
  const parts = path.split("/");
  // deno-lint-ignore no-control-regex
  const unsafe = /[\\:\u0000-\u001f\u007f]/.test(path) || path.length > 1024 ||
    parts.some((part) => part === "" || part === "." || part === "..");
  if (unsafe) throw new Error(`it has the unsafe path ${JSON.stringify(name.slice(0, 200))}`);
  return path;
}

/** Where an entry's header begins, where its content is, and where it ends. */
interface Place {
  readonly record: ZipRecord;
  readonly dataAt: number;
  readonly end: number;
}

/** Finds an entry's content behind its own header, which must say what the directory says. */
function locate(archive: Uint8Array, view: DataView, record: ZipRecord): Place {
  const { name, headerAt, packedBytes } = record;
  const damaged = new Error(`"${name}" in it is damaged`);
  if (headerAt + LOCAL_BYTES > archive.length || view.getUint32(headerAt, true) !== LOCAL) throw damaged;
  const nameAt = headerAt + LOCAL_BYTES;
  const extraAt = nameAt + view.getUint16(headerAt + 26, true);
  const dataAt = extraAt + view.getUint16(headerAt + 28, true);
  if (dataAt + packedBytes > archive.length) throw damaged;
  if (decodeName(archive.subarray(nameAt, extraAt)) !== name) {
    throw new Error(`"${name}" has another name in its own header`);
  }
  checkExtraFields(name, view, extraAt, dataAt - extraAt);
  const flags = view.getUint16(headerAt + 6, true);
  const later = (flags & FLAG.descriptor) !== 0;
  const agrees = (flags & COMPARED_FLAGS) === (record.flags & COMPARED_FLAGS) &&
    view.getUint16(headerAt + 8, true) === record.method && sizesAgree(view, headerAt + 14, record, later);
  if (!agrees) throw new Error(`"${name}" has another size, checksum or method in its own header`);
  return { record, dataAt, end: later ? endOfDescriptor(view, dataAt, record) : dataAt + packedBytes };
}

/** Compares checksum and sizes; those that follow the content may be zero before it. */
function sizesAgree(
  view: DataView,
  at: number,
  { crc, packedBytes, bytes }: ZipRecord,
  later: boolean,
): boolean {
  return [crc, packedBytes, bytes].every((value, index) => {
    const found = view.getUint32(at + index * 4, true);
    return found === value || (later && found === 0);
  });
}

function endOfDescriptor(view: DataView, dataAt: number, record: ZipRecord): number {
  const at = dataAt + record.packedBytes;
  for (const skip of [4, 0]) {
    if (at + skip + 12 > view.byteLength) continue;
    if (skip === 4 && view.getUint32(at, true) !== DESCRIPTOR) continue;
    if (sizesAgree(view, at + skip, record, false)) return at + skip + 12;
  }
  throw new Error(`"${record.name}" has another size or checksum behind its content`);
}

/** Each byte before the directory belongs to one entry. */
function checkPlaces(places: readonly Place[], directoryAt: number): void {
  let end = 0;
  let last = "";
  for (const place of [...places].sort((a, b) => a.record.headerAt - b.record.headerAt)) {
    const { headerAt, name } = place.record;
    if (headerAt < end) throw new Error(`"${name}" and "${last}" overlap`);
    if (headerAt > end) throw new Error(`something that is no file stands before "${name}"`);
    ({ end } = place);
    last = name;
  }
  if (end > directoryAt) throw new Error(`"${last}" and the directory overlap`);
  if (end < directoryAt) throw new Error("something that is no file stands before its directory");
}

function unpack(record: ZipRecord, packed: Uint8Array, inflate: typeof inflateRawSync): Uint8Array {
  const { name, method, bytes } = record;
  if (method === STORED) {
    if (packed.length !== bytes) throw new Error(`"${name}" in it is damaged`);
    return packed;
  }
  let unpacked: Uint8Array;
  try {
    unpacked = inflate(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (error) {
    const isLonger = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    const reason = isLonger ? `"${name}" unpacks to more than it says` : `"${name}" in it is damaged`;
    throw new Error(reason, { cause: error });
  }
  if (unpacked.length !== bytes) throw new Error(`"${name}" unpacks to another size than it says`);
  return unpacked;
}
