import type { LogLevel } from "./types.ts";

/** The levels from which on records are wanted, as ranks: by subsystem, and of the others. */
export interface Levels {
  readonly bySubsystem: ReadonlyMap<string, number>;
  readonly others: number;
}

const RANKS: Readonly<Record<LogLevel | "silent", number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  silent: 4,
};

/** Whether a record is wanted. */
export function isWanted(levels: Levels, subsystem: string, level: LogLevel): boolean {
  return RANKS[level] >= (levels.bySubsystem.get(subsystem) ?? levels.others);
}

/** Reads levels: one for all, one by subsystem, or the text of the variable. */
export function parseLevels(levels: string | Readonly<Record<string, string>>): Levels {
  const entries = typeof levels === "string" ? readText(levels) : Object.entries(levels);
  const bySubsystem = new Map(entries.map(([name, level]) => [name, rankOf(level)]));
  const others = bySubsystem.get("*") ?? RANKS.silent;
  return { bySubsystem, others };
}

function readText(text: string): [string, string][] {
  return text.split(",").map((part) => {
    const [name, level] = part.split("=").map((word) => word.trim());
    return level === undefined ? ["*", name!] : [name!, level];
  });
}

function rankOf(level: string): number {
  const name = String(level).toLowerCase();
  if (Object.hasOwn(RANKS, name)) return RANKS[name as LogLevel];
  throw new RangeError(
    `Cannot set up logging: expected one of the levels ${Object.keys(RANKS).join(", ")}, found "${level}"`,
  );
}
