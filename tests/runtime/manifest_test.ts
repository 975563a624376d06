import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { type PackageManifest, parseManifest } from "../../src/runtime/mod.ts";

function parse(data: Record<string, unknown>): PackageManifest {
  return parseManifest(data, { file: "lllm.toml", folderName: "folder" });
}

function pathsOf(entry: unknown): unknown {
  return parse({ prompts: { paths: [entry] } }).sections.find(({ name }) => name === "prompts")?.paths;
}

Deno.test("parseManifest() reads every form of a path", () => {
  assert.deepEqual(pathsOf("./p"), [{ path: "./p" }]);
  assert.deepEqual(pathsOf("./p under vf"), [{ path: "./p", prefix: "vf" }]);
  assert.deepEqual(pathsOf("a under b/p  under  /x/y/ "), [{ path: "a under b/p", prefix: "x/y" }]);
  assert.deepEqual(pathsOf({ path: "./p" }), [{ path: "./p" }]);
  assert.deepEqual(pathsOf({ path: "./p", prefix: "vf" }), [{ path: "./p", prefix: "vf" }]);
  assert.deepEqual(pathsOf({ path: "./p", under: "vf" }), [{ path: "./p", prefix: "vf" }]);
});

Deno.test("parseManifest() reads every form of a dependency", () => {
  const entries = ["./a", "./b as p1", { path: "./c", alias: "p2" }, { path: "./d", as: "p3" }];
  assert.deepEqual(parse({ dependencies: { packages: entries } }).dependencies, [
    { path: "./a" },
    { path: "./b", alias: "p1" },
    { path: "./c", alias: "p2" },
    { path: "./d", alias: "p3" },
  ]);
});

Deno.test("parseManifest() fills in what is left out", () => {
  const manifest = parse({});
  assert.equal(manifest.name, "folder");
  assert.equal(manifest.version, "");
  assert.equal(manifest.description, "");
  assert.deepEqual(manifest.dependencies, []);
  assert(manifest.sections.every(({ paths }) => paths === undefined));
  assert.equal(parseManifest({}, { file: "f", folderName: "my project" }).name, "my_project");
});

Deno.test("parseManifest() takes other tables as sections of their own, and ignores other values", () => {
  const manifest = parse({ schemas: { paths: ["s"] }, data: {}, anything: 3, paths: ["x"] });
  assert.deepEqual(manifest.sections.slice(-2), [
    { name: "schemas", paths: [{ path: "s" }] },
    { name: "data", paths: undefined },
  ]);
});

Deno.test("parseManifest() names file, key, what was expected and what was found", () => {
  const cases: [Record<string, unknown>, string, RegExp][] = [
    [{ package: 3 }, "package", /a table.*found 3/],
    [{ package: { name: ["x"] } }, "package.name", /a text.*\["x"\]/],
    [{ package: { name: "a b" } }, "package.name", /without spaces/],
    [{ package: { name: "a\0b" } }, "package.name", /without spaces/],
    [{ prompts: { paths: ["a\0b"] } }, "prompts.paths[0]", /a path.*found "a\\u0000b"/],
    [{ dependencies: { packages: [{ path: "a\0b" }] } }, "dependencies.packages[0].path", /a path/],
    [{ prompts: { paths: "prompts" } }, "prompts.paths", /a list.*"prompts"/],
    [{ prompts: { paths: [3] } }, "prompts.paths[0]", /a path.*found 3/],
    [{ prompts: { paths: ["a", { under: "x" }] } }, "prompts.paths[1].path", /a path.*found none/],
    [{ assets: { paths: ["a under ../x"] } }, "assets.paths[0]", /within the package/],
    [{ dependencies: { packages: ["a as b/c"] } }, "dependencies.packages[0]", /an alias/],
    [{ dependencies: { packages: [""] } }, "dependencies.packages[0]", /a path/],
  ];
  for (const [data, key, message] of cases) {
    assert.throws(() => parse(data), (error) => {
      assert(LLLMError.isInstance(error));
      assert.equal(error.code, "manifest_invalid");
      assert.equal(error.data.key, key);
      assert.equal(error.data.file, "lllm.toml");
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("parseManifest() warns of a section that no key can name", () => {
  const { sections, warnings } = parse({ "my data": { paths: ["data"] }, "other tool": { level: 3 } });
  assert(sections.every(({ name }) => name !== "my data"));
  assert.deepEqual(warnings.map(({ code, data }) => [code, data.section]), [["section_skipped", "my data"]]);
});

Deno.test("parseManifest() warns of keys that look misspelled, and takes them as they are", () => {
  const manifest = parse({
    package: { name: "x", versoin: "1", author: "me" },
    promts: { paths: ["p"] },
    prompts: { path: ["p"] },
    dependencies: { package: ["p"] },
    assets: { paths: [{ path: "a", perfix: "x" }] },
  });
  assert.deepEqual(manifest.warnings.map(({ data }) => [data.key, data.near]), [
    ["package.versoin", "version"],
    ["dependencies.package", "packages"],
    ["prompts.path", "paths"],
    ["assets.paths[0].perfix", "prefix"],
    ["promts", "prompts"],
  ]);
  assert(
    manifest.warnings.every(({ code, message }) => code === "unknown_key" && message.includes("lllm.toml")),
  );
});
