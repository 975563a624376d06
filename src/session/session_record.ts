import { LLLMError } from "../errors.ts";
import type { InvokeCost } from "../message/mod.ts";
import { type CutContent, type RecordedStep, scrubSecrets, type StepRecord } from "../run/mod.ts";
import type { TacticCallSession, TacticCallState } from "./tactic_call_session.ts";

/** The version of session records that this library writes, and the newest that it reads. */
export const SESSION_RECORD_VERSION = 1;

/** What is known of a run when it starts. */
export interface SessionHead {
  /** Tells session records from other files. */
  readonly format: "lllm-session";
  /** The version of the form; a reader refuses a newer one. */
  readonly version: 1;
  /** `YYYYMMDD_HHMMSS_<8 hex>`. */
  readonly id: string;
  /** The session that this run was part of. */
  readonly parentId?: string;
  /** `<package>::<name>`. */
  readonly tacticPath: string;
  /** The tactic's name. */
  readonly tacticName: string;
  /** Texts to filter by. */
  readonly tags: Readonly<Record<string, string>>;
  /** Free facts, without secrets. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** ISO 8601 time. */
  readonly startedAt: string;
  /** What the tactic was asked, without secrets. */
  readonly task: unknown;
}

/** What is known of a run when it has ended. */
export interface SessionEnd {
  /** How the run ended. */
  readonly state: TacticCallState;
  /** ISO 8601 time. */
  readonly endedAt?: string;
  /** What the run cost in all. */
  readonly cost: InvokeCost;
  /** What it returned, if it succeeded. */
  readonly result?: unknown;
  /** What ended it, if it failed. */
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
  /** The stack of that error. */
  readonly traceback?: string;
  /** The whole session. */
  readonly session: Readonly<Record<string, unknown>>;
}

/** One run as it is stored: plain data, in a form that names its own version. */
export interface SessionRecord extends SessionHead, SessionEnd {
  /** The steps, in the order in which they ended. */
  readonly steps: readonly StepRecord[];
  /** What of `task`, `metadata` and `result` was too long to be kept whole; `at` begins with one of these. Default: nothing. */
  readonly cut?: readonly CutContent[];
}

/** Keeps one run while it goes on. */
export interface SessionWriter {
  /** Resolves when the start is safe. */
  readonly started: Promise<void>;
  /** Keeps a step; resolves when it, and every step before it, is safe. */
  addStep(step: RecordedStep): Promise<void>;
  /** Keeps how the run ended, as its session says; resolves when that is safe. */
  end(session: TacticCallSession<unknown>): Promise<void>;
}

/**
 * Keeps session records. The stores implement it.
 *
 * Contract: what resolves is safe; all may be called concurrently. A store without `startSession` is given whole records when runs
 * have ended.
 */
export interface SessionStore {
  /** Keeps one record, in place of an earlier one with the same id. */
  saveSession(record: SessionRecord): Promise<unknown>;
  /** Begins to keep a run, step by step. Default: it is kept when it has ended. */
  startSession?(head: SessionHead): SessionWriter;
  /** Whether the store keeps nothing: then nothing need be recorded. Default: false. */
  readonly keepsNothing?: boolean;
}

/** What is known of a run when it starts. */
export function toSessionHead(session: TacticCallSession<unknown>): SessionHead {
  const { sessionId: id, parentId, tacticPath, tacticName, tags, metadata, startedAt, task } = session;
  return {
    format: "lllm-session",
    version: SESSION_RECORD_VERSION,
    id,
    ...(parentId === undefined ? {} : { parentId }),
    tacticPath,
    tacticName,
    tags,
    metadata: scrubSecrets(metadata) as Record<string, unknown>,
    startedAt,
    task: scrubSecrets(task),
  };
}

/** What is known of a run when it has ended. */
export function toSessionEnd(session: TacticCallSession<unknown>): SessionEnd {
  const { state, endedAt, delivery, error, errorTraceback } = session;
  return {
    state,
    ...(endedAt === undefined ? {} : { endedAt }),
    cost: session.totalCost,
    ...(delivery === undefined ? {} : { result: delivery }),
    ...(error === undefined ? {} : { error }),
    ...(errorTraceback === undefined ? {} : { traceback: errorTraceback }),
    session: session.toJSON(),
  };
}

/** Makes the record of a run that has ended. */
export function toSessionRecord(
  session: TacticCallSession<unknown>,
  steps: readonly StepRecord[],
): SessionRecord {
  return { ...toSessionHead(session), ...toSessionEnd(session), steps };
}

/**
 * Reads data as a session record, such as one that was exported.
 *
 * @example
 * ```ts
 * import { readSessionRecord } from "@lllm/lllm/session";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => readSessionRecord({ format: "lllm-session", version: 2 }), { code: "record_too_new" });
 * ```
 *
 * @throws {LLLMError} `record_too_new`, for a record of a newer version.
 * @throws {TypeError} for what is no session record.
 */
export function readSessionRecord(data: unknown): SessionRecord {
  const record = data as Partial<SessionRecord> | null | undefined;
  if (typeof record !== "object" || record?.format !== "lllm-session" || typeof record.version !== "number") {
    throw new TypeError(
      'Cannot read a session record: expected an object with format "lllm-session" and a version, found none',
    );
  }
  checkRecordVersion(record.version, record.id);
  return record as SessionRecord;
}

/**
 * Checks the version of a record.
 *
 * @throws {LLLMError} `record_too_new`.
 */
export function checkRecordVersion(version: number, id = ""): void {
  if (version <= SESSION_RECORD_VERSION) return;
  throw new LLLMError(
    `Cannot read session "${id}": expected a record of version ${SESSION_RECORD_VERSION} or older, found ${version}; ` +
      "a newer version of the library wrote it",
    { code: "record_too_new", data: { id, version, supported: SESSION_RECORD_VERSION } },
  );
}
