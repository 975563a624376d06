import assert from "node:assert/strict";
import { localStore, sqliteStore } from "../../src/log/mod.ts";
import { killBatch } from "./_kill_batch.ts";

Deno.test("sqlite: two programs write to one file at once", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log`;
  const all = { runs: 60, stepsPerRun: 5, killAfterLines: Infinity };
  const batches = await Promise.all([killBatch("sqlite", path, all), killBatch("sqlite", path, all)]);
  await using store = sqliteStore(path);
  const list = await store.listSessions({ state: "success", limit: 1_000 });
  assert.deepEqual(
    list.map(({ id, stepCount }) => `${id} ${stepCount}`).sort(),
    batches.flatMap(({ ended }) => [...ended].map((id) => `${id} 5`)).sort(),
  );
  assert.equal(list.length, 120);
  await Deno.remove(dir, { recursive: true });
});

for (const kind of ["sqlite", "local"] as const) {
  Deno.test(`${kind}: a batch that is killed loses nothing that was handed on, and is shown as interrupted`, async () => {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/log`;
    for (const killAfterLines of [30, 150, 400]) {
      const { started, ended, steps } = await killBatch(kind, path, {
        runs: 100,
        stepsPerRun: 5,
        killAfterLines,
      });
      await using store = kind === "local" ? localStore(path) : sqliteStore(path);
      const list = await store.listSessions({ limit: 10_000 });
      const states = new Map(list.map(({ id, state }) => [id, state]));
      assert.equal(states.size, list.length, "no session twice");
      for (const id of started) assert(states.has(id), `session ${id} is lost`);
      for (const id of ended) assert.equal(states.get(id), "success");
      assert.deepEqual(await store.listSessions({ state: "running" }), []);
      const interrupted = await store.listSessions({ state: "interrupted", limit: 10_000 });
      assert.equal(interrupted.length, list.filter(({ state }) => state === "interrupted").length);
      assert(started.size > ended.size && interrupted.length > 0, "it was killed in the middle");
      for (const [id, paths] of steps) {
        const record = await store.loadSessionRecord(id);
        const kept = record.steps.map((step) => step.path);
        assert.deepEqual(kept.slice(0, paths.length), paths);
        assert(kept.length <= 5 && new Set(kept).size === kept.length, "no step twice");
        assert(
          record.steps.every(({ output }, n) => String(output).startsWith(`result ${n} of ${record.task} `)),
        );
      }
    }
    await Deno.remove(dir, { recursive: true });
  });
}
