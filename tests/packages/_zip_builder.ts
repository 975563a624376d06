/** Zip archives as no decent program writes them. */
import { crc32, deflateRawSync } from "node:zlib";

/** What one of the two headers of an entry says in place of the truth. */
export interface HeaderLies {
  readonly name?: string | Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly packedBytes?: number;
  readonly bytes?: number;
  readonly extra?: Uint8Array;
}

/** An entry, true unless it says otherwise. */
export interface BuiltEntry {
  readonly name: string | Uint8Array;
  readonly data?: string | Uint8Array;
  /** Stored, where `false`. Default: deflated. */
  readonly deflate?: boolean;
  /** The packed bytes, in place of the true ones. */
  readonly packed?: Uint8Array;
  /** Unix mode. Default: that of a file. */
  readonly mode?: number;
  /** The system that made it. Default: 3, Unix. */
  readonly system?: number;
  /** Lies in both headers, in the directory's, in its own. */
  readonly both?: HeaderLies;
  readonly central?: HeaderLies;
  readonly local?: HeaderLies;
  /** Stands behind the content. */
  readonly descriptor?: Uint8Array;
  /** Stands before the header, and belongs to nothing. */
  readonly before?: Uint8Array;
  /** Where the directory says that it is. Default: the truth. */
  readonly headerAt?: number;
}

/** What the end of the archive says in place of the truth, and what stands around. */
export interface ArchiveLies {
  readonly count?: number;
  readonly countHere?: number;
  readonly directoryAt?: number;
  readonly directorySize?: number;
  readonly disk?: number;
  readonly comment?: string;
  readonly beforeEnd?: Uint8Array;
  readonly beforeDirectory?: Uint8Array;
  readonly after?: Uint8Array;
}

/** Bytes of a text. */
export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

/** Little-endian numbers: pairs of a value and its bytes. */
export function numbers(...values: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array {
  return concat(values.map(([value, bytes]) => {
    const part = new DataView(new ArrayBuffer(bytes));
    if (bytes === 2) part.setUint16(0, value, true);
    else part.setUint32(0, value, true);
    return new Uint8Array(part.buffer);
  }));
}

/** Joins bytes. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Builds an archive. */
export function buildZip(entries: readonly BuiltEntry[], lies: ArchiveLies = {}): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const data = bytesOf(entry.data ?? "");
    const packed = entry.packed ?? (entry.deflate === false ? data : deflateRawSync(data));
    const header = (own: HeaderLies = {}) => {
      const {
        name = entry.name,
        flags = 0x800,
        method = entry.deflate === false ? 0 : 8,
        crc = crc32(data),
      } = {
        ...entry.both,
        ...own,
      };
      const { packedBytes = packed.length, bytes = data.length, extra = new Uint8Array(0) } = {
        ...entry.both,
        ...own,
      };
      const fields = numbers(
        [20, 2],
        [flags, 2],
        [method, 2],
        [0, 2],
        [0x21, 2],
        [crc, 4],
        [packedBytes, 4],
        [bytes, 4],
        [bytesOf(name).length, 2],
        [extra.length, 2],
      );
      return { fields, name: bytesOf(name), extra };
    };
    const before = entry.before ?? new Uint8Array(0);
    const local = header(entry.local);
    const central = header(entry.central);
    const own = [numbers([0x04034b50, 4]), local.fields, local.name, local.extra, packed];
    const whole = concat([before, ...own, entry.descriptor ?? new Uint8Array(0)]);
    parts.push(whole);
    directory.push(
      numbers([0x02014b50, 4], [(entry.system ?? 3) << 8 | 20, 2]),
      central.fields,
      numbers([0, 2], [0, 2], [0, 2], [(entry.mode ?? 0o100644) * 0x10000, 4], [
        entry.headerAt ?? at + before.length,
        4,
      ]),
      central.name,
      central.extra,
    );
    at += whole.length;
  }
  const beforeDirectory = lies.beforeDirectory ?? new Uint8Array(0);
  const list = concat(directory);
  const comment = bytesOf(lies.comment ?? "");
  const count = lies.count ?? entries.length;
  const end = numbers(
    [0x06054b50, 4],
    [lies.disk ?? 0, 2],
    [lies.disk ?? 0, 2],
    [lies.countHere ?? count, 2],
    [count, 2],
    [lies.directorySize ?? list.length, 4],
    [lies.directoryAt ?? at + beforeDirectory.length, 4],
    [comment.length, 2],
  );
  const none = new Uint8Array(0);
  return concat([...parts, beforeDirectory, list, lies.beforeEnd ?? none, end, comment, lies.after ?? none]);
}
