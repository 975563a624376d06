import assert from "node:assert/strict";
import { loadPackage, loadRuntime, Runtime } from "../../src/runtime/mod.ts";
import { withFolder } from "./_fixtures.ts";

const MANIFEST = "[package]\nname = 'p'\n";

function promptModule(text: string, before = ""): string {
  return `${before}import { Prompt } from "@lllm/lllm/prompt";
export const system = new Prompt({ path: "system", prompt: ${text} });
`;
}

/** Enough modules that they are imported in one go. */
const others = Object.fromEntries(
  ["a", "b", "c", "d", "e"].map((name) => [`prompts/others/${name}.ts`, promptModule(`"Other ${name}"`)]),
);

Deno.test("loadPackage() after reset() reads changed configs, Markdown and modules anew", () =>
  withFolder({
    "lllm.toml": MANIFEST,
    "prompts/writer.ts": promptModule('"First"'),
    "prompts/kept.ts": promptModule('"Kept"'),
    "prompts/note.md": "First",
    ...others,
    "configs/default.yaml": "level: 1",
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    const before = ["writer/system", "kept/system", "others/a/system"].map((key) => runtime.getPrompt(key));
    assert.deepEqual(runtime.getConfig("default"), { level: 1 });
    await Deno.writeTextFile(`${folder}/prompts/writer.ts`, promptModule('"Second, longer"'));
    await Deno.writeTextFile(`${folder}/prompts/note.md`, "Second");
    await Deno.writeTextFile(`${folder}/configs/default.yaml`, "level: 2");
    await loadPackage(folder, { runtime }); // it is there already
    assert.equal(runtime.getPrompt("writer/system"), before[0]);

    runtime.reset();
    await loadPackage(folder, { runtime });
    assert.equal(before[0]!.prompt, "First");
    assert.equal(runtime.getPrompt("writer/system").prompt, "Second, longer");
    assert.equal(runtime.getPrompt("kept/system"), before[1], "an unchanged module is not run again");
    assert.equal(runtime.getPrompt("others/a/system"), before[2]);
    assert.equal(runtime.getPrompt("note").prompt, "Second");
    assert.deepEqual(runtime.getConfig("default"), { level: 2 });
  }));

Deno.test("loadRuntime() again sees what changed, each time", () =>
  withFolder({ "lllm.toml": MANIFEST, "prompts/writer.ts": promptModule('"0"') }, async (folder) => {
    const load = () => loadRuntime(folder, { name: "reload", sharedPackages: false });
    const first = await load();
    for (const text of ["1+", "22+", "333+"]) {
      await Deno.writeTextFile(`${folder}/prompts/writer.ts`, promptModule(JSON.stringify(text)));
      assert.equal((await load()).getPrompt("writer/system").prompt, text);
    }
    await Deno.writeTextFile(`${folder}/prompts/added.ts`, promptModule('"Added"'));
    await Deno.remove(`${folder}/prompts/writer.ts`);
    assert.deepEqual((await load()).keys(), ["p.prompts:added/system"]);
    assert.equal(first.getPrompt("writer/system").prompt, "0");
  }));

Deno.test("loadPackage() tries a module again that failed, once it has changed", () =>
  withFolder(
    { "lllm.toml": MANIFEST, "prompts/writer.ts": "throw new Error('not yet');" },
    async (folder) => {
      const runtime = new Runtime();
      await assert.rejects(loadPackage(folder, { runtime }), { code: "module_load_failed" });
      await Deno.writeTextFile(`${folder}/prompts/writer.ts`, "export const = 1;");
      await assert.rejects(loadPackage(folder, { runtime }), { code: "module_load_failed" });
      await Deno.writeTextFile(`${folder}/prompts/writer.ts`, promptModule('"Now"'));
      await loadPackage(folder, { runtime });
      assert.equal(runtime.getPrompt("writer/system").prompt, "Now");
    },
  ));

Deno.test("loadPackage() does not see a change in what a module imports: that stays until the program ends", () =>
  withFolder({
    "lllm.toml": MANIFEST,
    "prompts/_text.ts": 'export const text = "First";',
    "prompts/writer.ts": promptModule("text", 'import { text } from "./_text.ts";\n'),
  }, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(folder, { runtime });
    await Deno.writeTextFile(`${folder}/prompts/_text.ts`, 'export const text = "Second, longer";');
    await Deno.writeTextFile(
      `${folder}/prompts/writer.ts`,
      promptModule("`${text}!`", 'import { text } from "./_text.ts";\n'),
    );
    runtime.reset();
    await loadPackage(folder, { runtime });
    assert.equal(runtime.getPrompt("writer/system").prompt, "First!");
  }));

Deno.test("loadPackage() into two runtimes shares the modules, and keeps what is registered apart", () =>
  withFolder({ "lllm.toml": MANIFEST, "prompts/writer.ts": promptModule('"Same"') }, async (folder) => {
    const [one, two] = [new Runtime(), new Runtime()];
    await Promise.all([loadPackage(folder, { runtime: one }), loadPackage(folder, { runtime: two })]);
    assert.equal(one.getPrompt("writer/system"), two.getPrompt("writer/system"));
    one.registerConfig("mine", { a: 1 });
    one.reset();
    assert.deepEqual([one.keys(), two.keys()], [[], ["p.prompts:writer/system"]]);
    assert.equal(two.defaultNamespace, "p");
  }));
