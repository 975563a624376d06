/**
 * Loads the skill of a URL.
 *
 * @module
 */
import { parseNetEntry } from "../net/net_policy.ts";
import { currentRun } from "../run/mod.ts";
import { outsideRun, raceAbort } from "../util/mod.ts";
import { brokenSkill } from "./_broken_skill.ts";
import { parseSkill } from "./_parse_skill.ts";
import type { LoadSkillsOptions } from "./load_skills.ts";
import type { Skill } from "./skill.ts";
import { type FetchedSkill, SkillCache } from "./skill_cache.ts";

/** How URLs are asked. */
export interface UrlOptions {
  readonly allowNet: readonly string[];
  readonly timeoutMs: number;
  readonly cache: SkillCache;
  readonly signal: AbortSignal | undefined;
}

/** Fills in defaults, and checks what was given before anything is done. */
export function checkUrlOptions(options: LoadSkillsOptions): UrlOptions {
  const { allowNet = [], timeoutMs = 10_000, cache = new SkillCache(), signal = currentRun()?.signal } =
    options;
  const wrong = allowNet.find((entry) => parseNetEntry(entry) === null);
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot load skills: expected entries of allowNet as host or host:port, found ${JSON.stringify(wrong)}`,
    );
  }
  if (!(timeoutMs > 0) || !Number.isFinite(timeoutMs)) {
    throw new RangeError(`Cannot load skills: expected timeoutMs above 0, found ${timeoutMs}`);
  }
  return { allowNet, timeoutMs, cache, signal };
}

/** Reads a name that is a URL; `null` for any other name. */
export function toUrl(name: string): URL | null {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(name)) return null;
  const url = URL.parse(name);
  if (url !== null) url.hash = "";
  return url;
}

/**
 * Fetches a skill.
 *
 * @throws {LLLMError} `config_invalid`, with the reason in its data.
 */
export async function loadUrlSkill(url: URL, options: UrlOptions): Promise<Skill> {
  const place = `${url.protocol}//${url.host}${url.pathname}`; // the query may hold a secret
  const fetched = await fetchAsStep(url, options);
  if ("error" in fetched) throw brokenSkill(place, fetched.error);
  return { ...parseSkill(Uint8Array.fromBase64(fetched.base64), { place }), dir: null, resources: [] };
}

/** In a run the answer is that of a step, also where the cache has it: a record of the run has all that it depends on. */
function fetchAsStep(url: URL, { cache, signal, ...options }: UrlOptions): Promise<FetchedSkill> {
  const key = JSON.stringify([url.href, options]);
  const effect = () => raceAbort(cache.get(key, () => outsideRun(() => startFetch(url, options))), signal);
  const run = currentRun();
  if (run === undefined) return effect();
  const name = `skill:${url.host}${url.pathname}`;
  return run.runStep({ kind: "api", name, path: run.nextPath(name), input: { url: url.href } }, effect);
}

async function startFetch(
  url: URL,
  options: { readonly allowNet: readonly string[]; readonly timeoutMs: number },
): Promise<FetchedSkill> {
  const { fetchSkill } = await import("./_fetch_skill.ts");
  return await fetchSkill(url, options);
}
