import type { RecordedStep } from "../run/mod.ts";
import type { TacticCallState } from "../session/mod.ts";

/** A session in a list. */
export interface SessionSummary {
  /** `YYYYMMDD_HHMMSS_<8 hex>`. */
  readonly id: string;
  /** The session that this run was part of. */
  readonly parentId?: string;
  /** `<package>::<name>`. */
  readonly tacticPath: string;
  /** The tactic's name. */
  readonly tacticName: string;
  /** How the run ended; `running` while it goes on, `interrupted` if its program died meanwhile. */
  readonly state: TacticCallState;
  /** Texts to filter by. */
  readonly tags: Readonly<Record<string, string>>;
  /** ISO 8601 time. */
  readonly startedAt: string;
  /** ISO 8601 time. */
  readonly endedAt?: string;
  /** US dollars. */
  readonly costUsd: number;
  /** Tokens, sent and received. */
  readonly totalTokens: number;
  /** Steps that are kept; of a run that goes on, those so far. */
  readonly stepCount: number;
  /** Where the list goes on after this session: the `cursor` of the next page. */
  readonly cursor: string;
}

/** Which sessions a backend is asked for. */
export interface SessionFilter {
  /** The part of the store. */
  readonly partition: string;
  /** `<package>::<name>`, exactly. */
  readonly tacticPath?: string;
  /** The tactic's name, whatever its package. */
  readonly tacticName?: string;
  /** Tags that a session has, all of them. */
  readonly tags: Readonly<Record<string, string>>;
  /** How the run ended. */
  readonly state?: TacticCallState;
  /** Not started before: milliseconds since the epoch. */
  readonly after?: number;
  /** Not started later: milliseconds since the epoch. */
  readonly before?: number;
}

/** One page of sessions, the newest first. */
export interface SessionPage extends SessionFilter {
  /** How many sessions. */
  readonly limit: number;
  /** Those after the session with this cursor. Default: from the newest on. */
  readonly cursor?: string;
}

/** What a number of sessions came to. */
export interface CostRow {
  /** `<package>::<name>`. */
  readonly tacticPath: string;
  /** The day on which they started, in UTC: `YYYY-MM-DD`. */
  readonly day: string;
  /** Sessions. */
  readonly sessionCount: number;
  /** US dollars. */
  readonly costUsd: number;
  /** Tokens, sent and received. */
  readonly totalTokens: number;
}

/** What the calls of one model came to. */
export interface ModelCostRow {
  /** The model, as it was asked for. */
  readonly model: string;
  /** Calls. */
  readonly callCount: number;
  /** US dollars. */
  readonly costUsd: number;
  /** Tokens, sent and received. */
  readonly totalTokens: number;
}

/** A text that is stored once, however often it is used: an image as base64, a long document. */
export interface StoredBlob {
  /** SHA-256 of `text`, in hexadecimal digits. */
  readonly hash: string;
  /** The text as JSON: well-formed, whatever is in it. */
  readonly text: string;
}

/** The start of a session, as backends keep it. */
export interface StoredHead {
  /** The session's id. */
  readonly id: string;
  /** The session that it is part of. */
  readonly parentId?: string;
  /** `<package>::<name>`. */
  readonly tacticPath: string;
  /** The tactic's name. */
  readonly tacticName: string;
  /** Texts to filter by. */
  readonly tags: Readonly<Record<string, string>>;
  /** ISO 8601 time. */
  readonly startedAt: string;
  /** The version of the record. */
  readonly version: number;
  /** The rest, as JSON. */
  readonly json: string;
}

/** The end of a session, as backends keep it. */
export interface StoredEnd {
  /** How it ended. */
  readonly state: TacticCallState;
  /** ISO 8601 time. */
  readonly endedAt?: string;
  /** US dollars. */
  readonly costUsd: number;
  /** Tokens, sent and received. */
  readonly totalTokens: number;
  /** The rest, as JSON. */
  readonly json: string;
}

/** A session, as backends keep it. */
export interface StoredSession {
  /** Its start. */
  readonly head: StoredHead;
  /** `running` while it goes on, `interrupted` if its program died meanwhile; else how it ended. */
  readonly state: TacticCallState;
  /** Its end; absent until it is there. */
  readonly end?: StoredEnd;
  /** Its steps, by index; those of earlier attempts are the last. */
  readonly steps: readonly RecordedStep[];
  /** The texts that it refers to, by hash. */
  readonly blobs: ReadonlyMap<string, string>;
}

/**
 * What the index of a session's steps is raised by each time that it goes on anew: those of its present attempt begin at 0, those of
 * the one before it at this number.
 */
export const ATTEMPT_SIZE: number = 2 ** 24;

/** Something to be kept. */
export type LogEntry =
  & {
    /** The part of the store. */
    readonly partition: string;
    /** The session, or the error. */
    readonly id: string;
    /** Texts that the entry refers to and that may not be kept yet. */
    readonly blobs?: readonly StoredBlob[];
  }
  & (
    /**
     * A session starts. One of the same id is replaced (`replaces`), or goes on anew: it runs again, the indexes of its steps are raised
     * by {@linkcode ATTEMPT_SIZE}, its end is forgotten.
     */
    | { readonly type: "start"; readonly head: StoredHead; readonly replaces: boolean }
    /** A step has ended. One of the same index is replaced. */
    | { readonly type: "step"; readonly step: RecordedStep }
    /** A session has ended. */
    | { readonly type: "end"; readonly end: StoredEnd; readonly stepCount: number }
    /** An error outside of all sessions. */
    | { readonly type: "error"; readonly json: string }
  );

/**
 * Where sessions are kept. To keep them elsewhere, implement this and hand it to `new LogStore(backend)`.
 *
 * Contract: `write` keeps the entries in their order and returns or resolves when they survive the death of the program; it is never
 * called again before that. Where it is cut short, of each session a beginning of its entries is kept. Everything else may be called at any time, and waits for nothing that is still
 * being written. Entries of a session that is not there are ignored. A session whose program died without an end is shown as
 * `interrupted`. Whatever fails throws or rejects.
 */
export interface LogBackend {
  /** Keeps entries. */
  write(entries: readonly LogEntry[]): void | Promise<void>;
  /** Lists sessions, the newest first. */
  list(page: SessionPage): readonly SessionSummary[] | Promise<readonly SessionSummary[]>;
  /** Loads a session. */
  load(partition: string, id: string): StoredSession | undefined | Promise<StoredSession | undefined>;
  /** Adds up costs, by tactic and day. */
  sumCosts(filter: SessionFilter): readonly CostRow[] | Promise<readonly CostRow[]>;
  /** Adds up the costs of model calls, by model. */
  sumModelCosts(filter: SessionFilter): readonly ModelCostRow[] | Promise<readonly ModelCostRow[]>;
  /** Lists the errors outside of sessions, the newest first, as JSON. */
  listErrors(partition: string, limit: number): readonly string[] | Promise<readonly string[]>;
  /** Forgets a session, and what only it referred to; tells whether it was there. */
  delete(partition: string, id: string): boolean | Promise<boolean>;
  /** Tells how much the whole store takes, all partitions, less what a session left behind that is gone. Units: bytes. Default: that is not known. */
  countBytes?(): number | Promise<number>;
  /** Lets go of files and connections; the backend is not used again. */
  close(): void | Promise<void>;
}
