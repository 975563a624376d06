import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import type { Invoker } from "../../src/invokers/mod.ts";
import { buildTactic, loadRuntime, Runtime } from "../../src/runtime/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { type ProviderServer, type Script, startProviderServer } from "../provider_server/mod.ts";
import { skillText, withFolder, writeSkill } from "./_skills_on_disk.ts";

class Ask extends NativeTactic<string, string> {
  name = "ask";
  agentGroup = ["writer"] as const;
  async call(task: string): Promise<string> {
    const writer = this.agent("writer").open("main", { promptArgs: { topic: "rain" } });
    writer.receive(task);
    return (await writer.respond()).content as string;
  }
}

/** A runtime whose root package is in a folder. */
async function runtimeIn(folder: string): Promise<Runtime> {
  await Deno.writeTextFile(`${folder}/lllm.toml`, '[package]\nname = "desk"\n');
  const runtime = await loadRuntime(folder, { name: `skills of ${folder}`, sharedPackages: false });
  runtime.registerTactic("ask", Ask);
  return runtime;
}

function config(agent: Record<string, unknown>): Record<string, unknown> {
  const writer = { name: "writer", system_prompt: "You write about {topic}.", ...agent };
  return { tactic_type: "ask", global: { model_name: "gpt-4o-mini" }, agent_configs: [writer] };
}

function at(server: ProviderServer): Record<string, unknown> {
  return { api_base: server.baseUrl, api_key: "test-key" };
}

/** What the requests said, in whichever interface. */
function systemOf(body: Record<string, unknown>): string {
  const [first] = (body.messages ?? []) as { content: string }[];
  return first?.content ?? body.instructions as string;
}

for (const api_type of ["completion", "response"]) {
  Deno.test(`skills of a config go on the wire as a list and as a tool whose result is the skill (${api_type})`, async () => {
    await withFolder(async (folder) => {
      const dir = await writeSkill(folder, "haiku", {
        matter: { description: "Poems of {three} lines" },
        body: "Lines of 5, 7, 5 {syllables}.",
        files: { "references/basho.md": "An old silent pond" },
      });
      await writeSkill(folder, "pdf");
      const script: Script = [
        { toolCalls: [{ name: "activate_skill", arguments: { name: "haiku" } }] },
        { text: "Done" },
      ];
      await using server = await startProviderServer({ script });
      const runtime = await runtimeIn(folder);
      const agent = { api_type, skills: ["haiku", "pdf"], model_args: at(server) };
      const tactic = await buildTactic(config(agent), { runtime });
      assert.equal(await tactic.run("A poem"), "Done");

      server.assertNoRejections();
      const [first, second] = server.requests.map(({ body }) => body as Record<string, unknown>);
      const system = systemOf(first!);
      assert.match(system, /^You write about rain\.\n\n## Skills\n/);
      assert.match(system, /^- haiku: Poems of \{three\} lines\n- pdf: About pdf$/m);
      assert.doesNotMatch(system, /syllables/);
      assert.deepEqual(
        (first!.tools as { name?: string; function?: { name: string } }[]).map((tool) =>
          tool.name ?? tool.function?.name
        ),
        ["activate_skill"],
      );
      const history = JSON.stringify(second!.messages ?? second!.input);
      assert(history.includes("Lines of 5, 7, 5 {syllables}."), history);
      assert(history.includes(`Folder: ${dir}`) && history.includes("- references/basho.md"), history);
      assert.deepEqual(runtime.warnings, []);
    });
  });
}

/** Hands each request's model arguments out. */
function listeningInvoker(): Invoker & {
  readonly args: Record<string, unknown>[];
  readonly systems: string[];
} {
  const [args, systems]: [Record<string, unknown>[], string[]] = [[], []];
  const inner = scriptedInvoker({ version: 1, rules: [{ reply: { text: "ok" } }] });
  return {
    args,
    systems,
    call: (request) => {
      args.push({ ...request.modelArgs });
      systems.push(String(request.dialog.messages[0]!.content));
      return inner.call(request);
    },
  };
}

Deno.test("ids of skills that the provider keeps go on the wire in the shell tool of Responses", async () => {
  await using server = await startProviderServer({ script: [{ text: "Done" }] });
  const runtime = new Runtime();
  runtime.registerTactic("ask", Ask);
  const agent = {
    api_type: "response",
    skills: ["skill_01abc"],
    model_args: { ...at(server), seed: undefined },
  };
  const tactic = await buildTactic(config(agent), { runtime });
  assert.equal(await tactic.run("Go"), "Done");
  server.assertNoRejections();
  const body = server.requests[0]!.body as Record<string, unknown>;
  assert.deepEqual(body.tools, [{
    type: "shell",
    environment: { type: "container_auto", skills: [{ type: "skill_reference", skill_id: "skill_01abc" }] },
  }]);
  assert.equal(systemOf(body), "You write about rain.");
});

Deno.test("ids of skills that the provider keeps are model arguments; what is sure to be refused is a warning", async () => {
  const invoker = listeningInvoker();
  const runtime = new Runtime();
  runtime.registerTactic("ask", Ask);
  for (const model_name of ["anthropic/claude-sonnet-4-5", "openai/gpt-5"]) {
    const tactic = await buildTactic(config({ model_name, skills: ["skill_01abc"] }), { runtime, invoker });
    await tactic.run("Go");
    const skills = [{ type: "custom", skill_id: "skill_01abc", version: "latest" }];
    assert.deepEqual(invoker.args.at(-1)!.container, { skills });
  }
  assert.deepEqual(runtime.warnings.map(({ code, message }) => [code, message]), [[
    "hosted_skills_refused",
    'OpenAI takes skill_01abc by its Responses alone; set api_type: response (agent "writer")',
  ]]);
});

Deno.test("ids of skills that the provider keeps arrive at a gateway in the container", async () => {
  await using server = await startProviderServer({ script: [{ text: "Done" }], validate: false });
  const runtime = new Runtime();
  runtime.registerTactic("ask", Ask);
  const tool = { type: "code_execution_20250825", name: "code_execution" };
  const agent = {
    model_name: "claude-sonnet-4-5",
    skills: ["skill_01abc"],
    model_args: { ...at(server), tools: [tool] },
  };
  const tactic = await buildTactic(config(agent), { runtime });
  assert.equal(await tactic.run("Go"), "Done");
  const body = server.requests[0]!.body as Record<string, unknown>;
  assert.deepEqual(body.tools, [tool]);
  assert.deepEqual(body.container, {
    skills: [{ type: "custom", skill_id: "skill_01abc", version: "latest" }],
  });
});

Deno.test("buildTactic() refuses a skill that is not there, naming agent and setting, before any request", async () => {
  await withFolder(async (folder) => {
    await writeSkill(folder, "haiku");
    const runtime = await runtimeIn(folder);
    const building = buildTactic(config({ skills: ["haikus"] }), { runtime, invoker: scriptedInvoker([]) });
    const error = await building.then(() => null, (error: unknown) => error);
    assert(LLLMError.isInstance(error), String(error));
    assert.equal(error.code, "config_invalid");
    assert.match(error.message, /did you mean "haiku"\? \(skills of agent "writer"\)$/);
    assert.equal(error.data.agent, "writer");
    assert.deepEqual(error.data.near, ["haiku"]);
  });
});

Deno.test("skills by URL are asked for once for all runs; one that fails is skipped with a warning", async () => {
  let asked = 0;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    asked++;
    return request.url.endsWith("/SKILL.md")
      ? new Response(skillText({ name: "web", description: "From afar" }))
      : new Response("none", { status: 500 });
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const invoker = listeningInvoker();
  const runtime = new Runtime();
  runtime.registerTactic("ask", Ask);
  const skills = [`http://${host}/SKILL.md`, `http://${host}/gone`];
  const agent = { skills, skills_allow_net: [host] };
  const tactic = await buildTactic(config(agent), { runtime, invoker });
  await tactic.bcall(["a", "b", "c"]);
  assert.equal(asked, 2);
  assert(invoker.systems.every((system) => system.endsWith("\n- web: From afar")), invoker.systems[0]);
  assert.deepEqual(runtime.warnings.map(({ code, message }) => [code, message]), [[
    "skill_skipped",
    `Skipped skill http://${host}/gone: expected status 200, found 500 Internal Server Error (agent "writer")`,
  ]]);

  const refused = await buildTactic(config({ skills }), { runtime, invoker });
  await refused.run("d");
  assert.equal(invoker.systems.at(-1), "You write about rain.");
  assert.equal(asked, 2);
});

Deno.test('skills replace inherited ones; "*" is all of the root package\'s folder', async () => {
  await withFolder(async (folder) => {
    for (const name of ["t-one", "t-two"]) await writeSkill(folder, name);
    await writeSkill(folder, "t-broken", { text: "none" });
    const runtime = await runtimeIn(folder);
    runtime.registerConfig("base", config({ skills: ["t-one"] }));
    const invoker = listeningInvoker();
    const listed = async (agent: Record<string, unknown>) => {
      const config = {
        base: "base",
        agent_configs: [{ name: "writer", system_prompt: "You write about {topic}.", ...agent }],
      };
      const tactic = await buildTactic(config, { runtime, invoker });
      await tactic.run("Go");
      return [...invoker.systems.at(-1)!.matchAll(/^- (t-\w+): /gm)].map(([, name]) => name);
    };
    assert.deepEqual(await listed({ skills: ["t-two"] }), ["t-two"]);
    assert.deepEqual(await listed({ skills: [] }), []);
    assert.equal(runtime.warnings.length, 0);
    assert.deepEqual(await listed({ skills: "*" }), ["t-one", "t-two"]);
    const [warning] = runtime.warnings.filter(({ data }) => data.skill === "t-broken");
    assert.equal(warning?.data.file, `${folder}/.agents/skills/t-broken/SKILL.md`);
    assert.equal(warning?.data.agent, "writer");
  });
});
