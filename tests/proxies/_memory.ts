import { Buffer } from "node:buffer";

const CHUNK = 8 * 1024 * 1024;

/** The processes on this machine whose command line has `text`. Linux only. */
export function processesWith(text: string): number[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name) && Number(name) !== Deno.pid)
    .filter(({ name }) => {
      try {
        return Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(text);
      } catch {
        return false; // it ended meanwhile
      }
    }).map(({ name }) => Number(name));
}

const PAGE = 4096;
const PRESENT = 0x80;
const SWAPPED = 0x40;

/** Which of some texts are anywhere in the memory of a process, as UTF-8 or UTF-16. Linux only. */
export function textsInMemory(pid: number, texts: readonly string[]): { found: string[]; bytes: number } {
  const patterns = texts.flatMap((text) =>
    (["utf8", "utf16le"] as const).map((encoding) => ({ text, bytes: Buffer.from(text, encoding) }))
  );
  const overlap = Math.max(...patterns.map(({ bytes }) => bytes.length));
  const found = new Set<string>();
  const buffer = Buffer.alloc(CHUNK);
  let total = 0;
  using memory = Deno.openSync(`/proc/${pid}/mem`);
  for (const [from, to] of usedRanges(pid)) {
    for (let at = from; at < to; at += CHUNK - overlap) {
      const count = readAt(memory, at, buffer.subarray(0, Math.min(CHUNK, to - at)));
      const part = buffer.subarray(0, count);
      for (const { text, bytes } of patterns) if (part.includes(bytes)) found.add(text);
      total += count;
    }
  }
  return { found: [...found], bytes: total };
}

/** The parts of a process's readable memory that hold anything. */
function* usedRanges(pid: number): Generator<[from: number, to: number]> {
  using pages = Deno.openSync(`/proc/${pid}/pagemap`);
  const entries = new Uint8Array(CHUNK);
  for (const line of Deno.readTextFileSync(`/proc/${pid}/maps`).split("\n")) {
    const [, first, last, name = ""] = /^([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+\s*(.*)$/.exec(line) ?? [];
    if (first === undefined || name.startsWith("[v")) continue;
    const [start, end] = [parseInt(first, 16), parseInt(last!, 16)];
    let from: number | null = null;
    for (let at = start; at < end;) {
      const count = readAt(pages, at / PAGE * 8, entries.subarray(0, Math.min(CHUNK, (end - at) / PAGE * 8)));
      if (count === 0) break;
      for (let i = 7; i < count; i += 8, at += PAGE) {
        const isUsed = (entries[i]! & (PRESENT | SWAPPED)) !== 0;
        if (isUsed) from ??= at;
        else if (from !== null) {
          yield [from, at];
          from = null;
        }
      }
    }
    if (from !== null) yield [from, end];
  }
}

/** Reads what can be read; what cannot gives 0. */
function readAt(file: Deno.FsFile, at: number, into: Uint8Array): number {
  try {
    file.seekSync(at, Deno.SeekMode.Start);
    return file.readSync(into) ?? 0;
  } catch {
    return 0;
  }
}
