import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { hostedSkillArgs, isHostedSkill } from "../../src/skills/mod.ts";

Deno.test("isHostedSkill() knows ids, which no name of a local skill can be", () => {
  assert(["skill_01abc", "skill_a-B_9"].every(isHostedSkill));
  assert(
    !["skill", "skill_", "skill-a", "my_skill_1", "skill_a/b", "https://x.test/skill_1"].some(isHostedSkill),
  );
});

Deno.test("hostedSkillArgs() puts ids into the shell tool of Responses", () => {
  const reference = (skill_id: string) => ({ type: "skill_reference", skill_id });
  const auto = { type: "container_auto" };
  assert.deepEqual(hostedSkillArgs(["skill_a", "skill_b"], { temperature: 0 }, "response"), {
    temperature: 0,
    tools: [{
      type: "shell",
      environment: { ...auto, skills: [reference("skill_a"), reference("skill_b")] },
    }],
  });
  const pinned = { ...reference("skill_a"), version: "2" };
  const shell = { type: "shell", environment: { ...auto, memory_limit: "4g", skills: [pinned] } };
  const given = { tools: [{ type: "web_search" }, shell] };
  assert.deepEqual(hostedSkillArgs(["skill_a", "skill_b"], given, "response"), {
    tools: [
      { type: "web_search" },
      {
        type: "shell",
        environment: { ...auto, memory_limit: "4g", skills: [pinned, reference("skill_b")] },
      },
    ],
  });
  assert.deepEqual(shell.environment.skills, [pinned], "what is given stays unchanged");
});

Deno.test("hostedSkillArgs() puts ids into the container that Anthropic has for them", () => {
  const custom = (skill_id: string) => ({ type: "custom", skill_id, version: "latest" });
  assert.deepEqual(hostedSkillArgs(["skill_a"], {}, "completion"), {
    container: { skills: [custom("skill_a")] },
  });
  assert.deepEqual(
    hostedSkillArgs(["skill_a"], { container: "container_1" }, "completion"),
    { container: { id: "container_1", skills: [custom("skill_a")] } },
  );
  const own = { type: "anthropic", skill_id: "xlsx" };
  assert.deepEqual(
    hostedSkillArgs(["skill_a"], { container: { skills: [own] } }, "completion"),
    { container: { skills: [own, custom("skill_a")] } },
  );
  assert.deepEqual(hostedSkillArgs([], { seed: 1 }, "completion"), { seed: 1 });
});

Deno.test("hostedSkillArgs() refuses arguments that leave no place for skills", () => {
  for (
    const [args, apiType] of [
      [{ tools: "shell" }, "response"],
      [{ tools: [{ type: "shell", environment: { type: "local" } }] }, "response"],
      [{ tools: [{ type: "shell", environment: { type: "container_reference" } }] }, "response"],
      [{ container: 3 }, "completion"],
    ] as const
  ) {
    assert.throws(
      () => hostedSkillArgs(["skill_a"], args, apiType),
      (error) => LLLMError.isInstance(error) && error.code === "config_invalid",
    );
  }
});
