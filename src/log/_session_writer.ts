import { FunctionCall } from "../message/mod.ts";
import type { RecordedStep } from "../run/mod.ts";
import {
  InvokeResult,
  type SessionHead,
  type SessionWriter,
  type TacticCallSession,
} from "../session/mod.ts";
import type { EntryOwner, GroupCommit } from "./_group_commit.ts";
import { escapeCut } from "./_cut.ts";
import { InputDeltas } from "./_input_delta.ts";
import type { StepReply } from "./_reply_reference.ts";
import { toSessionTail } from "./_session_tail.ts";
import { type ContentOptions, toEnd, toStart, toStep } from "./_stored.ts";
import type { LogEntry } from "./types.ts";

/**
 * Keeps one run while it goes on. After an entry that could not be made or written nothing is written, so that a session lacks no step in
 * its middle; its end tells of it. What comes after the end is dropped: a step that nobody waited for.
 */
export class EntryWriter implements SessionWriter, EntryOwner {
  readonly started: Promise<void>;
  readonly #id: string;
  readonly #options: ContentOptions;
  readonly #queue: GroupCommit;
  readonly #replies = new Map<string, StepReply>();
  readonly #calls = new Map<FunctionCall, number>();
  readonly #deltas = new InputDeltas();
  readonly #keptTexts = new Set<string>();
  #stepCount = 0;
  #hasEnded = false;
  #failure: { readonly reason: unknown } | undefined;

  /** Begins with the session's start. */
  constructor(head: SessionHead, options: ContentOptions, queue: GroupCommit) {
    this.#id = head.id;
    this.#options = options;
    this.#queue = queue;
    this.started = this.#keep(() => toStart(escapeHead(head), options, false));
  }

  addStep(step: RecordedStep): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    this.#stepCount++;
    const { output, index } = step;
    if (output instanceof InvokeResult) this.#replies.set(output.message.id, { result: output, index });
    else if (output instanceof FunctionCall) this.#calls.set(output, index);
    return this.#keep(() => toStep(this.#id, step, this.#deltas, this.#options));
  }

  async end(session: TacticCallSession<unknown>): Promise<void> {
    this.#hasEnded = true;
    await this.#keep(() => this.#toEnd(session));
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  failed(reason: unknown): void {
    this.#failure ??= { reason };
  }

  #keep(make: () => LogEntry): Promise<void> {
    let entry: LogEntry;
    try {
      if (this.#failure !== undefined) throw this.#failure.reason;
      entry = this.#withoutKept(make());
    } catch (reason) {
      this.failed(reason);
      return rejected(reason);
    }
    const written = this.#queue.add([entry], this);
    const { blobs } = entry;
    if (blobs !== undefined) {
      written.then(() => blobs.forEach(({ hash }) => this.#keptTexts.add(hash)), () => {}); // whoever waits hears of it
    }
    return written;
  }

  /** Steps refer to the same texts again and again, such as an image of the dialog: what is safe is not written once more. */
  #withoutKept(entry: LogEntry): LogEntry {
    const { blobs } = entry;
    if (blobs === undefined) return entry;
    return { ...entry, blobs: blobs.filter(({ hash }) => !this.#keptTexts.has(hash)) };
  }

  #toEnd(session: TacticCallSession<unknown>): LogEntry {
    const { state, endedAt, delivery, error, errorTraceback, totalCost: cost } = session;
    const parts = {
      state,
      ...(endedAt === undefined ? {} : { endedAt }),
      cost,
      ...(delivery === undefined ? {} : { result: escapeCut(delivery) }),
      ...(error === undefined ? {} : { error }),
      ...(errorTraceback === undefined ? {} : { traceback: errorTraceback }),
      tail: toSessionTail(session, { replies: this.#replies, calls: this.#calls }),
      stepCount: this.#stepCount,
    };
    return toEnd(this.#id, parts, this.#options);
  }
}

/** Whoever waits hears of it. */
function rejected(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}

function escapeHead(head: SessionHead): SessionHead {
  const metadata = escapeCut(head.metadata) as SessionHead["metadata"];
  return { ...head, task: escapeCut(head.task), metadata };
}
