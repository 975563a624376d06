import { dirname } from "@std/path";
import assert from "node:assert/strict";
import { parseArchitecture } from "../_tools/architecture.ts";
import { checkLayers } from "../_tools/layer_rules.ts";
import { loadModuleGraph } from "../_tools/module_graph.ts";
import { listSources, ROOT } from "../_tools/_repository.ts";

const ARCHITECTURE = parseArchitecture(
  "```ladder\nerrors · util → run → sandbox → agent · (testing)\n → cli\n```\n```homes\nzod everywhere at-import\nyaml util\n```\n",
);

/** Writes a project of made-up files and gives the rules that it breaks. */
async function check(files: Record<string, string>): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    const imports = { zod: "npm:zod@^4", yaml: "npm:yaml@^2", openai: "npm:openai@^7" };
    await Deno.writeTextFile(`${root}/deno.json`, JSON.stringify({ imports, nodeModulesDir: "none" }));
    for (const [path, source] of Object.entries(files)) {
      await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, source);
    }
    const sources = await listSources(root, "mod.ts", "src", "sandbox");
    return checkLayers(await loadModuleGraph(root, sources), ARCHITECTURE);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("checkLayers() accepts imports to the left and within a folder", async () => {
  const broken = await check({
    "mod.ts": `export * from "./src/agent/mod.ts";`,
    "src/errors.ts": `export class E extends Error {}`,
    "src/run/mod.ts": `import "../errors.ts"; export type S = 1;`,
    "src/agent/mod.ts": `export * from "./_loop.ts";`,
    "src/agent/_loop.ts": `import type { S } from "../run/mod.ts"; export type L = S;`,
    "src/testing/mod.ts": `import "../run/mod.ts";`,
  });
  assert.deepEqual(broken, []);
});

Deno.test("checkLayers() rejects an import of a folder above", async () => {
  const broken = await check({
    "src/run/mod.ts": `import "../agent/mod.ts";`,
    "src/agent/mod.ts": `export const a = 1;`,
  });
  assert.deepEqual(broken, [`src/run/mod.ts imports "../agent/mod.ts": "agent" is above "run"`]);
});

Deno.test("checkLayers() holds imports of types and dynamic imports to the same order", async () => {
  const broken = await check({
    "src/util/a.ts": `import type { A } from "../agent/mod.ts"; export type B = A;`,
    "src/util/b.ts": `export const load = () => import("../agent/mod.ts");`,
    "src/util/c.ts": `export type C = import("../agent/mod.ts").A;`,
    "src/agent/mod.ts": `export type A = 1;`,
  });
  assert.deepEqual(
    broken.map((line) => line.split(" ")[0]).sort(),
    ["src/util/a.ts", "src/util/b.ts", "src/util/c.ts"],
  );
});

Deno.test("checkLayers() rejects an import between siblings", async () => {
  const broken = await check({
    "src/util/mod.ts": `import "../errors.ts";`,
    "src/errors.ts": `export const e = 1;`,
  });
  assert.deepEqual(broken, [`src/util/mod.ts imports "../errors.ts": "util" and "errors" are siblings`]);
});

Deno.test("checkLayers() rejects an import of what is there for users only", async () => {
  const broken = await check({
    "src/cli/mod.ts": `import "../testing/mod.ts"; import "../../mod.ts";`,
    "src/testing/mod.ts": `export const t = 1;`,
    "mod.ts": `export const m = 1;`,
  });
  assert.deepEqual(broken, [
    `src/cli/mod.ts imports "../testing/mod.ts": nothing in src/ imports "testing"`,
    `src/cli/mod.ts imports "../../mod.ts": the package's root is for its users`,
  ]);
});

Deno.test("checkLayers() rejects files that import each other in a circle", async () => {
  const broken = await check({
    "src/run/a.ts": `import "./b.ts";`,
    "src/run/b.ts": `import "./c.ts";`,
    "src/run/c.ts": `export const load = () => import("./a.ts");`,
  });
  assert.deepEqual(broken, [
    "files import each other in a circle: src/run/a.ts → src/run/b.ts → src/run/c.ts → src/run/a.ts",
  ]);
});

Deno.test("checkLayers() lets types of one folder name each other", async () => {
  const broken = await check({
    "src/run/a.ts": `import type { B } from "./b.ts"; export interface A { b?: B }`,
    "src/run/b.ts": `import type { A } from "./a.ts"; export interface B { a?: A }`,
  });
  assert.deepEqual(broken, []);
});

Deno.test("checkLayers() rejects a folder that is not on the ladder", async () => {
  const broken = await check({ "src/extra/mod.ts": `import "../errors.ts";`, "src/errors.ts": `export {};` });
  assert.deepEqual(broken, [
    `src/extra/mod.ts imports "../errors.ts": "extra" has no place on the ladder in docs/architecture.md`,
  ]);
});

Deno.test("checkLayers() keeps guest and host apart", async () => {
  const broken = await check({
    "sandbox/main.ts": `import "./protocol.ts"; import "../src/errors.ts";`,
    "sandbox/protocol.ts": `export {};`,
    "src/errors.ts": `export {};`,
    "src/sandbox/mod.ts":
      `import "../../sandbox/protocol.ts"; export const m = () => import("../../sandbox/main.ts");`,
    "src/sandbox/bad.ts": `import "../../sandbox/main.ts";`,
    "src/agent/mod.ts": `import "../../sandbox/protocol.ts";`,
  });
  assert.deepEqual(broken.sort(), [
    `sandbox/main.ts imports "../src/errors.ts": the guest imports nothing from the host`,
    `src/agent/mod.ts imports "../../sandbox/protocol.ts": only src/sandbox imports from the guest`,
    `src/sandbox/bad.ts imports "../../sandbox/main.ts": the host loads the guest's protocol.ts alone`,
  ]);
});

Deno.test("checkLayers() keeps packages at home, and loads them late", async () => {
  const broken = await check({
    "src/util/early.ts": `import "yaml";`,
    "src/util/late.ts": `import "zod"; export const load = () => import("yaml");`,
    "src/run/away.ts": `export const load = () => import("yaml");`,
    "src/run/homeless.ts": `export const load = () => import("openai");`,
  });
  assert.deepEqual(broken.sort(), [
    `src/run/away.ts imports "yaml": the home of "yaml" is util`,
    `src/run/homeless.ts imports "openai": "openai" has no home in docs/architecture.md`,
    `src/util/early.ts imports "yaml": "yaml" is loaded at its first use, by a dynamic import`,
  ]);
});

Deno.test("checkLayers() reports what cannot be found", async () => {
  const broken = await check({ "src/run/mod.ts": `import "./gone.ts";` });
  assert.equal(broken.length, 1);
  assert.match(broken[0]!, /gone\.ts/);
});

Deno.test("parseArchitecture() reads the project's own page and refuses a folder named twice", async () => {
  const own = parseArchitecture(await Deno.readTextFile(`${ROOT}/docs/architecture.md`));
  assert.equal(own.ranks.get("errors"), 0);
  assert.ok(own.ranks.get("tactic")! < own.ranks.get("runtime")!);
  assert.deepEqual([...own.leaves].sort(), ["auto", "builtins", "testing"]);
  assert.throws(
    () => parseArchitecture("```ladder\na → b · a\n```\n```homes\nzod everywhere\n```\n"),
    SyntaxError,
  );
});
