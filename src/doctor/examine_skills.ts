import type { AgentSpec } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { isHostedSkill, loadSkills } from "../skills/mod.ts";
import { placeOf } from "./examine_agent.ts";
import type { Findings } from "./findings.ts";
import type { DoctorReport } from "./types.ts";

/** Lists the skills on disk, and looks for those that agents have. URLs are not asked. */
export async function examineSkills(
  projectDir: string,
  specs: readonly AgentSpec[],
  findings: Findings,
): Promise<DoctorReport["skills"]> {
  for (const spec of specs) {
    for (const name of spec.skills.filter((name) => !isHostedSkill(name))) {
      await examineSkill(name, spec, { projectDir, findings });
    }
  }
  const onWarning = (warning: Parameters<Findings["warning"]>[0]) => findings.warning(warning);
  const found = await loadSkills("*", { projectDir, onWarning });
  return found.map(({ name, dir }) => ({ name, folder: dir }));
}

async function examineSkill(
  name: string,
  spec: AgentSpec,
  { projectDir, findings }: { projectDir: string; findings: Findings },
): Promise<void> {
  if (/^https?:/i.test(name)) {
    const url = URL.parse(name);
    if (url !== null) findings.needs.add("net", url.host, `skill ${name}`);
    return;
  }
  try {
    for (const { dir } of await loadSkills([name], { projectDir, onWarning: () => {} })) {
      if (dir === null || findings.needs.has("read", dir)) continue;
      // It is the user's: "*" takes what it may see, a name has to be there.
      const target = name === "*" ? findings.optional : findings.needs;
      target.add("env", Deno.env.get("HOME") ? "HOME" : "USERPROFILE", "the user's skills");
      target.add("read", dir.replace(/[/\\][^/\\]*$/, ""), "the user's skills");
    }
  } catch (error) {
    if (!LLLMError.isInstance(error)) throw error;
    findings.problem({
      kind: "missing",
      code: error.code,
      message: `${error.message} (${placeOf(spec, "skills")})`,
      advice: "put the skill there, or take it out of the config",
    });
  }
}
