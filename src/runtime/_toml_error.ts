/** What is wrong with a TOML document, and where, as far as the parser says. */
export interface TomlIssue {
  /** What the parser says, in one line. */
  readonly reason: string;
  /** What should have been there. */
  readonly expected: string;
  /** The text of the line. */
  readonly found?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/**
 * Makes one form of what TOML parsers throw: some carry `line` and `column` as properties, some write
 * "Parse error on line 3, column 5: …", some name no place.
 */
export function describeTomlError(error: unknown, text: string): TomlIssue {
  const { message, line, column } = (error ?? {}) as { message?: unknown; line?: unknown; column?: unknown };
  const [first = ""] = String(message ?? error).trim().split("\n");
  const written = /\bline (\d+)(?:, column (\d+))?/i.exec(first);
  // One parser wraps its own errors once more.
  const reason = first
    .replace(
      /^(?:(?:Invalid TOML document|Parse error on line \d+(?:, column \d+)?|Cannot parse (?:the )?TOML): *)+/i,
      "",
    )
    .replace(/[.:]$/, "");
  const row = positive(line) ?? positive(Number(written?.[1]));
  const place = positive(column) ?? positive(Number(written?.[2]));
  const found = row === undefined ? undefined : text.split(/\r?\n/)[row - 1]?.trim().slice(0, 80);
  return {
    reason: reason === "" ? "no TOML" : reason,
    expected: expectedAt(found ?? "", reason),
    ...(found === undefined || found === "" ? {} : { found }),
    ...(row === undefined ? {} : { line: row }),
    ...(row === undefined || place === undefined ? {} : { column: place }),
  };
}

/** Guesses from a line that cannot be read what was meant; parsers give the place, and each its own words. */
function expectedAt(line: string, reason: string): string {
  if (line.startsWith("[")) {
    return line.includes("]") ? "each table once, as [name]" : "a ] after the table's name";
  }
  if (line.startsWith("=")) return "a key before =";
  const [, key = "", value] = /^([^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
  if (value === undefined) return /^[\w.-]+(\s|:|$)/.test(line) ? "key = value" : "TOML";
  if (value === "" || value.startsWith("#")) return "a value after =";
  if (/redefin|duplicat|already|overrid/i.test(reason)) return "each key once";
  if (/\s/.test(key) && !/^["']/.test(key)) return "one key before =, in quotes if it has spaces";
  if (/^"[^"]*\\/.test(value)) return "an escape that TOML has, or a text in single quotes";
  if (/^("[^"]*|'[^']*)$/.test(value)) return "a quote at the end of the text";
  if (value.startsWith("[")) return "commas between the entries of the list, and a ] at its end";
  if (value.startsWith("{")) return "commas between the entries of the table, and a } at its end";
  if (!/^(["'+-]|(true|false|inf|nan)\b)/.test(value)) return "a text in quotes";
  return "one key = value in a line";
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/**
 * Finds the line (from 1) where a manifest writes a key such as `prompts.paths[1]`: that of the entry's list, or of its
 * table where the key has none of its own.
 */
export function lineOfKey(text: string, key: string): number | undefined {
  const [table = "", name] = key.replace(/\[\d+\].*$/, "").split(".");
  let current = "";
  let header: number | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const opened = /^\s*\[{1,2}\s*["']?([^\]"'\s]+)["']?\s*\]/.exec(line)?.[1];
    if (opened !== undefined) {
      current = opened;
      if (opened === table) header ??= index + 1;
      continue;
    }
    const written = /^\s*([\w."'-]+)\s*=/.exec(line)?.[1]?.replaceAll(/["']/g, "");
    if (written === undefined) continue;
    const full = current === "" ? written : `${current}.${written}`;
    if (full === (name === undefined ? table : `${table}.${name}`)) return index + 1;
    if (full === table) header ??= index + 1;
  }
  return header;
}

/** The value of a key in `[package]` as it was written, if it was written without quotes. */
export function unquotedValue(text: string, key: string): string | undefined {
  if (/"""|'''/.test(text)) return undefined; // lines of such texts look like anything
  const line = lineOfKey(text, `package.${key}`);
  if (line === undefined) return undefined;
  const written = text.split(/\r?\n/)[line - 1]!
    .replace(/=\s*(?:"(?:[^"\\]|\\.)*"|'[^']*')/g, '=""').replace(/#.*$/, "");
  const [, value] = new RegExp(`(?:^|[\\s.{,"'])${key}["']?\\s*=\\s*([^\\s"'[{][^,}]*)`).exec(written) ?? [];
  return value?.trim();
}
