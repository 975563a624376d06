import { type LogSettings, settings } from "./_settings.ts";
import { parseLevels } from "./_levels.ts";
import { writeLine } from "./_write_line.ts";
import type { LogLevel, LogRecord } from "./types.ts";

/** Options of {@linkcode setupLogging}. */
export interface SetupLoggingOptions {
  /**
   * From which level on records are wanted, `silent` for none: of all subsystems, or by subsystem, with `*` for those that are not
   * named. Default: what the variable `LLLM_LOG_LEVEL` says (`debug`, or `warn,agent=debug,mcp=silent`), else `info`.
   */
  readonly level?: LogLevel | "silent" | Readonly<Record<string, LogLevel | "silent">>;
  /** Takes the records. What it throws is dropped. Default: a line on stderr for each. */
  readonly sink?: (record: LogRecord) => void;
  /**
   * Changes a record before the sink gets it, or drops it with `null`. Values of keys that hold secrets, and what looks like a key
   * in a text, are already gone. Default: records are kept.
   */
  readonly redact?: (record: LogRecord) => LogRecord | null;
}

/**
 * Turns logging on, in place of what was set up before. Without it the library is quiet, and no variable is read.
 *
 * Subsystems: `agent` (replies that are repaired, calls that are repeated, budgets that are spent), `mcp` (servers that are
 * started again), `proxies` (requests that are repeated), `sandbox` (processes that are ended).
 *
 * @example
 * ```ts
 * import { type LogRecord, setupLogging } from "@lllm/lllm/logging";
 * import assert from "node:assert/strict";
 *
 * const records: LogRecord[] = [];
 * const turnOff = setupLogging({ level: { agent: "debug", "*": "warn" }, sink: (record) => void records.push(record) });
 * // … run tactics …
 * turnOff();
 * assert.deepEqual(records, []);
 * ```
 *
 * @returns what turns logging off again, unless it was set up anew since
 * @throws {RangeError} when a level is none
 */
export function setupLogging(options: SetupLoggingOptions = {}): () => void {
  const { sink = writeLine, redact = (record: LogRecord) => record } = options;
  const levels = parseLevels(options.level ?? readVariable() ?? "info");
  const mine: LogSettings = { levels, sink, redact };
  settings.current = mine;
  return () => {
    if (settings.current === mine) settings.current = undefined;
  };
}

const VARIABLE = "LLLM_LOG_LEVEL";

function readVariable(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  return state === "granted" ? Deno.env.get(VARIABLE)?.trim() || undefined : undefined;
}
