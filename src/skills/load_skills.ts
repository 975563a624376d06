import { LLLMError } from "../errors.ts";
import { emitWarning, loadYaml, type OnWarning } from "../util/mod.ts";
import { loadAllSkills, loadLocalSkill, type SkillRoot, skillRoots } from "./_local_skills.ts";
import { checkUrlOptions, loadUrlSkill, toUrl, type UrlOptions } from "./_url_skill.ts";
import { isHostedSkill } from "./hosted_skills.ts";
import type { Skill } from "./skill.ts";
import type { SkillCache } from "./skill_cache.ts";

/** Options of {@linkcode loadSkills}. */
export interface LoadSkillsOptions {
  /** The folder whose `.agents/skills` and `.claude/skills` come first. Default: the working folder. */
  readonly projectDir?: string;
  /**
   * Hosts, as `host` or `host:port`, that URLs may name with http, or that are at private, loopback or link-local addresses (then the
   * address itself is listed). Default: none, so that URLs are https and lead to public addresses.
   */
  readonly allowNet?: readonly string[];
  /** How long the answer to a URL may take, redirects included. Units: milliseconds. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Aborts the loading. Default: the signal of the current run, if any. */
  readonly signal?: AbortSignal;
  /** Keeps what URLs gave for later calls. Default: each call asks anew. */
  readonly cache?: SkillCache;
  /** Hears of skills that are skipped, and why. Default: the console, each message once. */
  readonly onWarning?: OnWarning;
}

/**
 * Loads skills: by name from disk, by URL, or all that are on disk (`"*"`, also as one of the names).
 *
 * A name is looked for in `.agents/skills` and `.claude/skills` of the project, then of the user's home folder; the first folder
 * with a `SKILL.md` wins. Of a URL the `SKILL.md` alone is fetched; one that fails is skipped with a warning, and so is a broken
 * skill among `"*"`. Needs `--allow-read` for the project's folders, `--allow-env=HOME` and `--allow-read` for those of the user
 * (skipped without), `--allow-net` for the hosts of URLs.
 *
 * Shape: in the order of `names`, those of `"*"` by name; of two with one name the first is kept. In a run, a fetch is a step.
 *
 * @example
 * ```ts
 * import { activateSkillTool, loadSkills, skillCatalogue } from "@lllm/lllm/skills";
 * import { escapeBraces, Prompt } from "@lllm/lllm/prompt";
 * import { Tactic } from "@lllm/lllm/tactic";
 * import { scriptedInvoker } from "@lllm/lllm/testing";
 * import assert from "node:assert/strict";
 *
 * const projectDir = await Deno.makeTempDir();
 * const folder = `${projectDir}/.agents/skills/haiku`;
 * await Deno.mkdir(folder, { recursive: true });
 * await Deno.writeTextFile(`${folder}/SKILL.md`, "---\nname: haiku\ndescription: How to write a haiku\n---\nThree lines: 5, 7, 5.");
 *
 * const skills = await loadSkills(["haiku"], { projectDir });
 * const poet = Tactic.quick(
 *   new Prompt({
 *     path: "poet/system",
 *     prompt: "You are a poet.\n\n" + escapeBraces(skillCatalogue(skills)),
 *     functions: [activateSkillTool(skills)],
 *   }),
 *   {
 *     model: "scripted",
 *     invoker: scriptedInvoker([
 *       { tool_calls: [{ name: "activate_skill", arguments: { name: "haiku" } }] },
 *       { text: "An old silent pond" },
 *     ]),
 *   },
 * );
 * poet.open("main").receive("A haiku, please");
 * assert.equal((await poet.respond()).content, "An old silent pond");
 * assert.match(String(poet.currentDialog.messages[3]!.content), /Three lines: 5, 7, 5\./);
 * await Deno.remove(projectDir, { recursive: true });
 * ```
 *
 * @param names names, URLs and `"*"`
 * @throws {LLLMError} `config_invalid`, for a name that is not found (with near names) or whose skill is broken, and for a
 * permission that is missing
 * @throws {RangeError} for an entry of `allowNet` that is no host
 */
export async function loadSkills(
  names: readonly string[] | "*",
  options: LoadSkillsOptions = {},
): Promise<Skill[]> {
  const { projectDir, onWarning } = options;
  const urls = checkUrlOptions(options);
  const wanted = typeof names === "string" ? [names] : [...new Set(names)];
  if (wanted.length === 0) return [];
  urls.signal?.throwIfAborted();
  await loadYaml();
  const warn: Warn = (code, message, data) =>
    emitWarning({ code, message, data }, onWarning === undefined ? {} : { onWarning });
  let roots: ReturnType<typeof skillRoots> | undefined;
  const findRoots = () => roots ??= skillRoots(projectDir);
  const loaded = await Promise.all(wanted.map((name) => {
    const url = toUrl(name);
    if (url !== null) return skippable(url, urls, warn);
    if (isHostedSkill(name)) throw hosted(name);
    return findRoots().then((roots) => fromDisk(name, roots, warn));
  }));
  return dropDuplicates(loaded.flat(), warn);
}

type Warn = (code: string, message: string, data: Record<string, unknown>) => void;

async function skippable(url: URL, options: UrlOptions, warn: Warn): Promise<Skill[]> {
  try {
    return [await loadUrlSkill(url, options)];
  } catch (error) {
    if (!LLLMError.isInstance(error)) throw error;
    const { skill, reason } = error.data;
    warn("skill_skipped", `Skipped skill ${skill}: ${reason}`, { skill, reason });
    return [];
  }
}

async function fromDisk(name: string, roots: readonly SkillRoot[], warn: Warn): Promise<Skill[]> {
  const remark = (file: string) =>
    warn("skill_files_cut", `Skill ${file} has more files, or deeper folders, than are listed`, { file });
  if (name !== "*") return [await loadLocalSkill(name, roots, remark)];
  return await loadAllSkills(roots, remark, (skill, { message, data }) => {
    const { skill: file, reason = message } = data;
    warn("skill_skipped", `Skipped skill ${file ?? skill}: ${reason}`, { skill, file, reason });
  });
}

function dropDuplicates(skills: readonly Skill[], warn: Warn): Skill[] {
  const kept = new Map<string, Skill>();
  for (const skill of skills) {
    const { name, dir } = skill;
    const first = kept.get(name);
    if (first === undefined) kept.set(name, skill);
    else if (first.dir === null || first.dir !== dir) {
      const message = `Skipped a second skill named "${name}", from ${dir ?? "a URL"}: the first one is used`;
      warn("skill_duplicate", message, { skill: name, dir });
    }
  }
  return [...kept.values()];
}

function hosted(name: string): LLLMError {
  return new LLLMError(
    `Cannot load skill "${name}": expected a name or a URL, found the id of a skill that the provider keeps; give it to ` +
      "hostedSkillArgs()",
    { code: "config_invalid", data: { skill: name } },
  );
}
