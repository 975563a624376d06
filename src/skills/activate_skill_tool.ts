import { type FunctionTool, tool } from "../tools/mod.ts";
import { nearest } from "../util/mod.ts";
import { oneLine } from "./_parse_skill.ts";
import type { Skill } from "./skill.ts";

/**
 * Makes the tool `activate_skill(name)`, by which a model reads a skill: its instructions, its folder with the files in it, and the tools
 * that it was written for. An unknown name is an error for the model, with near names.
 *
 * @example
 * ```ts
 * import { activateSkillTool } from "@lllm/lllm/skills";
 * import { FunctionCall } from "@lllm/lllm/message";
 * import assert from "node:assert/strict";
 *
 * const haiku = { name: "haiku", description: "Poems", body: "5, 7, 5.", dir: null, resources: [], allowedTools: [] };
 * const activate = activateSkillTool([haiku]);
 * const done = await activate.call(new FunctionCall({ id: "1", name: "activate_skill", arguments: { name: "haiku" } }));
 * assert.match(done.resultText!, /5, 7, 5\./);
 * const failed = await activate.call(new FunctionCall({ id: "2", name: "activate_skill", arguments: { name: "haiko" } }));
 * assert.match(failed.errorMessage!, /did you mean "haiku"\?/);
 * ```
 *
 * @param skills the skills that can be read; of two with one name the first
 */
export function activateSkillTool(skills: readonly Skill[]): FunctionTool {
  const byName = new Map(skills.toReversed().map((skill) => [skill.name, skill]));
  return tool<{ name: string }, string>({
    name: "activate_skill",
    description:
      "Reads a skill: instructions for a kind of task. Call it before you begin a task that a skill is for.",
    parameters: {
      type: "object",
      properties: { name: { type: "string", description: "The name of the skill, as it is listed" } },
      required: ["name"],
      additionalProperties: false,
    },
    execute: ({ name }) => {
      const skill = byName.get(name);
      if (skill !== undefined) return describe(skill);
      const known = [...byName.keys()].sort();
      const near = nearest(name, known);
      const hint = near.length > 0
        ? `; did you mean ${near.map((other) => `"${other}"`).join(" or ")}?`
        : `; the skills are: ${known.join(", ") || "none"}`;
      throw new RangeError(`There is no skill ${JSON.stringify(name)}${hint}`);
    },
    processor: (text) => text,
  });
}

function describe({ name, body, dir, resources, allowedTools }: Skill): string {
  const lines = [`Skill: ${name}`];
  if (dir === null) {
    lines.push(
      "Folder: none; of this skill there are only the instructions, not the files that they may name",
    );
  } else {
    lines.push(`Folder: ${oneLine(dir)}`);
    const files = resources.map((path) => `\n- ${path}`).join("");
    lines.push(`Files in it${files === "" ? ": none" : `, if you need them and can read files:${files}`}`);
  }
  if (allowedTools.length > 0) {
    lines.push(
      `Allowed tools: ${
        allowedTools.join(", ")
      }. The skill was written for these; call only tools that you have, whatever they are called`,
    );
  }
  return `${lines.join("\n")}\n\nInstructions:\n\n${body}`;
}
