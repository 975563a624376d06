import { nextTurn } from "../util/mod.ts";
import { type ErrorRecord, toErrorRecord } from "./error_record.ts";
import { type Journal, listJournals, readJournal } from "./_journal.ts";
import type { Presence } from "./_presence.ts";
import { soFarSql } from "./_rows.ts";
import type { SqliteDatabase } from "./_sqlite_database.ts";
import type { SqliteWriter } from "./_sqlite_write.ts";

/** So much of a journal is brought to its place at once. Units: bytes. */
const PART_BYTES = 2_000_000;
/** From this size on a file of a journal is left for the next one when all of it is in its place. Units: bytes. */
const LONG_BYTES = 1_000_000;

/** Brings what programs have appended to their journals to its place in the database. */
export class SqliteIntake {
  readonly #db: SqliteDatabase;
  readonly #writer: SqliteWriter;
  readonly #presence: Presence;
  readonly #own: Journal;

  /** Creates the intake of a database; `own` is the journal of this program. */
  constructor(db: SqliteDatabase, writer: SqliteWriter, presence: Presence, own: Journal) {
    this.#db = db;
    this.#writer = writer;
    this.#presence = presence;
    this.#own = own;
  }

  /** Brings everything to its place, in parts, with pauses. Sessions whose program died are interrupted from then on. */
  async takeAll(): Promise<void> {
    await this.#takeOf(() => true);
    if (this.#own.size > LONG_BYTES && this.#positionOf(this.#own.name) === this.#own.size) this.#leaveOwn();
  }

  /** Brings what other programs have appended to its place, in the same way. */
  async takeOthers(): Promise<void> {
    await this.#takeOf((id) => id !== this.#presence.id);
  }

  async #takeOf(isAskedFor: (writerId: string) => boolean): Promise<void> {
    const { folder } = this.#presence;
    const files = listJournals(folder);
    const running = this.#db.all<{ writer: string }>(
      "SELECT DISTINCT writer FROM sessions WHERE listed < 2 AND state IN ('running', 'deleted')",
    );
    const ids = new Set([...files.map(({ writerId }) => writerId), ...running.map(({ writer }) => writer)]);
    for (const id of ids) {
      if (!isAskedFor(id)) continue;
      const isAlive = this.#presence.isAlive(id); // before its journals are looked for: what is dead adds nothing
      for (const { name, writerId, size } of isAlive ? files : listJournals(folder)) {
        if (writerId !== id) continue;
        const isLeft = !isAlive || (id === this.#presence.id && name !== this.#own.name);
        if (isLeft || size > this.#positionOf(name)) { while (this.#takePart(name, id)) await nextTurn(); }
        if (isLeft) this.#forget(name);
      }
      if (!isAlive) this.#bury(id);
    }
  }

  /** Brings what this program has appended to its place; it appends no more. */
  takeOwn(): void {
    const { id } = this.#presence;
    for (const { name, writerId } of listJournals(this.#presence.folder)) {
      if (writerId !== id) continue;
      while (this.#takePart(name, id));
      if (name !== this.#own.name) this.#forget(name);
    }
    this.#leaveOwn();
  }

  /** Brings so many bytes, or a part more, of files that this program has left to their place; tells whether there may be more. */
  takeSomeLeft(bytes: number): boolean {
    const { id, folder } = this.#presence;
    for (let taken = 0; taken <= bytes; taken += PART_BYTES) {
      const left = listJournals(folder).find(({ name, writerId }) =>
        writerId === id && name !== this.#own.name
      );
      if (left === undefined) return false;
      if (!this.#takePart(left.name, id)) this.#forget(left.name);
    }
    return true;
  }

  /** Tells whether there may be more. */
  #takePart(name: string, writerId: string): boolean {
    const path = `${this.#presence.folder}/${name}`;
    return this.#writer.transaction(() => {
      const position = this.#positionOf(name);
      const { entries, damaged, end, hasMore } = readJournal(path, position, PART_BYTES);
      if (end === position) return false;
      this.#writer.write(writerId, entries);
      if (damaged > 0) this.#writer.addError("default", JSON.stringify(damageOf(path, damaged)));
      this.#db.run("INSERT OR REPLACE INTO journals (name, position) VALUES (?, ?)", name, end);
      return hasMore;
    });
  }

  #positionOf(name: string): number {
    const sql = "SELECT position FROM journals WHERE name = ?";
    return this.#db.get<{ position: number }>(sql, name)?.position ?? 0;
  }

  #leaveOwn(): void {
    const { name } = this.#own;
    this.#own.leaveFile();
    this.#forget(name);
  }

  /** The file goes before its position does: nothing is taken twice, whenever this is cut short. */
  #forget(name: string): void {
    this.#presence.remove(name);
    this.#db.run("DELETE FROM journals WHERE name = ?", name);
  }

  /** Interrupts the sessions of a program that died. */
  #bury(writerId: string): void {
    const db = this.#db;
    this.#writer.transaction(() => {
      const sql = "SELECT seq FROM sessions WHERE listed < 2 AND state = 'running' AND writer = ?";
      for (const { seq } of db.all<{ seq: number }>(sql, writerId)) {
        db.run(
          "UPDATE sessions SET state = 'interrupted', writer = NULL, (cost_usd, tokens, step_count) = " +
            `(${soFarSql("", "session = ?")}) WHERE seq = ?`,
          seq,
          seq,
        );
      }
      this.#writer.deleteRemains(writerId);
    });
    this.#presence.remove(writerId);
  }
}

/** An outage of the machine may leave lines that were never written whole. */
function damageOf(path: string, lines: number): ErrorRecord {
  const found = lines === 1 ? "a damaged line" : `${lines} damaged lines`;
  return toErrorRecord(
    new Error(`Cannot read all of journal "${path}": expected entries, found ${found}`),
    {},
  );
}
