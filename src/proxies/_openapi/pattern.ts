const MAX_CHARS = 300;

/**
 * Tells whether a pattern may be checked here: it is valid, and cannot take much longer than the text is long. That is
 * judged by its form alone, strictly: no references or looking around, no repetition of what repeats, and an unbounded
 * repetition only once and after `^`.
 */
export function isCheckable(pattern: string): boolean {
  if (pattern.length > MAX_CHARS || /\\[1-9k]|\(\?[=!<]/.test(pattern)) return false;
  try {
    new RegExp(pattern, "u");
  } catch {
    return false;
  }
  const bare = pattern.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
  if (/\)(?:[*+]|\{)/.test(bare)) return false;
  const repetitions = bare.match(/[*+]|\{\d+,\d*\}/g) ?? [];
  const unbounded = repetitions.filter((text) => !/^\{\d+,\d{1,2}\}$/.test(text));
  if (repetitions.length - unbounded.length > 3) return false;
  return unbounded.length === 0 || (unbounded.length === 1 && bare.startsWith("^") && !bare.includes("|"));
}
