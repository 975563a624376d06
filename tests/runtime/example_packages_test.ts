import assert from "node:assert/strict";
import { parseAgentConfigs, resolveConfig, vendorConfig } from "../../src/config/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { ProxyManager } from "../../src/proxies/mod.ts";
import {
  getRuntime,
  loadPackage,
  loadPrompt,
  loadResource,
  loadRuntime,
  Runtime,
} from "../../src/runtime/mod.ts";
import { AgentCallSession } from "../../src/session/mod.ts";
import { codes, fixture, loadFixture } from "./_fixtures.ts";

const alpha = await loadFixture("alpha");
const beta = await loadFixture("beta");
const gamma = await loadFixture("gamma");
const chain = await loadFixture("chain/a");

Deno.test("alpha: the package is registered, with its version, as the default namespace", () => {
  const info = alpha.packages.get("alpha")!;
  assert.deepEqual(
    [info.name, info.version, info.description, info.effectiveName],
    ["alpha", "1.0.0", "Prompts of several sorts, and configs that inherit", "alpha"],
  );
  assert.equal(info.baseDir, Deno.realPathSync(fixture("alpha")));
  assert.equal(alpha.defaultNamespace, "alpha");
  assert.deepEqual(alpha.warnings, []);
});

Deno.test("alpha: every prompt of every folder is registered, by folder, file and path", () => {
  assert.deepEqual(alpha.keys("prompt"), [
    "alpha.prompts:analysis/analyzer/code_review",
    "alpha.prompts:analysis/analyzer/multi_tag",
    "alpha.prompts:analysis/analyzer/signal_only",
    "alpha.prompts:analysis/analyzer/summary",
    "alpha.prompts:chat/ask_topic",
    "alpha.prompts:chat/farewell",
    "alpha.prompts:chat/greet",
    "alpha.prompts:chat/literal_braces",
    "alpha.prompts:chat/multi_var",
    "alpha.prompts:templates/base/system_base",
    "alpha.prompts:templates/base/user_task",
    "alpha.prompts:templates/base/with_custom_handler",
  ]);
});

Deno.test("alpha: a prompt is found by its full key, by pkg:path, and by its bare path", () => {
  const greet = alpha.getPrompt("alpha.prompts:chat/greet");
  assert.equal(greet.path, "greet");
  assert.equal(alpha.getPrompt("alpha:chat/greet"), greet);
  assert.equal(alpha.getPrompt("chat/greet"), greet);
});

Deno.test("alpha: prompts render: static ones unchanged, slots filled, missing ones told, double braces literal", () => {
  assert.equal(alpha.getPrompt("chat/greet").render(), "Good morning! What shall we talk about?");
  assert.equal(
    alpha.getPrompt("chat/ask_topic").render({ topic: "rain" }),
    "What would you like to know about rain?",
  );
  const multi = alpha.getPrompt("chat/multi_var");
  assert.equal(
    multi.render({ subject: "tides", reader: "a child", language: "Latin" }),
    "Explain tides to a child in Latin.",
  );
  assert.throws(() => multi.render({ subject: "tides" }), {
    code: "missing_prompt_args",
    message: /"reader", "language"/,
  });
  assert.equal(
    alpha.getPrompt("chat/literal_braces").render({ value: 42 }),
    "Write {two words} in braces; the value is 42.",
  );
});

Deno.test("alpha: prompts tell their slots", () => {
  const slots = (key: string) => [...alpha.getPrompt(key).templateVars].sort();
  assert.deepEqual(slots("chat/greet"), []);
  assert.deepEqual(slots("chat/ask_topic"), ["topic"]);
  assert.deepEqual(slots("chat/multi_var"), ["language", "reader", "subject"]);
  assert.deepEqual(slots("chat/literal_braces"), ["value"]);
});

Deno.test("alpha: prompts keep parser, handler and metadata", () => {
  const summary = alpha.getPrompt("analysis/analyzer/summary");
  assert.notEqual(summary.parser, null);
  const { xmlTags } = summary.parse("<summary>Short.</summary><points>One</points>") as {
    xmlTags: unknown;
  };
  assert.deepEqual(xmlTags, { summary: ["Short."], points: ["One"] });
  const { signalTags } = alpha.getPrompt("analysis/analyzer/signal_only").parse("This is <VALID>.");
  assert.deepEqual(signalTags, { VALID: true, INVALID: false });
  assert.deepEqual(alpha.getPrompt("templates/base/system_base").metadata, {
    type: "system",
    version: "1.0",
  });
  const again = alpha.getPrompt("templates/base/with_custom_handler").onException(new AgentCallSession("a"));
  assert.equal(again.render({ error_message: "no" }), "Once more, please: no");
});

Deno.test("alpha: configs are registered by name, and read at first use", async () => {
  const runtime = await loadFixture("alpha");
  assert.deepEqual(runtime.keys("config"), [
    "alpha.configs:default",
    "alpha.configs:development",
    "alpha.configs:production",
  ]);
  const node = runtime.getNode("alpha.configs:default");
  assert.equal(node.loaded, false);
  const config = runtime.getConfig("default");
  assert.equal(node.loaded, true);
  assert.deepEqual(config, {
    global: { model_name: "gpt-4o-mini", model_args: { temperature: 0.7, max_tokens: 1000 } },
    agent_configs: [{ name: "assistant", system_prompt_path: "templates/base/system_base" }],
  });
  assert.equal(runtime.getConfig("alpha:default"), config);
});

Deno.test("alpha: configs inherit: mappings merge, the list of agents is replaced, base is gone", () => {
  const production = resolveConfig("production", { runtime: alpha });
  assert.deepEqual(production.global, {
    model_name: "gpt-4o",
    model_args: { temperature: 0.1, max_tokens: 4000 },
  });
  const names = (production.agent_configs as { name: string }[]).map(({ name }) => name);
  assert.deepEqual(names, ["assistant", "reviewer"]);
  assert.equal("base" in production, false);
  const { global } = resolveConfig("development", { runtime: alpha });
  assert.deepEqual(global, {
    model_name: "gpt-4o-mini",
    model_args: { temperature: 0.95, max_tokens: 1000 },
  });
});

Deno.test("alpha: a resolved config gives the specs of its agents", () => {
  const config = resolveConfig("production", { runtime: alpha });
  const specs = parseAgentConfigs(config, ["assistant", "reviewer"], "desk");
  assert.deepEqual(Object.keys(specs), ["assistant", "reviewer"]);
  assert.equal(specs.assistant!.modelName, "gpt-4o");
  assert.deepEqual(specs.reviewer!.modelArgs, { temperature: 0, max_tokens: 4000 });
});

Deno.test("vendorConfig() of a package's config: as it is, with overrides, base first", () => {
  const runtime = alpha;
  assert.deepEqual(
    vendorConfig("alpha:default", {}, { runtime }),
    resolveConfig("alpha:default", { runtime }),
  );
  const vendored = vendorConfig("alpha:production", {
    global: { model_args: { temperature: 0.5 } },
    agent_configs: [],
  }, { runtime });
  assert.deepEqual(vendored, {
    global: { model_name: "gpt-4o", model_args: { temperature: 0.5, max_tokens: 4000 } },
    agent_configs: [],
  });
});

Deno.test("beta: a dependency is loaded into its own namespace, and the root gives the default one", () => {
  assert.deepEqual([...beta.packages.keys()], ["beta", "alpha"]);
  assert.equal(beta.defaultNamespace, "beta");
  assert.deepEqual(beta.keys("prompt").filter((key) => key.startsWith("beta.")), [
    "beta.prompts:reasoning/chain_of_thought",
    "beta.prompts:reasoning/debate",
    "beta.prompts:reasoning/hypothetical",
    "beta.prompts:reasoning/socratic",
  ]);
  assert.equal(beta.getPrompt("alpha:chat/greet"), beta.getPrompt("alpha.prompts:chat/greet"));
  assert.notEqual(beta.getPrompt("alpha:chat/greet"), beta.getPrompt("beta:reasoning/socratic"));
  assert.equal(beta.getPrompt("beta:reasoning/socratic").path, "socratic");
});

Deno.test("beta: its prompts render and parse, and its config names prompts of both packages", () => {
  const thought = beta.getPrompt("beta:reasoning/chain_of_thought");
  assert.equal(thought.render({ problem: "why?" }), "Step by step: why?");
  const { xmlTags } = beta.getPrompt("reasoning/debate").parse("<pro>fast</pro><con>dear</con>");
  assert.deepEqual(xmlTags, { pro: ["fast"], con: ["dear"] });
  assert.deepEqual(beta.keys("config").filter((key) => key.startsWith("beta.")), [
    "beta.configs:beta_default",
  ]);
  const config = resolveConfig("beta_default", { runtime: beta });
  assert.equal((config.agent_configs as unknown[]).length, 2);
  const specs = parseAgentConfigs(config, ["reasoner", "critic"], "debate");
  assert.equal(specs.reasoner!.modelName, "gpt-4o");
  assert.equal(specs.critic!.systemPromptPath, "alpha:analysis/analyzer/multi_tag");
});

Deno.test("gamma: assets and data of its own sections are registered, hidden and cached files are not", () => {
  assert.deepEqual(gamma.keys(), [
    "gamma.assets:logo.png",
    "gamma.assets:models/config.yaml",
    "gamma.assets:schema.json",
    "gamma.data:sample.json",
    "gamma.data:training/examples.json",
    "gamma.prompts:system/analyst",
    "gamma.prompts:system/visualizer",
  ]);
  assert.equal(gamma.packages.get("gamma")!.version, "0.3.0");
});

Deno.test("gamma: data files are parsed at first use, others are bytes, and all know their file", async () => {
  const runtime = await loadFixture("gamma");
  const node = runtime.getNode("gamma.assets:schema.json");
  assert.equal(node.loaded, false);
  assert.equal((runtime.get("gamma.assets:schema.json") as { title: string }).title, "Result");
  assert.equal(node.loaded, true);
  const logo = runtime.getNode("gamma.assets:logo.png");
  assert(logo.value instanceof Uint8Array);
  assert.deepEqual([...logo.value.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  assert.equal(logo.metadata.file_path, Deno.realPathSync(fixture("gamma/assets/logo.png")));
  assert.deepEqual(runtime.get("gamma.assets:models/config.yaml"), { layers: 3 });
  assert.deepEqual(runtime.get("gamma.data:sample.json"), [{ id: "s1" }, { id: "s2" }, { id: "s3" }]);
  assert.deepEqual(runtime.get("gamma.data:training/examples.json"), { version: "1.0", total: 3 });
});

Deno.test("empty: a package without resources is registered and holds nothing", async () => {
  const runtime = await loadFixture("empty");
  assert.deepEqual([...runtime.packages.keys()], ["empty"]);
  assert.deepEqual([runtime.keys(), runtime.keys("prompt"), runtime.keys("config")], [[], [], []]);
  assert.deepEqual(runtime.warnings, []);
});

Deno.test("prefixed: prompts are found under their virtual folder and nowhere else", async () => {
  const runtime = await loadFixture("prefixed");
  assert.deepEqual(runtime.keys(), [
    "prefixed.prompts:tools/kit/calculator",
    "prefixed.prompts:tools/kit/translator",
    "prefixed.prompts:tools/kit/web_search",
  ]);
  assert.equal(runtime.has("prefixed.prompts:kit/calculator"), false);
  assert.equal(
    runtime.getPrompt("tools/kit/web_search").render({ query: "rain" }),
    "Search the web for rain.",
  );
});

Deno.test("delta: prompts and proxies are registered, and the proxies can be called", async () => {
  const runtime = await loadFixture("delta");
  assert.deepEqual(runtime.keys(), [
    "delta.prompts:agent/index_agent",
    "delta.prompts:agent/search_agent",
    "delta.proxies:analytics",
    "delta.proxies:search",
  ]);
  assert.equal(
    runtime.getPrompt("agent/search_agent").render({ query: "foxes" }),
    "You look up foxes with CALL_API.",
  );
  const manager = new ProxyManager({ runtime });
  assert.deepEqual(manager.available(), ["analytics", "search"]);
  assert.deepEqual(await manager.call("search/search", { query: "fox" }), [{
    id: "d1",
    text: "the quick fox",
  }]);
  assert.deepEqual(await manager.call("search/index", { text: "a fox in bed" }), { id: "d2" });
  assert.deepEqual(await manager.call("search/stats"), { documents: 3 });
  assert.deepEqual(await manager.call("analytics/track", { name: "click" }), { tracked: true });
  assert.deepEqual(await manager.call("analytics/events", { name: "click" }), [{ name: "click" }]);
  const catalog = manager.apiCatalog();
  assert.deepEqual(Object.keys(catalog), ["analytics", "search"]);
  for (const key of ["delta:search", "delta:analytics"]) {
    const results = await new (runtime.getProxy(key))().autoTest();
    assert(Object.values(results).every(({ status }) => status === "ok"), key);
  }
});

Deno.test("chain: four packages, each the dependency of the one before, are all there", () => {
  assert.deepEqual([...chain.packages.keys()], ["chain_a", "chain_b", "chain_c", "chain_d"]);
  assert.equal(chain.defaultNamespace, "chain_a");
  for (const level of ["a", "b", "c", "d"]) {
    const prompt = chain.getPrompt(`chain_${level}.prompts:level`);
    assert.equal(prompt.render({ text: "x" }), `Level ${level}: x\n`);
  }
  assert.deepEqual(codes(chain.warnings), []);
});

Deno.test("chain: a config inherits from the far end of the chain", () => {
  assert.deepEqual(chain.keys("config"), ["chain_a.configs:top", "chain_d.configs:foundation"]);
  assert.deepEqual(resolveConfig("top", { runtime: chain }), {
    global: { model_name: "gpt-4o", model_args: { temperature: 0.2, max_tokens: 9 } },
  });
});

Deno.test("several packages live in one runtime: the first gives the default namespace, nothing collides", async () => {
  const runtime = await loadFixture("alpha");
  await loadFixture("gamma", { runtime });
  assert.equal(runtime.defaultNamespace, "alpha");
  assert.deepEqual([...runtime.packages.keys()], ["alpha", "gamma"]);
  assert(runtime.has("alpha.prompts:chat/greet") && runtime.has("gamma.prompts:system/analyst"));
  const keys = runtime.keys();
  assert.equal(new Set(keys).size, alpha.keys().length + gamma.keys().length);
  assert.deepEqual(runtime.warnings, []);
});

Deno.test("keys() of a type lists that type alone, sorted; all types together are all keys", async () => {
  const runtime = await loadFixture("beta");
  await loadFixture("gamma", { runtime });
  const [prompts, configs] = [runtime.keys("prompt"), runtime.keys("config")];
  assert(prompts.length > 0 && prompts.every((key) => key.includes(".prompts:")));
  assert(configs.length > 0 && configs.every((key) => key.includes(".configs:")));
  assert(prompts.every((key) => !configs.includes(key)));
  assert.deepEqual(runtime.keys("unheard_of"), []);
  const all = runtime.keys();
  assert.deepEqual(all, [...all].sort());
  assert.deepEqual([...prompts, ...configs, ...runtime.keys("asset"), ...runtime.keys("data")].sort(), all);
});

Deno.test("equal keys of two packages, in one section, stay apart", async () => {
  const runtime = new Runtime();
  for (const name of ["one", "two"]) {
    runtime.registerPackage({ name });
    runtime.registerPrompt(new Prompt({ path: "same", prompt: name }), { namespace: `${name}.prompts` });
    runtime.registerConfig("same", { name }, { namespace: `${name}.configs` });
  }
  assert.deepEqual(["one", "two"].map((name) => runtime.getPrompt(`${name}:same`).prompt), ["one", "two"]);
  assert.deepEqual(["one", "two"].map((name) => runtime.getConfig(`${name}:same`).name), ["one", "two"]);
  assert.equal((await loadPrompt("same", { runtime })).prompt, "one");
});

Deno.test("loadResource() finds resources of packages by full key and by section", async () => {
  const options = { runtime: gamma };
  const data = [{ id: "s1" }, { id: "s2" }, { id: "s3" }];
  assert.deepEqual(await loadResource("gamma.data:sample.json", options), data);
  assert.deepEqual(await loadResource("data:sample.json", options), data);
  await assert.rejects(loadResource("sample.json", options), TypeError);
  await assert.rejects(loadResource("data:nowhere.json", options), { code: "resource_not_found" });
});

Deno.test("loadRuntime() from a manifest keeps the runtime under its name", async () => {
  const runtime = await loadRuntime(fixture("alpha/lllm.toml"), { name: "of alpha", sharedPackages: false });
  assert(runtime.has("alpha.prompts:chat/greet"));
  assert.equal(getRuntime("of alpha"), runtime);
  assert.throws(() => getRuntime("of omega"), { code: "resource_not_found" });
});

Deno.test("reset() forgets packages and resources, and they can be loaded again", async () => {
  const runtime = await loadFixture("beta");
  const keys = runtime.keys();
  runtime.reset();
  assert.deepEqual([runtime.keys(), runtime.packages.size, runtime.defaultNamespace], [[], 0, undefined]);
  await loadPackage(fixture("beta"), { runtime });
  assert.deepEqual(runtime.keys(), keys);
});
