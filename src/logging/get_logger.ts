import { currentRun, scrubSecrets } from "../run/mod.ts";
import { isWanted } from "./_levels.ts";
import { scrubText, scrubTexts } from "./_scrub_text.ts";
import { settings } from "./_settings.ts";
import type { LogLevel, LogRecord } from "./types.ts";

/** Facts of a record, or a function that gives them where the record is wanted. */
export type LogData = Readonly<Record<string, unknown>> | (() => Readonly<Record<string, unknown>>);

/** Tells what happens in one part of a program. */
export interface Logger {
  /** Tells what only those who look for an error care for. */
  debug(message: string, data?: LogData): void;
  /** Tells what goes as it should. */
  info(message: string, data?: LogData): void;
  /** Tells what went wrong and was made up for. */
  warn(message: string, data?: LogData): void;
  /** Tells what went wrong. */
  error(message: string, data?: LogData): void;
}

/**
 * Makes the logger of a subsystem. It does nothing, and costs next to nothing, until {@linkcode setupLogging} says otherwise.
 *
 * @example
 * ```ts
 * import { getLogger } from "@lllm/lllm/logging";
 *
 * const logger = getLogger("my_package");
 * logger.info("Read the prices", () => ({ rows: 1_000 }));
 * ```
 */
export function getLogger(subsystem: string): Logger {
  const at = (level: LogLevel) => (message: string, data?: LogData) => log(level, subsystem, message, data);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function log(level: LogLevel, subsystem: string, message: string, data: LogData = {}): void {
  const { current } = settings;
  if (current === undefined || !isWanted(current.levels, subsystem, level)) return;
  // Nobody's run may fail because of what is told about it.
  try {
    const sessionId = currentRun()?.callContext?.sessionId;
    const facts = scrubTexts(scrubSecrets(typeof data === "function" ? data() : data));
    const record: LogRecord | null = current.redact({
      time: new Date().toISOString(),
      level,
      subsystem,
      message: scrubText(message),
      data: facts as Record<string, unknown>,
      ...(sessionId === undefined ? {} : { sessionId }),
    });
    if (record !== null) current.sink(record);
  } catch {
    // see above
  }
}
