import type { Resolver } from "../run/mod.ts";
import {
  activateSkillTool,
  hostedSkillArgs,
  isHostedSkill,
  loadSkills,
  type SkillCache,
  skillCatalogue,
} from "../skills/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import { emitWarning, type Warning } from "../util/mod.ts";
import type { AgentSpec } from "./agent_spec.ts";

/** What an agent gets for its skills. */
export interface AgentSkills {
  /** `activate_skill`, where there are skills to be read. */
  readonly tools: readonly FunctionTool[];
  /** What the system prompt says of them; empty where there is nothing to say. */
  readonly promptBlock: string;
  /** The agent's model arguments, with the skills that the provider keeps. */
  readonly modelArgs: Readonly<Record<string, unknown>>;
}

/** Loads the skills of a spec; ids of those that the provider keeps go into the model arguments. */
export async function openSkills(
  spec: AgentSpec,
  { resolver, cache }: { resolver: Resolver | undefined; cache: SkillCache | undefined },
): Promise<AgentSkills> {
  const hosted = spec.skills.filter(isHostedSkill);
  const warn = (warning: Warning) =>
    emitWarning({
      code: warning.code,
      message: `${warning.message} (agent "${spec.name}")`,
      data: { ...warning.data, agent: spec.name },
    }, { sink: resolver });
  if (hosted.length > 0 && spec.apiType === "completion" && isOpenAi(spec)) {
    warn({
      code: "hosted_skills_refused",
      message: `OpenAI takes ${hosted.join(", ")} by its Responses alone; set api_type: response`,
      data: { skills: hosted },
    });
  }
  const projectDir = resolver?.projectDir;
  const skills = await loadSkills(spec.skills.filter((name) => !isHostedSkill(name)), {
    onWarning: warn,
    ...(projectDir === undefined ? {} : { projectDir }),
    ...(spec.skillsAllowNet === undefined ? {} : { allowNet: spec.skillsAllowNet }),
    ...(cache === undefined ? {} : { cache }),
  });
  return {
    tools: skills.length === 0 ? [] : [activateSkillTool(skills)],
    promptBlock: skillCatalogue(skills),
    modelArgs: hostedSkillArgs(hosted, spec.modelArgs, spec.apiType),
  };
}

/** Whether a model is certainly OpenAI's own; with an address of its own, anybody may answer. */
function isOpenAi({ modelName, modelArgs }: AgentSpec): boolean {
  return modelArgs.api_base === undefined && /^(openai\/|azure\/|gpt-|o\d)/.test(modelName);
}
