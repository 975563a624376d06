import assert from "node:assert/strict";
import { LLLMError, ResourceNotFoundError } from "../../src/errors.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { defineProxy } from "../../src/proxies/mod.ts";
import { buildTactic, loadPrompt, ResourceNode, Runtime } from "../../src/runtime/mod.ts";
import { NativeTactic, Tactic, tactictool } from "../../src/tactic/mod.ts";
import { tool } from "../../src/tools/mod.ts";

const prompt = (path: string) => new Prompt({ path, prompt: `This is ${path}` });

function withCode(code: string): (error: unknown) => boolean {
  return (error) => {
    assert(LLLMError.isInstance(error), String(error));
    assert.equal(error.code, code);
    return true;
  };
}

Deno.test("Runtime.get() finds what was registered, by its qualified key", () => {
  const runtime = new Runtime();
  runtime.register(ResourceNode.eager("res", "value", { namespace: "pkg.prompts", resourceType: "prompt" }));
  assert.equal(runtime.get("pkg.prompts:res"), "value");
  assert.equal(runtime.get("pkg:res", "prompt"), "value");
  assert.equal(runtime.getNode("pkg.prompts:res").key, "res");
});

Deno.test("Runtime.get() says which keys look like one that is not there", () => {
  const runtime = new Runtime();
  runtime.registerPrompt(prompt("writer/system"), { namespace: "desk.prompts" });
  runtime.registerConfig("writer/sistem", {}, { namespace: "desk.configs" });
  assert.throws(() => runtime.getPrompt("desk.prompts:writer/sytem"), (error) => {
    assert(error instanceof ResourceNotFoundError);
    assert.deepEqual(error.data, {
      key: "desk.prompts:writer/sytem",
      type: "prompt",
      near: ["desk.prompts:writer/system"],
    });
    return true;
  });
});

Deno.test("Runtime.get() names at most five near keys", () => {
  const runtime = new Runtime();
  for (let i = 0; i < 9; i++) runtime.registerPrompt(prompt(`system${i}`), { namespace: "desk.prompts" });
  assert.throws(() => runtime.get("desk.prompts:system"), (error) => {
    assert(LLLMError.isInstance(error));
    assert.equal((error.data.near as string[]).length, 5);
    assert.equal("type" in error.data, false);
    return true;
  });
});

Deno.test("Runtime.get() refuses a resource of another type", () => {
  const runtime = new Runtime();
  runtime.register(ResourceNode.eager("x", 1, { resourceType: "prompt" }));
  assert.throws(() => runtime.get("x", "tactic"), withCode("resource_type_mismatch"));
  assert.throws(() => runtime.getNode("x", "tactic"), withCode("resource_type_mismatch"));
  assert.equal(runtime.has("x"), true);
  assert.equal(runtime.has("x", "tactic"), false);
  assert.equal(runtime.has("y"), false);
});

Deno.test("Runtime.register() with overwrite false refuses a key that is taken", () => {
  const runtime = new Runtime();
  runtime.registerConfig("a", { n: 1 });
  assert.throws(
    () => runtime.registerConfig("a", { n: 2 }, { overwrite: false }),
    withCode("resource_exists"),
  );
  assert.deepEqual(runtime.getConfig("a"), { n: 1 });
  runtime.registerConfig("a", { n: 3 });
  assert.deepEqual(runtime.getConfig("a"), { n: 3 });
});

Deno.test("Runtime.register…() puts resources into the default namespace, else into the bare section", () => {
  const runtime = new Runtime();
  runtime.registerPrompt(prompt("early"));
  assert.deepEqual(runtime.keys(), ["prompts:early"]);
  assert.equal(runtime.getPrompt("early").path, "early");
  runtime.registerPackage({ name: "desk" });
  assert.equal(runtime.defaultNamespace, "desk");
  runtime.registerConfig("late", {});
  runtime.registerAsset("logo", "<svg/>");
  runtime.registerService("clock", 1);
  assert.deepEqual(runtime.keys(), [
    "desk.assets:logo",
    "desk.configs:late",
    "desk.services:clock",
    "prompts:early",
  ]);
  assert.equal(runtime.getAsset("logo"), "<svg/>");
  assert.equal(runtime.getService("clock"), 1);
});

Deno.test("Runtime keeps each type apart, and its keys sorted", () => {
  class Window {
    static readonly managerName = "window";
    readonly name = "window";
    apply<T>(dialog: T): T {
      return dialog;
    }
  }
  class Say extends Tactic {
    name = "say";
    call(task: string) {
      return task;
    }
  }
  const runtime = new Runtime();
  runtime.defaultNamespace = "p";
  const search = tool({ name: "search", description: "", parameters: { type: "object", properties: {} } });
  const market = defineProxy({ path: "market", name: "Market", description: "", endpoints: {} });
  runtime.registerTool("search", search);
  runtime.registerProxy("market", market);
  runtime.registerTactic("say", Say);
  runtime.registerContextManager(Window);
  runtime.registerPrompt(prompt("b"));
  runtime.registerPrompt(prompt("a"));
  assert.equal(runtime.getTool("search"), search);
  assert.equal(runtime.getProxy("p:market"), market);
  assert.equal(runtime.getTactic("say"), Say);
  assert.equal(runtime.getContextManager("window"), Window);
  assert.deepEqual(runtime.keys("prompt"), ["p.prompts:a", "p.prompts:b"]);
  assert.deepEqual(runtime.nodes("prompt").map((node) => node.key), ["a", "b"]);
  assert.deepEqual(runtime.keys("nothing"), []);
  assert.equal(runtime.keys().length, 6);
  assert.equal(runtime.nodes().length, 6);
});

Deno.test("Runtime.registerContextManager() asks an instance for the name, and refuses a class without one", () => {
  class Probed {
    readonly name: string = "probed";
    apply<T>(dialog: T): T {
      return dialog;
    }
  }
  class Nameless extends Probed {
    override readonly name = "";
  }
  const runtime = new Runtime();
  runtime.registerContextManager(Probed);
  assert.equal(runtime.getContextManager("probed"), Probed);
  assert.throws(() => runtime.registerContextManager(Nameless), TypeError);
});

Deno.test("Runtime.registerConfig() takes a loader that runs at first use, once", () => {
  let loads = 0;
  const runtime = new Runtime();
  runtime.registerConfig("lazy", { loader: () => ({ load: ++loads }) });
  assert.equal(loads, 0);
  assert.deepEqual(runtime.getConfig("lazy"), { load: 1 });
  assert.deepEqual(runtime.getConfig("lazy"), { load: 1 });
  assert.equal(loads, 1);
});

Deno.test("Runtime.registerTactic() registers the tactic's methods that are tools", async () => {
  class Research extends Tactic {
    name = "research";
    call(task: string) {
      return task;
    }
    @tactictool({
      description: "Counts",
      parameters: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
    })
    count({ word }: { word: string }) {
      return word.length;
    }
  }
  const runtime = new Runtime();
  runtime.registerTactic("research", Research, { namespace: "pkg.tactics" });
  assert.deepEqual(runtime.keys("tool"), ["pkg.tactics:research#count"]);
  const { FunctionCall } = await import("../../src/message/mod.ts");
  const count = runtime.getTool("pkg:research#count");
  const call = await count.call(new FunctionCall({ id: "1", name: "count", arguments: { word: "four" } }));
  assert.equal(call.result, 4);
});

Deno.test("Runtime.packageOf() names the package that registered a value first", () => {
  const runtime = new Runtime();
  const [mine, free] = [prompt("mine"), prompt("free")];
  runtime.registerPrompt(mine, { namespace: "a.prompts" });
  runtime.registerPrompt(mine, { namespace: "b.prompts" });
  runtime.registerPrompt(free);
  assert.equal(runtime.packageOf(mine), "a");
  assert.equal(runtime.packageOf(free), undefined);
  assert.equal(runtime.packageOf("text"), undefined);
  class Native extends NativeTactic {
    name = "native";
    agentGroup = [];
    call(task: string) {
      return task;
    }
  }
  runtime.registerTactic("native", Native, { namespace: "c.tactics" });
  assert.equal(runtime.packageOf(Native), "c");
});

Deno.test("Runtime.registerAlias() gives a package a second name for the same nodes", () => {
  let loads = 0;
  const runtime = new Runtime();
  runtime.registerPackage({ name: "root" });
  runtime.registerPackage({ name: "finance", version: "2" });
  runtime.registerConfig("rates", { loader: () => ({ load: ++loads }) }, { namespace: "finance.configs" });
  runtime.registerAlias("finance", "fin");
  assert.equal(runtime.getConfig("fin:rates"), runtime.getConfig("finance:rates"));
  assert.equal(loads, 1);
  assert.deepEqual(runtime.keys("config"), ["fin.configs:rates", "finance.configs:rates"]);
  assert.equal(runtime.nodes("config").length, 1);
  assert.deepEqual(
    [
      runtime.packages.get("fin")?.name,
      runtime.packages.get("fin")?.effectiveName,
      runtime.packages.get("fin")?.version,
    ],
    ["finance", "fin", "2"],
  );
  assert.throws(() => runtime.registerAlias("finanse", "f"), withCode("resource_not_found"));
});

Deno.test("Runtime.registerPackage() fills in what is left out; the first package is the default one", () => {
  const runtime = new Runtime();
  const info = runtime.registerPackage({ name: "x" });
  assert.deepEqual(info, { name: "x", version: "", description: "", baseDir: "", effectiveName: "x" });
  assert.equal(runtime.registerPackage({ name: "y", alias: "z" }).effectiveName, "z");
  assert.equal(runtime.defaultNamespace, "x");
  assert.deepEqual([...runtime.packages.keys()], ["x", "z"]);
  for (const name of ["", "a b", "a:b", "a/b", "a#b", ".hidden"]) {
    assert.throws(() => runtime.registerPackage({ name }), TypeError, name);
  }
});

Deno.test("Runtime.warn() keeps each warning once, and tells the listener", () => {
  const heard: string[] = [];
  const runtime = new Runtime({ onWarning: ({ code }) => heard.push(code) });
  const warning = { code: "odd", message: "Something is odd", data: {} };
  runtime.warn(warning);
  runtime.warn({ ...warning });
  assert.deepEqual(runtime.warnings, [warning]);
  assert.deepEqual(heard, ["odd"]);
});

Deno.test("Runtime.reset() forgets everything", () => {
  const runtime = new Runtime();
  const mine = prompt("mine");
  runtime.registerPackage({ name: "x" });
  runtime.registerPrompt(mine);
  runtime.warn({ code: "odd", message: "odd", data: {} });
  runtime.reset();
  assert.deepEqual(runtime.keys(), []);
  assert.equal(runtime.packages.size, 0);
  assert.equal(runtime.defaultNamespace, undefined);
  assert.deepEqual(runtime.warnings, []);
  assert.equal(runtime.packageOf(mine), undefined);
});

Deno.test("Runtime.unregisterPackage() forgets a package, its aliases and their resources, and no other", () => {
  const runtime = new Runtime();
  for (const name of ["a", "a.b"]) {
    runtime.registerPackage({ name, baseDir: `/${name}` });
    runtime.registerConfig("x", {}, { namespace: `${name}.configs` });
  }
  runtime.registerAlias("a", "c");
  assert.equal(runtime.unregisterPackage("a"), true);
  assert.deepEqual(runtime.keys(), ["a.b.configs:x"]);
  assert.deepEqual([...runtime.packages.keys()], ["a.b"]);
  assert.equal(runtime.defaultNamespace, undefined);
  assert.equal(runtime.unregisterPackage("a"), false);
});

Deno.test("Runtime.unregisterPackage() of a second name forgets that name alone", () => {
  const runtime = new Runtime();
  runtime.registerPackage({ name: "a", baseDir: "/a" });
  runtime.registerConfig("x", {}, { namespace: "a.configs" });
  runtime.registerAlias("a", "c");
  runtime.unregisterPackage("c");
  assert.deepEqual(runtime.keys(), ["a.configs:x"]);
  assert.deepEqual([...runtime.packages.keys()], ["a"]);
});

Deno.test("Runtime.register…() refuses what is not what it registers, and says what it found", () => {
  class Broken {
    constructor() {
      throw new Error("not without a model");
    }
    apply<T>(dialog: T): T {
      return dialog;
    }
  }
  // deno-lint-ignore no-explicit-any -- what callers without types pass
  const wrong = (value: unknown) => value as any;
  const runtime = new Runtime();
  for (
    const [register, message] of [
      [
        () => runtime.register(wrong({})),
        /^Cannot register a resource: expected a ResourceNode, found an object$/,
      ],
      [() => runtime.registerPrompt(wrong(null)), /a prompt: expected a Prompt, found null$/],
      [() => runtime.registerPrompt(wrong({ path: "x" })), /expected a Prompt, found an object$/],
      [() => runtime.registerTool("x", wrong({})), /tool "x": expected a FunctionTool.*found an object$/],
      [() => runtime.registerTool("x", wrong(() => 1)), /found function /],
      [
        () => runtime.registerTactic("x", wrong(5)),
        /tactic "x": expected a class that extends Tactic, found 5$/,
      ],
      [() => runtime.registerTactic("x", wrong(Tactic)), /found class Tactic$/],
      [() => runtime.registerTactic("x", wrong(new Map())), /found an object of Map$/],
      [() => runtime.registerProxy("x", wrong({})), /proxy "x": expected a class that extends BaseProxy/],
      [
        () => runtime.registerContextManager(wrong({})),
        /a context manager: expected a class whose instances/,
      ],
      [
        () => runtime.registerContextManager(wrong(class {})),
        /expected a static managerName, or instances with a name/,
      ],
      [
        () => runtime.registerContextManager(wrong(() => 1)),
        /whose instances have apply\(\), found function/,
      ],
      [() => runtime.registerContextManager(wrong(Broken)), /Broken has no static name/],
      [() => runtime.registerConfig("x", wrong([])), /config "x": expected an object.*found a list$/],
    ] as const
  ) {
    assert.throws(register, (error) => {
      assert(error instanceof TypeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  assert.deepEqual(runtime.keys(), []);
});

Deno.test("Runtime.registerContextManager() takes a class whose apply is a field", () => {
  class Window {
    static readonly managerName = "window";
    readonly name = "window";
    apply = <T>(dialog: T): T => dialog;
  }
  const runtime = new Runtime();
  runtime.registerContextManager(Window);
  assert.equal(runtime.getContextManager("window"), Window);
});

Deno.test("Runtime.getNode() says so when nothing at all is registered, and what loads a project", async () => {
  const runtime = new Runtime();
  const message =
    /Cannot find config "default": .*a runtime in which nothing is; await loadRuntime\("<folder/;
  assert.throws(() => runtime.getNode("default", "config"), { code: "resource_not_found", message });
  await assert.rejects(buildTactic("default", { runtime }), { message });
  await assert.rejects(loadPrompt("x", { runtime }), { message: /prompt "x".*await loadRuntime\("<folder/ });
  runtime.registerConfig("other", {});
  assert.throws(() => runtime.getNode("default", "config"), {
    message: /one that is registered, found none$/,
  });
});

Deno.test("Runtime.get() and has() of what is no text say so", () => {
  const runtime = new Runtime();
  for (const key of [undefined, 5, null] as unknown as string[]) {
    for (
      const ask of [() => runtime.get(key), () => runtime.has(key, "prompt"), () => runtime.getConfig(key)]
    ) {
      assert.throws(
        ask,
        (error) => error instanceof TypeError && /expected a text as its key/.test(error.message),
      );
    }
  }
});
