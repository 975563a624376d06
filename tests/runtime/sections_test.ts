import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { loadPackage, loadResource, Runtime } from "../../src/runtime/mod.ts";
import { codes, withFolder } from "./_fixtures.ts";

/** Each section with a file for it: what the file is called, what it says, and its key. */
const SECTIONS: readonly [section: string, type: string, file: string, text: string, key: string][] = [
  ["prompts", "prompt", "a/one.md", "One", "a/one"],
  [
    "prompts",
    "prompt",
    "a/two.ts",
    'import { Prompt } from "@lllm/lllm/prompt"; export default new Prompt({ path: "deep/two", prompt: "" });',
    "a/two/deep/two",
  ],
  [
    "tools",
    "tool",
    "a/any.ts",
    'import { tool } from "@lllm/lllm/tools"; export const t = tool({ name: "find", description: "", parameters: {} });',
    "find",
  ],
  [
    "tactics",
    "tactic",
    "a/any.ts",
    'import { Tactic } from "@lllm/lllm/tactic"; export class T extends Tactic { name = "say"; call(task: string) { return task; } }',
    "say",
  ],
  [
    "proxies",
    "proxy",
    "a/any.ts",
    'import { defineProxy } from "@lllm/lllm/proxies"; export default defineProxy({ path: "m", name: "M", description: "", endpoints: {} });',
    "m",
  ],
  [
    "proxies",
    "proxy",
    "a/plain.js",
    'import { BaseProxy } from "@lllm/lllm/proxies"; export class Plain extends BaseProxy {}',
    "a/plain/Plain",
  ],
  [
    "context_managers",
    "context_manager",
    "a/any.ts",
    'export class Ends { static managerName = "ends"; name = "ends"; apply(dialog: unknown) { return dialog; } }',
    "ends",
  ],
  ["services", "service", "a/clock.ts", "export default { now: () => 0 };", "a/clock"],
  ["services", "service", "a/clock.ts", "export const zone = 'UTC';", "a/clock/zone"],
  ["configs", "config", "a/fast.toml", "level = 1", "a/fast"],
  ["configs", "config", "a/slow.yml", "level: 1", "a/slow"],
  ["assets", "asset", "a/logo.svg", "<svg/>", "a/logo.svg"],
  ["schemas", "schemas", "a/order.json", "{}", "a/order.json"],
  [
    "schemas",
    "prompt",
    "a/two.ts",
    'import { Prompt } from "@lllm/lllm/prompt"; export default new Prompt({ path: "deep/two", prompt: "" });',
    "a/two/deep/two",
  ],
];

/** How a manifest may name the folder of a section, with the virtual folder that comes of it. */
const FORMS: readonly [form: string, folder: (section: string) => string, prefix: string][] = [
  ["", (section) => section, ""],
  ['paths = ["other"]', () => "other", ""],
  ['paths = ["other under v/w"]', () => "other", "v/w/"],
  ['paths = [{ path = "other", prefix = "v" }]', () => "other", "v/"],
  ['paths = [{ path = "./other/", under = "v" }]', () => "other", "v/"],
];

Deno.test("every section is found in its own folder or where the manifest says, under a virtual folder or not", async () => {
  for (const [section, type, file, text, key] of SECTIONS) {
    for (const [form, folder, prefix] of FORMS) {
      const manifest = `[package]\nname = "p"\n[${section}]\n${form}\n`;
      await withFolder({ "lllm.toml": manifest, [`${folder(section)}/${file}`]: text }, async (root) => {
        const runtime = new Runtime();
        await loadPackage(root, { runtime });
        assert.deepEqual(runtime.keys(), [`p.${section}:${prefix}${key}`], `${section} ${form}`);
        assert.equal(runtime.nodes()[0]!.resourceType, type);
        assert.equal(runtime.nodes()[0]!.metadata.file_path, `${root}/${folder(section)}/${file}`);
        assert.deepEqual(codes(runtime.warnings), []);
      });
    }
  }
});

Deno.test("several paths of a section merge, one of them a file, and a folder of another package is re-exported", () =>
  withFolder({
    "p/lllm.toml":
      `[package]\nname = "p"\n[prompts]\npaths = ["prompts", "extra/one.md", "../q/prompts under q"]
[dependencies]\npackages = ["../q"]\n`,
    "p/prompts/own.md": "own",
    "p/extra/one.md": "one",
    "p/extra/two.md": "two",
    "q/lllm.toml": '[package]\nname = "q"\n',
    "q/prompts/theirs.md": "theirs",
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(`${folder}/p`, { runtime });
    assert.deepEqual(runtime.keys(), [
      "p.prompts:one",
      "p.prompts:own",
      "p.prompts:q/theirs",
      "q.prompts:theirs",
    ]);
  }));

Deno.test("a later path wins over an earlier one, and the warning names both files", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n[configs]\npaths = ["a", "b"]\n[tools]\npaths = ["a", "b"]\n',
    "a/same.yaml": "from: a",
    "b/same.json": '{"from": "b"}',
    ...Object.fromEntries(["a", "b"].map((name) => [
      `${name}/tool.ts`,
      `import { tool } from "@lllm/lllm/tools";
       export const t = tool({ name: "t", description: "${name}", parameters: {} });`,
    ])),
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.getConfig("same"), { from: "b" });
    assert.equal(runtime.getTool("t").description, "b");
    assert.deepEqual(runtime.warnings.map(({ code, data }) => [code, data.replaced, data.kept]), [
      ["resource_replaced", `${folder}/a/tool.ts`, `${folder}/b/tool.ts`],
      ["resource_replaced", `${folder}/a/same.yaml`, `${folder}/b/same.json`],
    ]);
  }));

Deno.test("two exports of one file that give one key are a warning; one that is exported twice is none", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n[prompts]\npaths = ["prompts", "./prompts"]\n',
    "prompts/two.ts": `import { Prompt } from "@lllm/lllm/prompt";
       export const long = new Prompt({ path: "ask", prompt: "Long" });
       export const short = new Prompt({ path: "ask", prompt: "Short" });
       export const other = new Prompt({ path: "other", prompt: "Other" });
       export { other as another };`,
    "prompts/mod.ts": `export { long, short } from "./two.ts";`,
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.keys(), ["p.prompts:two/ask", "p.prompts:two/other"]);
    assert.deepEqual([...new Set(runtime.warnings.map(({ message }) => message))], [
      `Two exports of ${folder}/prompts/two.ts give "p.prompts:two/ask": short takes the place of long`,
    ]);
  }));

Deno.test("a module that throws what is no error, or has no text, is module_load_failed", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n',
    "tools/odd.ts": "throw Object.assign(Object.create(null), { reason: 5 });",
  }, async (folder) => {
    await assert.rejects(loadPackage(folder, { runtime: new Runtime() }), {
      code: "module_load_failed",
      message: `Cannot load module ${folder}/tools/odd.ts: [Object: null prototype] { reason: 5 }`,
    });
  }));

Deno.test("a custom section is loaded lazily, skips hidden files, and is read by loadResource()", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n[data]\n[prices]\npaths = ["csv under v1"]\n',
    "data/set.json": "[1, 2]",
    "data/.hidden.json": "[]",
    "data/__pycache__/x.pyc": "",
    "csv/2024/q1.csv": "a,b",
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.keys(), ["p.data:set.json", "p.prices:v1/2024/q1.csv"]);
    assert.equal(runtime.getNode("p.data:set.json").loaded, false);
    assert.deepEqual(await loadResource("data:set.json", { runtime }), [1, 2]);
    const bytes = await loadResource("p.prices:v1/2024/q1.csv", { runtime });
    assert.equal(new TextDecoder().decode(bytes as Uint8Array), "a,b");
  }));

Deno.test("resources made by another copy of the library are found by their brands", () => {
  const copy = (path: string) => JSON.stringify(new URL(`../../src/${path}?copy`, import.meta.url).href);
  return withFolder({
    "lllm.toml": '[package]\nname = "p"\n',
    "prompts/a.ts": `import { Prompt } from ${copy("prompt/prompt.ts")};
      import { Prompt as Own } from "@lllm/lllm/prompt";
      if (Prompt === Own) throw new Error("expected another copy");
      export const a = new Prompt({ path: "a", prompt: "A" });`,
    "tools/t.ts": `import { FunctionTool } from ${copy("tools/function_tool.ts")};
      export const t = new FunctionTool({ name: "t", description: "", parameters: {} });`,
    "tactics/s.ts": `import { Tactic } from ${copy("tactic/tactic.ts")};
      export class S extends Tactic { name = "s"; call(task: string) { return task; } }
      export { Tactic };`,
    "proxies/m.ts": `import { BaseProxy } from ${copy("proxies/base_proxy.ts")};
      export class M extends BaseProxy {}
      export { BaseProxy };`,
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.keys(), ["p.prompts:a/a", "p.proxies:m/M", "p.tactics:s", "p.tools:t"]);
    assert.equal(runtime.getPrompt("a/a").render(), "A");
  });
});

Deno.test("a module that exports what cannot be looked at, or a key that leads out, fails with its file", () =>
  withFolder({
    "odd/lllm.toml": "[package]\nname = 'odd'\n",
    "odd/tools/odd.ts": "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); export { proxy };",
    "out/lllm.toml": "[package]\nname = 'out'\n",
    "out/prompts/out.ts":
      'import { Prompt } from "@lllm/lllm/prompt"; export default new Prompt({ path: "../../other", prompt: "" });',
  }, async (folder) => {
    for (const [name, file] of [["odd", "odd/tools/odd.ts"], ["out", "out/prompts/out.ts"]]) {
      const runtime = new Runtime();
      await assert.rejects(loadPackage(`${folder}/${name}`, { runtime }), {
        code: "module_load_failed",
        data: { file: `${folder}/${file}` },
      });
      assert.deepEqual(runtime.keys(), []);
    }
  }));

Deno.test("a config or asset whose file is gone by its first use is an error that names key and file", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n[schemas]\n',
    "assets/logo.png": "x",
    "assets/data.json": "{}",
    "configs/default.yaml": "a: 1",
    "schemas/s.toml": "a = 1",
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    const files = { "assets:logo.png": "assets/logo.png", "assets:data.json": "assets/data.json" };
    const others = { "configs:default": "configs/default.yaml", "schemas:s.toml": "schemas/s.toml" };
    for (const [key, file] of Object.entries({ ...files, ...others })) {
      await Deno.remove(`${folder}/${file}`);
      await assert.rejects(loadResource(`p.${key}`, { runtime }), (error) => {
        assert(LLLMError.isInstance(error), String(error));
        assert.equal(error.code, "resource_not_found");
        assert(error.message.includes(`"p.${key}": expected the file ${folder}/${file}`), error.message);
        assert(error.cause instanceof Deno.errors.NotFound);
        return true;
      });
    }
  }));

Deno.test("modules in Python are one warning a section", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n',
    "tools/one.py": "",
    "tools/deep/two.py": "",
    "tools/__init__.py": "",
    "prompts/three.py": "",
    "prompts/style.md": "Short",
    "assets/code.py": "",
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.warnings.map(({ code, message }) => [code, message]), [
      [
        "python_modules",
        'Package "p" has 1 .py file in [prompts] that is not loaded: its code becomes TypeScript (.ts)',
      ],
      [
        "python_modules",
        'Package "p" has 2 .py files in [tools] that are not loaded: their code becomes TypeScript (.ts)',
      ],
    ]);
    assert(runtime.has("p.assets:code.py"));
  }));

Deno.test("a class with a managerName and no apply is a warning", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n',
    "context_managers/window.ts":
      'export class Window { static managerName = "window"; process<T>(dialog: T): T { return dialog; } }',
    "context_managers/field.ts":
      'export class Field { static managerName = "field"; apply = <T>(dialog: T): T => dialog; }',
    "context_managers/helper.ts": "export class Helper { }",
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    assert.deepEqual(runtime.keys(), ["p.context_managers:field"]);
    assert.deepEqual(codes(runtime.warnings), ["no_context_manager"]);
    assert.match(
      runtime.warnings[0]!.message,
      /"Window" of .*window\.ts: expected a context manager, with apply\(\), for its managerName "window", found none$/,
    );
  }));
