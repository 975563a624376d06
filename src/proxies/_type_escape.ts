/**
 * Names and texts from outside, written into TypeScript, prompts and documentation so that they stay what they are: whatever
 * they contain, they end neither the comment, nor the string, nor the line, nor the fenced block that they stand in.
 *
 * @module
 */

const SHORT_LITERAL = 200;

/** Writes a text as one line for a comment. */
export function commentText(text: string, maxChars: number): string {
  if (maxChars === 0) return "";
  const line = lineText(text).replaceAll("*/", "*\\/");
  if (line.length <= maxChars) return line;
  // A cut may leave the "*" of an escaped "*\/" at the end, where the comment's own "*/" follows a space.
  return `${line.slice(0, maxChars - 1).toWellFormed()}…`;
}

/** Writes a text as one line. */
export function lineText(text: string): string {
  return text.toWellFormed()
    // deno-lint-ignore no-control-regex -- control characters are what is taken out
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g, " ")
    .trim()
    .replaceAll("```", "'''");
}

/** Writes the first line of a text. */
export function firstLine(text: string, maxChars = 200): string {
  const line = lineText(linesOf(text.trim())[0]!);
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1).toWellFormed()}…`;
}

/** Writes a text of several lines, of which none is a heading or a fence. */
export function blockText(text: string): string {
  return linesOf(text).map((line) => {
    const [indent] = /^ */.exec(line)!;
    return indent + lineText(line).replace(/^(#|~~~|=+$|-+$)/, "\\$1");
  }).join("\n").trimEnd();
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
}

/** Writes a name as it is, or as a string where it has what no name on one line has. */
export function nameText(name: string): string {
  return name === lineText(name) && !name.includes("`") ? name : stringText(name);
}

/** Writes a value as JSON, which is the same in Python's strings. */
export function jsonText(value: unknown): string {
  return escapeJson(JSON.stringify(value) ?? "null");
}

/** Writes a JSON value as a literal type; one that has none, or a long one, as its kind. */
export function literalText(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "number";
  if (typeof value !== "string") return "unknown";
  return value.length <= SHORT_LITERAL ? stringText(value) : "string";
}

/** Writes a text as a string literal. */
export function stringText(text: string): string {
  return escapeJson(JSON.stringify(text.toWellFormed()));
}

function escapeJson(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069`]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Writes the name of a property. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringText(name);
}

/** Makes a name for a type, of letters and digits: one that is not taken. */
export function typeName(wanted: string, taken: ReadonlySet<string>): string {
  const words = wanted.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("").slice(0, 60);
  const base = /^[A-Z]/.test(joined) ? joined : `Type${joined}`;
  let name = base;
  for (let i = 2; taken.has(name) || GLOBAL_TYPES.has(name); i++) name = `${base}${i}`;
  return name;
}

/** Types that declarations use, or that a reader would take for the language's own. */
const GLOBAL_TYPES: ReadonlySet<string> = new Set([
  "Array",
  "Boolean",
  "Date",
  "Error",
  "Function",
  "Map",
  "Number",
  "Object",
  "Promise",
  "Record",
  "Set",
  "String",
  "Symbol",
]);
