import assert from "node:assert/strict";
import { scanPermissions } from "../../src/packages/mod.ts";
import { withFolder } from "./_fixtures.ts";

const MANIFEST = '[package]\nname = "desk"\nversion = "1.0"\n';

Deno.test("scanPermissions() lists the files of the sections that would be loaded", async () => {
  const files = {
    "lllm.toml": `${MANIFEST}[prompts]\npaths = ["texts under v1"]\n[schemas]\npaths = ["schemas"]\n`,
    "texts/a.md": "A",
    "texts/_draft.md": "no",
    "texts/.hidden": "no",
    "schemas/x.json": "{}",
    "configs/default.yaml": "global: {}",
  };
  await withFolder(files, async (folder) => {
    const { name, version, sections } = await scanPermissions(folder);
    assert.deepEqual({ name, version }, { name: "desk", version: "1.0" });
    assert.deepEqual(sections, {
      prompts: ["texts/a.md"],
      configs: ["configs/default.yaml"],
      schemas: ["schemas/x.json"],
    });
  });
});

Deno.test("scanPermissions() tells modules that loading imports from those that it does not", async () => {
  const files = {
    "lllm.toml": MANIFEST,
    "tools/a.ts": 'import "../lib/_b.ts";',
    "lib/_b.ts": 'Deno.env.get("B");',
    "tools/a_test.ts": 'Deno.env.get("TEST");',
    "main.ts": 'Deno.env.get("MAIN");',
  };
  await withFolder(files, async (folder) => {
    const { modules, requests } = await scanPermissions(folder);
    assert.deepEqual(modules.filter(({ loaded }) => loaded).map(({ path }) => path), [
      "lib/_b.ts",
      "tools/a.ts",
    ]);
    assert.deepEqual(requests.map(({ target, loaded }) => [target, loaded]), [
      ["B", true],
      ["MAIN", false],
      ["TEST", false],
    ]);
  });
});

Deno.test("scanPermissions() gives a proxy the hosts and variables of what it imports", async () => {
  const files = {
    "lllm.toml": MANIFEST,
    "proxies/fmp.ts": 'import { BASE } from "../lib/base.ts";\n@proxy({ path: "fmp" })\nclass A {}',
    "lib/base.ts": 'export const BASE = "https://fmp.example/api"; const key = Deno.env.get("FMP_KEY");',
  };
  await withFolder(files, async (folder) => {
    const { proxies } = await scanPermissions(folder);
    assert.deepEqual(proxies, [
      { path: "proxies/fmp.ts", names: ["fmp"], hosts: ["fmp.example"], environment: ["FMP_KEY"] },
    ]);
  });
});

Deno.test("scanPermissions() reads what configs ask for, and notes those that it cannot read", async () => {
  const config = [
    "invoker: openai",
    "global: { model_name: openai/gpt-4o, model_args: { api_base: 'https://llm.example/v1', api_key: '${LLM_KEY}' } }",
    "agent_configs:",
    "  - name: a",
    "    model_name: groq/x",
    "    api_key_env: OTHER_KEY",
    "    proxy: { activate_proxies: [fmp], exec_env: interpreter }",
    "    sandbox: { allow_net: ['data.example:8080'] }",
  ].join("\n");
  const files = { "lllm.toml": MANIFEST, "configs/a.yaml": config, "configs/b.json": "{" };
  await withFolder(files, async (folder) => {
    const { configs, environment, hosts, notes } = await scanPermissions(folder);
    assert.deepEqual(configs[0], {
      path: "configs/a.yaml",
      models: ["groq/x", "openai/gpt-4o"],
      invokers: ["openai"],
      proxies: ["fmp"],
      execEnvs: ["interpreter"],
      sandboxHosts: ["data.example:8080"],
      hosts: ["llm.example"],
      environment: ["LLM_KEY", "OTHER_KEY"],
    });
    assert.deepEqual([environment, hosts], [["LLM_KEY", "OTHER_KEY"], ["llm.example"]]);
    assert.match(notes.join(), /^Cannot read configs\/b\.json: (?!.*configs)/);
  });
});

Deno.test("scanPermissions() names what leads out of the package, and reads it where it can", async () => {
  const files = {
    "desk/lllm.toml": `${MANIFEST}[tools]\npaths = ["../shared/tools"]\n`,
    "desk/tactics/t.ts": 'import "../../other/x.ts"; import "file:///etc/y.ts"; import "npm:left-pad";',
    "shared/tools/s.ts": 'Deno.env.get("SHARED");',
  };
  await withFolder(files, async (folder) => {
    const { outside, notes, environment } = await scanPermissions(`${folder}/desk`);
    assert.deepEqual(outside, ["../other/x.ts", "../shared/tools", "file:///etc/y.ts"]);
    assert.deepEqual(environment, ["SHARED"]);
    assert.deepEqual(notes, ["tactics/t.ts imports npm:left-pad, whose code was not read"]);
  });
});

Deno.test("scanPermissions() reads the packages that came with a package", async () => {
  const files = {
    "lllm.toml": MANIFEST,
    "lllm_packages/dep/lllm.toml": '[package]\nname = "dep"\n',
    "lllm_packages/dep/tools/t.ts": 'Deno.env.get("DEP");',
  };
  await withFolder(files, async (folder) => {
    const { bundled, environment } = await scanPermissions(folder);
    assert.deepEqual(bundled.map((facts) => [facts.name, facts.environment]), [["dep", ["DEP"]]]);
    assert.deepEqual(environment, []);
  });
});

Deno.test("scanPermissions() runs none of the package's code", async () => {
  const files = { "lllm.toml": MANIFEST, "tools/t.ts": "globalThis.__scanned = true; throw new Error();" };
  await withFolder(files, async (folder) => {
    await scanPermissions(folder);
    assert.equal("__scanned" in globalThis, false);
  });
});

Deno.test("scanPermissions() rejects a folder without a manifest", async () => {
  await withFolder({ "a.txt": "" }, async (folder) => {
    await assert.rejects(scanPermissions(folder), { code: "package_not_found" });
  });
});
