import type { TomlIssue } from "./_toml_error.ts";

const HEADER = /^\[{1,2}([^[\]]+)\]{1,2}\s*(#.*)?$/;
const KEY = /^((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=\s*(.*)$/;
const TEXT = /"(?:[^"\\]|\\.)*"|'[^']*'/g;
const NUMBER = /^[+-]?(?:inf|nan|0[xob][\da-f_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d+)?)$/i;
const DATE = /^(?:\d{4}-\d\d-\d\d(?:[T ]|$)|\d\d:\d\d)[\dZz:.+-]*$/;

/**
 * Finds what parsers of TOML let pass by mistake, some of them: a key or table that is there twice, a number that is
 * none (`version = 1.2.3`), two keys in one line.
 */
export function findLineIssue(text: string): TomlIssue | undefined {
  if (/"""|'''/.test(text)) return undefined; // lines of such texts look like anything
  const seen = new Set<string>();
  let table = "";
  let arrays = 0;
  let depth = 0; // of brackets that are open
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (depth > 0) {
      depth += openedBy(line);
      continue;
    }
    const issue = (expected: string): TomlIssue => ({
      reason: "not as TOML has it",
      expected,
      found: line.slice(0, 80),
      line: index + 1,
    });
    const [, key, value] = KEY.exec(line) ?? [];
    if (key === undefined || value === undefined) {
      const header = HEADER.exec(line)?.[1]?.trim();
      if (header === undefined) return issue("key = value, or [table] in a line of its own");
      const isArray = line.startsWith("[[");
      table = isArray ? `${header}[${arrays++}]` : header;
      if (!isArray && seen.has(`[${table}]`)) return issue("each table once, as [name]");
      seen.add(`[${table}]`);
      continue;
    }
    const full = `${table} ${key.replaceAll(/["'\s]/g, "")}`;
    if (seen.has(full)) return issue("each key once");
    seen.add(full);
    depth = openedBy(value);
    const expected = depth > 0 ? undefined : wrongWith(value);
    if (expected !== undefined) return issue(expected);
  }
  return undefined;
}

/** Says what was expected in place of a value that ends in its line, if that is wrong. */
function wrongWith(value: string): string | undefined {
  const plain = withoutComment(value.replaceAll(TEXT, "''")).trim();
  if (plain.startsWith("[") || plain.startsWith("{")) {
    return /[\]}]$/.test(plain) ? undefined : "one key = value in a line";
  }
  if (plain.startsWith("''")) return plain === "''" ? undefined : "one key = value in a line";
  return plain === "true" || plain === "false" || NUMBER.test(plain) || DATE.test(plain)
    ? undefined
    : "a text in quotes";
}

/** How many brackets a piece of a line opens and leaves open; less than 0, if it closes others. */
function openedBy(piece: string): number {
  let open = 0;
  for (const bracket of withoutComment(piece.replaceAll(TEXT, "''"))) {
    if (bracket === "[" || bracket === "{") open++;
    else if (bracket === "]" || bracket === "}") open--;
  }
  return open;
}

function withoutComment(piece: string): string {
  return piece.replace(/#.*$/, "");
}
