import type { SessionQuery } from "../log/mod.ts";
import type { Budget } from "../run/mod.ts";
import type { LogAction } from "./_log_arguments.ts";
import { LOG_COMMANDS } from "./_log_commands.ts";
import type { RunFacts } from "./_log_rerun.ts";
import { openLog } from "./_log_store.ts";
import { reportFailure } from "./_report.ts";

export type { LogAction } from "./_log_arguments.ts";

/** What `lllm log` is to do. */
export interface LogCommand {
  /** What to do. */
  readonly action: LogAction;
  /** The sessions: their ids, the beginning or end of those, or `last`. */
  readonly sessions: readonly string[];
  /** A file of SQLite, a folder of JSON files, or a URL of PostgreSQL. Default: `$LLLM_LOG`, else `.lllm/log.db` in the project. */
  readonly log?: string;
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** Sessions of one tactic. Default: all. */
  readonly tactic?: string;
  /** Sessions that have these tags. Default: all. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Sessions in this state. Default: all. */
  readonly state?: NonNullable<SessionQuery["state"]>;
  /** Sessions that started then or later. Default: all. */
  readonly after?: string;
  /** Sessions that started then or earlier. Default: all. */
  readonly before?: string;
  /** How many sessions are listed. Default: 20. */
  readonly limit?: number;
  /** Where the list goes on. Default: at the newest. */
  readonly cursor?: string;
  /** `show`: one step, by path or index. Default: the session. */
  readonly step?: string;
  /** `diff`: whether `sessions` are the names of two batches. Default: false. */
  readonly batch?: boolean;
  /** `export`: `json`, `jsonl` or `markdown`. Default: `json`. */
  readonly format?: string;
  /** `export`: the file to write. Default: stdout. */
  readonly out?: string;
  /** `export`: whether a file that is there is replaced. Default: false. */
  readonly force?: boolean;
  /** `gc`: how many of the newest are kept. Default: none is kept for that. */
  readonly keep?: number;
  /** `gc`: sessions that started earlier are forgotten. Units: days. Default: none is for that. */
  readonly maxAgeDays?: number;
  /** `gc`: the oldest sessions are forgotten until the log takes no more. Units: bytes. Default: none is for that. */
  readonly maxBytes?: number;
  /** `replay`: whether to go on live after what was recorded. Default: false. */
  readonly continue?: boolean;
  /** `fork`: the step, by path or index. */
  readonly at?: string;
  /** `fork`: what that step gives: a text, or `@file`. Default: the step is done. */
  readonly output?: string;
  /** `replay`, `fork`: the key of the config. Default: as recorded. */
  readonly config?: string;
  /** `replay`, `fork`: the model of all agents. Default: as recorded. */
  readonly model?: string;
  /**
   * `replay` with `continue`, `fork`: what happens with calls that need an approval, as for one run. What was decided in the record holds.
   * Default: `"ask"` at a terminal, else `"none"`.
   */
  readonly approve?: "all" | "none" | "ask";
  /** `replay` with `continue`, `fork`: upper limits of what is done anew. Default: none. */
  readonly budget?: Budget;
  /** `replay`, `fork`: whether the new session is kept too. Default: false. */
  readonly save?: boolean;
  /** Whether stdout gets one JSON object. Default: false. */
  readonly json?: boolean;
  /** Whether an error is shown with its trace. Default: false. */
  readonly verbose?: boolean;
}

/**
 * Shows, compares, replays and clears away what runs left in the log; gives the exit code.
 *
 * @example
 * ```ts
 * import { logCommand } from "@lllm/lllm/cli";
 *
 * const exitCode = await logCommand({ action: "list", sessions: [], log: "no_such_file.db" });
 * console.log(exitCode); // 2: stderr says that there is no such log
 * ```
 */
export async function logCommand(command: LogCommand): Promise<number> {
  const { json = false, verbose = false } = command;
  const facts: RunFacts = {};
  let isTold = false;
  try {
    await using store = await openLog(command);
    const exitCode = await LOG_COMMANDS[command.action](store, command, facts);
    isTold = true;
    return exitCode;
  } catch (error) {
    // a log that cannot be closed after the result is told adds no second object to it
    return reportFailure(error, {
      json: json && !isTold,
      verbose,
      ...facts,
      topic: `log ${command.action}`,
    });
  }
}
