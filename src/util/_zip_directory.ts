/** The layout of zip archives, and the list of entries at their end. */

/** An entry as the directory lists it. */
export interface ZipRecord {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly mode: number;
  readonly headerAt: number;
}

/** What the end of an archive says: where the directory is, and where it ends. */
export interface ZipDirectory {
  readonly records: readonly ZipRecord[];
  readonly startsAt: number;
}

/** Bits of an entry's flags. */
export const FLAG = {
  encrypted: 0x1,
  descriptor: 0x8,
  patch: 0x20,
  strong: 0x40,
  utf8: 0x800,
  masked: 0x2000,
};

const END = 0x06054b50;
const END_BYTES = 22;
const END64 = 0x07064b50;
const END64_BYTES = 20;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const ZIP64_FIELD = 0x0001;
const UNICODE_PATH_FIELD = 0x7075;
const MAX_COMMENT = 0xffff;

/** Reads the directory; entries beyond the limit are not even looked at. */
export function readDirectory(archive: Uint8Array, view: DataView, maxEntries: number): ZipDirectory {
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const startsAt = view.getUint32(end + 16, true);
  if (
    count === 0xffff || size === 0xffffffff || startsAt === 0xffffffff ||
    (end >= END64_BYTES && view.getUint32(end - END64_BYTES, true) === END64)
  ) {
    throw new Error("it has the format for archives above 4 GB");
  }
  if (view.getUint32(end + 4, true) !== 0 || count !== view.getUint16(end + 8, true)) {
    throw new Error("it has several parts");
  }
  if (count > maxEntries) throw new Error(`it has ${count} entries, more than ${maxEntries}`);
  if (startsAt + size !== end) throw new Error("its directory is damaged: it is not where it should be");
  const records: ZipRecord[] = [];
  let at = startsAt;
  for (let index = 0; index < count; index++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL) {
      throw new Error("its directory is damaged");
    }
    records.push(readRecord(archive, view, at));
    at += CENTRAL_BYTES + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
  if (at !== end) throw new Error(`its directory has more than the ${count} entries that it says`);
  return { records, startsAt };
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT);
  let broken = false;
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) !== END) continue;
    const end = at + END_BYTES + view.getUint16(at + 20, true);
    if (end === view.byteLength) return at;
    broken = true;
  }
  const begins = view.byteLength >= 4 && view.getUint32(0, true) === LOCAL;
  if (broken || begins) throw new Error("it is cut short, or something stands after its end");
  throw new Error("it is no zip archive");
}

function readRecord(archive: Uint8Array, view: DataView, at: number): ZipRecord {
  const nameAt = at + CENTRAL_BYTES;
  const name = decodeName(archive.subarray(nameAt, nameAt + view.getUint16(at + 28, true)));
  checkExtraFields(name, view, nameAt + view.getUint16(at + 28, true), view.getUint16(at + 30, true));
  if (view.getUint16(at + 34, true) !== 0) throw new Error("it has several parts");
  return {
    name,
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedBytes: view.getUint32(at + 20, true),
    bytes: view.getUint32(at + 24, true),
    mode: view.getUint32(at + 38, true) >>> 16,
    headerAt: view.getUint32(at + 42, true),
  };
}

/** Refuses extra fields by which other programs would see another name or another size. */
export function checkExtraFields(name: string, view: DataView, from: number, length: number): void {
  const end = Math.min(from + length, view.byteLength);
  for (let at = from; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    const id = view.getUint16(at, true);
    if (id === ZIP64_FIELD) throw new Error(`"${name}" has the format for files above 4 GB`);
    if (id === UNICODE_PATH_FIELD) throw new Error(`"${name}" has a second name`);
  }
}

/** Reads a name, which must be UTF-8. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("a name in it is no UTF-8");
  }
}
