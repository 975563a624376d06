import assert from "node:assert/strict";
import { getDefaultRuntime, loadRuntime, ResourceNode, Runtime } from "../../src/runtime/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { BaseProxy, proxy } from "../../src/proxies/mod.ts";
import { NativeTactic, Tactic } from "../../src/tactic/mod.ts";
import { memoryStore, scriptedInvoker } from "../../src/testing/mod.ts";
import { loadFixture, withFolder } from "./_fixtures.ts";

Deno.test("a new Runtime is empty", () => {
  const runtime = new Runtime();
  assert.deepEqual([runtime.keys(), runtime.nodes(), runtime.warnings], [[], [], []]);
  assert.deepEqual([runtime.packages.size, runtime.defaultNamespace], [0, undefined]);
});

Deno.test("Runtime.nodes() of a type gives the nodes of that type, in the order of their keys", () => {
  const runtime = new Runtime();
  runtime.registerConfig("b", {});
  runtime.registerConfig("a", {});
  runtime.registerPrompt(new Prompt({ path: "p", prompt: "" }));
  assert.deepEqual(runtime.nodes("config").map((node) => node.qualifiedKey), ["configs:a", "configs:b"]);
  assert(runtime.nodes("config").every((node) => node instanceof ResourceNode));
  assert.equal(runtime.nodes().length, 3);
});

Deno.test("a prompt can be registered in the default runtime", () => {
  const prompt = new Prompt({ path: "boot/test/only", prompt: "Hello" });
  const runtime = getDefaultRuntime();
  const { qualifiedKey } = runtime.registerPrompt(prompt, { namespace: "boot_test.prompts" });
  assert.equal(getDefaultRuntime().getPrompt("boot_test:boot/test/only"), prompt);
  assert.equal(qualifiedKey, "boot_test.prompts:boot/test/only");
});

Deno.test("to define a tactic or a proxy registers nothing", () => {
  const before = getDefaultRuntime().keys();
  class Quiet extends Tactic {
    name = "quiet";
    call(task: string): string {
      return task;
    }
  }
  @proxy({ path: "quiet", name: "Quiet", description: "" })
  class QuietProxy extends BaseProxy {}
  assert.equal(new Quiet().name, "quiet");
  assert.equal(new QuietProxy().apiDirectory().id, "quiet");
  assert.deepEqual(getDefaultRuntime().keys(), before);
  const runtime = new Runtime();
  runtime.registerTactic("quiet", Quiet);
  runtime.registerProxy("quiet", QuietProxy);
  assert.equal(runtime.getTactic("quiet"), Quiet);
  assert.equal(runtime.getProxy("quiet"), QuietProxy);
  assert.throws(() => runtime.getTactic("loud"), { code: "resource_not_found" });
});

Deno.test("a resource needs a text as its name", () => {
  const runtime = new Runtime();
  for (const name of [undefined, null, 42, ""]) {
    assert.throws(() => runtime.registerTactic(name as string, class {} as never), TypeError);
  }
});

Deno.test("a tactic of a package has a path that does not depend on where it lives", async () => {
  const runtime = await loadFixture("desk");
  const config = { agent_configs: [{ name: "writer", model_name: "m", system_prompt: "You write." }] };
  for (const [key, path] of [["brief", "desk::brief"], ["long/brief", "desk::long/brief"]] as const) {
    const logStore = memoryStore();
    const invoker = scriptedInvoker([{ text: "Yes" }]);
    const TacticClass = runtime.getTactic(key);
    await new TacticClass({ config, runtime, invoker, logStore }).run("Go");
    assert.equal(logStore.records[0]!.tacticPath, path);
  }
  class Free extends NativeTactic {
    name = "free";
    agentGroup = [];
    call(task: string): string {
      return task;
    }
  }
  const session = await new Free({ config: {}, runtime }).run("Go", { returnSession: true });
  assert.equal(session.tacticPath, "free");
});

Deno.test("a tactic's agents are the agents themselves, and respond() gives message or session", async () => {
  class Twice extends NativeTactic<string, string[]> {
    name = "twice";
    agentGroup = ["a"];
    async call(task: string): Promise<string[]> {
      const agent = this.agent("a").open("main");
      agent.receive(task);
      const handler = { handleChunk: () => {} };
      agent.streamHandler = handler;
      assert.equal(this.agents.a!.streamHandler, handler);
      const message = await agent.respond();
      agent.receive("again");
      const session = await agent.respond({ returnSession: true });
      return [agent.name, String(message.content), String(session.delivery!.content), session.state];
    }
  }
  const tactic = new Twice({
    config: { agent_configs: [{ name: "a", model_name: "m", system_prompt: "You test." }] },
    invoker: scriptedInvoker([{ text: "1" }, { text: "2" }]),
  });
  const session = await tactic.run("Go", { returnSession: true });
  assert.deepEqual(session.delivery, ["a", "1", "2", "success"]);
  assert.equal(session.agentSessions.a!.length, 2);
});

Deno.test("a tactic may give a value of any shape, and what ends it is in its session", async () => {
  class Any extends Tactic<string, unknown> {
    name = "any";
    call(task: string): unknown {
      if (task === "bad") throw new TypeError("deep down");
      return { answer: 42, list: [task] };
    }
  }
  assert.deepEqual(await new Any().run("x"), { answer: 42, list: ["x"] });
  const { session } = await new Any().run("bad").then(() => assert.fail(), (error) => error);
  assert.deepEqual(session.error, { name: "TypeError", code: "tactic_failed", message: "deep down" });
  assert.match(session.errorTraceback, /TypeError: deep down/);
  assert.equal(session.state, "failure");
});

Deno.test("loadRuntime() without discovery and shared packages loads nothing but what a manifest names", () =>
  withFolder({
    "prompts/one.md": "One",
    "lllm_packages/extra/lllm.toml": '[package]\nname = "extra"\n',
    "with/lllm.toml": '[package]\nname = "with"\n',
    "with/lllm_packages/extra/lllm.toml": '[package]\nname = "extra"\n',
  }, async (folder) => {
    const options = { name: "strict", discover: false, sharedPackages: false };
    const empty = await loadRuntime(folder, options);
    assert.deepEqual([empty.keys(), empty.packages.size, empty.warnings], [[], 0, []]);
    const own = await loadRuntime(`${folder}/with`, options);
    assert.deepEqual([...own.packages.keys()], ["with"]);
  }));
