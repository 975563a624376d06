import { LLLMError } from "../errors.ts";
import type { ApiType } from "../message/mod.ts";
import { isPlainObject } from "../util/mod.ts";

const HOSTED = /^skill_[A-Za-z0-9_-]+$/;

/** Tells whether a name is the id of a skill that the provider keeps: `skill_…`. */
export function isHostedSkill(name: string): boolean {
  return HOSTED.test(name);
}

/**
 * Adds skills that the provider keeps to model arguments, in the form that its interface has for them. What the arguments say already
 * stays as it is.
 *
 * - `response` (OpenAI, Azure): in the `shell` tool, which is added if there is none, whose environment the provider makes:
 *   `tools: [{ type: "shell", environment: { type: "container_auto", skills: [{ type: "skill_reference", skill_id }] } }]`.
 * - `completion`: as Anthropic has it, and gateways to it take it:
 *   `container: { skills: [{ type: "custom", skill_id, version: "latest" }] }`. It acts together with Anthropic's tool for code
 *   execution, which belongs into `tools`. OpenAI's own Chat Completions take no skills.
 *
 * Source: the reference of OpenAI's Responses (shell tool, skill references), and of Anthropic's Messages (container).
 *
 * @example
 * ```ts
 * import { hostedSkillArgs } from "@lllm/lllm/skills";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(hostedSkillArgs(["skill_01abc"], { temperature: 0 }, "completion"), {
 *   temperature: 0,
 *   container: { skills: [{ type: "custom", skill_id: "skill_01abc", version: "latest" }] },
 * });
 * ```
 *
 * @param ids ids that begin with `skill_`
 * @param modelArgs the arguments to add to; not changed
 * @param apiType which of the provider's interfaces is used
 * @throws {LLLMError} `config_invalid`, when the arguments leave no place for skills
 */
export function hostedSkillArgs(
  ids: readonly string[],
  modelArgs: Readonly<Record<string, unknown>>,
  apiType: ApiType,
): Record<string, unknown> {
  if (ids.length === 0) return { ...modelArgs };
  return apiType === "response"
    ? { ...modelArgs, tools: withShell(ids, modelArgs.tools ?? []) }
    : { ...modelArgs, container: withSkills(ids, modelArgs.container ?? {}) };
}

/** Puts the skills into the shell tool among others. */
function withShell(ids: readonly string[], tools: unknown): unknown[] {
  if (!Array.isArray(tools)) throw misplaced(ids, "a list as tools", tools);
  const shell = tools.find((tool) => isPlainObject(tool) && tool.type === "shell");
  const environment = shell?.environment ?? { type: "container_auto" };
  if (!isPlainObject(environment) || environment.type !== "container_auto") {
    throw misplaced(ids, "container_auto as the environment of the shell tool", environment?.type);
  }
  const skills = ids.map((skill_id) => ({ type: "skill_reference", skill_id }));
  const changed = {
    ...(shell ?? { type: "shell" }),
    environment: { ...environment, skills: union(environment.skills, skills) },
  };
  return shell === undefined ? [...tools, changed] : tools.map((tool) => tool === shell ? changed : tool);
}

/** Puts the skills into a container; a text is the id of one that is there already. */
function withSkills(ids: readonly string[], given: unknown): Record<string, unknown> {
  const container = typeof given === "string" ? { id: given } : given;
  if (!isPlainObject(container)) throw misplaced(ids, "a mapping as container", container);
  const skills = ids.map((skill_id) => ({ type: "custom", skill_id, version: "latest" }));
  return { ...container, skills: union(container.skills, skills) };
}

/** Adds the skills that are not there, in whatever version. */
function union(given: unknown, skills: readonly { readonly skill_id: string }[]): unknown[] {
  const known: unknown[] = Array.isArray(given) ? given : [];
  const isKnown = (id: string) => known.some((skill) => isPlainObject(skill) && skill.skill_id === id);
  return [...known, ...skills.filter(({ skill_id }) => !isKnown(skill_id))];
}

function misplaced(ids: readonly string[], expected: string, found: unknown): LLLMError {
  return new LLLMError(
    `Cannot hand over ${ids.join(", ")}: expected ${expected} in the model arguments, found ${
      typeof found === "string" ? `"${found}"` : Array.isArray(found) ? "a list" : typeof found
    }`,
    { code: "config_invalid", data: { skills: [...ids] } },
  );
}
