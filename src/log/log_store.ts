import { LLLMError } from "../errors.ts";
import type { Resolver } from "../run/mod.ts";
import {
  checkRecordVersion,
  type SessionHead,
  type SessionRecord,
  type SessionStore,
  type SessionWriter,
  TacticCallSession,
  type TacticCallState,
  toSessionRecord,
} from "../session/mod.ts";
import { checkRecord } from "./_check_record.ts";
import { checkQuery } from "./_check_query.ts";
import { addUpCosts, type CostSummary } from "./cost_summary.ts";
import { ContentShrinker } from "./_content.ts";
import { unwrapRecord, unwrapSteps, wrapRecord } from "./_cut.ts";
import { GroupCommit } from "./_group_commit.ts";
import { EntryWriter } from "./_session_writer.ts";
import { type ContentOptions, toEntries, toRecord } from "./_stored.ts";
import { resolveTacticKey } from "./_tactic_key.ts";
import { type ErrorRecord, toErrorRecord } from "./error_record.ts";
import { type ExportFormat, writeExport } from "./export_session.ts";
import type { ContentLimits } from "./limits.ts";
import { prepareContent, type Redact } from "./redact.ts";
import { checkRetention, forgetBeyond, type Retention } from "./retention.ts";
import type { LogBackend, SessionFilter, SessionSummary } from "./types.ts";

/** Options of a {@linkcode LogStore}. */
export interface LogStoreOptions {
  /** Which part of the store: sessions of one are not seen in another. Default: `"default"`. */
  partition?: string;
  /** Resolves the keys of tactics in filters. Default: the run around, else the default runtime. */
  runtime?: Resolver;
  /**
   * Changes what is kept, beyond the secrets that are scrubbed anyway. What it takes away, a replay does not have. Default: nothing.
   */
  redact?: Redact;
  /** How much is kept of each content; what is longer is cut, and cannot be replayed. Default: everything. */
  limits?: ContentLimits;
  /** Which sessions stay: see {@linkcode LogStore.applyRetention}. Default: all. */
  retention?: Retention;
}

/** Which sessions. */
export interface SessionQuery {
  /** Those of one tactic, by any form of its key. Default: all. */
  tacticPath?: string;
  /** Those that have all of these tags. Default: all. */
  tags?: Readonly<Record<string, string>>;
  /** Those in this state. Default: all. */
  state?: TacticCallState;
  /** Those that started then or later: ISO 8601, or a date. Default: all. */
  after?: string | Date;
  /** Those that started then or earlier: ISO 8601, or a date. Default: all. */
  before?: string | Date;
}

/** Options of {@linkcode LogStore.listSessions}. */
export interface ListSessionsOptions extends SessionQuery {
  /** How many at most. Default: 100. */
  limit?: number;
  /** Goes on after the session with this `cursor`. Default: begins with the newest. */
  cursor?: string;
}

/**
 * Keeps sessions, and finds them again. Runs of a tactic that is given the store are kept while they go on: each step is safe
 * before its result is handed on.
 *
 * @example
 * ```ts
 * import { sqliteStore } from "@lllm/lllm/log";
 * import { Tactic } from "@lllm/lllm/tactic";
 * import assert from "node:assert/strict";
 *
 * class Shout extends Tactic {
 *   name = "shout";
 *   call(task: string) {
 *     return task.toUpperCase();
 *   }
 * }
 * await using logStore = sqliteStore(":memory:");
 * await new Shout({ logStore }).run("hello", { tags: { kind: "test" } });
 * const [newest] = await logStore.listSessions({ tacticPath: "shout", tags: { kind: "test" } });
 * assert.equal((await logStore.loadSessionRecord(newest!.id)).result, "HELLO");
 * ```
 */
export class LogStore implements SessionStore, AsyncDisposable {
  /** Which part of the store this is. */
  readonly partition: string;
  /** Whether the store keeps nothing: then nothing is recorded. */
  readonly keepsNothing: boolean;
  readonly #backend: LogBackend;
  readonly #resolver: Resolver | undefined;
  readonly #queue: GroupCommit;
  readonly #content: ContentOptions;
  readonly #retention: Retention | undefined;
  /** What is forgotten since the first session was kept. */
  #forgetting: Promise<unknown> | undefined;

  /** Creates a store over a backend; nothing is opened yet. */
  constructor(backend: LogBackend & { readonly keepsNothing?: boolean }, options: LogStoreOptions = {}) {
    const { partition = "default", runtime, redact, limits, retention } = options;
    if (typeof partition !== "string" || partition === "") {
      throw new TypeError(
        `Cannot create a log store: expected a partition, found ${JSON.stringify(partition)}`,
      );
    }
    this.partition = partition;
    this.keepsNothing = backend.keepsNothing ?? false;
    this.#backend = backend;
    this.#resolver = runtime;
    this.#content = { partition, shrinker: new ContentShrinker(), redact: prepareContent(redact, limits) };
    this.#retention = retention === undefined ? undefined : checkRetention(retention, backend);
    this.#queue = new GroupCommit((entries) => backend.write(entries));
  }

  /** Begins to keep a run, step by step. Tactics call it. One with the id of a session that is there goes on with it. */
  startSession(head: SessionHead): SessionWriter {
    const writer = new EntryWriter(head, this.#content, this.#queue);
    this.#forgetAfter(writer.started);
    return writer;
  }

  /**
   * Keeps a session, or a whole record, in place of an earlier one with the same id.
   *
   * @returns its id
   * @throws {LLLMError} `record_too_new`, for a record of a newer version.
   * @throws {TypeError} for a record with a field that is not as it has to be.
   */
  async saveSession(session: SessionRecord | TacticCallSession<unknown>): Promise<string> {
    const record = session instanceof TacticCallSession ? toSessionRecord(session, []) : checkRecord(session);
    const kept = this.#queue.add(toEntries(wrapRecord(record), this.#content));
    this.#forgetAfter(kept);
    await kept;
    return record.id;
  }

  /**
   * Keeps an error that belongs to no session, with facts about where it came from.
   *
   * @returns its id
   */
  async saveError(error: unknown, context: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const record = toErrorRecord(error, context);
    const { partition } = this;
    await this.#queue.add([{ type: "error", partition, id: record.id, json: JSON.stringify(record) }]);
    return record.id;
  }

  /** Lists errors that belong to no session, the newest first. */
  async listErrors(options: { limit?: number } = {}): Promise<ErrorRecord[]> {
    await this.#queue.settle();
    const texts = await this.#backend.listErrors(this.partition, checkLimit(options.limit ?? 100));
    return texts.map((text) => JSON.parse(text) as ErrorRecord);
  }

  /**
   * Lists sessions, the newest first. The `cursor` of the last one leads to the next page, whatever is added meanwhile.
   *
   * @throws {RangeError} for a limit that is no positive integer, and for a date that is none.
   */
  async listSessions(options: ListSessionsOptions = {}): Promise<SessionSummary[]> {
    const { limit = 100, cursor, ...query } = options;
    const filter = this.#filter(query);
    await this.#queue.settle();
    const page = { ...filter, limit: checkLimit(limit), ...(cursor === undefined ? {} : { cursor }) };
    return [...await this.#backend.list(page)];
  }

  /**
   * Loads a session as tactics give it.
   *
   * @throws {LLLMError} `session_not_found`; `record_too_new`.
   */
  async loadSession(id: string): Promise<TacticCallSession<unknown>> {
    return TacticCallSession.fromJSON((await this.loadSessionRecord(id)).session);
  }

  /**
   * Loads the whole record of a session: what it was asked, every step, what came of it.
   *
   * @throws {LLLMError} `session_not_found`; `record_too_new`.
   */
  async loadSessionRecord(id: string): Promise<SessionRecord> {
    await this.#queue.settle();
    const stored = await this.#backend.load(this.partition, id);
    if (stored === undefined) throw notFound(id, this.partition);
    checkRecordVersion(stored.head.version, id);
    return unwrapRecord(toRecord(unwrapSteps(stored)));
  }

  /**
   * Writes a session for other programs or for people: `json`, one object; `jsonl`, the record without its steps in the first
   * line, then a step a line; `markdown`, to read.
   *
   * @throws {LLLMError} `session_not_found`; `record_too_new`.
   * @throws {RangeError} for another format.
   */
  async exportSession(id: string, options: { format?: ExportFormat } = {}): Promise<string> {
    const { format = "json" } = options;
    return writeExport(await this.loadSessionRecord(id), format);
  }

  /** Adds up what sessions cost: in all, by tactic, by day, by model. */
  async exportCostSummary(query: SessionQuery = {}): Promise<CostSummary> {
    const filter = this.#filter(query);
    await this.#queue.settle();
    const [rows, models] = await Promise.all([
      this.#backend.sumCosts(filter),
      this.#backend.sumModelCosts(filter),
    ]);
    return addUpCosts(rows, models);
  }

  /**
   * Forgets a session.
   *
   * @throws {LLLMError} `session_not_found`.
   */
  async deleteSession(id: string): Promise<void> {
    await this.#queue.settle();
    if (!await this.#backend.delete(this.partition, id)) throw notFound(id, this.partition);
  }

  /**
   * Forgets old sessions: those that started before a time, and all but the newest ones. Runs that go on are kept.
   *
   * @returns how many were forgotten
   * @throws {TypeError} where neither a filter nor `keepNewest` says which; {RangeError} for a `keepNewest` that is no whole number.
   */
  async prune(options: SessionQuery & { keepNewest?: number } = {}): Promise<number> {
    const { keepNewest = 0, ...filters } = options;
    const query = checkQuery(filters);
    if (!(Number.isInteger(keepNewest) || keepNewest === Infinity) || keepNewest < 0) {
      throw new RangeError(
        `Cannot prune sessions: expected keepNewest to be a whole number from 0, found ${keepNewest}`,
      );
    }
    if (keepNewest === 0 && Object.keys(query).length === 0) {
      throw new TypeError("Cannot prune sessions: expected a filter or keepNewest, found neither");
    }
    let cursor: string | undefined;
    for (let left = keepNewest; left > 0;) {
      const limit = Math.min(left, PAGE);
      const page = await this.listSessions({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
      if (page.length < limit) return 0;
      cursor = page.at(-1)!.cursor;
      left -= limit;
    }
    let count = 0;
    while (true) {
      const page = await this.listSessions({
        ...query,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { id, state } of page) {
        if (state !== "running" && await this.#backend.delete(this.partition, id)) count++;
      }
      if (page.length < PAGE) return count;
      cursor = page.at(-1)!.cursor;
    }
  }

  /**
   * Forgets what is too old, too many or too large: first sessions that started too long ago, then the oldest ones. Runs that go on
   * are kept. A store that was given `retention` does it when it keeps its first session, and when it is closed after it kept any.
   *
   * @returns how many were forgotten
   * @throws {TypeError} for `maxBytes` with a backend that cannot tell how much it takes.
   */
  async applyRetention(retention: Retention | undefined = this.#retention): Promise<number> {
    if (retention === undefined) return 0;
    return await forgetBeyond(checkRetention(retention, this.#backend), {
      prune: (options) => this.prune(options),
      countSessions: async () => {
        const rows = await this.#backend.sumCosts(this.#filter({}));
        return rows.reduce((sum, { sessionCount }) => sum + sessionCount, 0);
      },
      countBytes: this.#backend.countBytes?.bind(this.#backend),
    });
  }

  /**
   * Waits until everything is written, and lets go of files and connections. A store that is used after that opens them again; one in
   * memory is empty then.
   */
  async close(): Promise<void> {
    try {
      await this.#queue.drain();
      await this.#forgetting;
      if (this.#forgetting !== undefined) await this.applyRetention();
    } finally {
      await this.#backend.close();
    }
  }

  /** The same as {@linkcode LogStore.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Once, when the first session is there. What goes wrong here goes wrong again, and is told, when the store is closed. */
  #forgetAfter(kept: Promise<void>): void {
    if (this.#retention === undefined) return;
    this.#forgetting ??= kept.then(() => this.applyRetention()).catch(() => {});
  }

  #filter(query: SessionQuery): SessionFilter {
    const { tacticPath, tags = {}, state, after, before } = checkQuery(query);
    const tactic = tacticPath === undefined ? {} : resolveTacticKey(tacticPath, this.#resolver);
    return {
      partition: this.partition,
      ...tactic,
      tags,
      ...(state === undefined ? {} : { state }),
      ...(after === undefined ? {} : { after: toTime(after, "after") }),
      ...(before === undefined ? {} : { before: toTime(before, "before") }),
    };
  }
}

/** How many sessions are looked at in one piece, where all are. */
const PAGE = 500;

function toTime(value: string | Date, name: string): number {
  const time = value instanceof Date ? value.getTime() : Date.parse(value);
  if (!Number.isNaN(time)) return time;
  throw new RangeError(`Cannot list sessions: expected a date as ${name}, found ${JSON.stringify(value)}`);
}

function checkLimit(limit: number): number {
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new RangeError(`Cannot list sessions: expected a positive integer as limit, found ${limit}`);
}

function notFound(id: string, partition: string): LLLMError {
  return new LLLMError(
    `Cannot find session "${id}": expected one in partition "${partition}" of the log, found none`,
    { code: "session_not_found", data: { id, partition } },
  );
}
