import { recordingRunner, type StepRunner, streamingRunner } from "../run/mod.ts";
import {
  type SessionStore,
  type SessionWriter,
  type TacticCallSession,
  toSessionHead,
  toSessionRecord,
} from "../session/mod.ts";

/** How one run is kept. */
export interface RunRecording {
  /** Where it is kept. */
  readonly store: SessionStore;
  /** Records its steps. */
  readonly runner: StepRunner;
  /** Resolves when the start is kept. It never rejects. */
  readonly started: Promise<void>;
  /** Keeps how the run ended; rejects if that, or anything before, could not be kept. */
  end(): Promise<void>;
}

/**
 * Begins to record a run. A run inside one that is kept in the same store is a part of that one's record, and has none of its
 * own. What cannot be kept does not stop the run: it is told at the end.
 */
export function recordRun(
  session: TacticCallSession<unknown>,
  store: SessionStore | undefined,
  outerStores: readonly SessionStore[] = [],
): RunRecording | undefined {
  if (store === undefined || store.keepsNothing === true || outerStores.includes(store)) return undefined;
  if (store.startSession === undefined) return recordAtEnd(session, store);
  let problem: { readonly reason: unknown } | undefined;
  const keep = (reason: unknown) => void (problem ??= { reason });
  let writer: SessionWriter;
  try {
    writer = store.startSession(toSessionHead(session));
  } catch (error) {
    return {
      store,
      runner: { run: (_step, effect) => effect() },
      started: Promise.resolve(),
      end: () => Promise.reject(error),
    };
  }
  return {
    store,
    runner: streamingRunner((step) => problem === undefined ? writer.addStep(step) : undefined, keep),
    started: writer.started.catch(keep),
    async end() {
      if (problem === undefined) await writer.end(session);
      if (problem !== undefined) throw problem.reason;
    },
  };
}

/** For a store that takes whole records. */
function recordAtEnd(session: TacticCallSession<unknown>, store: SessionStore): RunRecording {
  const recorder = recordingRunner();
  return {
    store,
    runner: recorder,
    started: Promise.resolve(),
    async end() {
      await store.saveSession(toSessionRecord(session, recorder.steps));
    },
  };
}
