/**
 * Skills: folders of instructions (https://agentskills.io) that a model reads when it needs them.
 *
 * @module
 */
export { activateSkillTool } from "./activate_skill_tool.ts";
export { hostedSkillArgs, isHostedSkill } from "./hosted_skills.ts";
export { loadSkills, type LoadSkillsOptions } from "./load_skills.ts";
export { isSkillName, type Skill } from "./skill.ts";
export { type FetchedSkill, SkillCache } from "./skill_cache.ts";
export { skillCatalogue } from "./skill_catalogue.ts";
export type { ApiType, FunctionCall } from "../message/mod.ts";
export type { CallContext, Clock, ResolvedResource, Resolver } from "../run/mod.ts";
export type { FunctionTool, ToolCallOptions, ToolContext, ToolFunction } from "../tools/mod.ts";
export type { JsonObject, JsonSchema, JsonValue, OnWarning, Warning } from "../util/mod.ts";
