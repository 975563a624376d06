import type { RecordedStep } from "../run/mod.ts";
import type { SessionEnd, SessionHead, SessionWriter } from "../session/mod.ts";
import { type ContentOptions, toEnd, toStart, toStep } from "./_stored.ts";
import type { LogEntry } from "./types.ts";

/** Creates what keeps one run while it goes on. What comes after its end is dropped: a step that nobody waited for. */
export function createSessionWriter(
  head: SessionHead,
  options: ContentOptions,
  write: (entry: LogEntry) => Promise<void>,
): SessionWriter {
  const { id } = head;
  let stepCount = 0;
  let hasEnded = false;
  return {
    started: write(toStart(head, options, false)),
    addStep(step: RecordedStep): Promise<void> {
      if (hasEnded) return Promise.resolve();
      stepCount++;
      return write(toStep(id, step, options));
    },
    end(end: SessionEnd): Promise<void> {
      hasEnded = true;
      return write(toEnd(id, end, stepCount, options));
    },
  };
}
