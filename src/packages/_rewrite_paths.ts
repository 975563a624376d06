import { LLLMError } from "../errors.ts";
import { parseManifestToml } from "../runtime/manifest_text.ts";
import { deepEqual, isPlainObject } from "../util/mod.ts";

/** A path in a manifest that becomes another one. */
export interface PathEdit {
  /** The table: a section, or `dependencies`. */
  readonly table: string;
  /** The place in its list. */
  readonly index: number;
  /** The new path. */
  readonly path: string;
}

/**
 * Gives the text of a manifest with other paths; all else stays as it is, comments too.
 *
 * Each text in quotes is looked for in what the manifest says; those that say one of the paths are replaced.
 *
 * @throws {LLLMError} `manifest_invalid`, if the result would not say what is wanted
 */
export async function rewritePaths(text: string, edits: readonly PathEdit[], file: string): Promise<string> {
  const parse = async (text: string) => await parseManifestToml(text.replace(/^\uFEFF/, ""), file);
  const wanted = edits.reduce(applyEdit, await parse(text));
  const marker = `marker-${crypto.randomUUID()}`;
  let rewritten = text;
  for (const { start, end } of findTexts(text).reverse()) { // from the end: what is before stays where it is
    const marked = `${text.slice(0, start)}"${marker}"${text.slice(end)}`;
    const place = findValue(await parse(marked).catch(() => undefined), marker);
    const said = place === undefined ? undefined : valueAt(wanted, place);
    if (place === undefined || !edits.some((edit) => isPlaceOf(edit, place))) continue;
    rewritten = `${rewritten.slice(0, start)}${JSON.stringify(said)}${rewritten.slice(end)}`;
  }
  if (deepEqual(await parse(rewritten), wanted)) return rewritten;
  throw new LLLMError(
    `Cannot change the paths in ${file}: expected each of them as a text in a list of its table`,
    {
      code: "manifest_invalid",
      data: { file, edits },
    },
  );
}

type Place = readonly (string | number)[];

function listName(table: string): string {
  return table === "dependencies" ? "packages" : "paths";
}

function isPlaceOf({ table, index }: PathEdit, [first, list, number, key]: Place): boolean {
  return first === table && list === listName(table) && number === index &&
    (key === undefined || key === "path");
}

/** Copies the data of a manifest, with one path changed: what follows a path in its text (`under …`) is kept. */
function applyEdit(data: Record<string, unknown>, { table, index, path }: PathEdit): Record<string, unknown> {
  const copy = structuredClone(data);
  const list = (copy[table] as Record<string, unknown[]>)[listName(table)]!;
  const entry = list[index];
  if (isPlainObject(entry)) entry.path = path;
  else {
    const word = table === "dependencies" ? "as" : "under";
    const [, rest = ""] = new RegExp(`^.*\\S(\\s+${word}\\s+\\S.*)$`, "s").exec(String(entry)) ?? [];
    list[index] = path + rest;
  }
  return copy;
}

/** Finds the texts of a TOML document, their quotes included; comments are passed over. */
function findTexts(text: string): { start: number; end: number }[] {
  const pattern = /#[^\n]*|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/g;
  return [...text.matchAll(pattern)].filter(([found]) => !found.startsWith("#"))
    .map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

function findValue(data: unknown, wanted: string): Place | undefined {
  if (data === wanted) return [];
  if (typeof data !== "object" || data === null) return undefined;
  const isList = Array.isArray(data);
  for (const [key, value] of Object.entries(data)) {
    const found = findValue(value, wanted);
    if (found !== undefined) return [isList ? Number(key) : key, ...found];
  }
  return undefined;
}

function valueAt(data: unknown, place: Place): unknown {
  return place.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)?.[key], data);
}
