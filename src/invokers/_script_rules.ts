import { LLLMError } from "../errors.ts";
import { isPlainObject, nearest } from "../util/mod.ts";
import type { ScriptCondition, ScriptedReply, ScriptReply } from "./scripted.ts";

/** A rule with its condition prepared, and a count of how often it may still answer. */
export interface PreparedRule {
  readonly when: ScriptCondition;
  readonly pattern: RegExp | null;
  readonly reply: ScriptReply;
  /** How often it may answer in all. */
  readonly times: number;
  left: number;
}

/** What a rule looks at. */
export interface ScriptedTurn {
  readonly agent: string;
  readonly turn: number;
  readonly role: string;
  readonly text: string;
}

const CONDITIONS = ["agent", "turn", "role", "contains", "matches"];
const REPLIES = [
  "text",
  "json",
  "tool_calls",
  "error",
  "delay_ms",
  "usage",
  "refusal",
  "reasoning",
  "finish_reason",
];
/** The names that TypeScript programs may prefer. */
const ALIASES: Readonly<Record<string, string>> = {
  toolCalls: "tool_calls",
  delayMs: "delay_ms",
  finishReason: "finish_reason",
  retryAfter: "retry_after",
};

/**
 * Prepares a script: a document `{ version: 1, rules }`, or a list of rules and bare replies. A bare reply fits every request,
 * once.
 *
 * @throws {LLLMError} `config_invalid`, naming the rule and the key
 */
export function prepareRules(script: unknown): PreparedRule[] {
  if (Array.isArray(script)) return script.map(prepareEntry);
  if (!isPlainObject(script)) throw invalid(`expected rules, found ${describe(script)}`);
  if (script.version !== undefined && script.version !== 1) {
    throw invalid(`expected version 1, found ${describe(script.version)}`);
  }
  checkKeys(script, ["version", "rules"], "the script");
  if (!Array.isArray(script.rules)) {
    throw invalid(`expected a list under "rules", found ${describe(script.rules)}`);
  }
  return script.rules.map(prepareEntry);
}

function prepareEntry(entry: unknown, index: number): PreparedRule {
  const place = `rule ${index}`;
  if (!isPlainObject(entry) || !("reply" in entry)) {
    if (isPlainObject(entry) && ("when" in entry || "times" in entry)) {
      throw invalid(`expected a reply in ${place}, found none`);
    }
    return { when: {}, pattern: null, reply: prepareReply(entry, place), times: 1, left: 1 };
  }
  checkKeys(entry, ["when", "times", "reply"], place);
  const { when = {}, times = Infinity, reply } = entry;
  if (!isPlainObject(when)) {
    throw invalid(`expected conditions under "when" of ${place}, found ${describe(when)}`);
  }
  checkKeys(when, CONDITIONS, `"when" of ${place}`);
  if (typeof times !== "number" || !(times >= 0)) {
    throw invalid(`expected a number as "times" of ${place}, found ${describe(times)}`);
  }
  return {
    when: when as ScriptCondition,
    pattern: patternOf(when.matches, place),
    reply: prepareReply(reply, place),
    times,
    left: times,
  };
}

function patternOf(matches: unknown, place: string): RegExp | null {
  if (matches === undefined) return null;
  if (matches instanceof RegExp) return new RegExp(matches.source, matches.flags.replace(/[gy]/g, ""));
  try {
    return new RegExp(String(matches), "u");
  } catch (cause) {
    throw invalid(
      `expected a regular expression as "matches" of ${place}, found ${describe(matches)}`,
      cause,
    );
  }
}

function prepareReply(reply: unknown, place: string): ScriptReply {
  return typeof reply === "function" ? reply as ScriptReply : normalizeReply(reply, place);
}

/** Puts a reply into one form: a text is a reply with that text, and camelCase names become those of script files. */
export function normalizeReply(reply: unknown, place: string): ScriptedReply {
  if (typeof reply === "string") return { text: reply };
  if (!isPlainObject(reply)) throw invalid(`expected a reply in ${place}, found ${describe(reply)}`);
  const renamed = rename(reply);
  checkKeys(renamed, REPLIES, `the reply of ${place}`);
  if (renamed.tool_calls !== undefined && !Array.isArray(renamed.tool_calls)) {
    throw invalid(`expected a list of "tool_calls" in ${place}, found ${describe(renamed.tool_calls)}`);
  }
  for (const call of (renamed.tool_calls ?? []) as unknown[]) {
    if (!isPlainObject(call) || typeof call.name !== "string") {
      throw invalid(`expected a name in each of the "tool_calls" of ${place}, found ${describe(call)}`);
    }
  }
  if (isPlainObject(renamed.error)) renamed.error = rename(renamed.error);
  return renamed as ScriptedReply;
}

function rename(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [ALIASES[key] ?? key, value]));
}

function checkKeys(record: Record<string, unknown>, known: readonly string[], place: string): void {
  for (const key of Object.keys(record)) {
    if (known.includes(key)) continue;
    const [near] = nearest(key, known);
    throw invalid(
      `expected ${known.join(", ")} in ${place}, found "${key}"${
        near === undefined ? "" : `; did you mean "${near}"?`
      }`,
    );
  }
}

/** Finds the first rule that fits and may still answer, and counts the answer. */
export function takeRule(rules: readonly PreparedRule[], turn: ScriptedTurn): PreparedRule | undefined {
  const rule = rules.find((candidate) => candidate.left > 0 && fits(candidate, turn));
  if (rule !== undefined) rule.left--;
  return rule;
}

function fits({ when, pattern }: PreparedRule, turn: ScriptedTurn): boolean {
  return (when.agent === undefined || when.agent === turn.agent) &&
    (when.turn === undefined || when.turn === turn.turn) &&
    (when.role === undefined || when.role === turn.role) &&
    (when.contains === undefined || turn.text.includes(when.contains)) &&
    (pattern === null || pattern.test(turn.text));
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function invalid(message: string, cause?: unknown): LLLMError {
  return new LLLMError(`Cannot read script: ${message}`, { code: "config_invalid", cause });
}
