import { nearest } from "../util/mod.ts";
import { type ApproveMode, readApproveMode } from "./_approver.ts";
import { readBudget } from "./_budget.ts";
import type { BatchCommand } from "./batch.ts";
import type { CreateCommand } from "./create.ts";
import type { DoctorCommand } from "./doctor.ts";
import type { KeysCommand } from "./keys.ts";
import type { McpCommand } from "./mcp.ts";
import { describeHelp, topicOf } from "./help.ts";
import { checkLogAction, LOG_OPTIONS, readLog } from "./_log_arguments.ts";
import type { LogCommand } from "./log.ts";
import { checkPkgAction, PKG_OPTIONS, readPkg } from "./_pkg_arguments.ts";
import type { PkgCommand } from "./pkg.ts";
import type { RunCommand } from "./run.ts";
import type { SandboxCommand } from "./sandbox.ts";
import { UsageError } from "./_usage_error.ts";

/** What the command line asks for. */
export type Command =
  | { readonly type: "help"; readonly text: string }
  | { readonly type: "version" }
  | { readonly type: "run"; readonly command: RunCommand }
  | { readonly type: "batch"; readonly command: BatchCommand }
  | { readonly type: "keys"; readonly command: KeysCommand }
  | { readonly type: "sandbox"; readonly command: SandboxCommand }
  | { readonly type: "create"; readonly command: CreateCommand }
  | { readonly type: "doctor"; readonly command: DoctorCommand }
  | { readonly type: "pkg"; readonly command: PkgCommand }
  | { readonly type: "log"; readonly command: LogCommand }
  | { readonly type: "mcp"; readonly command: McpCommand };

const COMMON = {
  help: { type: "boolean", short: "h" },
  verbose: { type: "boolean" },
  project: { type: "string" },
} as const;

const SHARED = { ...COMMON, json: { type: "boolean" } } as const;

/** The options of each command. */
export const OPTIONS = {
  run: {
    ...SHARED,
    config: { type: "string" },
    model: { type: "string" },
    batch: { type: "string" },
    out: { type: "string" },
    "max-workers": { type: "string" },
    resume: { type: "boolean" },
    approve: { type: "string" },
    budget: { type: "string" },
    log: { type: "string" },
    "no-log": { type: "boolean" },
  },
  log: { ...SHARED, ...LOG_OPTIONS },
  keys: { ...SHARED, type: { type: "string" } },
  sandbox: {
    ...COMMON,
    language: { type: "string" },
    proxies: { type: "string" },
    cell: { type: "string", multiple: true },
    approve: { type: "string" },
  },
  doctor: { ...SHARED, config: { type: "string" } },
  create: { help: COMMON.help, verbose: COMMON.verbose, link: { type: "string" } },
  pkg: { ...SHARED, ...PKG_OPTIONS },
  mcp: {
    ...COMMON,
    http: { type: "string" },
    tactics: { type: "string" },
    proxies: { type: "string" },
    model: { type: "string" },
  },
} as const;

const COMMANDS = ["run", "keys", "sandbox", "create", "doctor", "pkg", "mcp", "log"] as const;

/**
 * Reads the command line.
 *
 * @throws {UsageError} that says what was expected.
 */
export async function parseArguments(args: readonly string[]): Promise<Command> {
  const { parseArgs } = await import("node:util");
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    return { type: "help", text: describeHelp()! };
  }
  if (name === "help") return readHelp(rest);
  if (name === "--version" || name === "-V") return { type: "version" };
  if (!isCommand(name)) throw unknownCommand(name);
  const { values, positionals } = readOptions(
    () => parseArgs({ args: rest, options: OPTIONS[name], allowPositionals: true, strict: true }),
    Object.keys(OPTIONS[name]),
  ) as { values: Values; positionals: string[] };
  if (values.help === true) return readHelp([name, ...positionals]);
  return READERS[name](values, positionals);
}

/** Of a command that has commands of its own, the next word names one of them. */
function readHelp(words: readonly string[]): Command {
  const [name, action] = words;
  if (name !== undefined && !isCommand(name)) throw unknownCommand(name);
  if (name === "log" && action !== undefined) checkLogAction(action);
  if (name === "pkg" && action !== undefined) checkPkgAction(action);
  return { type: "help", text: describeHelp(topicOf(words))! };
}

type Values = Record<string, string | boolean | string[] | undefined>;

const READERS = {
  run: readRun,
  keys: readKeys,
  sandbox: readSandbox,
  create: readCreate,
  doctor: readDoctor,
  mcp: readMcp,
  pkg: (values: Values, positionals: string[]): Command => ({
    type: "pkg",
    command: readPkg(values, positionals),
  }),
  log: (values: Values, positionals: string[]): Command => ({
    type: "log",
    command: readLog(values, positionals),
  }),
};

function isCommand(name: string): name is typeof COMMANDS[number] {
  return (COMMANDS as readonly string[]).includes(name);
}

function readSandbox(values: Values, positionals: string[]): Command {
  const { language, proxies, cell } = values;
  if (positionals.length > 0) {
    throw new UsageError(
      `Cannot open a sandbox: expected options only, found "${positionals[0]}"; --cell runs a file`,
    );
  }
  if (language !== undefined && language !== "python" && language !== "typescript") {
    throw new UsageError(
      `Cannot open a sandbox: expected python or typescript as --language, found "${language}"`,
    );
  }
  const command = {
    ...pick(values, ["project", "language", "verbose"]),
    ...(typeof proxies === "string" ? { proxies: readNames(proxies) } : {}),
    ...(Array.isArray(cell) ? { cells: cell } : {}),
    ...readApprove(values),
  };
  return { type: "sandbox", command };
}

function readMcp(values: Values, positionals: string[]): Command {
  const [folder, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`Cannot serve: expected one package, found also "${more[0]}"`);
  if (folder !== undefined && values.project !== undefined) {
    throw new UsageError(`Cannot serve: expected a package or --project, found both`);
  }
  const { http, tactics, proxies } = values;
  if (http !== undefined && !(typeof http === "string" && /^\d{1,5}$/.test(http) && Number(http) < 65_536)) {
    throw new UsageError(`Cannot serve: expected a port from 0 to 65535 as --http, found "${http}"`);
  }
  const command = {
    ...pick(values, ["project", "model", "verbose"]),
    ...(folder === undefined ? {} : { project: folder }),
    ...(http === undefined ? {} : { port: Number(http) }),
    ...(typeof tactics === "string" ? { tactics: readNames(tactics) } : {}),
    ...(typeof proxies === "string" ? { proxies: readNames(proxies) } : {}),
  };
  return { type: "mcp", command };
}

function readNames(text: string): string[] {
  return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

function readCreate(values: Values, positionals: string[]): Command {
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageError("Cannot create: expected the name of the project, found none");
  if (more.length > 0) throw new UsageError(`Cannot create: expected one name, found also "${more[0]}"`);
  return { type: "create", command: { name, ...pick(values, ["link", "verbose"]) } };
}

function readDoctor(values: Values, positionals: string[]): Command {
  if (positionals.length > 0) {
    throw new UsageError(
      `Cannot examine a project: expected options only, found "${positionals[0]}"; --project names it`,
    );
  }
  return { type: "doctor", command: pick(values, ["project", "config", "json", "verbose"]) };
}

function readKeys(values: Values, positionals: string[]): Command {
  if (positionals.length > 0) {
    throw new UsageError(`Cannot list keys: expected options only, found "${positionals[0]}"`);
  }
  return {
    type: "keys",
    command: { ...pick(values, ["project", "type"]), ...pick(values, ["json", "verbose"]) },
  };
}

function readRun(values: Values, positionals: string[]): Command {
  const [tactic, input, ...more] = positionals;
  if (tactic === undefined) throw new UsageError("Cannot run: expected the key of a tactic, found none");
  if (more.length > 0) {
    throw new UsageError(
      `Cannot run: expected one input (in quotes, if it has spaces), found also "${more[0]}"`,
    );
  }
  const shared = {
    tactic,
    ...pick(values, ["project", "config", "model", "json", "verbose", "log"]),
    ...(values["no-log"] === true ? { noLog: true } : {}),
    ...(typeof values.budget === "string" ? { budget: readBudget(values.budget) } : {}),
    ...readApprove(values),
  };
  if (values.batch === undefined) {
    const stray = ["out", "max-workers", "resume"].find((option) => values[option] !== undefined);
    if (stray !== undefined) throw new UsageError(`Cannot use --${stray} here: expected it with --batch`);
    return { type: "run", command: { ...shared, ...(input === undefined ? {} : { input }) } };
  }
  if (input !== undefined) {
    throw new UsageError(`Cannot run a batch: expected no input beside --batch, found "${input}"`);
  }
  if (values.out === undefined) {
    throw new UsageError("Cannot run a batch: expected --out <results.jsonl>, found none");
  }
  const workers = values["max-workers"];
  const command = {
    ...shared,
    batch: String(values.batch),
    out: String(values.out),
    ...pick(values, ["resume"]),
    ...(workers === undefined ? {} : { maxWorkers: readCount(workers) }),
  };
  return { type: "batch", command };
}

function readApprove({ approve }: Values): { approve?: ApproveMode } {
  return approve === undefined ? {} : { approve: readApproveMode(approve) };
}

function readCount(text: Values[string]): number {
  if (typeof text === "string" && /^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot use --max-workers: expected a whole number from 1, found "${text}"`);
}

function readOptions<T>(parse: () => T, known: readonly string[]): T {
  try {
    return parse();
  } catch (error) {
    const message = (error as Error).message;
    const option = /Unknown option '--?([^']*)'/.exec(message)?.[1];
    if (option === undefined) {
      throw new UsageError(`Cannot read the command line: ${message.replace(/\. To specify.*$/s, "")}`);
    }
    const [near] = nearest(option, known);
    const hint = near === undefined ? "" : `; did you mean --${near}?`;
    throw new UsageError(`Cannot read the command line: found unknown option "${option}"${hint}`);
  }
}

function unknownCommand(name: string): UsageError {
  const [near] = nearest(name, COMMANDS);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return new UsageError(
    `Cannot read the command line: expected ${COMMANDS.join(", ")}, found "${name}"${hint}`,
  );
}

function pick(values: Values, names: readonly string[]): Record<string, never> {
  return Object.fromEntries(
    names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]),
  ) as Record<
    string,
    never
  >;
}
