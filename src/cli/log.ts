import { LLLMError } from "../errors.ts";
import type {
  ExportFormat,
  ListSessionsOptions,
  LogStore,
  SessionQuery,
  SessionSummary,
} from "../log/mod.ts";
import type { Budget } from "../run/mod.ts";
import { compareSessions } from "../replay/mod.ts";
import type { SessionRecord } from "../session/mod.ts";
import { compareBatches, describeBatches } from "./_compare_batches.ts";
import { stdoutColors } from "./_colors.ts";
import { findSession, findStep } from "./_find_session.ts";
import { writeNote, writeResult } from "./_io.ts";
import type { LogAction } from "./_log_arguments.ts";
import { rerun } from "./_log_rerun.ts";
import { openLog } from "./_log_store.ts";
import {
  counted,
  describeComparison,
  describeCosts,
  describeSession,
  describeSessions,
  describeStep,
  describeTree,
} from "./_log_text.ts";
import { hintsForFilter } from "./_near_filters.ts";
import { writeText } from "./_input.ts";
import { plain } from "./_plain.ts";
import { reportFailure } from "./_report.ts";
import { UsageError } from "./_usage_error.ts";

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
  try {
    await using store = await openLog(command);
    return await ACTIONS[command.action](store, command);
  } catch (error) {
    return reportFailure(error, { json, verbose, topic: `log ${command.action}` });
  }
}

const ACTIONS: Record<LogAction, (store: LogStore, command: LogCommand) => Promise<number>> = {
  async list(store, command) {
    const { limit = 20, cursor } = command;
    const query = queryOf(command);
    const found = await listPage(store, {
      ...query,
      limit: limit + 1, // tells whether there are more
      ...(cursor === undefined ? {} : { cursor }),
    });
    const sessions = found.slice(0, limit);
    if (sessions.length === 0) await tellNearNames(store, command);
    if (sessions.length > 0 || command.json === true) {
      show(command, sessions, () => describeSessions(sessions, stdoutColors()));
    } else if (Object.keys(query).length > 0 || cursor !== undefined) writeNote("there are no such sessions");
    else writeNote("there are no sessions; lllm run writes them");
    if (found.length > limit && command.json !== true) writeNote(`more: --cursor ${sessions.at(-1)!.cursor}`);
    return 0;
  },
  async show(store, command) {
    const record = await load(store, command.sessions[0]!);
    const { step: wanted } = command;
    if (wanted === undefined) show(command, record, () => describeSession(record, stdoutColors()));
    else {
      const step = findStep(record, wanted, "show");
      show(command, step, () => describeStep(step, stdoutColors()));
    }
    return 0;
  },
  async tree(store, command) {
    const record = await load(store, command.sessions[0]!);
    show(command, record.steps, () => describeTree(record, stdoutColors()));
    return 0;
  },
  async diff(store, command) {
    if (command.batch === true) {
      const batches = await compareBatches(store, [command.sessions[0]!, command.sessions[1]!]);
      show(command, batches, () => describeBatches(batches, stdoutColors()));
      return 0;
    }
    const before = await load(store, command.sessions[0]!);
    const after = await load(store, command.sessions[1]!);
    const comparison = compareSessions(before, after);
    show(command, comparison, () => describeComparison([before.id, after.id], comparison, stdoutColors()));
    return 0;
  },
  async cost(store, command) {
    const summary = await store.exportCostSummary(queryOf(command));
    if (summary.sessionCount === 0) await tellNearNames(store, command);
    show(command, summary, () => describeCosts(summary, stdoutColors()));
    return 0;
  },
  async export(store, command) {
    const { format = "json", out, json } = command;
    if (!["json", "jsonl", "markdown"].includes(format)) {
      throw new UsageError(`Cannot use --format: expected json, jsonl or markdown, found "${format}"`);
    }
    const id = await findSession(store, command.sessions[0]!);
    const text = await store.exportSession(id, { format: format as ExportFormat });
    if (out !== undefined) await writeText(out, text);
    if (json === true) {
      writeResult(JSON.stringify({ ok: true, result: out === undefined ? text : { file: out } }));
    } else if (out === undefined) writeResult(text);
    else writeNote(`wrote ${out}`);
    return 0;
  },
  async replay(store, command) {
    return await rerun(await load(store, command.sessions[0]!), store, command, stdoutColors());
  },
  async fork(store, command) {
    return await rerun(await load(store, command.sessions[0]!), store, command, stdoutColors());
  },
  async delete(store, command) {
    const ids = new Set<string>();
    for (const session of command.sessions) {
      ids.add(await checkThere(store, await findSession(store, session))); // all are there, or none goes
    }
    for (const id of ids) await store.deleteSession(id);
    const deleted = [...ids];
    show(command, { deleted }, () => deleted.map((id) => `deleted ${id}`).join("\n"));
    return 0;
  },
  async gc(store, command) {
    const { keep, maxAgeDays, maxBytes } = command;
    const query = queryOf(command);
    const isFiltered = Object.keys(query).length > 0;
    const retention = {
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    };
    const isRetention = Object.keys(retention).length > 0;
    if (keep === undefined && !isFiltered && !isRetention) {
      throw new UsageError(
        "Cannot use lllm log gc: expected --before <date>, --keep <number>, --max-age-days <number>, --max-bytes <number> or a " +
          "filter, found none",
      );
    }
    if (isFiltered && isRetention) {
      throw new UsageError(
        "Cannot use lllm log gc: expected --max-age-days and --max-bytes without a filter, found one",
      );
    }
    let deleted = 0;
    if (keep !== undefined || isFiltered) {
      deleted += await store.prune({ ...query, ...(keep === undefined ? {} : { keepNewest: keep }) });
    }
    if (deleted === 0) await tellNearNames(store, command);
    deleted += await store.applyRetention(retention);
    show(command, { deleted }, () => `deleted ${counted(deleted, "session")}`);
    return 0;
  },
};

function show({ json }: LogCommand, result: unknown, describe: () => string): void {
  writeResult(json === true ? JSON.stringify({ ok: true, result }) : describe());
}

/** A cursor comes from the command line: one that is none is a mistake there. */
async function listPage(store: LogStore, page: ListSessionsOptions): Promise<SessionSummary[]> {
  try {
    return await store.listSessions(page);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function load(store: LogStore, session: string): Promise<SessionRecord> {
  return await store.loadSessionRecord(await findSession(store, session));
}

async function checkThere(store: LogStore, id: string): Promise<string> {
  try {
    await store.loadSessionRecord(id);
  } catch (error) {
    if (!(LLLMError.isInstance(error) && error.code === "record_too_new")) throw error; // to be forgotten, it need not be read
  }
  return id;
}

/** A name that nothing was found for may be a slip. */
async function tellNearNames(store: LogStore, command: LogCommand): Promise<void> {
  for (const hint of await hintsForFilter(store, queryOf(command))) writeNote(plain(hint));
}

function queryOf({ tactic, tags, state, after, before }: LogCommand): SessionQuery {
  return {
    ...(tactic === undefined ? {} : { tacticPath: tactic }),
    ...(tags === undefined ? {} : { tags }),
    ...(state === undefined ? {} : { state }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  };
}
