import { nearest } from "../util/mod.ts";
import { readApproveMode } from "./_approver.ts";
import { readBudget } from "./_budget.ts";
import type { LogCommand } from "./log.ts";
import { checkPeriod } from "./_period.ts";
import { UsageError } from "./_usage_error.ts";

/** Options of `lllm log`, beside those that all commands share. */
export const LOG_OPTIONS = {
  log: { type: "string" },
  tactic: { type: "string" },
  tag: { type: "string", multiple: true },
  state: { type: "string" },
  after: { type: "string" },
  before: { type: "string" },
  limit: { type: "string" },
  cursor: { type: "string" },
  step: { type: "string" },
  format: { type: "string" },
  out: { type: "string" },
  force: { type: "boolean" },
  keep: { type: "string" },
  "max-age-days": { type: "string" },
  "max-bytes": { type: "string" },
  at: { type: "string" },
  output: { type: "string" },
  config: { type: "string" },
  model: { type: "string" },
  approve: { type: "string" },
  budget: { type: "string" },
  batch: { type: "boolean" },
  continue: { type: "boolean" },
  save: { type: "boolean" },
} as const;

const FILTERS = ["tactic", "tag", "state", "after", "before"] as const;
const RERUN = ["config", "model", "approve", "budget", "save"] as const;
/** A replay that stays within its record has no use for these. */
const OF_LIVE_RUNS = ["approve", "budget"] as const;
const STATES = ["running", "success", "failure", "interrupted", "cancelled"];

/** What each action takes: how many sessions, and its own options. */
export const LOG_ACTIONS = {
  list: { sessions: [0, 0], options: [...FILTERS, "limit", "cursor"] },
  show: { sessions: [1, 1], options: ["step"] },
  tree: { sessions: [1, 1], options: [] },
  diff: { sessions: [2, 2], options: ["batch"] },
  cost: { sessions: [0, 0], options: [...FILTERS] },
  export: { sessions: [1, 1], options: ["format", "out", "force"] },
  replay: { sessions: [1, 1], options: [...RERUN, "continue"] },
  fork: { sessions: [1, 1], options: [...RERUN, "at", "output"] },
  delete: { sessions: [1, Infinity], options: [] },
  gc: { sessions: [0, 0], options: [...FILTERS, "keep", "max-age-days", "max-bytes"] },
} as const satisfies Record<LogAction, { sessions: readonly [number, number]; options: readonly string[] }>;

/** Something that `lllm log` does. */
export type LogAction =
  | "list"
  | "show"
  | "tree"
  | "diff"
  | "cost"
  | "export"
  | "replay"
  | "fork"
  | "delete"
  | "gc";

/** Reads what stands behind `lllm log`. */
export function readLog(
  values: Readonly<Record<string, unknown>>,
  [action, ...sessions]: readonly string[],
): LogCommand {
  checkLogAction(action);
  const { sessions: [least, most], options } = LOG_ACTIONS[action];
  if (sessions.length < least || sessions.length > most) {
    const what = values.batch === true ? "batch" : "session";
    const expected = most === 0
      ? "options only"
      : least === 1
      ? `a ${what}`
      : `two ${what === "batch" ? "batches" : "sessions"}`;
    const given = sessions.map((session) => `"${session}"`);
    const found = sessions.length > most
      ? `also ${given.slice(most).join(", ")}`
      : given.join(", ") || "none";
    throw new UsageError(`Cannot use lllm log ${action}: expected ${expected}, found ${found}`);
  }
  const stray = Object.keys(LOG_OPTIONS).find((option) =>
    option !== "log" && values[option] !== undefined && !(options as readonly string[]).includes(option)
  );
  if (stray !== undefined) throw new UsageError(`Cannot use --${stray} with lllm log ${action}`);
  const idle = action === "replay" && values.continue !== true
    ? OF_LIVE_RUNS.find((option) => values[option] !== undefined)
    : undefined;
  if (idle !== undefined) {
    throw new UsageError(
      `Cannot use --${idle} with lllm log replay: expected --continue with it, found a replay that calls nothing`,
    );
  }
  if (values.force !== undefined && values.out === undefined) {
    throw new UsageError("Cannot use --force here: expected it with --out");
  }
  const {
    tag,
    state,
    limit,
    keep,
    "max-age-days": maxAgeDays,
    "max-bytes": maxBytes,
    approve,
    budget,
    ...rest
  } = values;
  if (state !== undefined && !STATES.includes(String(state))) {
    throw new UsageError(`Cannot use --state: expected one of ${STATES.join(", ")}, found "${state}"`);
  }
  checkPeriod(rest);
  return {
    ...rest,
    action,
    sessions,
    ...(tag === undefined ? {} : { tags: readTags(tag as string[]) }),
    ...(state === undefined ? {} : { state: state as NonNullable<LogCommand["state"]> }),
    ...(approve === undefined ? {} : { approve: readApproveMode(approve) }),
    ...(budget === undefined ? {} : { budget: readBudget(String(budget)) }),
    ...(limit === undefined ? {} : { limit: readCount("limit", limit) }),
    ...(keep === undefined ? {} : { keep: readCount("keep", keep) }),
    ...(maxAgeDays === undefined ? {} : { maxAgeDays: readCount("max-age-days", maxAgeDays) }),
    ...(maxBytes === undefined ? {} : { maxBytes: readBytes("max-bytes", maxBytes) }),
  };
}

function readTags(tags: readonly string[]): Record<string, string> {
  const names = tags.map((tag) => tag.split("=")[0]!);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError(
      `Cannot use --tag: expected each name once, found ${twice} twice: a session has one value of it`,
    );
  }
  return Object.fromEntries(tags.map((tag) => {
    const mark = tag.indexOf("=");
    if (mark < 1) throw new UsageError(`Cannot use --tag: expected <name>=<value>, found "${tag}"`);
    return [tag.slice(0, mark), tag.slice(mark + 1)];
  }));
}

function readCount(option: string, text: unknown): number {
  if (typeof text === "string" && /^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot use --${option}: expected a whole number from 1, found "${text}"`);
}

const UNITS = { "": 1, kb: 1e3, mb: 1e6, gb: 1e9 } as const;

function readBytes(option: string, text: unknown): number {
  const [, digits, unit = ""] = /^([1-9]\d{0,14})(kb|mb|gb)?$/i.exec(String(text)) ?? [];
  if (digits !== undefined) return Number(digits) * UNITS[unit.toLowerCase() as keyof typeof UNITS];
  throw new UsageError(`Cannot use --${option}: expected a number such as 500000 or 500MB, found "${text}"`);
}

/** Refuses what is no action. */
export function checkLogAction(action: string | undefined): asserts action is LogAction {
  if (action !== undefined && Object.hasOwn(LOG_ACTIONS, action)) return;
  const names = Object.keys(LOG_ACTIONS);
  const [near] = action === undefined ? [] : nearest(action, names);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  throw new UsageError(
    `Cannot use lllm log: expected ${names.join(", ")}, found ${
      action === undefined ? "none" : `"${action}"`
    }${hint}`,
  );
}
