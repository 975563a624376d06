import type { Budget } from "../run/mod.ts";
import { nearest } from "../util/mod.ts";
import { UsageError } from "./_usage_error.ts";

const LIMITS = ["usd", "tokens", "steps", "wall"] as const;
const EXAMPLE = "usd=1,tokens=200k,steps=100,wall=10m";
const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1_000, m: 1_000_000 };
const UNITS: Readonly<Record<string, number>> = { ms: 1, "": 1_000, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads the limits of `--budget`: dollars, tokens and steps as numbers (`200k` is 200,000), the time as a number with its unit (`ms`,
 * `s`, `m`, `h`; seconds without one).
 *
 * @throws {UsageError} that says which limit is none, and why
 */
export function readBudget(text: string): Budget {
  const budget: { usd?: number; tokens?: number; steps?: number; wallMs?: number } = {};
  for (const entry of text.split(",").map((part) => part.trim()).filter((part) => part !== "")) {
    const [, name, value] = /^([^=]*?)\s*=\s*(.*)$/s.exec(entry) ?? [];
    if (name === undefined) throw bad(`found "${entry}"`);
    const limit = LIMITS.find((known) => known === name);
    if (limit === undefined) throw unknown(name);
    const key = limit === "wall" ? "wallMs" : limit;
    if (budget[key] !== undefined) throw bad(`found ${limit} twice`);
    budget[key] = readLimit(limit, value!);
  }
  if (Object.keys(budget).length === 0) throw bad("found none");
  return budget;
}

function readLimit(limit: typeof LIMITS[number], text: string): number {
  const [, digits, unit = ""] = /^(\d[\d_]*(?:\.\d+)?|\.\d+)\s*([a-z]*)$/i
    .exec(limit === "usd" ? text.replace(/^\$/, "") : text) ?? [];
  const factor = (limit === "wall" ? UNITS : limit === "usd" ? { "": 1 } : FACTORS)[unit.toLowerCase()];
  const value = digits === undefined || factor === undefined
    ? NaN
    : Number(digits.replaceAll("_", "")) * factor;
  const isWhole = limit === "usd" || Number.isInteger(Math.round(value * 1e6) / 1e6);
  if (value > 0 && isWhole) return limit === "usd" ? value : Math.round(value);
  throw new UsageError(`Cannot use --budget: expected ${WANTED[limit]} as ${limit}, found "${text}"`);
}

const WANTED = {
  usd: "dollars above 0, such as 0.5,",
  tokens: "a whole number above 0, such as 50000 or 200k,",
  steps: "a whole number above 0, such as 100,",
  wall: "a time above 0, such as 30s, 10m or 2h,",
} as const;

function unknown(name: string): UsageError {
  const [near] = nearest(name, LIMITS);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return new UsageError(`Cannot use --budget: expected ${LIMITS.join(", ")}, found "${name}"${hint}`);
}

function bad(found: string): UsageError {
  return new UsageError(`Cannot use --budget: expected limits such as ${EXAMPLE}, ${found}`);
}
