/**
 * Names and texts from outside, written into TypeScript so that they stay what they are: whatever they contain, they end
 * neither the comment, nor the string, nor the fenced block that they stand in.
 *
 * @module
 */

const SHORT_LITERAL = 200;

/** Writes a text as one line for a comment. */
export function commentText(text: string, maxChars: number): string {
  if (maxChars === 0) return "";
  const line = text.toWellFormed()
    // deno-lint-ignore no-control-regex -- control characters are what is taken out
    .replaceAll(/[\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g, " ")
    .trim()
    .replaceAll("*/", "*\\/")
    .replaceAll("```", "'''");
  if (line.length <= maxChars) return line;
  // A cut may leave the "*" of an escaped "*\/" at the end, where the comment's own "*/" follows a space.
  return `${line.slice(0, maxChars - 1).toWellFormed()}…`;
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
  return JSON.stringify(text.toWellFormed())
    .replaceAll(
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
