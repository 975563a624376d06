import assert from "node:assert/strict";
import { join } from "@std/path";
import { exportPackage, inspectPackage, installPackage } from "../../src/packages/mod.ts";
import { rewritePaths } from "../../src/packages/_rewrite_paths.ts";
import { loadPackage, Runtime } from "../../src/runtime/mod.ts";
import { readZip } from "../../src/util/read_zip.ts";
import type { Warning } from "../../src/util/mod.ts";
import { type Files, withFolder } from "./_fixtures.ts";

/** Package `a` offers prompts of its dependency `b`, and of a folder that is no package. */
const A_AND_B: Files = {
  "a/lllm.toml": [
    "# re-exports",
    '[package]\nname = "a"',
    "[prompts]",
    "paths = [",
    '  "prompts", # its own',
    "  '../b/prompts under b',",
    '  { path = "../shared/prompts", under = "sh" },',
    '  "../shared/one.md under single"',
    "]",
    "[dependencies]",
    'packages = ["../b"] # prompts',
    "",
  ].join("\n"),
  "a/prompts/x.md": "x",
  "b/lllm.toml": '[package]\nname = "b"\n',
  "b/prompts/y.md": "y",
  "shared/prompts/z.md": "z",
  "shared/prompts/.hidden.md": "h",
  "shared/one.md": "one",
};

interface RoundTrip {
  /** The keys after the package was installed, loaded from there alone. */
  readonly keys: string[];
  readonly exportWarnings: Warning[];
  readonly loadWarnings: Warning[];
  readonly manifests: Record<string, string>;
}

/** Exports the package in a folder, installs it elsewhere, and loads it from there. */
async function roundTrip(
  folder: string,
  name: string,
  bundleDeps: boolean,
  alias?: string,
): Promise<RoundTrip> {
  const author = new Runtime();
  await loadPackage(join(folder, name), { runtime: author });
  const exportWarnings: Warning[] = [];
  const zip = await exportPackage(name, join(folder, "out.zip"), {
    bundleDeps,
    runtime: author,
    onWarning: (warning) => exportWarnings.push(warning),
  });
  const runtime = new Runtime();
  await installPackage(zip, {
    runtime,
    homeDir: join(folder, "home"),
    ...(alias === undefined ? {} : { alias }),
  });
  const files = await readZip(await Deno.readFile(zip), { maxBytes: 1e7, maxEntries: 1000 });
  const manifests = files.filter(({ path }) => path.endsWith("lllm.toml")).map(({ path, bytes }) =>
    [path, new TextDecoder().decode(bytes)] as const
  );
  return {
    keys: runtime.keys(),
    exportWarnings,
    loadWarnings: runtime.warnings,
    manifests: Object.fromEntries(manifests),
  };
}

Deno.test("exportPackage() with bundleDeps keeps what a package offers of others, and the rest of its manifest", async () => {
  await withFolder(A_AND_B, async (folder) => {
    const { keys, exportWarnings, loadWarnings, manifests } = await roundTrip(folder, "a", true);
    assert.deepEqual(keys, [
      "a.prompts:b/y",
      "a.prompts:sh/z",
      "a.prompts:single/one",
      "a.prompts:x",
      "b.prompts:y",
    ]);
    assert.deepEqual([...exportWarnings, ...loadWarnings], []);
    assert.equal(
      manifests["a/lllm.toml"],
      A_AND_B["a/lllm.toml"]!
        .replace("'../b/prompts under b'", '"lllm_packages/b/prompts under b"')
        .replace('"../shared/prompts"', '"from_outside/prompts"')
        .replace('"../shared/one.md under', '"from_outside/one.md under'),
    );
    assert.equal(manifests["a/lllm_packages/b/lllm.toml"], A_AND_B["b/lllm.toml"]);
  });
});

Deno.test("exportPackage() without bundleDeps takes folders along that are no dependency's, and names the others", async () => {
  await withFolder(A_AND_B, async (folder) => {
    const { keys, exportWarnings } = await roundTrip(folder, "a", false);
    assert.deepEqual(keys, ["a.prompts:sh/z", "a.prompts:single/one", "a.prompts:x"]);
    assert.deepEqual(exportWarnings.map(({ code, message }) => [code, message]), [[
      "reexport_left_out",
      'Package "a" lists ../b/prompts in [prompts], which belongs to "b" and does not go along without the dependencies',
    ]]);
  });
});

Deno.test("inspectPackage() lists the files that a package offers of others in the archive", async () => {
  await withFolder({ ...A_AND_B, "b/tools/t.ts": "", "b/prompts/code.ts": "" }, async (folder) => {
    const author = new Runtime();
    await loadPackage(join(folder, "a"), { runtime: author });
    const zip = await exportPackage("a", join(folder, "out"), { bundleDeps: true, runtime: author });
    const { sections, modules } = await inspectPackage(zip);
    assert.deepEqual(sections.prompts, [
      "from_outside/one.md",
      "from_outside/prompts/z.md",
      "lllm_packages/b/prompts/code.ts",
      "lllm_packages/b/prompts/y.md",
      "prompts/x.md",
    ]);
    assert.deepEqual(modules.map(({ path, loaded }) => [path, loaded]), [[
      "lllm_packages/b/prompts/code.ts",
      true,
    ]]);
  });
});

Deno.test("inspectPackage() reads packages that are a part of an archive as packages that come with it", async () => {
  const code = 'export const key = Deno.env.get("KEY");';
  const files = {
    "a/lllm.toml":
      '[package]\nname = "a"\n[dependencies]\npackages = ["parts/p", "parts/q/other.toml", "../r/own.toml"]\n',
    "r/own.toml": '[package]\nname = "r"\n',
    "r/tools/r.ts": code,
    "a/tools/own.ts": "",
    "a/parts/p/lllm.toml": '[package]\nname = "p"\n',
    "a/parts/p/tools/p.ts": code,
    "a/parts/q/other.toml": '[package]\nname = "q"\n[tools]\npaths = ["code"]\n',
    "a/parts/q/code/q.ts": code,
  };
  await withFolder(files, async (folder) => {
    const author = new Runtime();
    await loadPackage(join(folder, "a"), { runtime: author });
    const zip = await exportPackage("a", join(folder, "out"), { bundleDeps: true, runtime: author });
    const { modules, bundled } = await inspectPackage(zip);
    assert.deepEqual(modules.map(({ path }) => path), ["tools/own.ts"]);
    assert.deepEqual(
      bundled.map(({ name, requests }) => [name, requests.map(({ target, loaded }) => [target, loaded])]),
      ["p", "q", "r"].map((name) => [name, [["KEY", true]]]),
    );
  });
});

Deno.test("exportPackage() with bundleDeps keeps what dependencies offer of each other and of the package", async () => {
  const files = {
    "a/lllm.toml": '[package]\nname = "a"\n[dependencies]\npackages = ["../b", "inner"]\n',
    "a/prompts/x.md": "x",
    "a/inner/lllm.toml":
      '[package]\nname = "inner"\n[prompts]\npaths = ["../../shared under s", "../prompts under up"]\n',
    "b/lllm.toml": [
      '[package]\nname = "b"',
      '[prompts]\npaths = ["../a/prompts under a", "../c/prompts under c", "../shared"]',
      '[dependencies]\npackages = ["../c", "../a"]\n',
    ].join("\n"),
    "c/lllm.toml": '[package]\nname = "c"\n',
    "c/prompts/y.md": "y",
    "shared/z.md": "z",
  };
  await withFolder(files, async (folder) => {
    const { keys, exportWarnings, loadWarnings } = await roundTrip(folder, "a", true);
    assert.deepEqual(keys, [
      "a.prompts:x",
      "b.prompts:a/x",
      "b.prompts:c/y",
      "b.prompts:z",
      "c.prompts:y",
      "inner.prompts:s/z",
      "inner.prompts:up/x",
    ]);
    assert.deepEqual([...exportWarnings, ...loadWarnings], []);
  });
});

Deno.test("exportPackage() gives folders of one name from outside places of their own", async () => {
  const files = {
    "a/lllm.toml":
      '[package]\nname = "a"\n[prompts]\npaths = ["../p/_one under p", "../q/_one under q", "../q/_one under again"]\n',
    "a/from_outside/one/own.md": "own",
    "p/_one/x.md": "p",
    "q/_one/x.md": "q",
  };
  await withFolder(files, async (folder) => {
    const { keys, manifests } = await roundTrip(folder, "a", false);
    assert.deepEqual(keys, ["a.prompts:again/x", "a.prompts:p/x", "a.prompts:q/x"]);
    assert.match(manifests["a/lllm.toml"]!, /one_2 under p.*one_3 under q.*one_3 under again/);
  });
});

Deno.test("exportPackage() warns of a listed folder from outside that is not there", async () => {
  const files = { "a/lllm.toml": '[package]\nname = "a"\n[prompts]\npaths = ["../gone under g"]\n' };
  await withFolder(files, async (folder) => {
    const { exportWarnings } = await roundTrip(folder, "a", true);
    assert.deepEqual(exportWarnings.map(({ code }) => code), ["missing_path"]);
  });
});

Deno.test("packages that depend on each other go round with bundleDeps, under any name, without a warning", async () => {
  const files = {
    "root/lllm.toml": '[package]\nname = "root"\n[dependencies]\npackages = ["../dep"]\n',
    "root/prompts/a.md": "A",
    "dep/lllm.toml":
      '[package]\nname = "dep"\n[dependencies]\npackages = [{ path = "../far/own.toml", alias = "f" }]\n',
    "dep/prompts/t.md": "T",
    "far/own.toml": '[package]\nname = "far"\n[dependencies]\npackages = ["../root as top"]\n',
    "far/prompts/q.md": "Q",
  };
  for (const alias of [undefined, "fresh"]) {
    await withFolder(files, async (folder) => {
      const { keys, exportWarnings, loadWarnings } = await roundTrip(folder, "root", true, alias);
      assert.deepEqual([...exportWarnings, ...loadWarnings], []);
      const own = `${alias ?? "root"}.prompts:a`;
      const others = ["dep.prompts:t", "f.prompts:q", "far.prompts:q", "top.prompts:a"];
      assert.deepEqual(keys, [...others, own].sort());
    });
  }
});

Deno.test("a package that was put into another one's lllm_packages by hand finds that one", async () => {
  const files = {
    "root/lllm.toml": '[package]\nname = "root"\n[dependencies]\npackages = ["../dep"]\n',
    "root/lllm_packages/dep/lllm.toml": '[package]\nname = "dep"\n[dependencies]\npackages = ["../root"]\n',
  };
  await withFolder(files, async (folder) => {
    const runtime = new Runtime();
    await loadPackage(join(folder, "root"), { runtime });
    assert.deepEqual([...runtime.packages.keys()].sort(), ["dep", "root"]);
    assert.deepEqual(runtime.warnings, []);
  });
});

Deno.test("rewritePaths() changes the listed path alone, however the manifest writes it", async () => {
  const manifest = [
    "\uFEFF# '../x' here is a comment",
    "package = { name = 'x', description = '../x' }",
    "prompts.paths = ['../x', '''../x under y''', \"../\\u0078\", { 'path' = '../x' }]",
    "[tools]",
    "paths = ['../x']",
  ].join("\r\n");
  const edits = [0, 1, 2, 3].map((index) => ({ table: "prompts", index, path: "in/x" }));
  assert.equal(
    await rewritePaths(manifest, edits, "lllm.toml"),
    manifest.replace(
      /prompts\.paths.*/,
      `prompts.paths = ["in/x", "in/x under y", "in/x", { 'path' = "in/x" }]`,
    ),
  );
});
