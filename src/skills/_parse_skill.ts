/**
 * Reads what a `SKILL.md` says.
 *
 * Source: https://agentskills.io/specification
 *
 * @module
 */
import { isPlainObject, parseYaml, splitFrontMatter } from "../util/mod.ts";
import { brokenSkill } from "./_broken_skill.ts";
import { isSkillName, type Skill } from "./skill.ts";

/** Most bytes of a `SKILL.md`: all of it goes to the model. */
export const MAX_SKILL_BYTES = 256 * 1024;
const MAX_DESCRIPTION_CHARS = 1024;
const MAX_COMPATIBILITY_CHARS = 500;

/** What the file alone tells of a skill. */
export type SkillText = Omit<Skill, "dir" | "resources">;

/** Options of {@linkcode parseSkill}. */
export interface ParseSkillOptions {
  /** The file or URL, for errors. */
  readonly place: string;
  /** The folder's name, which must be the skill's. Default: any name. */
  readonly folder?: string;
}

/**
 * Reads and checks a `SKILL.md`; keys that the specification does not know are left alone. `loadYaml()` must have been awaited.
 *
 * @throws {LLLMError} `config_invalid`, naming place and reason.
 */
export function parseSkill(bytes: Uint8Array, { place, folder }: ParseSkillOptions): SkillText {
  const fail = (reason: string, cause?: unknown) => brokenSkill(place, reason, cause);
  const { yaml, body } = splitFrontMatter(decode(bytes, fail));
  if (yaml === null) throw fail("expected front matter between --- lines at its beginning, found none");
  const matter = parseMatter(yaml, fail);
  const { name, description } = matter;
  if (typeof name !== "string" || !isSkillName(name)) {
    throw fail(
      `expected a name of 1 to 64 lower-case letters, digits and single hyphens, found ${shown(name)}`,
    );
  }
  if (folder !== undefined && name !== folder) {
    throw fail(`expected the name of its folder, "${folder}", as name, found "${name}"`);
  }
  checkText("description", description, MAX_DESCRIPTION_CHARS, fail);
  if (description === undefined) throw fail("expected a description, found none");
  checkText("license", matter.license, Infinity, fail);
  checkText("compatibility", matter.compatibility, MAX_COMPATIBILITY_CHARS, fail);
  if (matter.metadata !== undefined && !isPlainObject(matter.metadata)) {
    throw fail(`expected a mapping as metadata, found ${shown(matter.metadata)}`);
  }
  return {
    name,
    description: (description as string).trim(),
    body: body.trim(),
    allowedTools: parseAllowedTools(matter["allowed-tools"], fail),
  };
}

type Fail = (reason: string, cause?: unknown) => Error;

function decode(bytes: Uint8Array, fail: Fail): string {
  if (bytes.length > MAX_SKILL_BYTES) {
    throw fail(`expected at most ${MAX_SKILL_BYTES} bytes, found ${bytes.length}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw fail("expected text in UTF-8, found other bytes", error);
  }
}

function parseMatter(yaml: string, fail: Fail): Record<string, unknown> {
  let matter: unknown;
  try {
    matter = parseYaml(yaml) ?? {};
  } catch (error) {
    throw fail(`expected front matter in YAML, found none: ${(error as Error).message}`, error);
  }
  if (!isPlainObject(matter)) throw fail(`expected a mapping as front matter, found ${shown(matter)}`);
  return Object.fromEntries(Object.entries(matter).filter(([, value]) => value !== null));
}

function checkText(key: string, value: unknown, maxChars: number, fail: Fail): void {
  if (value === undefined) return;
  const length = typeof value === "string" ? [...value.trim()].length : 0;
  if (length >= 1 && length <= maxChars) return;
  const limit = maxChars === Infinity ? "" : ` of at most ${maxChars} characters`;
  throw fail(`expected a text${limit} as ${key}, found ${length > 0 ? length : shown(value)}`);
}

/** `Read Bash(git add:*)` or `[Read, "Bash(git add:*)"]`; what is in parentheses stays together. */
function parseAllowedTools(value: unknown, fail: Fail): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.map(oneLine).filter((item) => item !== "");
  }
  if (typeof value !== "string") {
    throw fail(`expected tools between spaces, or a list of them, as allowed-tools, found ${shown(value)}`);
  }
  return (value.match(/(?:\([^()]*\)|[^\s,])+/g) ?? []).map(oneLine);
}

/** Makes one line of a text: a line break in it would look like the start of something else. */
export function oneLine(text: string): string {
  // Controls; marks that change the direction of what follows; characters that are not seen but read.
  const unseen = /[\p{Cc}\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;
  return text.replace(unseen, " ").replace(/\s+/g, " ").trim();
}

function shown(value: unknown): string {
  if (value === undefined) return "none";
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "a mapping";
  const text = JSON.stringify(value);
  if (typeof value !== "string") return `${text}, which is a text in quotes alone`;
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
