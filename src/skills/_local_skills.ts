/**
 * Finds skills on disk.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import { nearest, outsideRun } from "../util/mod.ts";
import { brokenSkill } from "./_broken_skill.ts";
import { MAX_SKILL_BYTES, parseSkill } from "./_parse_skill.ts";
import { isWithin, listResources } from "./_resources.ts";
import { isSkillName, type Skill } from "./skill.ts";

/** A folder that holds skills, each in a folder of its own. */
export interface SkillRoot {
  readonly path: string;
  /** Whether the program was asked to look here: then it must be allowed to. */
  readonly required: boolean;
}

const PLACES = [".agents/skills", ".claude/skills"];

/** Hears of skills whose files are not all listed. */
type Remark = (file: string) => void;

/** The folders in which skills are looked for, best first: those of the project, then those of the user. */
export async function skillRoots(projectDir: string | undefined): Promise<SkillRoot[]> {
  const { join, resolve } = await outsideRun(() => import("@std/path"));
  const project = resolve(projectDir ?? Deno.cwd());
  const home = readEnv("HOME") ?? readEnv("USERPROFILE");
  const roots = PLACES.map((place) => ({ path: join(project, place), required: true }));
  if (home === undefined) return roots;
  const own = PLACES.map((place) => ({ path: join(resolve(home), place), required: false }));
  return [...roots, ...own.filter(({ path }) => roots.every((root) => root.path !== path) && mayRead(path))];
}

/**
 * Reads the skill of a name.
 *
 * @throws {LLLMError} `config_invalid`, when there is none (with near names) or it is broken.
 */
export async function loadLocalSkill(
  name: string,
  roots: readonly SkillRoot[],
  remark: Remark,
): Promise<Skill> {
  const root = isSkillName(name) ? await findRoot(name, roots) : undefined;
  if (root !== undefined) return await readSkill(root.path, name, remark);
  const names = await listNames(roots);
  if (isSkillName(name) && names.includes(name)) throw await withoutFile(name, roots);
  const near = nearest(name, names);
  const hint = near.length === 0 ? "" : `; did you mean ${near.map((other) => `"${other}"`).join(" or ")}?`;
  const folders = roots.map(({ path }) => path);
  throw new LLLMError(
    `Cannot load skill ${JSON.stringify(name)}: expected a folder of that name with SKILL.md in ${
      folders.join(", ")
    }, found none${hint}`,
    { code: "config_invalid", data: { skill: name, near, folders } },
  );
}

/** The error for a folder that has no `SKILL.md`, or one that is written otherwise. */
async function withoutFile(name: string, roots: readonly SkillRoot[]): Promise<LLLMError> {
  for (const root of roots) {
    const dir = `${root.path}/${name}`;
    const list = async () => await Array.fromAsync(Deno.readDir(dir));
    const entries = await read(dir, root.required, list);
    if (entries === undefined) continue;
    const found = entries.find((entry) => /^skill\.md$/i.test(entry.name))?.name;
    const shown = found === undefined ? "none" : found === "SKILL.md" ? "no file of that name" : `"${found}"`;
    return brokenSkill(dir, `expected a file SKILL.md in it, found ${shown}`);
  }
  return brokenSkill(name, "expected a folder that can be read, found none");
}

/** Reads all skills, in the order of their names; `skip` hears of those that are broken. */
export async function loadAllSkills(
  roots: readonly SkillRoot[],
  remark: Remark,
  skip: (name: string, error: LLLMError) => void,
): Promise<Skill[]> {
  const found = await Promise.all((await listNames(roots)).map(async (name) => {
    try {
      const root = await findRoot(name, roots);
      return root === undefined ? [] : [await readSkill(root.path, name, remark)];
    } catch (error) {
      if (!LLLMError.isInstance(error)) throw error;
      skip(name, error);
      return [];
    }
  }));
  return found.flat();
}

async function findRoot(name: string, roots: readonly SkillRoot[]): Promise<SkillRoot | undefined> {
  for (const root of roots) if (await isFile(`${root.path}/${name}/SKILL.md`, root.required)) return root;
  return undefined;
}

/** Names the folders of skills, sorted. */
async function listNames(roots: readonly SkillRoot[]): Promise<string[]> {
  const names = new Set<string>();
  for (const { path, required } of roots) {
    const entries = await read(path, required, async () => await Array.fromAsync(Deno.readDir(path))) ?? [];
    for (const entry of entries) {
      if ((entry.isDirectory || entry.isSymlink) && !/^[._]/.test(entry.name)) names.add(entry.name);
    }
  }
  return [...names].sort();
}

async function readSkill(root: string, folder: string, remark: Remark): Promise<Skill> {
  const dir = `${root}/${folder}`;
  const place = `${dir}/SKILL.md`;
  try {
    const realDir = await Deno.realPath(dir);
    const file = await Deno.realPath(place);
    if (!isWithin(file, realDir)) {
      throw brokenSkill(place, "expected a file of the skill's folder, found a link that leads out of it");
    }
    const { size } = await Deno.stat(file);
    if (size > MAX_SKILL_BYTES) {
      throw brokenSkill(place, `expected at most ${MAX_SKILL_BYTES} bytes, found ${size}`);
    }
    const [bytes, { resources, isCut }] = await Promise.all([Deno.readFile(file), listResources(realDir)]);
    const text = parseSkill(bytes, { place, folder });
    if (isCut) remark(place);
    return { ...text, dir, resources };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw denied(place, error);
    throw error instanceof Error && "code" in error && !LLLMError.isInstance(error)
      ? brokenSkill(place, `expected a file that can be read, found ${error.message}`, error)
      : error;
  }
}

async function isFile(path: string, required: boolean): Promise<boolean> {
  return await read(path, required, async () => (await Deno.stat(path)).isFile) ?? false;
}

/** Reads what may not be there; `undefined` if it is not. */
async function read<T>(path: string, required: boolean, effect: () => Promise<T>): Promise<T | undefined> {
  try {
    return await effect();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      if (required) throw denied(path, error);
      return undefined;
    }
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.FilesystemLoop) {
      return undefined;
    }
    throw error;
  }
}

function denied(path: string, cause: unknown): LLLMError {
  const folder = path.replace(/([/\\]skills)(?![^/\\]).*$/s, "$1");
  const flag = `--allow-read=${folder}`;
  return new LLLMError(`Cannot load skills: expected the permission ${flag}, found it missing`, {
    code: "config_invalid",
    data: { flag },
    cause,
  });
}

/** Reads an environment variable; one that the program may not read counts as unset, and nobody is asked. */
function readEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

function mayRead(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}
