import type { Budget } from "../run/mod.ts";
import type { TacticCallSession } from "../session/mod.ts";
import { createApprover } from "./_approver.ts";
import { parseTask, readInput } from "./_input.ts";
import { listenForInterrupt } from "./_interrupt.ts";
import { writeNote, writeResult } from "./_io.ts";
import { LineReader } from "./_line_reader.ts";
import { describeUnkept, openRunLog } from "./_log_store.ts";
import { callOf, openTactic, type OpenTacticOptions } from "./_open_tactic.ts";
import { createProgress } from "./_progress.ts";
import { describeSummary, reportFailure } from "./_report.ts";

/** One run of one tactic, as `lllm run` does it. */
export interface RunCommand extends OpenTacticOptions {
  /** The task: a text (JSON where the tactic takes no text), `@file`, or `-` for stdin. Default: an empty text. */
  readonly input?: string;
  /** Whether stdout gets one JSON object. Default: false. */
  readonly json?: boolean;
  /** Whether stderr gets a line for each event, and the trace of an error. Default: false. */
  readonly verbose?: boolean;
  /**
   * What happens with calls that need an approval: all are approved, none is, or a person is asked at the terminal. Default: `"ask"` at
   * a terminal, else `"none"`.
   */
  readonly approve?: "all" | "none" | "ask";
  /** Upper limits of the run. Default: none. */
  readonly budget?: Budget;
  /** Writes result and summary for people, in place of the bare result on stdout and the summary on stderr. Default: those. */
  readonly print?: (result: unknown, summary: string) => string;
}

/**
 * Runs one tactic, with its result on stdout and everything else on stderr; gives the exit code: 0 ok, 1 the run failed, 2 usage or
 * config, 3 provider or key, 4 budget, 130 interrupted.
 *
 * @example
 * ```ts
 * import { runCommand } from "@lllm/lllm/cli";
 *
 * const exitCode = await runCommand({ tactic: "no_such_tactic", input: "Hello" });
 * console.log(exitCode); // 2: stderr says that there is no such tactic
 * ```
 */
export async function runCommand(command: RunCommand): Promise<number> {
  const { json = false, verbose = false } = command;
  using interrupt = listenForInterrupt();
  const { signal } = interrupt;
  let sessionId: string | undefined;
  try {
    using progress = createProgress({ verbose });
    const onApproval = createApprover({
      mode: command.approve,
      lines: command.input === "-" ? undefined : new LineReader(),
      pause: () => progress.pause(),
    });
    await using log = await openRunLog(command);
    const tactic = await openTactic(command, log);
    const task = await parseTask(await readInput(command.input ?? ""), tactic.inputSchema);
    tactic.observe((event) => {
      if (event.type === "tactic_start") sessionId ??= event.session.sessionId;
      progress.handleEvent(event);
    });
    const metadata = callOf(command);
    const limits = command.budget === undefined ? {} : { budget: command.budget };
    const unkept = log === undefined ? await describeUnkept(command) : undefined;
    const session = await tactic.run(task, { signal, metadata, onApproval, ...limits, returnSession: true });
    progress[Symbol.dispose]();
    reportSuccess(session, command, unkept);
    return 0;
  } catch (error) {
    return reportFailure(error, {
      json,
      verbose,
      signal,
      ...(sessionId === undefined ? {} : { sessionId }),
      topic: "run",
    });
  }
}

function reportSuccess(
  session: TacticCallSession<unknown>,
  { json = false, print }: RunCommand,
  unkept: string | undefined,
): void {
  const { sessionId, delivery: result = null } = session;
  const summary = session.summary();
  const line = describeSummary(summary, sessionId, unkept);
  if (json) writeResult(JSON.stringify({ ok: true, sessionId, result, summary }));
  else if (print !== undefined) return writeResult(print(result, line));
  else writeResult(typeof result === "string" ? result : JSON.stringify(result, null, 2));
  writeNote(line);
}
