const MAX_CHARS = 300;
/** Most times that a counted part may be repeated, with the counts around it. */
const MAX_SIZE = 10_000;
/** Most ways to try where there is one place to begin; most work at each where there are as many as the text is long. */
const MAX_WAYS = 10_000;
const MAX_WORK_EACH = 5_000;

/**
 * Tells whether a pattern cannot take much longer than the text is long, so that one from outside may be matched here.
 * That is judged by its form alone, strictly: no references or looking around, nothing repeated that has a choice in it,
 * one unbounded repetition and that after `^`, and few choices in all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert(isQuickPattern("^[a-z]+-[0-9]{2}$"));
 * assert(!isQuickPattern("^(a+)+$"));
 * ```
 */
export function isQuickPattern(pattern: string): boolean {
  if (pattern.length > MAX_CHARS || /\\[1-9k]|\(\?(?:[=!<]|[a-z-]*-)/.test(pattern) || !isValid(pattern)) {
    return false;
  }
  // Escapes and classes are single characters here.
  const bare = pattern.replace(/\\(?:[pPu]\{[^}]*\}|.)/gsu, "x").replace(/\[[^\]]*\]/g, "x")
    .replace(/\(\?[a-z]*:/g, "(");
  const open: Group[] = [{ alternatives: 1, hasChoice: false, size: 1 }];
  let last: Group = CHARACTER;
  let ways = 1;
  let unbounded = 0;
  let isSplit = false;
  for (const [token] of bare.matchAll(TOKENS)) {
    const group = open.at(-1)!;
    if (token === "(") open.push({ alternatives: 1, hasChoice: false, size: 1 });
    else if (token === ")") {
      last = open.pop()!;
      ways *= last.alternatives;
      const around = open.at(-1);
      if (around === undefined) return false;
      around.hasChoice ||= last.hasChoice;
      around.size = Math.max(around.size, last.size);
    } else if (token === "|") {
      group.alternatives++;
      group.hasChoice = true;
      isSplit ||= open.length === 1;
    } else if (/^[*+?]|^\{\d/.test(token)) {
      const [least, most] = countsOf(token);
      if (last.hasChoice) return false;
      if (most === Infinity) unbounded++;
      else ways *= most - least + 1;
      if (most !== least) group.hasChoice = true;
      group.size = Math.max(group.size, last.size * (most === Infinity ? Math.max(least, 1) : most));
      if (group.size > MAX_SIZE) return false;
    } else last = CHARACTER;
  }
  ways *= open[0]!.alternatives;
  const isAnchored = bare.startsWith("^") && !isSplit;
  if (unbounded > 1 || (unbounded === 1 && !isAnchored)) return false;
  return isAnchored && unbounded === 0 ? ways <= MAX_WAYS : ways * open[0]!.size <= MAX_WORK_EACH;
}

/** A group, open or just closed. */
interface Group {
  alternatives: number;
  /** Whether there is more than one way through it. */
  hasChoice: boolean;
  /** How often the counts in it repeat a character at most. */
  size: number;
}

const CHARACTER: Group = { alternatives: 1, hasChoice: false, size: 1 };
const TOKENS = /[()|]|(?:[*+?]|\{\d+(?:,\d*)?\})\??|./gsu;

function countsOf(token: string): [least: number, most: number] {
  if (token.startsWith("*")) return [0, Infinity];
  if (token.startsWith("+")) return [1, Infinity];
  if (token.startsWith("?")) return [0, 1];
  const [least, most = least] = token.replace(/[{}?]/g, "").split(",");
  return [Number(least), most === "" ? Infinity : Number(most)];
}

function isValid(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    // A pattern such as [\w-.] is wrong only by the rules of Unicode mode.
    try {
      return new RegExp(pattern) instanceof RegExp;
    } catch {
      return false;
    }
  }
}
