import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import {
  getDefaultRuntime,
  getRuntime,
  loadRuntime,
  type LoadRuntimeOptions,
  Runtime,
  setDefaultRuntime,
} from "../../src/runtime/mod.ts";
import { codes, fixture, library, runProgram, withFolder } from "./_fixtures.ts";

/** Loads without what the user of this machine may have installed. */
function load(path: string, options: LoadRuntimeOptions = {}): Promise<Runtime> {
  return loadRuntime(path, { name: "test", sharedPackages: false, ...options });
}

/** Runs a body and puts the default runtime back. */
async function keepingDefault(body: () => Promise<void>): Promise<void> {
  const before = getDefaultRuntime();
  try {
    await body();
  } finally {
    setDefaultRuntime(before);
  }
}

Deno.test("loadRuntime() becomes the default runtime", () =>
  keepingDefault(async () => {
    const runtime = await loadRuntime(fixture("desk/lllm.toml"), { sharedPackages: false });
    assert.equal(getDefaultRuntime(), runtime);
    assert(runtime.has("desk.prompts:writer/system"));
  }));

Deno.test("loadRuntime() with a name leaves the default runtime alone", async () => {
  const before = getDefaultRuntime();
  const runtime = await load(fixture("vendored"), { name: "experiment" });
  assert.equal(getRuntime("experiment"), runtime);
  assert.equal(getDefaultRuntime(), before);
});

Deno.test("loadRuntime() that fails replaces nothing", () =>
  keepingDefault(async () => {
    const mine = new Runtime();
    setDefaultRuntime(mine);
    const kept = await load(fixture("vendored"), { name: "kept" });
    for (const name of ["broken_module", "broken_toml", "not_there"]) {
      await assert.rejects(loadRuntime(fixture(name), { sharedPackages: false }), LLLMError);
      await assert.rejects(load(fixture(name), { name: "kept" }), LLLMError);
    }
    assert.equal(getDefaultRuntime(), mine);
    assert.equal(getRuntime("kept"), kept);
  }));

Deno.test("loadRuntime() that keeps going warns of every module that cannot be loaded", () =>
  withFolder({
    "lllm.toml": '[package]\nname = "p"\n',
    "prompts/hello.md": "Hello",
    "tools/a.ts": "export const = 1;",
    "tools/b.ts": 'throw new Error("no");',
  }, async (folder) => {
    const runtime = await load(folder, { keepGoing: true });
    assert.deepEqual(runtime.keys(), ["p.prompts:hello"]);
    assert.deepEqual(
      runtime.warnings.map(({ code, data }) => [code, data.file]),
      ["a", "b"].map((name) => ["module_load_failed", `${folder}/tools/${name}.ts`]),
    );
    await assert.rejects(load(folder), { code: "module_load_failed" });
  }));

Deno.test("loadRuntime() finds the manifest above the start folder", async () => {
  const runtime = await load(fixture("desk/prompts/notes"));
  assert.equal(runtime.defaultNamespace, "desk");
});

Deno.test("loadRuntime() takes a folder with standard folders for a package, and says so", async () => {
  const runtime = await load(fixture("no_manifest"));
  assert.equal(runtime.defaultNamespace, "no_manifest");
  assert.deepEqual(runtime.keys(), ["no_manifest.configs:one", "no_manifest.prompts:hello"]);
  assert.deepEqual(runtime.getConfig("one"), { a: 1 });
  assert.deepEqual(codes(runtime.warnings), ["missing_manifest"]);
  assert.match(runtime.warnings[0]!.message, /lllm\.toml/);
});

Deno.test("loadRuntime() takes any standard folder for a package, and no other folder", async () => {
  for (const folder of ["prompts", "configs", "tactics", "proxies", "tools", "assets", "services", "src"]) {
    await withFolder({ [`my desk/${folder}/_readme.txt`]: "" }, async (root) => {
      const runtime = await load(`${root}/my desk`);
      const found = ["prompts", "configs", "tactics", "proxies", "tools"].includes(folder);
      assert.deepEqual([...runtime.packages.keys()], found ? ["my_desk"] : [], folder);
      assert.deepEqual(codes(runtime.warnings), found ? ["missing_manifest"] : [], folder);
    });
  }
});

Deno.test("loadRuntime() with discover false does not look at folders without a manifest", async () => {
  const runtime = await load(fixture("no_manifest"), { discover: false });
  assert.deepEqual(runtime.keys(), []);
  assert.deepEqual(runtime.warnings, []);
});

Deno.test("loadRuntime() of a folder without anything is empty, silently", () =>
  withFolder({ "src/main.ts": "" }, async (folder) => {
    const runtime = await load(folder);
    assert.deepEqual(runtime.keys(), []);
    assert.deepEqual(runtime.warnings, []);
    assert.equal(runtime.packages.size, 0);
    assert.equal(runtime.defaultNamespace, undefined);
  }));

Deno.test("loadRuntime() of a path that leads nowhere is package_not_found", async () => {
  await assert.rejects(load(fixture("not_there")), (error) => {
    assert(LLLMError.isInstance(error));
    return error.code === "package_not_found";
  });
});

Deno.test("loadRuntime() tells warnings to onWarning", async () => {
  const heard: string[] = [];
  await load(fixture("no_manifest"), { onWarning: ({ code }) => heard.push(code) });
  assert.deepEqual(heard, ["missing_manifest"]);
});

Deno.test("loadRuntime() leaves nested packages that nobody depends on, where shared packages are off", async () => {
  const runtime = await load(fixture("bundled"));
  assert.deepEqual([...runtime.packages.keys()], ["bundled", "finance", "fin"]);
  assert.deepEqual(runtime.warnings, []);
});

/** Loads runtimes in a program of its own, where the home folder is known, and tells their packages and warnings. */
async function loadElsewhere(
  paths: readonly (string | undefined)[],
  env: Record<string, string>,
): Promise<unknown> {
  return await runProgram(
    `import { loadRuntime } from ${JSON.stringify(library)};
     const told = [];
     for (const path of ${JSON.stringify(paths.map((path) => path ?? null))}) {
       const runtime = await loadRuntime(path ?? undefined);
       const packages = [...runtime.packages.values()].map((info) => info.name + " " + info.version);
       told.push([packages, runtime.warnings.map((warning) => warning.code)]);
     }
     console.log(JSON.stringify(told));`,
    ["--allow-read", "--allow-env"],
    env,
  );
}

Deno.test("loadRuntime() loads drop-in packages of the project, then of the user; the first of a name wins", () =>
  withFolder({
    "root/lllm.toml": '[package]\nname = "root"\n',
    "root/lllm_packages/both/lllm.toml": '[package]\nname = "both"\nversion = "of the project"\n',
    "root/lllm_packages/mine/lllm.toml": '[package]\nname = "mine"\n',
    "root/lllm_packages/no_package/readme.md": "Nothing here",
    "root/lllm_packages/broken/lllm.toml": "[package",
    "bare/lllm_packages/mine/lllm.toml": '[package]\nname = "mine"\n',
    "home/.lllm/packages/both/lllm.toml": '[package]\nname = "both"\nversion = "of the user"\n',
    "home/.lllm/packages/user/lllm.toml": '[package]\nname = "user"\n',
  }, async (folder) => {
    const told = await loadElsewhere([`${folder}/root`, `${folder}/bare`], { HOME: `${folder}/home` });
    assert.deepEqual(told, [
      [["root ", "both of the project", "mine ", "user "], ["package_failed"]],
      [["mine ", "both of the user", "user "], []],
    ]);
  }));

Deno.test("loadRuntime() without a path asks LLLM_CONFIG; a path is asked first", () =>
  withFolder(
    { "a/lllm.toml": '[package]\nname = "a"\n', "b/lllm.toml": '[package]\nname = "b"\n' },
    async (folder) => {
      const env = { LLLM_CONFIG: `${folder}/a`, HOME: folder };
      assert.deepEqual(await loadElsewhere([undefined, `${folder}/b`], env), [[["a "], []], [["b "], []]]);
    },
  ));
