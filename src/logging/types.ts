/** How much a record matters, from the least on. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** One thing that happened. */
export interface LogRecord {
  /** ISO 8601 time. */
  readonly time: string;
  /** How much it matters. */
  readonly level: LogLevel;
  /** The part of the library that tells it: `agent`, `mcp`, `sandbox`, … */
  readonly subsystem: string;
  /** One line for people. */
  readonly message: string;
  /** The facts, JSON-safe. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The session of the run in which it happened. */
  readonly sessionId?: string;
}
