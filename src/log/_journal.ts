import { ByteBuffer } from "./_byte_buffer.ts";
import { ifThere } from "./_if_there.ts";
import type { LogEntry } from "./types.ts";
import { readLine, writeLine } from "./_journal_text.ts";
import { inWritersFolder } from "./_writers_folder.ts";

/**
 * A file to which one program appends what it keeps, a line an entry. That is all that a step waits for: no lock, no index, no page
 * that is written twice. Whoever reads the store brings what is in it to its place.
 */
export class Journal {
  readonly #writerId: string;
  readonly #folder: string;
  readonly #surviveOutage: boolean;
  #file: Deno.FsFile | undefined;
  readonly #buffer = new ByteBuffer((bytes) => this.#write(bytes));
  #number = 0;
  #size = 0;
  #lookedAt = 0;

  /** Creates the journal of a writer; its file is made with the first entry. */
  constructor(writerId: string, folder: string, options: { surviveOutage: boolean }) {
    this.#writerId = writerId;
    this.#folder = folder;
    this.#surviveOutage = options.surviveOutage;
  }

  /** The name of the file. */
  get name(): string {
    return `${this.#writerId}.${this.#number}${ENDING}`;
  }

  /** Whether the file is open: not before its first entry, and not when it was left. */
  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** How many bytes are in the file. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends entries; they survive the death of the program when this returns. What could not be written whole, as on a full disk, stays
   * as it is: a reader may have been there already. What comes after it goes to the next file.
   */
  append(entries: readonly LogEntry[]): void {
    this.#file ??= Deno.openSync(`${this.#folder}/${this.name}`, { create: true, append: true });
    this.#checkIsThere(this.#file);
    const before = this.#size;
    try {
      for (const entry of entries) writeLine(entry, this.#buffer);
      this.#buffer.flush();
      if (this.#surviveOutage) this.#file.syncDataSync();
    } catch (error) {
      const path = `${this.#folder}/${this.name}`;
      if (this.#size > before) this.leaveFile();
      throw new Error(`Cannot append to journal "${path}": ${(error as Error).message}`, { cause: error });
    }
  }

  #write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) {
      const count = this.#file!.writeSync(written === 0 ? bytes : bytes.subarray(written));
      written += count;
      this.#size += count;
    }
  }

  /** Somebody may remove it; then nothing that is written to it is kept. Looking each time would cost as much as writing. */
  #checkIsThere(file: Deno.FsFile): void {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_AFTER_MS) return;
    this.#lookedAt = now;
    if (file.statSync().nlink !== 0) return;
    const { name } = this;
    this.leaveFile();
    throw new Error(
      `Cannot append to journal "${this.#folder}/${name}": expected the file, found that it was removed`,
    );
  }

  /** Leaves the file as it is: what comes goes to the next one. */
  leaveFile(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#number++;
    this.#size = 0;
  }
}

/** A file of a journal. */
export interface JournalFile {
  readonly name: string;
  readonly writerId: string;
  /** In bytes. */
  readonly size: number;
}

/** Lists the files of the journals in a folder, those of one writer in their order. */
export function listJournals(folder: string): JournalFile[] {
  const files: (JournalFile & { number: number })[] = [];
  for (const { name } of readFolder(folder)) {
    const [, writerId, number] = NAME.exec(name) ?? [];
    if (writerId === undefined) continue;
    const size = ifThere(() => Deno.statSync(`${folder}/${name}`).size);
    if (size !== undefined) files.push({ name, writerId, size, number: Number(number) });
  }
  return files.sort((a, b) => a.number - b.number);
}

function readFolder(folder: string): Deno.DirEntry[] {
  return inWritersFolder(folder, () => ifThere(() => [...Deno.readDirSync(folder)])) ?? [];
}

const ENDING = ".journal";
const NAME = /^([\w-]+)\.(\d+)\.journal$/;

/** Some entries of a journal, and where the next ones begin. */
export interface JournalPart {
  readonly entries: readonly LogEntry[];
  /** Lines that are none: an outage of the machine may leave such. */
  readonly damaged: number;
  /** In bytes. */
  readonly end: number;
  /** Whether there may be more. */
  readonly hasMore: boolean;
}

/** Reads whole lines of a journal from a position on, about as many bytes as are asked for; the last line may be still being written. */
export function readJournal(path: string, position: number, bytes: number): JournalPart {
  using file = ifThere(() => Deno.openSync(path, { read: true }));
  const nothing = { entries: [], damaged: 0, end: position, hasMore: false };
  if (file === undefined) return nothing;
  for (let size = bytes;; size *= 4) {
    const read = readAt(file, position, size);
    const length = (size === bytes ? read.lastIndexOf(LINE_FEED) : read.indexOf(LINE_FEED)) + 1; // a long line comes alone
    const isFull = read.length === size;
    if (length > 0) {
      const hasMore = isFull || size > bytes;
      return { ...readLines(decoder.decode(read.subarray(0, length))), end: position + length, hasMore };
    }
    if (!isFull) return nothing;
  }
}

function readLines(text: string): Pick<JournalPart, "entries" | "damaged"> {
  const entries: LogEntry[] = [];
  let damaged = 0;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf("\n", start);
    try {
      entries.push(readLine(text.slice(start, end)));
    } catch {
      damaged++;
    }
    start = end + 1;
  }
  return { entries, damaged };
}

function readAt(file: Deno.FsFile, position: number, size: number): Uint8Array {
  const buffer = new Uint8Array(size);
  file.seekSync(position, Deno.SeekMode.Start);
  let length = 0;
  while (length < size) {
    const count = file.readSync(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

const LINE_FEED = 10;
const LOOK_AFTER_MS = 1_000;
const decoder = new TextDecoder();
