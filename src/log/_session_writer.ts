import type { RecordedStep } from "../run/mod.ts";
import {
  InvokeResult,
  type SessionHead,
  type SessionWriter,
  type TacticCallSession,
} from "../session/mod.ts";
import { InputDeltas } from "./_input_delta.ts";
import { toSessionTail } from "./_session_tail.ts";
import { type ContentOptions, toEnd, toStart, toStep } from "./_stored.ts";
import type { LogEntry } from "./types.ts";

/** Creates what keeps one run while it goes on. What comes after its end is dropped: a step that nobody waited for. */
export function createSessionWriter(
  head: SessionHead,
  options: ContentOptions,
  write: (entry: LogEntry) => Promise<void>,
): SessionWriter {
  const { id } = head;
  const replies = new Map<string, InvokeResult>();
  const deltas = new InputDeltas();
  const kept = new Set<string>();
  /** Steps refer to the same texts again and again, such as an image of the dialog: what is safe is not written once more. */
  const writeNew = (entry: LogEntry): Promise<void> => {
    const { blobs } = entry;
    if (blobs === undefined) return write(entry);
    const done = write({ ...entry, blobs: blobs.filter(({ hash }) => !kept.has(hash)) });
    const remember = () => blobs.forEach(({ hash }) => kept.add(hash));
    done.then(remember, () => {}); // whoever waits hears of it
    return done;
  };
  let stepCount = 0;
  let hasEnded = false;
  return {
    started: writeNew(toStart(head, options, false)),
    addStep(step: RecordedStep): Promise<void> {
      if (hasEnded) return Promise.resolve();
      stepCount++;
      const { output } = step;
      if (output instanceof InvokeResult) replies.set(output.message.id, output);
      return writeNew(toStep(id, step, deltas, options));
    },
    end(session: TacticCallSession<unknown>): Promise<void> {
      hasEnded = true;
      const { state, endedAt, delivery, error, errorTraceback, totalCost: cost } = session;
      const parts = {
        state,
        ...(endedAt === undefined ? {} : { endedAt }),
        cost,
        ...(delivery === undefined ? {} : { result: delivery }),
        ...(error === undefined ? {} : { error }),
        ...(errorTraceback === undefined ? {} : { traceback: errorTraceback }),
        tail: toSessionTail(session, replies),
        stepCount,
      };
      return writeNew(toEnd(id, parts, options));
    },
  };
}
