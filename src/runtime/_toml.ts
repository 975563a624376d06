import { outsideRun } from "../util/mod.ts";
import { describeTomlError, type TomlIssue } from "./_toml_error.ts";

/** Says where a text is no TOML, and what was expected there, in one line, whichever parser found it. */
export class TomlSyntaxError extends SyntaxError {
  /** Where and what, as far as the parser says. */
  readonly issue: TomlIssue;

  constructor(issue: TomlIssue, cause?: unknown) {
    const { reason, expected, found, line, column } = issue;
    const place = line === undefined
      ? ""
      : ` at line ${line}${column === undefined ? "" : `, column ${column}`}`;
    const shown = found === undefined ? reason : `${JSON.stringify(found)} (${reason})`;
    super(`expected ${expected}${place}, found ${shown}`, { cause });
    this.issue = issue;
  }
}

let parse: ((text: string) => Record<string, unknown>) | undefined;

/** Loads the TOML parser, once; {@linkcode parseToml} works from then on. */
export async function loadToml(): Promise<void> {
  parse ??= (await outsideRun(() => import("@std/toml"))).parse as (text: string) => Record<string, unknown>;
}

/**
 * Parses a TOML document, at once. Dates and times come as texts.
 *
 * @throws {TomlSyntaxError} when the text is no TOML
 */
export function parseToml(text: string): Record<string, unknown> {
  if (parse === undefined) throw new Error("Cannot parse TOML: expected loadToml() to be awaited before");
  try {
    return datesToText(parse(text)) as Record<string, unknown>;
  } catch (error) {
    throw new TomlSyntaxError(describeTomlError(error, text), error);
  }
}

/** Parsers differ in what they make of dates; as text they are alike, and JSON can carry them. */
function datesToText(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00(\.000)?Z?$/, "");
  if (Array.isArray(value)) return value.map(datesToText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, datesToText(item)]));
}
