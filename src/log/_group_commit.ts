import { nextTurn, outsideRun } from "../util/mod.ts";
import type { LogEntry } from "./types.ts";

/**
 * Makes entries when their group is written, one after the other: much faster than each at its time, when the engine has done other things
 * since the last one.
 */
export interface EntryMaker<Part> {
  /** Gives nothing where there is nothing to write. `written` resolves when the entry is safe. It must not throw. */
  make(part: Part, written: Promise<void>): LogEntry | undefined;
  /** Hears of it when the group could not be written, before the next one is made. */
  failed?(reason: unknown): void;
}

/** Entries that go to the backend in one piece: who makes each, and of what. */
interface Group {
  readonly makers: EntryMaker<unknown>[];
  readonly parts: unknown[];
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Writes entries in groups: what comes while a group is being written, or in the same turn of the event loop, makes the next
 * one. So a hundred runs at once cost one transaction, and a single run waits for no timer.
 */
export class GroupCommit {
  readonly #write: (entries: readonly LogEntry[]) => void | Promise<void>;
  #open: Group | undefined;
  #current: Group | undefined;
  #writing: Promise<void> | undefined;

  /** Creates a queue in front of a backend. */
  constructor(write: (entries: readonly LogEntry[]) => void | Promise<void>) {
    this.#write = write;
  }

  /** Adds entries to the open group; resolves when they are safe, rejects when the group could not be written. */
  add(entries: readonly LogEntry[]): Promise<void> {
    let { done } = this.#openGroup();
    for (const entry of entries) done = this.addLater(AS_IT_IS, entry);
    return done;
  }

  /** Adds an entry that is made when the group is written. */
  addLater<Part>(maker: EntryMaker<Part>, part: Part): Promise<void> {
    const group = this.#openGroup();
    group.makers.push(maker as EntryMaker<unknown>);
    group.parts.push(part);
    return group.done;
  }

  #openGroup(): Group {
    const group = this.#open ??= createGroup();
    this.#writing ??= outsideRun(() => this.#writeGroups());
    return group;
  }

  /** Resolves when everything that was added until now is written, or has failed. */
  async settle(): Promise<void> {
    await (this.#open ?? this.#current)?.done.catch(() => {});
  }

  /** Resolves when nothing is left to write. */
  async drain(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #writeGroups(): Promise<void> {
    try {
      while (true) {
        await nextTurn();
        const group = this.#current = this.#open;
        this.#open = undefined;
        if (group === undefined) return;
        try {
          const written = this.#write(makeEntries(group));
          if (written !== undefined) await written;
          group.resolve();
        } catch (error) {
          for (const maker of group.makers) maker.failed?.(error);
          group.reject(error);
        }
        this.#current = undefined;
        if (this.#open === undefined) return;
      }
    } finally {
      this.#writing = undefined;
    }
  }
}

const AS_IT_IS: EntryMaker<LogEntry> = { make: (entry) => entry };

function makeEntries({ makers, parts, done }: Group): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let i = 0; i < makers.length; i++) {
    const entry = makers[i]!.make(parts[i], done);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function createGroup(): Group {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {}); // whoever waits hears of it
  return { makers: [], parts: [], done: promise, resolve, reject };
}
