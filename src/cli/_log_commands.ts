import { LLLMError } from "../errors.ts";
import type {
  ExportFormat,
  ListSessionsOptions,
  LogStore,
  SessionQuery,
  SessionSummary,
} from "../log/mod.ts";
import { compareSessions } from "../replay/mod.ts";
import type { SessionRecord } from "../session/mod.ts";
import { compareBatches, describeBatches } from "./_compare_batches.ts";
import { stdoutColors } from "./_colors.ts";
import { findSession, findStep } from "./_find_session.ts";
import { writeNote, writeResult } from "./_io.ts";
import type { LogAction } from "./_log_arguments.ts";
import type { LogCommand } from "./log.ts";
import { rerun, type RunFacts } from "./_log_rerun.ts";
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
import { UsageError } from "./_usage_error.ts";

/** What each command of `lllm log` does with the store; gives the exit code. One that runs something adds to `kept`. */
export const LOG_COMMANDS: Record<
  LogAction,
  (store: LogStore, command: LogCommand, kept: RunFacts) => Promise<number>
> = {
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
    const { format = "json", out, force = false, json } = command;
    if (!["json", "jsonl", "markdown"].includes(format)) {
      throw new UsageError(`Cannot use --format: expected json, jsonl or markdown, found "${format}"`);
    }
    const id = await findSession(store, command.sessions[0]!);
    const text = await store.exportSession(id, { format: format as ExportFormat });
    if (out !== undefined) await writeText(out, text, { force });
    if (json === true) {
      writeResult(JSON.stringify({ ok: true, result: out === undefined ? text : { file: out } }));
    } else if (out === undefined) writeResult(text);
    else writeNote(`wrote ${out}`);
    return 0;
  },
  async replay(store, command, kept) {
    const record = await load(store, command.sessions[0]!);
    return await rerun(record, store, command, { colors: stdoutColors(), kept });
  },
  async fork(store, command, kept) {
    const record = await load(store, command.sessions[0]!);
    return await rerun(record, store, command, { colors: stdoutColors(), kept });
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

/** To be forgotten, a session need not be read: one that is newer than this program or damaged is there too. */
async function checkThere(store: LogStore, id: string): Promise<string> {
  try {
    await store.loadSessionRecord(id);
  } catch (error) {
    if (LLLMError.isInstance(error) && error.code === "session_not_found") throw error;
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
