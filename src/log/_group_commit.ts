import { outsideRun } from "../util/mod.ts";
import type { LogEntry } from "./types.ts";

/** Whose entries they are. */
export interface EntryOwner {
  /** Hears that a group with an entry of its own could not be written, before anybody else does. */
  failed(reason: unknown): void;
}

/** Entries that go to the backend in one piece, and whose they are. */
interface Group {
  entries: LogEntry[];
  owners: (EntryOwner | undefined)[];
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Writes entries in groups: what comes while a group is being written, or when one event of the loop brings several steps to their end,
 * makes the next one. So a hundred runs at once cost one transaction, and a single run waits for nothing else.
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

  /**
   * Adds entries to the open group; resolves when they are safe, rejects when the group could not be written. Those of an owner, who goes
   * on adding, are dropped when earlier ones of the same owner could not be written.
   */
  add(entries: readonly LogEntry[], owner?: EntryOwner): Promise<void> {
    const group = this.#open ??= createGroup();
    for (const entry of entries) {
      group.entries.push(entry);
      group.owners.push(owner);
    }
    this.#writing ??= outsideRun(() => this.#writeGroups());
    return group.done;
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
        // What one event of the loop brings to its end ends within a few microtasks; a turn of the loop more would cost as much as writing.
        for (let i = 0; i < MICROTASKS; i++) await undefined;
        const group = this.#current = this.#open;
        this.#open = undefined;
        if (group === undefined) return;
        try {
          const written = this.#write(group.entries);
          if (written !== undefined) await written;
          group.resolve();
        } catch (error) {
          for (const owner of group.owners) owner?.failed(error);
          if (this.#open !== undefined) drop(this.#open, new Set(group.owners));
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

const MICROTASKS = 8;

function drop(group: Group, failed: ReadonlySet<EntryOwner | undefined>): void {
  const { entries, owners } = group;
  const isKept = owners.map((owner) => owner === undefined || !failed.has(owner));
  group.entries = entries.filter((_, i) => isKept[i]);
  group.owners = owners.filter((_, i) => isKept[i]);
}

function createGroup(): Group {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {}); // whoever waits hears of it
  return { entries: [], owners: [], done: promise, resolve, reject };
}
