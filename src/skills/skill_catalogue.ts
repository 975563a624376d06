import { oneLine } from "./_parse_skill.ts";
import type { Skill } from "./skill.ts";

/**
 * Writes the part of a system prompt that lists skills: names and descriptions only, one line each. Empty for no skills. The text
 * is not escaped: whoever puts it into a template escapes its braces.
 *
 * @example
 * ```ts
 * import { skillCatalogue } from "@lllm/lllm/skills";
 * import assert from "node:assert/strict";
 *
 * const pdf = { name: "pdf", description: "Reads PDF files", body: "…", dir: null, resources: [], allowedTools: [] };
 * assert.match(skillCatalogue([pdf]), /^- pdf: Reads PDF files$/m);
 * ```
 */
export function skillCatalogue(skills: readonly Pick<Skill, "name" | "description">[]): string {
  if (skills.length === 0) return "";
  const lines = skills.map(({ name, description }) => `- ${name}: ${oneLine(description)}`);
  return "## Skills\n\n" +
    "Skills are instructions for certain kinds of tasks. When a task fits the description of one of these skills, read it " +
    `first with the tool activate_skill(name), then follow it:\n\n${lines.join("\n")}`;
}
