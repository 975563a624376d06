import type { LogStore } from "../log/mod.ts";
import { type ForkPoint, type ReplayResult, replaySession } from "../replay/mod.ts";
import { type SessionRecord, TacticError } from "../session/mod.ts";
import { createApprover } from "./_approver.ts";
import type { Colors } from "./_colors.ts";
import { findStep } from "./_find_session.ts";
import { listenForInterrupt } from "./_interrupt.ts";
import { readText } from "./_input.ts";
import { writeNote, writeResult } from "./_io.ts";
import { LineReader } from "./_line_reader.ts";
import type { LogCommand } from "./log.ts";
import { counted, dollars } from "./_log_text.ts";
import { callOf, openTactic, type OpenTacticOptions } from "./_open_tactic.ts";
import { createProgress } from "./_progress.ts";
import { UsageError } from "./_usage_error.ts";

/** What a run that fails is told with, as far as it is known by then. */
export interface RunFacts {
  /** Of the session that the log keeps of it. */
  sessionId?: string;
  signal?: AbortSignal;
}

/**
 * Runs a recorded session again, or from a step on anew; gives the exit code: 1 where a strict replay's result is another.
 * Failures are for the caller to tell, with `kept`: once the store is closed, since that may fail too.
 */
export async function rerun(
  record: SessionRecord,
  store: LogStore,
  command: LogCommand,
  { colors, kept }: { colors: Colors; kept: RunFacts },
): Promise<number> {
  using interrupt = listenForInterrupt();
  const { signal } = interrupt;
  kept.signal = signal;
  const isStrict = command.action === "replay" && command.continue !== true;
  try {
    const replay = await runAgain(record, store, command, { signal, kept });
    report(record, replay, command, { colors, kept });
    return isStrict && !replay.isSameResult ? 1 : 0;
  } catch (error) {
    if (isStrict && failedAsRecorded(record, error)) {
      writeNote("the run fails as it did when it was recorded");
    }
    throw error;
  }
}

/** Whether a replay came to the recorded failure, and not to one of its own. */
function failedAsRecorded({ error: recorded }: SessionRecord, error: unknown): boolean {
  return recorded !== undefined && error instanceof TacticError && error.message.endsWith(recorded.message);
}

async function runAgain(
  record: SessionRecord,
  store: LogStore,
  command: LogCommand,
  { signal, kept }: { signal: AbortSignal; kept: RunFacts },
): Promise<ReplayResult<unknown>> {
  if (command.continue === true) checkEnded(record);
  using progress = createProgress({ verbose: command.verbose ?? false });
  const onApproval = createApprover({
    mode: command.approve,
    lines: new LineReader(),
    pause: () => progress.pause(),
  });
  const call = callFor(record, command);
  const goesOn = command.continue === true && record.state === "interrupted";
  const isKept = goesOn || command.save === true;
  const tactic = await openTactic(call, isKept ? store : undefined);
  const fork = command.action === "fork" ? await readFork(record, command) : undefined;
  tactic.observe((event) => {
    if (isKept && event.type === "tactic_start") kept.sessionId ??= event.session.sessionId;
    progress.handleEvent(event);
  });
  return await replaySession(record, tactic, {
    ...(fork === undefined ? {} : { fork }),
    ...(command.continue === true ? { mode: "continue" } : {}),
    ...(command.budget === undefined ? {} : { budget: command.budget }),
    signal,
    onApproval,
    ...(goesOn ? { sessionId: record.id } : {
      metadata: { ...record.metadata, ...callOf(call), replayOf: record.id },
    }),
  });
}

/** What goes on elsewhere would be done twice. The store shows a session as running only while the program that runs it lives. */
function checkEnded({ id, state }: SessionRecord): void {
  if (state !== "running") return;
  throw new UsageError(
    `Cannot go on with session "${id}": expected one that has ended or was interrupted, found one that still runs`,
  );
}

/** How the session was called for, unless the command says otherwise. */
function callFor(record: SessionRecord, { project, config, model }: LogCommand): OpenTacticOptions {
  const { cli } = record.metadata as { cli?: Partial<OpenTacticOptions> };
  const tactic = typeof cli?.tactic === "string" ? cli.tactic : record.tacticName;
  const chosen = { config: config ?? cli?.config, model: model ?? cli?.model, project };
  return { tactic, ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)) };
}

async function readFork(record: SessionRecord, { at, output }: LogCommand): Promise<ForkPoint> {
  if (at === undefined) throw new UsageError("Cannot fork: expected --at <path or index>, found none");
  const { index: place } = findStep(record, at, "fork at");
  if (output === undefined) return { at: place };
  const text = /^@(?!@)/.test(output) ? await readText(output.slice(1)) : output.replace(/^@@/, "@");
  return { at: place, output: parseOr(text) };
}

/** A text that is an object or a list in JSON is taken as one. */
function parseOr(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function report(
  record: SessionRecord,
  { result, session, steps, cost, isSameResult, replayedCount, liveCount, changedCount }: ReplayResult<
    unknown
  >,
  { json, action }: LogCommand,
  { colors, kept }: { colors: Colors; kept: RunFacts },
): void {
  if (json === true) {
    const { sessionId } = session;
    const isKept = kept.sessionId !== undefined;
    const facts = { sessionId, isKept, replayOf: record.id, isSameResult, result: result ?? null };
    writeResult(
      JSON.stringify({ ok: true, ...facts, replayedCount, liveCount, changedCount, cost, steps }),
    );
    return;
  }
  writeResult(typeof result === "string" ? result : JSON.stringify(result ?? null, null, 2));
  const sign = cost.differenceUsd < 0 ? "-" : "+";
  writeNote([
    `${counted(replayedCount, "step")} from the record, ${liveCount} done`,
    ...(changedCount === 0 ? [] : [`${changedCount} of the record with another request`]),
    record.state !== "success"
      ? "the recorded run came to no result"
      : isSameResult
      ? colors.green("the result is the recorded one")
      : colors.yellow("the result is another"),
    `spent ${dollars(cost.spentUsd)}, saved ${dollars(cost.savedUsd)}`,
    ...(action === "fork"
      ? [`${sign}${dollars(Math.abs(cost.differenceUsd))} against the recorded run`]
      : []),
    ...(kept.sessionId === undefined ? [] : [`session ${kept.sessionId}`]),
  ].join(" · "));
}
