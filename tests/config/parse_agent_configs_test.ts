import assert from "node:assert/strict";
import {
  type AgentSpec,
  parseAgentConfigs,
  resolveConfig,
  vendorConfig,
  type Warning,
} from "../../src/config/mod.ts";
import { LLLMError } from "../../src/errors.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { fixture, loadFixture } from "../runtime/_fixtures.ts";

type Config = Record<string, unknown>;

const least = { model_name: "gpt-4o", system_prompt: "Hi" };

/** Parses the config of one agent, with what every agent must have. */
function parseOne(agent: Config, config: Config = {}): AgentSpec {
  const specs = parseAgentConfigs({ ...config, agent_configs: [{ name: "writer", ...least, ...agent }] }, [
    "writer",
  ], "t");
  return specs.writer!;
}

Deno.test("parseAgentConfigs() fills in what is left out", () => {
  assert.deepEqual(parseOne({}), {
    name: "writer",
    modelName: "gpt-4o",
    modelArgs: {},
    systemPrompt: "Hi",
    apiType: "completion",
    tools: [],
    contextManager: null,
    skills: [],
    extraSettings: {},
    maxExceptionRetry: 3,
    maxInterruptSteps: 5,
    maxLlmRecall: 0,
    source: {},
  });
});

Deno.test("parseAgentConfigs() reads every key", () => {
  const spec = parseOne({
    system_prompt: null,
    system_prompt_path: "writer/system",
    model_args: { temperature: 0.2 },
    api_type: "response",
    tools: ["a:b", "c"],
    proxy: {
      activate_proxies: ["market"],
      cutoff_date: "2024-01-01",
      deploy_mode: true,
      exec_env: "typescript",
      max_output_chars: 0,
      truncation_indicator: "…",
      timeout: 1.5,
      prompt_template: "APIs",
    },
    sandbox: {
      memory_mb: 256,
      grace_ms: 500,
      max_api_calls: 0,
      max_cells: 20,
      max_processes: 4,
      allow_net: ["example.org"],
      packages: [],
      package_index: { lock_file: "lock.json", wheels: "https://example.org/wheels" },
    },
    context_manager: { type: "summary", max_tokens: 16000, keep_last_n: 3 },
    skills: "*",
    extra_settings: { a: { b: 1 } },
    max_exception_retry: 0,
    max_interrupt_steps: 20,
    max_llm_recall: 5,
    invoker: "scripted",
    script: "scripts/a.yaml",
  });
  assert.deepEqual(spec, {
    name: "writer",
    modelName: "gpt-4o",
    modelArgs: { temperature: 0.2 },
    systemPromptPath: "writer/system",
    apiType: "response",
    tools: ["a:b", "c"],
    proxy: {
      activateProxies: ["market"],
      cutoffDate: "2024-01-01",
      deployMode: true,
      execEnv: "typescript",
      maxOutputChars: 0,
      truncationIndicator: "…",
      timeout: 1.5,
      timeoutMs: 1500,
      promptTemplate: "APIs",
    },
    sandbox: {
      memoryMb: 256,
      graceMs: 500,
      maxApiCalls: 0,
      maxCells: 20,
      maxProcesses: 4,
      allowNet: ["example.org"],
      packages: [],
      packageIndex: { lockFile: "lock.json", wheels: "https://example.org/wheels" },
    },
    contextManager: { type: "summary", maxTokens: 16000, keepLastN: 3 },
    skills: ["*"],
    extraSettings: { a: { b: 1 } },
    maxExceptionRetry: 0,
    maxInterruptSteps: 20,
    maxLlmRecall: 5,
    invoker: "scripted",
    script: "scripts/a.yaml",
    source: {},
  });
});

Deno.test("parseAgentConfigs() gives a proxy the defaults of the interpreter", () => {
  assert.deepEqual(parseOne({ proxy: {} }).proxy, {
    activateProxies: [],
    cutoffDate: null,
    deployMode: false,
    execEnv: "interpreter",
    maxOutputChars: 5000,
    truncationIndicator: "... (truncated)",
    timeout: 60,
    timeoutMs: 60_000,
    promptTemplate: null,
  });
  assert.equal(parseOne({ proxy: { exec_env: null } }).proxy?.execEnv, null);
  assert.equal(parseOne({ proxy: null }).proxy, undefined);
});

Deno.test("parseAgentConfigs() knows every way to say that there is no context manager", () => {
  assert.equal(parseOne({ context_manager: null }).contextManager, null);
  assert.equal(parseOne({ context_manager: { type: null, max_tokens: 5 } }).contextManager, null);
  for (const none of ["null", "none"]) {
    assert.equal(parseOne({ context_manager: none }).contextManager, null);
    assert.equal(parseOne({ context_manager: { type: none, max_tokens: 5 } }).contextManager, null);
  }
  assert.deepEqual(parseOne({ context_manager: { max_tokens: 5 } }).contextManager, {
    type: "default",
    maxTokens: 5,
  });
  assert.deepEqual(parseOne({ context_manager: "default" }).contextManager, { type: "default" });
});

Deno.test("parseAgentConfigs() makes other keys arguments of the model", () => {
  const spec = parseOne({ top_p: 0.9, temperature: 1, model_args: { temperature: 0.1 } });
  assert.deepEqual(spec.modelArgs, { temperature: 1, top_p: 0.9 });
});

Deno.test("parseAgentConfigs() merges an agent over global: mappings deeply, lists replaced", () => {
  const spec = parseOne({
    model_args: { top_p: 0.9 },
    proxy: { exec_env: "jupyter" },
    context_manager: { type: "default" },
    skills: ["pdf"],
    max_llm_recall: 1,
  }, {
    global: {
      model_name: "other",
      model_args: { temperature: 0.1, top_p: 0.1 },
      proxy: { activate_proxies: ["market"], timeout: 5 },
      context_manager: { type: "summary", max_tokens: 9 },
      skills: ["a", "b"],
      max_llm_recall: 3,
      max_interrupt_steps: 7,
    },
  });
  assert.equal(spec.modelName, "gpt-4o");
  assert.deepEqual(spec.modelArgs, { temperature: 0.1, top_p: 0.9 });
  assert.deepEqual([spec.proxy?.execEnv, spec.proxy?.timeout, spec.proxy?.activateProxies], ["jupyter", 5, [
    "market",
  ]]);
  assert.deepEqual(spec.contextManager, { type: "default", maxTokens: 9 });
  assert.deepEqual(spec.skills, ["pdf"]);
  assert.equal(spec.maxLlmRecall, 1);
  assert.equal(spec.maxInterruptSteps, 7);
});

Deno.test("parseAgentConfigs() lets an agent's prompt take the place of a shared one in the other form", () => {
  const parse = (global: Config, agent: Config) =>
    parseAgentConfigs({ global: { model_name: "m", ...global }, agent_configs: [{ name: "a", ...agent }] }, [
      "a",
    ], "t").a!;
  const byPath = parse({ system_prompt: "Shared" }, { system_prompt_path: "own" });
  assert.deepEqual([byPath.systemPrompt, byPath.systemPromptPath], [undefined, "own"]);
  const inline = parse({ system_prompt_path: "shared" }, { system_prompt: "Own" });
  assert.deepEqual([inline.systemPrompt, inline.systemPromptPath], ["Own", undefined]);
  assert.equal(parse({ system_prompt: "Shared" }, {}).systemPrompt, "Shared");
});

Deno.test("parseAgentConfigs() takes the invoker of the config for agents that name none", () => {
  assert.equal(parseOne({}, { invoker: "scripted" }).invoker, "scripted");
  assert.equal(parseOne({ invoker: "openai" }, { invoker: "scripted" }).invoker, "openai");
  assert.deepEqual(parseOne({}, { script: { version: 1, rules: [] } }).script, { version: 1, rules: [] });
});

Deno.test("parseAgentConfigs() reads agents as a list, as a mapping, and under the older key", () => {
  const agents = { a: least, b: { ...least, model_name: "o3" }, c: null };
  const global = { system_prompt: "Shared", model_name: "shared" };
  for (const key of ["agent_configs", "agent_group_configs"]) {
    const specs = parseAgentConfigs({ global, [key]: agents }, ["b", "a", "c"], "t");
    assert.deepEqual(Object.keys(specs), ["b", "a", "c"]);
    assert.equal(specs.b!.modelName, "o3");
    assert.equal(specs.c!.modelName, "shared");
  }
  const list = [{ name: "a", ...least }];
  assert.equal(parseAgentConfigs({ agent_group_configs: list }, ["a"], "t").a!.modelName, "gpt-4o");
});

Deno.test("parseAgentConfigs() does not look at agents that are not in the group", () => {
  const config = { agent_configs: [{ name: "a", ...least }, { name: "broken", max_llm_recall: "many" }] };
  assert.deepEqual(Object.keys(parseAgentConfigs(config, ["a"], "t")), ["a"]);
  assert.deepEqual(parseAgentConfigs({}, [], "t"), {});
});

Deno.test("parseAgentConfigs() names agent, key, what was expected and what was found", () => {
  const cases: [Config, string, RegExp][] = [
    [{ model_name: undefined }, "model_name", /a text as model_name, found none/],
    [
      { model_name: undefined, model: "m" },
      "model_name",
      /found none; "model" is there: did you mean "model_name"\?/,
    ],
    [{ model_name: undefined, modelName: "m" }, "model_name", /found none; "modelName" is there/],
    [
      { system_prompt: undefined, prompt: "p" },
      "system_prompt or system_prompt_path",
      /did you mean "system_prompt"/,
    ],
    [{ model_name: 3 }, "model_name", /found 3/],
    [{ system_prompt: undefined }, "system_prompt or system_prompt_path", /found none/],
    [{ system_prompt: ["x"] }, "system_prompt", /found a list/],
    [{ api_type: "respnse" }, "api_type", /completion, response.*"respnse".*did you mean "response"/],
    [{ tools: ["a", 1] }, "tools[1]", /a text as .+found 1/],
    [{ tools: 1 }, "tools", /a list of texts/],
    [{ tools: { a: 1 } }, "tools", /found a mapping/],
    [{ model_args: [] }, "model_args", /a mapping/],
    [{ max_exception_retry: "three" }, "max_exception_retry", /a whole number from 0.*"three"/],
    [{ max_exception_retry: -1 }, "max_exception_retry", /found -1/],
    [{ max_llm_recall: 1.5 }, "max_llm_recall", /found 1\.5/],
    [{ proxy: true }, "proxy", /a mapping.*found true/],
    [{ proxy: { exec_env: "python" } }, "proxy.exec_env", /interpreter, typescript, jupyter.*"python"/],
    [{ proxy: { timeout: 0 } }, "proxy.timeout", /above 0/],
    [{ proxy: { timeout: Infinity } }, "proxy.timeout", /above 0/],
    [{ proxy: { deploy_mode: "yes" } }, "proxy.deploy_mode", /true or false/],
    [{ proxy: { cutoff_date: "soon" } }, "proxy.cutoff_date", /an ISO date.*"soon"/],
    [{ proxy: { timeout: 1e9 } }, "proxy.timeout", /seconds from 0\.001 to 2147483.*found 1000000000/],
    [{ sandbox: { memory_mb: 0 } }, "sandbox.memory_mb", /an integer from 64 to 4096/],
    [{ sandbox: { memory_mb: 10_000_000 } }, "sandbox.memory_mb", /to 4096.*found 10000000/],
    [{ sandbox: { memory_mb: "512" } }, "sandbox.memory_mb", /an integer.*found "512"/],
    [{ sandbox: { grace_ms: 1e12 } }, "sandbox.grace_ms", /milliseconds from above 0/],
    [
      { sandbox: { allow_net: ["example.org", "*.x"] } },
      "sandbox.allow_net",
      /without wildcards.*found "\*\.x"/,
    ],
    [{ sandbox: { packages: ["http://x"] } }, "sandbox.packages", /a package's name.*found "http:\/\/x"/],
    [{ sandbox: { package_index: { lock_file: "" } } }, "sandbox.package_index.lock_file", /a path or a URL/],
    [{ sandbox: { package_index: { wheels: 1 } } }, "sandbox.package_index.wheels", /a text.*found 1/],
    [{ sandbox: { max_cells: 0 } }, "sandbox.max_cells", /from 1/],
    [{ context_manager: 3 }, "context_manager", /found 3/],
    [{ context_manager: { max_tokens: "many" } }, "context_manager.max_tokens", /"many"/],
    [{ skills: [1] }, "skills[0]", /a text/],
    [{ extra_settings: "x" }, "extra_settings", /a mapping/],
    [{ script: 3 }, "script", /a path/],
  ];
  for (const [agent, key, message] of cases) {
    assert.throws(() => parseOne(agent), (error) => {
      assert(LLLMError.isInstance(error), String(error));
      assert.equal(error.code, "config_invalid");
      assert.equal(error.data.key, key);
      assert.equal(error.data.agent, "writer");
      assert.equal(error.data.tactic, "t");
      assert.match(error.message, /^Cannot build agent "writer" of tactic "t": expected /);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("parseAgentConfigs() refuses entries without a name, and a group with an agent too many", () => {
  const cases: [Config, RegExp][] = [
    [{ agent_configs: [least] }, /agent_configs\[0\]\.name, found none/],
    [{ agent_configs: [{ name: 3 }] }, /agent_configs\[0\]\.name, found 3/],
    [{ agent_configs: ["writer"] }, /agent_configs\[0\], found "writer"/],
    [{ agent_configs: "writer" }, /a list of agents/],
    [
      { agent_configs: { writer: { name: "other", ...least } } },
      /"writer" as agent_configs\.writer\.name, found "other"/,
    ],
    [{ agent_configs: { writer: 3 } }, /agent_configs\.writer, found 3/],
    [{ agent_configs: [{ name: "writr", ...least }] }, /"writer".*found only "writr" \(in config\)$/],
    [
      { agent_configs: { writr: least, editor: least } },
      /found only "editor", "writr"; did you mean "writr"\?/,
    ],
    [{}, /an entry for agent "writer" as agent_configs, found none/],
    [{ global: [] }, /a mapping as global/],
  ];
  for (const [config, message] of cases) {
    assert.throws(() => parseAgentConfigs(config, ["writer"], "t"), (error) => {
      assert(LLLMError.isInstance(error), String(error));
      assert.equal(error.code, "config_invalid");
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("parseAgentConfigs() warns of keys that look misspelled, and of unknown ones in proxy and sandbox", () => {
  const warnings: Warning[] = [];
  const config = {
    globl: {},
    agent_configs: [{
      name: "a",
      ...least,
      max_exeption_retry: 1,
      top_p: 1,
      proxy: { timout: 1, zzz: 1 },
      sandbox: { memory: 1 },
    }],
  };
  const { a } = parseAgentConfigs(config, ["a"], "t", { onWarning: (warning) => warnings.push(warning) });
  assert.deepEqual(warnings.map(({ code, data }) => [code, data.key, data.near]), [
    ["unknown_key", "globl", "global"],
    ["unknown_key", "max_exeption_retry", "max_exception_retry"],
    ["unknown_key", "timout", "timeout"],
    ["unknown_key", "zzz", undefined],
    ["unknown_key", "memory", "memory_mb"],
  ]);
  assert.match(
    warnings[1]!.message,
    /"max_exeption_retry" in agent "a".*did you mean "max_exception_retry"\?/,
  );
  assert.deepEqual(a!.modelArgs, { max_exeption_retry: 1, top_p: 1 });
});

Deno.test("parseAgentConfigs() gives the warnings of a resolved config to its runtime", () => {
  const runtime = new Runtime();
  runtime.registerConfig("default", { agent_configs: [{ name: "a", ...least, modle_name: "x" }] });
  const config = resolveConfig("default", { runtime });
  parseAgentConfigs(config, ["a"], "t");
  parseAgentConfigs(config, ["a"], "t");
  assert.deepEqual(runtime.warnings.map(({ data }) => data.near), ["model_name"]);
});

Deno.test("parseAgentConfigs() names the file in which the wrong value was written", async () => {
  const runtime = await loadFixture("heir");
  const file = await Deno.realPath(fixture("heir/configs/wrong.yaml"));
  const config = resolveConfig("wrong", { runtime });
  assert.throws(() => parseAgentConfigs(config, ["writer"], "brief"), (error) => {
    assert(LLLMError.isInstance(error));
    assert.equal(error.data.file, file);
    assert(error.message.includes(file));
    return true;
  });
  // What only the base says is named with the base's file.
  const vendored = vendorConfig("wrong", { global: { max_exception_retry: 1 } }, { runtime });
  const entry = (vendored.agent_configs as Config[])[0]!;
  delete entry.system_prompt_path;
  assert.throws(() => parseAgentConfigs(vendored, ["writer"], "brief"), (error) => {
    assert(LLLMError.isInstance(error));
    assert.equal(error.data.file, file);
    return true;
  });
});

Deno.test("parseAgentConfigs() remembers in which package a key was written, through base and global", async () => {
  const runtime = await loadFixture("heir");
  const { writer } = parseAgentConfigs(resolveConfig("heir:default", { runtime }), ["writer"], "brief");
  assert.deepEqual(writer!.modelArgs, { temperature: 0.1, seed: 1 });
  assert.deepEqual(writer!.source, {
    file: await Deno.realPath(fixture("heir/configs/default.yaml")),
    systemPromptPackage: "desk",
    toolsPackage: "heir",
    contextManagerPackage: "heir",
  });
});

Deno.test("parseAgentConfigs() refuses a max_workers that is no number of workers", () => {
  const agents = { agent_configs: { writer: least } };
  for (const wrong of ["3", 0, 1.5]) {
    assert.throws(
      () => parseAgentConfigs({ ...agents, max_workers: wrong }, ["writer"], "brief"),
      /expected a whole number from 1 as max_workers/,
    );
  }
});

Deno.test("parseAgentConfigs() warns of an agent with two entries, and takes the later one", () => {
  const warnings: Warning[] = [];
  const options = { onWarning: (warning: Warning) => warnings.push(warning) };
  const [first, second] = [{ name: "a", ...least }, { name: "a", ...least, model_name: "o3" }];
  for (
    const config of [
      { agent_configs: [first, second] },
      { agent_group_configs: [first], agent_configs: { a: second } },
    ]
  ) {
    assert.equal(parseAgentConfigs(config, ["a"], "t", options).a!.modelName, "o3");
  }
  assert.deepEqual(warnings.map(({ code, data }) => [code, data.agent]), [
    ["duplicate_agent", "a"],
    ["duplicate_agent", "a"],
  ]);
  assert.match(warnings[0]!.message, /Agent "a" of tactic "t" has two entries/);
});

Deno.test("parseAgentConfigs() knows what keys of other frameworks mean", () => {
  const warnings: Warning[] = [];
  const agents = [{ name: "a", ...least, model: "o3", prompt: "x", prompt_path: "y" }];
  parseAgentConfigs({ agent_configs: agents, agents: [] }, ["a"], "t", {
    onWarning: (warning) => warnings.push(warning),
  });
  assert.deepEqual(warnings.map(({ data }) => [data.key, data.near]), [
    ["agents", "agent_configs"],
    ["model", "model_name"],
    ["prompt", "system_prompt"],
    ["prompt_path", "system_prompt_path"],
  ]);
});

Deno.test("parseAgentConfigs() says which of two system prompts is used", () => {
  const warnings: Warning[] = [];
  const agent = { ...least, system_prompt_path: "writer/system" };
  const { writer } = parseAgentConfigs({ agent_configs: { writer: agent } }, ["writer"], "t", {
    onWarning: (warning) => warnings.push(warning),
  });
  assert.equal(writer!.systemPrompt, "Hi");
  assert.equal(writer!.systemPromptPath, undefined);
  assert.deepEqual(warnings.map(({ code }) => code), ["two_prompts"]);
  assert.match(warnings[0]!.message, /"writer".*in config: system_prompt is used/);
});
