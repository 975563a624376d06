import { FunctionCall } from "../message/mod.ts";
import type { RecordedStep } from "../run/mod.ts";
import {
  InvokeResult,
  type SessionHead,
  type SessionWriter,
  type TacticCallSession,
} from "../session/mod.ts";
import type { EntryMaker } from "./_group_commit.ts";
import { escapeCut } from "./_cut.ts";
import { InputDeltas } from "./_input_delta.ts";
import type { StepReply } from "./_reply_reference.ts";
import { toSessionTail } from "./_session_tail.ts";
import { type ContentOptions, toEnd, toStart, toStep } from "./_stored.ts";
import type { LogEntry } from "./types.ts";

/** Creates what keeps one run while it goes on. What comes after its end is dropped: a step that nobody waited for. */
export function createSessionWriter(
  head: SessionHead,
  options: ContentOptions,
  queue: { addLater<Part>(maker: EntryMaker<Part>, part: Part): Promise<void> },
): SessionWriter {
  const { id } = head;
  const replies = new Map<string, StepReply>();
  const calls = new Map<FunctionCall, number>();
  const deltas = new InputDeltas();
  const kept = new Set<string>();
  let stepCount = 0;
  let hasEnded = false;
  let failure: { readonly reason: unknown } | undefined;
  /** Steps refer to the same texts again and again, such as an image of the dialog: what is safe is not written once more. */
  const withoutKept = (entry: LogEntry, written: Promise<void>): LogEntry => {
    const { blobs } = entry;
    if (blobs === undefined) return entry;
    written.then(() => blobs.forEach(({ hash }) => kept.add(hash)), () => {}); // whoever waits hears of it
    return { ...entry, blobs: blobs.filter(({ hash }) => !kept.has(hash)) };
  };
  /** After an entry that could not be made or written nothing is written, so that a session lacks no step in its middle; its end tells of it. */
  const makerOf = <Part>(make: (part: Part) => LogEntry): EntryMaker<Part> => ({
    make(part, written) {
      try {
        return failure === undefined ? withoutKept(make(part), written) : undefined;
      } catch (reason) {
        failure = { reason };
        return undefined;
      }
    },
    failed(reason) {
      failure ??= { reason };
    },
  });
  const steps = makerOf((step: RecordedStep) => toStep(id, step, deltas, options));
  const ends = makerOf((session: TacticCallSession<unknown>) => {
    const { state, endedAt, delivery, error, errorTraceback, totalCost: cost } = session;
    const parts = {
      state,
      ...(endedAt === undefined ? {} : { endedAt }),
      cost,
      ...(delivery === undefined ? {} : { result: escapeCut(delivery) }),
      ...(error === undefined ? {} : { error }),
      ...(errorTraceback === undefined ? {} : { traceback: errorTraceback }),
      tail: toSessionTail(session, { replies, calls }),
      stepCount,
    };
    return toEnd(id, parts, options);
  });
  return {
    started: queue.addLater(makerOf((start: LogEntry) => start), toStart(escapeHead(head), options, false)),
    addStep(step: RecordedStep): Promise<void> {
      if (hasEnded) return Promise.resolve();
      stepCount++;
      const { output, index } = step;
      if (output instanceof InvokeResult) replies.set(output.message.id, { result: output, index });
      else if (output instanceof FunctionCall) calls.set(output, index);
      return queue.addLater(steps, step);
    },
    async end(session: TacticCallSession<unknown>): Promise<void> {
      hasEnded = true;
      await queue.addLater(ends, session);
      if (failure !== undefined) throw failure.reason;
    },
  };
}

function escapeHead(head: SessionHead): SessionHead {
  const metadata = escapeCut(head.metadata) as SessionHead["metadata"];
  return { ...head, task: escapeCut(head.task), metadata };
}
