import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { defineProxy } from "../../src/proxies/mod.ts";
import { buildTactic, loadPackage, ResourceNode, Runtime } from "../../src/runtime/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { Tactic } from "../../src/tactic/mod.ts";
import { fixture, loadFixture, withFolder } from "./_fixtures.ts";

function withCode(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert(LLLMError.isInstance(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

Deno.test("buildTactic() builds the tactic that a config of a package names", async () => {
  const runtime = await loadFixture("desk");
  const invoker = scriptedInvoker([{ text: "Prices rose" }]);
  const tactic = await buildTactic("desk:fast", { runtime, invoker });
  assert.equal(tactic.name, "brief");
  assert.equal(await tactic.run("Tell me"), "Prices rose");
});

Deno.test("buildTactic() takes a config as an object, with a base", async () => {
  const runtime = await loadFixture("desk");
  const invoker = scriptedInvoker([{ text: "Prices fell" }]);
  const tactic = await buildTactic({ base: "default", tactic_type: "long/brief" }, { runtime, invoker });
  assert.equal(tactic.name, "long/brief");
  assert.equal(await tactic.run("Tell me"), "Prices fell");
});

Deno.test("buildTactic() takes the tactic's name from its options first", async () => {
  const runtime = await loadFixture("desk");
  const tactic = await buildTactic("default", {
    runtime,
    name: "desk:long/brief",
    invoker: scriptedInvoker([]),
  });
  assert.equal(tactic.name, "long/brief");
});

Deno.test("buildTactic() of a tactic that is named warns of a tactic_type that names none", async () => {
  const runtime = await loadFixture("desk");
  const build = (config: Record<string, unknown>) =>
    buildTactic({ base: "default", ...config }, {
      runtime,
      name: "desk:brief",
      invoker: scriptedInvoker([]),
    });
  const found = () => runtime.warnings.filter(({ code }) => code === "unknown_tactic_type");
  await build({});
  await build({ tactic_type: "long/brief" });
  assert.deepEqual(found(), []);
  await build({ tactic_type: "breif" });
  assert.match(
    found()[0]!.message,
    /^There is no tactic "breif", which tactic_type names \(in .*\); did you mean "desk\.tactics:brief"\?$/,
  );
});

Deno.test("buildTactic() looks in the config's own package first", async () => {
  const runtime = await loadFixture("heir");
  assert.equal(runtime.defaultNamespace, "heir");
  const tactic = await buildTactic("desk:default", { runtime, invoker: scriptedInvoker([]) });
  assert.equal(tactic.name, "brief");
});

Deno.test("buildTactic() without a name for the tactic, or with an unknown one, is an error", async () => {
  const runtime = await loadFixture("desk");
  await assert.rejects(
    buildTactic("nested/plain", { runtime }),
    withCode("config_invalid", /tactic_type.*none/),
  );
  await assert.rejects(
    buildTactic({ tactic_type: "breif" }, { runtime }),
    withCode("resource_not_found", /desk\.tactics:brief/),
  );
});

Deno.test("buildTactic() checks the agents' settings before any request", async () => {
  const runtime = new Runtime();
  await loadPackage(fixture("heir"), { runtime });
  await assert.rejects(
    buildTactic("wrong", { runtime, name: "desk:brief", invoker: scriptedInvoker([]) }),
    withCode("config_invalid", /max_exception_retry.*"many".*wrong\.yaml/),
  );
});

Deno.test("buildTactic() names the file of a tactic_type that leads nowhere, or is not there", async () => {
  const files = {
    "lllm.toml": '[package]\nname = "desk"\n',
    "configs/typo.yaml": "tactic_type: breif\n",
    "configs/heir.yaml": "base: typo\n",
    "configs/none.yaml": "agent_configs: []\n",
    "configs/prompt.yaml": "tactic_type: desk.prompts:greet\n",
    "prompts/greet.md": "Hello",
  };
  await withFolder(files, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    class Brief extends Tactic<string, string> {
      name = "brief";
      call(task: string): string {
        return task;
      }
    }
    runtime.registerTactic("brief", Brief, { namespace: "desk.tactics" });
    const build = (name: string) => buildTactic(name, { runtime, invoker: scriptedInvoker([]) });
    const typo = `"breif".*brief.*\\(tactic_type in ${folder}/configs/typo\\.yaml\\)$`;
    await assert.rejects(build("typo"), withCode("resource_not_found", new RegExp(typo)));
    await assert.rejects(build("heir"), withCode("resource_not_found", new RegExp(typo)));
    const none = `config "none".*tactic_type, found none \\(in ${folder}/configs/none\\.yaml\\)$`;
    await assert.rejects(build("none"), withCode("config_invalid", new RegExp(none)));
    const prompt = `a tactic.*\\(tactic_type in ${folder}/configs/prompt\\.yaml\\)$`;
    await assert.rejects(build("prompt"), withCode("resource_type_mismatch", new RegExp(prompt)));
  });
});

Deno.test("buildTactic() names setting, agent and file of what a config refers to in vain", async () => {
  const runtime = await loadFixture("desk");
  const writer = { name: "writer", model_name: "gpt-4o-mini", system_prompt: "You write." };
  for (
    const [setting, code, wrong] of [
      ["system_prompt_path", "resource_not_found", { system_prompt: null, system_prompt_path: "nowhere" }],
      ["tools", "resource_not_found", { tools: ["nowhere"] }],
      ["context_manager.type", "resource_not_found", { context_manager: { type: "nowhere" } }],
      ["proxy", "config_invalid", { proxy: { activate_proxies: ["nowhere"] } }],
      ["proxy", "config_invalid", { proxy: { exec_env: "typescript" }, sandbox: { packages: ["nowhere"] } }],
    ] as const
  ) {
    runtime.register(
      ResourceNode.eager(setting, { tactic_type: "brief", agent_configs: [{ ...writer, ...wrong }] }, {
        namespace: "desk.configs",
        resourceType: "config",
        metadata: { file_path: "/desk/configs/wrong.yaml" },
      }),
    );
    await assert.rejects(
      buildTactic(setting, { runtime, invoker: scriptedInvoker([]) }),
      withCode(
        code,
        new RegExp(`\\bnowhere\\b.*\\(${setting} of agent "writer" in /desk/configs/wrong\\.yaml\\)$`),
      ),
    );
  }
});

Deno.test("buildTactic() makes a tool of each endpoint of a proxy that an agent's tools name", async () => {
  const runtime = await loadFixture("desk");
  runtime.registerProxy(
    "quotes",
    defineProxy({
      path: "quotes",
      name: "Quotes",
      description: "Prices by day",
      endpoints: {
        list: {
          description: "Lists the days of a symbol",
          params: { "symbol*": ["string", "ALFA", "Which one"], limit: ["integer"] },
          dtCutoff: ["date"],
          handler: ({ symbol }) => [{ symbol, date: "2024-01-02" }, { symbol, date: "2024-06-03" }],
        },
      },
    }),
    { namespace: "desk.proxies" },
  );
  const call = (args: Record<string, unknown>) => ({ toolCalls: [{ name: "quotes_list", arguments: args }] });
  const invoker = scriptedInvoker([call({ symbol: "ALFA" }), call({ limit: 1 }), { text: "One day" }]);
  const tactic = await buildTactic({
    tactic_type: "brief",
    agent_configs: [{
      name: "writer",
      model_name: "gpt-4o-mini",
      system_prompt: "You write.",
      tools: ["quotes"],
      proxy: { activate_proxies: ["quotes"], cutoff_date: "2024-03-01", exec_env: null },
    }],
  }, { runtime, invoker });
  const { agentSessions } = await tactic.run("Tell me", { returnSession: true });
  const [first, second] = Object.values(agentSessions.writer![0]!.interrupts).flat();
  assert.deepEqual(first!.result, [{ symbol: "ALFA", date: "2024-01-02" }]);
  assert.match(second!.errorMessage!, /symbol/);
});
