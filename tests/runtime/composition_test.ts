import assert from "node:assert/strict";
import { buildTactic, loadPackage, Runtime } from "../../src/runtime/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { withFolder } from "./_fixtures.ts";

/** A package whose tactic has an agent, and one that it depends on: a tactic without agents, one with, and a tool. */
const FILES = {
  "desk/lllm.toml": '[package]\nname = "desk"\n[dependencies]\npackages = ["../other as o"]\n',
  "desk/tactics/brief.ts": `
    import { NativeTactic } from "@lllm/lllm/tactic";
    export class Brief extends NativeTactic<string, string> {
      name = "brief";
      agentGroup = ["writer"];
      async call(task: string) {
        const writer = this.agent("writer").open("main");
        writer.receive(task);
        return (await writer.respond()).content as string;
      }
    }`,
  "desk/prompts/writer.ts": `
    import { Prompt } from "@lllm/lllm/prompt";
    import { tool } from "@lllm/lllm/tools";
    const parameters = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    const double = tool({ name: "double", description: "Bound by its name in this package", parameters });
    const halve = tool({ name: "halve", description: "Bound by its ref", parameters, ref: "other.tools:half" });
    export const system = new Prompt({ path: "system", prompt: "You write.", functions: [double, halve] });`,
  "desk/tools/double.ts": `
    import { tool } from "@lllm/lllm/tools";
    const parameters = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    export default tool({ name: "double", description: "", parameters, execute: ({ n }) => 2 * n });`,
  "desk/configs/default.yaml": `
tactic_type: brief
agent_configs:
  - name: writer
    model_name: scripted
    system_prompt_path: writer/system
    tools: ["other.tactics:lookup", "o.tactics:lookup#near", "other:ask", "other.tools:half", "brief"]
`,
  "other/lllm.toml": '[package]\nname = "other"\n',
  "other/tactics/lookup.ts": `
    import { Tactic, tactictool } from "@lllm/lllm/tactic";
    export class Lookup extends Tactic<string, string> {
      name = "lookup";
      override description = "Looks a word up";
      call(task: string) { return "found " + task; }
      @tactictool({
        description: "Words that are near",
        parameters: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
      })
      near({ word }: { word: string }) { return [word + "s"]; }
    }`,
  "other/tactics/ask.ts": `
    import { NativeTactic } from "@lllm/lllm/tactic";
    export class Ask extends NativeTactic<string, string> {
      name = "ask";
      agentGroup = ["expert"];
      async call(task: string) {
        const expert = this.agent("expert").open("main");
        expert.receive(task);
        return (await expert.respond()).content as string;
      }
    }`,
  "other/tools/half.ts": `
    import { tool } from "@lllm/lllm/tools";
    const parameters = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    export const half = tool({ name: "half", description: "", parameters, execute: ({ n }) => n / 2 });`,
  "other/configs/ask.toml": `
[[agent_configs]]
name = "expert"
model_name = "scripted"
system_prompt = "You know."
`,
};

/** Asks the writer's model for some calls, and tells what came of each. */
async function callTools(
  folder: string,
  calls: { name: string; arguments: Record<string, unknown> }[],
): Promise<{ results: unknown[]; subTactics: string[]; agents: number }> {
  const runtime = new Runtime();
  await loadPackage(`${folder}/desk`, { runtime });
  assert.deepEqual(runtime.warnings, []);
  const invoker = scriptedInvoker({
    rules: [
      { when: { agent: "expert" }, reply: "I know {last_message}" },
      { when: { agent: "writer" }, times: 1, reply: { tool_calls: calls } },
      { reply: "Done" },
    ],
  });
  const tactic = await buildTactic("desk:default", { runtime, invoker });
  const session = await tactic.run("Write", { returnSession: true });
  const [asked] = Object.values(session.agentSessions.writer![0]!.interrupts);
  return {
    results: asked!.map((call) => call.errorMessage ?? call.result),
    subTactics: Object.keys(session.subTacticSessions),
    agents: session.summary().agentCalls,
  };
}

Deno.test("a config's tools name tactics, their methods and tools of other packages", () =>
  withFolder(FILES, async (folder) => {
    const { results, subTactics, agents } = await callTools(folder, [
      { name: "lookup", arguments: { task: "tide" } },
      { name: "near", arguments: { word: "tide" } },
      { name: "ask", arguments: { task: "tides" } },
      { name: "half", arguments: { n: 6 } },
    ]);
    assert.deepEqual(results, ["found tide", ["tides"], "I know tides", 3]);
    assert.deepEqual(subTactics.sort(), ["ask", "lookup"]);
    assert.equal(agents, 2);
  }));

Deno.test("a prompt's tools without code are bound by their ref, else by their name in the prompt's package", () =>
  withFolder(FILES, async (folder) => {
    const { results } = await callTools(folder, [
      { name: "double", arguments: { n: 6 } },
      { name: "halve", arguments: { n: 6 } },
    ]);
    assert.deepEqual(results, [12, 3]);
  }));

Deno.test("a dependency's tactic is set up by the config of its own package", () =>
  withFolder(FILES, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(`${folder}/desk`, { runtime });
    const invoker = scriptedInvoker({ rules: [{ when: { agent: "expert" }, reply: "Yes" }] });
    const ask = await buildTactic("other:ask", { runtime, name: "o:ask", invoker });
    assert.equal(await ask.run("Really?"), "Yes");
    assert.equal(ask.asTool().name, "ask");
  }));
