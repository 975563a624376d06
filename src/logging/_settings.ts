import type { Levels } from "./_levels.ts";
import type { LogRecord } from "./types.ts";

/** What is logged, and where to. */
export interface LogSettings {
  readonly levels: Levels;
  readonly sink: (record: LogRecord) => void;
  readonly redact: (record: LogRecord) => LogRecord | null;
}

/** The settings in force; without any the library is quiet. */
export const settings: { current: LogSettings | undefined } = { current: undefined };
