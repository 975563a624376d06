/** A small version of `bench/kill_batch.ts`, which kills batches of 200. */
import assert from "node:assert/strict";
import { killRounds } from "../../bench/_kill_rounds.ts";

Deno.test("sqlite: batches of agents that are killed are gone on with, and repeat no call that was kept", async () => {
  const dir = await Deno.makeTempDir();
  const rounds = await killRounds({ kind: "sqlite", path: `${dir}/log.db`, rounds: 2, tasks: 20, seed: 7 });
  for (const { problems, kills, interrupted } of rounds) {
    assert.deepEqual(problems, []);
    assert(kills > 0 && interrupted > 0);
  }
  await Deno.remove(dir, { recursive: true });
});
