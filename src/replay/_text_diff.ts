/** How many words around a change are shown. */
const CONTEXT_WORDS = 6;
/** Longer stretches than this are shown as replaced as a whole. */
const MAX_COMPARED_WORDS = 400;
const MAX_SHOWN_CHARS = 300;

/** Shows how a text was changed, in one line: `… the [-old-]{+new+} words …`. */
export function diffTexts(before: string, after: string): string {
  const a = before.split(/(\s+)/);
  const b = after.split(/(\s+)/);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const lead = a.slice(Math.max(0, start - CONTEXT_WORDS), start).join("");
  const trail = a.slice(a.length - end, a.length - end + CONTEXT_WORDS).join("");
  const middle = compareWords(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return [
    start > CONTEXT_WORDS ? "…" : "",
    flat(lead),
    middle,
    flat(trail),
    end > CONTEXT_WORDS ? "…" : "",
  ].join("");
}

function compareWords(a: readonly string[], b: readonly string[]): string {
  if (a.length > MAX_COMPARED_WORDS || b.length > MAX_COMPARED_WORDS) return changed(a, b);
  const lengths = commonLengths(a, b);
  const parts: string[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  let kept: string[] = [];
  const flush = () => {
    parts.push(changed(removed, added));
    [removed, added] = [[], []];
  };
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      if (removed.length + added.length > 0) flush();
      kept.push(a[i]!);
      i++;
      j++;
      continue;
    }
    if (kept.length > 0) parts.push(shorten(flat(kept.join(""))));
    kept = [];
    if (j >= b.length || (i < a.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) removed.push(a[i++]!);
    else added.push(b[j++]!);
  }
  flush();
  if (kept.length > 0) parts.push(shorten(flat(kept.join(""))));
  return parts.join("");
}

/** Lengths of the longest common subsequences of what is left from each place on. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i]![j] = a[i] === b[j]
        ? table[i + 1]![j + 1]! + 1
        : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}

function changed(removed: readonly string[], added: readonly string[]): string {
  const minus = removed.length === 0 ? "" : `[-${shorten(flat(removed.join("")))}-]`;
  const plus = added.length === 0 ? "" : `{+${shorten(flat(added.join("")))}+}`;
  return minus + plus;
}

function flat(text: string): string {
  return text.replaceAll("\n", "⏎");
}

function shorten(text: string): string {
  if (text.length <= MAX_SHOWN_CHARS) return text;
  const half = MAX_SHOWN_CHARS / 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`;
}
