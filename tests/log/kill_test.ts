import assert from "node:assert/strict";
import { localStore, sqliteStore } from "../../src/log/mod.ts";
import { checkKilledBatch, killBatch } from "./_kill_batch.ts";

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
    let interrupted = 0;
    for (const killAfterLines of [30, 150, 400]) {
      const batch = await killBatch(kind, path, { runs: 2_000, stepsPerRun: 5, killAfterLines });
      await using store = kind === "local" ? localStore(path) : sqliteStore(path);
      interrupted = await checkKilledBatch(store, batch);
    }
    assert(interrupted > 0);
    await Deno.remove(dir, { recursive: true });
  });
}
