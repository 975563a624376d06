import type { LogRecord } from "./types.ts";

/** Writes a record as a line on stderr. */
export function writeLine({ time, level, subsystem, message, data, sessionId }: LogRecord): void {
  const session = sessionId === undefined ? "" : ` [${sessionId}]`;
  const facts = Object.keys(data).length === 0 ? "" : ` ${JSON.stringify(data)}`;
  const line = `${time} ${level.toUpperCase().padEnd(5)} ${subsystem}${session}: ${message}${facts}`;
  // deno-lint-ignore no-console -- what the program asked for
  console.error(line.replaceAll(/[\n\r]+\s*/g, " ⏎ "));
}
