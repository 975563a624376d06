import type { RecordedStep } from "../run/mod.ts";
import { ifThere } from "./_if_there.ts";
import type { StoredBlob, StoredEnd, StoredHead } from "./types.ts";

/** What `session.json` of a session says. */
export interface SessionFile {
  /** Its start. */
  readonly head: StoredHead;
  /** Who writes it, until it has ended. */
  readonly writer?: string;
  /** How it ended; `end.json` has the rest. */
  readonly end?: Omit<StoredEnd, "json"> & { readonly stepCount: number };
}

/**
 * The files of a local log:
 *
 * - `<partition>/<id>/session.json`: start, and how it ended · `steps.jsonl`: a step a line · `end.json`: what came of it
 * - `<partition>/errors.jsonl`: errors outside of sessions, one a line
 * - `.blobs/<hash>`: long texts, once each
 *
 * Whole files are written beside their place and then renamed, so that they are there whole or not at all; of lines that are
 * appended, a last one that is cut off does not count.
 */
export class LocalFiles {
  readonly #dir: string;
  readonly #open = new Map<string, Deno.FsFile>();

  /** Creates the files of a folder; nothing is made yet. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Reads what is known of a session; `undefined` if it is not there. */
  readSession(partition: string, id: string): SessionFile | undefined {
    const text = readText(`${this.#folder(partition, id)}/session.json`);
    return text === undefined ? undefined : JSON.parse(text) as SessionFile;
  }

  /** Writes what is known of a session. */
  saveSession(partition: string, session: SessionFile): void {
    const folder = this.#folder(partition, session.head.id);
    Deno.mkdirSync(folder, { recursive: true });
    saveWhole(`${folder}/session.json`, JSON.stringify(session));
    if (session.end !== undefined) this.#closeFile(`${folder}/steps.jsonl`);
  }

  /** Lists the sessions of a partition. */
  listSessions(partition: string): SessionFile[] {
    return listFolders(`${this.#dir}/${encode(partition)}`).flatMap((name) => {
      const text = readText(`${this.#dir}/${encode(partition)}/${name}/session.json`);
      return text === undefined ? [] : [JSON.parse(text) as SessionFile];
    });
  }

  /** Lists the partitions. */
  listPartitions(): string[] {
    return listFolders(this.#dir).map((name) => decodeURIComponent(name));
  }

  /** Removes a session. */
  removeSession(partition: string, id: string): void {
    const folder = this.#folder(partition, id);
    this.#closeFile(`${folder}/steps.jsonl`);
    const gone = `${this.#dir}/.gone-${crypto.randomUUID()}`;
    Deno.renameSync(folder, gone); // not there for anybody from now on
    Deno.removeSync(gone, { recursive: true });
  }

  /** Appends steps of a session, in one write. */
  appendSteps(partition: string, id: string, steps: readonly RecordedStep[]): void {
    const folder = this.#folder(partition, id);
    if (steps.length === 0 || !exists(`${folder}/session.json`)) return;
    this.#append(`${folder}/steps.jsonl`, steps.map((step) => JSON.stringify(step)));
  }

  /** Raises the indexes of the steps of a session, where there are any. */
  raiseSteps(partition: string, id: string, by: number): void {
    const path = `${this.#folder(partition, id)}/steps.jsonl`;
    const steps = this.readSteps(partition, id).map((step) => ({ ...step, index: step.index + by }));
    if (steps.length === 0) return;
    this.#closeFile(path);
    saveWhole(path, steps.map((step) => `${JSON.stringify(step)}\n`).join(""));
  }

  /** Reads the steps of a session, by index. */
  readSteps(partition: string, id: string): RecordedStep[] {
    const byIndex = new Map<number, RecordedStep>();
    for (const line of readLines(`${this.#folder(partition, id)}/steps.jsonl`)) {
      const step = JSON.parse(line) as RecordedStep;
      byIndex.set(step.index, step);
    }
    return [...byIndex.values()].sort((a, b) => a.index - b.index);
  }

  /** Writes what came of a session. */
  saveEnd(partition: string, id: string, json: string): void {
    saveWhole(`${this.#folder(partition, id)}/end.json`, json);
  }

  /** Reads what came of a session. */
  readEnd(partition: string, id: string): string | undefined {
    return readText(`${this.#folder(partition, id)}/end.json`);
  }

  /** Appends an error. */
  appendError(partition: string, json: string): void {
    Deno.mkdirSync(`${this.#dir}/${encode(partition)}`, { recursive: true });
    this.#append(`${this.#dir}/${encode(partition)}/errors.jsonl`, [json]);
  }

  /** Reads the errors of a partition. */
  readErrors(partition: string): string[] {
    return readLines(`${this.#dir}/${encode(partition)}/errors.jsonl`);
  }

  /** Writes a long text, if it is not there. */
  saveBlob({ hash, text }: StoredBlob): void {
    const path = `${this.#dir}/.blobs/${hash}`;
    if (exists(path)) return;
    Deno.mkdirSync(`${this.#dir}/.blobs`, { recursive: true });
    saveWhole(path, text);
  }

  /** Reads a long text. */
  readBlob(hash: string): string {
    return Deno.readTextFileSync(`${this.#dir}/.blobs/${hash}`);
  }

  /** Removes a long text. */
  removeBlob(hash: string): void {
    Deno.removeSync(`${this.#dir}/.blobs/${hash}`);
  }

  /** Adds up all files, those that show who writes left out. */
  countBytes(): number {
    const folders = listFolders(this.#dir).map((name) => `${this.#dir}/${name}`);
    return [...folders, `${this.#dir}/.blobs`].reduce((sum, folder) => sum + sizeOf(folder), 0);
  }

  /** Closes what is open. */
  close(): void {
    for (const path of [...this.#open.keys()]) this.#closeFile(path);
  }

  /** A line that a dead program left half written is ended first, so that it spoils no other. */
  #append(path: string, lines: readonly string[]): void {
    let file = this.#open.get(path);
    let start = "";
    if (file === undefined) {
      if (this.#open.size >= MAX_OPEN_FILES) this.close();
      file = Deno.openSync(path, { append: true, create: true, read: true });
      const { size } = file.statSync();
      if (size > 0) {
        const last = new Uint8Array(1);
        file.seekSync(size - 1, Deno.SeekMode.Start);
        file.readSync(last);
        if (last[0] !== NEWLINE) start = "\n";
      }
      this.#open.set(path, file);
    }
    const bytes = new TextEncoder().encode(`${start}${lines.join("\n")}\n`);
    for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  }

  #closeFile(path: string): void {
    this.#open.get(path)?.close();
    this.#open.delete(path);
  }

  #folder(partition: string, id: string): string {
    return `${this.#dir}/${encode(partition)}/${encode(id)}`;
  }
}

const NEWLINE = 10;
const MAX_OPEN_FILES = 100;

/** A name that is one file's, whatever is in it. */
function encode(name: string): string {
  return encodeURIComponent(name).replaceAll(
    /[.*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function listFolders(path: string): string[] {
  const entries = ifThere(() => [...Deno.readDirSync(path)]) ?? [];
  return entries.filter(({ isDirectory, name }) => isDirectory && !name.startsWith(".")).map(({ name }) =>
    name
  );
}

/** Files come and go while they are counted. */
function sizeOf(path: string): number {
  const info = ifThere(() => Deno.statSync(path));
  if (info?.isDirectory !== true) return info?.size ?? 0;
  const names = ifThere(() => [...Deno.readDirSync(path)]) ?? [];
  return names.reduce((sum, { name }) => sum + sizeOf(`${path}/${name}`), 0);
}

function readText(path: string): string | undefined {
  return ifThere(() => Deno.readTextFileSync(path));
}

/** The whole lines of a file; what a dead program left of one does not count. */
function readLines(path: string): string[] {
  return (readText(path) ?? "").split("\n").filter((line) => line !== "" && isJson(line));
}

function isJson(line: string): boolean {
  if (line.endsWith("}")) {
    try {
      JSON.parse(line);
      return true;
    } catch {
      // a part of a line may end so too
    }
  }
  return false;
}

function exists(path: string): boolean {
  return ifThere(() => Deno.statSync(path)) !== undefined;
}

function saveWhole(path: string, text: string): void {
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  Deno.writeTextFileSync(draft, text);
  Deno.renameSync(draft, path);
}
