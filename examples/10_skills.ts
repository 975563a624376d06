// deno-lint-ignore-file no-console -- an example
/**
 * Skills: folders of instructions (`.agents/skills/<name>/SKILL.md`). The system prompt has their names and descriptions; what they say is
 * read by the model, with a tool, when a task needs it. In a config it is one line: `skills: [release-notes]`.
 *
 *     deno run --allow-read=examples examples/10_skills.ts
 */
import { activateSkillTool, loadSkills, Prompt, skillCatalogue, Tactic } from "@lllm/lllm";
import { escapeBraces } from "@lllm/lllm/prompt";
import { scriptedInvoker } from "@lllm/lllm/testing";

const skills = await loadSkills(["release-notes"], { projectDir: import.meta.dirname! });
const writer = Tactic.quick(
  new Prompt({
    path: "writer",
    prompt: `You write for users.\n\n${escapeBraces(skillCatalogue(skills))}`,
    functions: [activateSkillTool(skills)],
  }),
  {
    model: "gpt-4o-mini",
    invoker: scriptedInvoker([
      { tool_calls: [{ name: "activate_skill", arguments: { name: "release-notes" } }] },
      { text: "- Read the whole table aloud" },
    ]),
  },
);

writer.open("main").receive("We added speech to tables. Notes, please.");
const { content } = await writer.respond();
const [system, , , skill] = writer.currentDialog.messages;
console.log(String(system!.content).split("\n").at(-1)); // all that the model knows of the skill at first
console.log(String(skill!.content)); // what it read then
console.log(content);
