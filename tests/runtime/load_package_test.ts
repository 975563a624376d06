import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { FunctionCall } from "../../src/message/mod.ts";
import { loadPackage, Runtime } from "../../src/runtime/mod.ts";
import { codes, fixture, loadFixture, withFolder } from "./_fixtures.ts";

function withCode(code: string, data: Record<string, unknown> = {}): (error: unknown) => boolean {
  return (error) => {
    assert(LLLMError.isInstance(error), String(error));
    assert.equal(error.code, code);
    for (const [key, value] of Object.entries(data)) assert.equal(error.data[key], value, key);
    return true;
  };
}

Deno.test("loadPackage() registers every sort of resource under its key", async () => {
  const runtime = await loadFixture("desk");
  assert.deepEqual(runtime.keys(), [
    "desk.assets:code.ts",
    "desk.assets:logo.png",
    "desk.assets:models/config.yaml",
    "desk.assets:schema.json",
    "desk.assets:table.toml",
    "desk.configs:broken",
    "desk.configs:default",
    "desk.configs:fast",
    "desk.configs:nested/plain",
    "desk.context_managers:probed_window",
    "desk.context_managers:static_window",
    "desk.prompts:analysis/deep/step/summary",
    "desk.prompts:notes/plain",
    "desk.prompts:notes/rules",
    "desk.prompts:notes/with_matter",
    "desk.prompts:v2/extra",
    "desk.prompts:vendor/shared/shared",
    "desk.prompts:writer/system",
    "desk.proxies:market",
    "desk.proxies:market/Unnamed",
    "desk.proxies:tools/calc",
    "desk.schemas:helpers/helper",
    "desk.schemas:order.json",
    "desk.services:clock",
    "desk.services:clock/zone",
    "desk.tactics:brief",
    "desk.tactics:brief#count",
    "desk.tactics:long/brief",
    "desk.tactics:long/brief#count",
    "desk.tools:lookup",
    "desk.tools:search",
  ]);
  const types = new Set(runtime.nodes().map((node) => node.resourceType));
  assert.deepEqual([...types].sort(), [
    "asset",
    "config",
    "context_manager",
    "prompt",
    "proxy",
    "schemas",
    "service",
    "tactic",
    "tool",
  ]);
});

Deno.test("loadPackage() gives the package's facts, and makes the first package the default one", async () => {
  const runtime = new Runtime();
  const info = await loadPackage(fixture("desk"), { runtime });
  assert.deepEqual(info, {
    name: "desk",
    version: "0.1.0",
    description: "Every sort of resource",
    baseDir: await Deno.realPath(fixture("desk")),
    effectiveName: "desk",
  });
  assert.equal(runtime.packages.get("desk"), info);
  assert.equal(runtime.defaultNamespace, "desk");
  assert.equal(runtime.getPrompt("writer/system"), runtime.getPrompt("desk:writer/system"));
  assert.equal(runtime.packageOf(runtime.getPrompt("writer/system")), "desk");
});

Deno.test("loadPackage() takes a manifest, a folder, and the URL of either", async () => {
  const url = new URL("../_fixtures/packages/vendored/", import.meta.url);
  for (const path of [url, new URL("lllm.toml", url), url.href, fixture("vendored/lllm.toml")]) {
    assert.equal((await loadPackage(path, { runtime: new Runtime() })).name, "vendored");
  }
});

Deno.test("loadPackage() reads Markdown prompts, front matter as metadata", async () => {
  const runtime = await loadFixture("desk");
  const plain = runtime.getPrompt("notes/plain");
  assert.equal(plain.render({ name: "Ann" }), 'Hello Ann, this is {"json": true}.\n');
  const { metadata, prompt } = runtime.getPrompt("notes/with_matter");
  assert.deepEqual(metadata, { audience: "analysts", tags: ["a", "b"] });
  assert.equal(prompt, "Dear {name}\n");
  assert.match(runtime.getPrompt("notes/rules").prompt, /^---\njust a line/);
});

Deno.test("loadPackage() leaves configs, assets and custom sections unread until they are used", async () => {
  const runtime = await loadFixture("desk");
  for (const key of ["desk.configs:default", "desk.assets:logo.png", "desk.schemas:order.json"]) {
    assert.equal(runtime.getNode(key).loaded, false, key);
  }
  assert.deepEqual([...runtime.getAsset("logo.png") as Uint8Array], [0x89, 0x50, 0x4e, 0x47, 0, 1]);
  assert.deepEqual(runtime.getAsset("schema.json"), { type: "object" });
  assert.deepEqual(runtime.getAsset("models/config.yaml"), { layers: 3 });
  assert.deepEqual(runtime.getAsset("table.toml"), { day: "2024-01-02" });
  assert(runtime.getAsset("code.ts") instanceof Uint8Array);
  assert.deepEqual(runtime.get("schemas:order.json"), [1, 2, 3]);
  assert.deepEqual(runtime.getConfig("nested/plain"), { a: 1 });
  const node = runtime.getNode("desk.assets:schema.json");
  assert.equal(node.loaded, true);
  assert.equal(node.metadata.file_path, await Deno.realPath(fixture("desk/assets/schema.json")));
});

Deno.test("loadPackage() leaves a broken config alone until it is used, and names its file then", async () => {
  const runtime = await loadFixture("desk");
  const file = runtime.getNode("desk.configs:broken").metadata.file_path;
  assert.throws(() => runtime.getConfig("broken"), withCode("config_invalid", { file }));
});

Deno.test("loadPackage() of data that cannot be read is one line when it is used: file, place and reason", () =>
  withFolder({
    "lllm.toml": "[package]\nname = 'p'\n",
    "configs/comma.json": '{\n  "a": 1,\n}\n',
    "configs/word.json": '{\n  "a": word\n}\n',
    "configs/open.yaml": "a: [1\nb: 2\n",
    "configs/twice.yml": "a: 1\na: 2\n",
    "configs/bare.toml": "[a]\nb = c\n",
    "assets/cut.json": '{"a": ',
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    for (const node of runtime.nodes()) {
      const file = node.metadata.file_path as string;
      assert.throws(() => node.value, (error) => {
        withCode("config_invalid", { file })(error);
        assert.match((error as Error).message, /^Cannot read .*: \S[^\n]*$/);
        assert((error as Error).message.includes(file));
        return true;
      });
    }
    assert.throws(
      () => runtime.getConfig("bare"),
      /expected a text in quotes at line 2, column 5, found "b = c"/,
    );
    assert.throws(() => runtime.getConfig("twice"), /at line 2/);
    assert.throws(() => runtime.getConfig("comma"), /line 3/);
  }));

Deno.test("loadPackage() warns of a tactic whose name it cannot find out", async () => {
  const runtime = await loadFixture("desk");
  assert.deepEqual(codes(runtime.warnings), ["nameless_class"]);
  assert.equal(runtime.warnings[0]!.data.export, "NeedsMore");
});

Deno.test("loadPackage() makes tools of the marked methods of tactics", async () => {
  const runtime = await loadFixture("desk");
  const count = runtime.getTool("brief#count");
  const call = await count.call(new FunctionCall({ id: "1", name: "count", arguments: { word: "four" } }));
  assert.equal(call.result, 4);
});

Deno.test("loadPackage() twice loads once", async () => {
  const runtime = await loadFixture("desk");
  const before = runtime.nodes();
  await loadFixture("desk", { runtime });
  assert.deepEqual(runtime.nodes(), before);
  assert.deepEqual([...runtime.packages.keys()], ["desk"]);
});

Deno.test("loadPackage() twice at the same time loads once", async () => {
  const runtime = new Runtime();
  const [a, b] = await Promise.all([
    loadPackage(fixture("desk"), { runtime }),
    loadPackage(fixture("desk"), { runtime }),
  ]);
  assert.deepEqual(a, b);
  assert.deepEqual([...runtime.packages.keys()], ["desk"]);
});

Deno.test("loadPackage() after reset() loads again", async () => {
  const runtime = await loadFixture("vendored");
  runtime.reset();
  await loadFixture("vendored", { runtime });
  assert.deepEqual(runtime.keys(), ["vendored.prompts:shared/shared"]);
});

Deno.test("loadPackage() loads what two packages depend on once", async () => {
  const runtime = await loadFixture("diamond");
  assert.deepEqual(codes(runtime.warnings), []);
  assert.equal(runtime.defaultNamespace, "diamond");
  assert.deepEqual([...runtime.packages.keys()].sort(), [
    "common_left",
    "common_right",
    "diamond",
    "l",
    "left",
    "r",
    "right",
    "shared",
  ]);
  assert.deepEqual(runtime.nodes().map((node) => node.qualifiedKey).sort(), [
    "diamond.prompts:top",
    "left.prompts:left",
    "right.prompts:right",
    "shared.configs:settings",
    "shared.prompts:base/base",
  ]);
});

Deno.test("loadPackage() gives a dependency's alias the same nodes, loaded once", async () => {
  const runtime = await loadFixture("diamond");
  const shared = runtime.getPrompt("shared:base/base");
  assert.equal(runtime.getPrompt("common_left:base/base"), shared);
  assert.equal(runtime.getPrompt("common_right.prompts:base/base"), shared);
  assert.equal(runtime.getNode("common_left.configs:settings"), runtime.getNode("shared.configs:settings"));
  assert.equal(runtime.packageOf(shared), "shared");
  const info = runtime.packages.get("common_left")!;
  assert.deepEqual([info.name, info.alias, info.effectiveName, info.version], [
    "shared",
    "common_left",
    "common_left",
    "2",
  ]);
});

Deno.test("loadPackage() ends on packages that depend on each other", async () => {
  for (const start of ["a", "b"]) {
    const runtime = await loadFixture(`cycle/${start}`);
    assert.deepEqual([...runtime.packages.keys()].sort(), ["cycle_a", "cycle_b"]);
    assert.equal(runtime.defaultNamespace, `cycle_${start}`);
    assert.deepEqual(runtime.keys(), ["cycle_a.prompts:one", "cycle_b.prompts:one"]);
  }
});

Deno.test("loadPackage() warns of missing dependencies and folders, and loads the rest", async () => {
  const runtime = await loadFixture("missing");
  assert.deepEqual(codes(runtime.warnings), ["missing_dependency", "missing_path"]);
  assert.equal(runtime.warnings[0]!.data.dependency, "./nowhere");
  assert.deepEqual([...runtime.packages.keys()], ["missing", "present"]);
  assert.deepEqual(runtime.keys(), ["missing.prompts:here"]);
});

Deno.test("loadPackage() finds a bundled dependency, and loads the packages that come with one", async () => {
  const runtime = await loadFixture("bundled");
  assert.deepEqual([...runtime.packages.keys()].sort(), ["bundled", "fin", "finance", "good"]);
  assert.equal(runtime.getPrompt("fin:rates").prompt, "Rates\n");
  assert.deepEqual(codes(runtime.warnings), ["package_failed"]);
  assert.match(runtime.warnings[0]!.message, /bad/);
});

Deno.test("loadPackage() registers nothing when a module fails, and names file and cause", async () => {
  const runtime = new Runtime();
  const file = await Deno.realPath(fixture("broken_module/prompts/zz_broken.ts"));
  await assert.rejects(loadPackage(fixture("broken_module"), { runtime }), (error) => {
    withCode("module_load_failed", { file })(error);
    assert.match((error as Error).message, /zz_broken\.ts: this module is broken/);
    assert((error as Error).cause instanceof RangeError);
    return true;
  });
  assert.deepEqual(runtime.keys(), []);
  assert.equal(runtime.packages.size, 0);
  assert.equal(runtime.defaultNamespace, undefined);
});

Deno.test("loadPackage() of a manifest that is no TOML names the file", async () => {
  const file = fixture("broken_toml/lllm.toml");
  await assert.rejects(loadPackage(file, { runtime: new Runtime() }), withCode("manifest_invalid", { file }));
});

Deno.test("loadPackage() of a folder without a manifest, or of nothing, is package_not_found", async () => {
  for (const name of ["no_manifest", "nowhere_at_all"]) {
    await assert.rejects(
      loadPackage(fixture(name), { runtime: new Runtime() }),
      withCode("package_not_found"),
    );
  }
});

Deno.test("loadPackage() refuses a second package of one name", async () => {
  await withFolder({ "lllm.toml": '[package]\nname = "vendored"\n' }, async (folder) => {
    const runtime = await loadFixture("vendored");
    await assert.rejects(
      loadPackage(folder, { runtime }),
      withCode("package_exists", { package: "vendored" }),
    );
    assert.deepEqual(runtime.keys(), ["vendored.prompts:shared/shared"]);
  });
});

Deno.test("loadPackage() keeps the later of two folders' resources, and names both files", async () => {
  const runtime = await loadFixture("clash");
  assert.equal(runtime.getPrompt("same").prompt, "Second\n");
  assert.deepEqual(codes(runtime.warnings), ["resource_replaced"]);
  const { message } = runtime.warnings[0]!;
  assert.match(message, /first/);
  assert.match(message, /second/);
});

Deno.test("loadPackage() keeps the first of two dependencies of one name, with a warning", async () => {
  await withFolder({
    "lllm.toml": '[package]\nname = "root"\n[dependencies]\npackages = ["a as one", "b as two"]\n',
    "a/lllm.toml": '[package]\nname = "same"\nversion = "1"\n',
    "b/lllm.toml": '[package]\nname = "same"\nversion = "2"\n',
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.equal(runtime.packages.get("same")?.version, "1");
    const { message } = runtime.warnings[0]!;
    assert(message.includes(`${folder}/a (version 1) is used, not ${folder}/b (version 2)`), message);
    assert.match(message, /and the alias "two" is not given$/);
    assert.deepEqual(codes(runtime.warnings), ["package_conflict"]);
    assert.equal(runtime.packages.get("one")?.version, "1");
    assert.equal(runtime.packages.has("two"), false);
  });
});

Deno.test("loadPackage() does not let an alias hide another package", async () => {
  await withFolder({
    "lllm.toml": '[package]\nname = "root"\n[dependencies]\npackages = ["a as b", "b"]\n',
    "a/lllm.toml": '[package]\nname = "a"\n',
    "b/lllm.toml": '[package]\nname = "b"\n',
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.equal(runtime.packages.get("b")?.alias, undefined);
    assert.deepEqual(codes(runtime.warnings), ["alias_taken"]);
  });
});

Deno.test("loadPackage() passes tests, declarations and hidden files over", async () => {
  const fails = 'throw new Error("must not be loaded")';
  await withFolder({
    "lllm.toml": "[package]\nname = 'p'\n[extra]\n",
    "tools/a_test.ts": fails,
    "tools/a.test.ts": fails,
    "tools/b.test.js": fails,
    "tools/_c.ts": fails,
    "tools/_d/e.ts": fails,
    "tools/.f/g.ts": fails,
    "tools/h.d.ts": "export type T = never;",
    "extra/a_test.ts": fails,
    "extra/kept.txt": "kept",
    "extra/.dot": "",
    "extra/_under/x.txt": "",
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.keys(), ["p.extra:kept.txt"]);
  });
});

Deno.test("loadPackage() follows links, and ends on one that leads back", async () => {
  await withFolder({
    "p/lllm.toml": "[package]\nname = 'p'\n",
    "p/assets/a/one.txt": "1",
    "outside/two.txt": "2",
  }, async (folder) => {
    await Deno.symlink(`${folder}/outside`, `${folder}/p/assets/linked`);
    await Deno.symlink(`${folder}/p/assets`, `${folder}/p/assets/a/back`);
    const runtime = new Runtime();
    await loadPackage(`${folder}/p`, { runtime });
    assert.deepEqual(runtime.keys(), ["p.assets:a/one.txt", "p.assets:linked/two.txt"]);
  });
});

Deno.test("loadPackage() passes links over that lead nowhere, to each other, or to a device", async () => {
  await withFolder({ "lllm.toml": "[package]\nname = 'p'\n", "prompts/a.md": "A" }, async (folder) => {
    await Deno.symlink(`${folder}/prompts/round.md`, `${folder}/prompts/round.md`);
    await Deno.symlink(`${folder}/gone`, `${folder}/prompts/gone.md`);
    if (Deno.build.os !== "windows") await Deno.symlink("/dev/zero", `${folder}/prompts/endless.md`);
    await Deno.symlink(`${folder}/configs`, `${folder}/configs`);
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.keys(), ["p.prompts:a"]);
  });
});

Deno.test("loadPackage() tells warnings to onWarning too", async () => {
  const heard: string[] = [];
  await loadFixture("missing", { onWarning: ({ code }) => heard.push(code) });
  assert.deepEqual(heard, ["missing_dependency", "missing_path"]);
});

Deno.test("loadPackage() says in one plain line why a module cannot be loaded", async () => {
  for (const [code, reason] of [['import "./gone.ts";', /gone\.ts/], ["const a b", /semicolon/]] as const) {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${folder}/tools`);
      await Deno.writeTextFile(`${folder}/lllm.toml`, '[package]\nname = "odd"\n');
      await Deno.writeTextFile(`${folder}/tools/odd.ts`, code);
      await assert.rejects(loadPackage(folder, { runtime: new Runtime() }), (error: Error) => {
        assert.match(error.message, reason);
        assert.match(error.message, /odd\.ts:1:\d+$/);
        // deno-lint-ignore no-control-regex -- colours are what must not be there
        assert.doesNotMatch(error.message, /[\n\u001b|]/);
        return true;
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
});
