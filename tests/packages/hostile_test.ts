import assert from "node:assert/strict";
import { join } from "@std/path";
import { LLLMError } from "../../src/errors.ts";
import { inspectPackage, installPackage } from "../../src/packages/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { listAll, withFolder } from "./_fixtures.ts";
import { HOSTILE_ARCHIVES, type HostileCase } from "./_hostile_archives.ts";
import { HOSTILE_MANIFESTS } from "./_hostile_manifests.ts";

const CASES = [...HOSTILE_ARCHIVES, ...HOSTILE_MANIFESTS];

/** Says what came of an attempt: the error, checked, else that there was none. */
async function checkRefused({ id, code, says }: HostileCase, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    assert(LLLMError.isInstance(error), `${id}: ${error}`);
    assert.equal(error.code, code, `${id}: ${error.message}`);
    assert(error.message.includes(says), `${id}: expected "${says}" in: ${error.message}`);
    assert.match(error.message, /^Cannot [^:]+: .*expected .*found .*[^.]$/s, id);
    return;
  }
  assert.fail(`${id} was not refused`);
}

Deno.test("there are at least 60 hostile packages, each with its own id", () => {
  assert(CASES.length >= 60, `${CASES.length}`);
  assert.equal(new Set(CASES.map(({ id }) => id)).size, CASES.length);
});

for (const hostile of CASES) {
  Deno.test(`installPackage() refuses a hostile package and leaves nothing: ${hostile.id}`, async () => {
    // Deep enough that what climbs out is still seen.
    const inside = "a/b/c/d";
    await withFolder({ [`${inside}/project/lllm.toml`]: "" }, async (root) => {
      const folder = join(root, inside);
      const zip = join(folder, "package.zip");
      await Deno.writeFile(zip, hostile.archive());
      const before = await listAll(root);
      const runtime = new Runtime();
      const options = { homeDir: join(folder, "home"), projectDir: join(folder, "project"), runtime };
      for (const scope of ["user", "project"] as const) {
        await checkRefused(hostile, () => installPackage(zip, { ...options, scope }));
      }
      await checkRefused(hostile, () => inspectPackage(zip));
      assert.deepEqual(await listAll(root), before);
      assert.equal(runtime.packages.size, 0);
    });
    assert.throws(() => Deno.lstatSync("/evil.txt"), Deno.errors.NotFound);
  });
}

Deno.test("installPackage() with an alias refuses hostile packages too", async () => {
  await withFolder({}, async (folder) => {
    const zip = join(folder, "package.zip");
    for (const hostile of HOSTILE_MANIFESTS.filter(({ id }) => /above|absolute/.test(id))) {
      await Deno.writeFile(zip, hostile.archive());
      await checkRefused(
        hostile,
        () => installPackage(zip, { alias: "good", homeDir: join(folder, "home"), runtime: new Runtime() }),
      );
    }
    assert.deepEqual(await listAll(folder), ["package.zip"]);
  });
});
