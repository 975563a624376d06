import assert from "node:assert/strict";
import { sqliteStore } from "../../src/log/mod.ts";
import { replaySession } from "../../src/replay/mod.ts";
import { createAnyInvoker, createAnything } from "../_contract/any_session.ts";

Deno.test("replaySession() repeats whatever a run said and did, step by step, and asks no model", async () => {
  await using logStore = sqliteStore(":memory:");
  const invoker = { call: () => Promise.reject(new Error("a model was asked")) };
  for (let seed = 0; seed < 40; seed++) {
    const tactic = createAnything({ logStore, invoker: createAnyInvoker(seed) });
    const session = await tactic.run(null, { metadata: { seed }, returnSession: true });
    const record = await logStore.loadSessionRecord(session.sessionId);
    const replayed = await replaySession(record, createAnything({ invoker }));
    assert.deepEqual(replayed.result, record.result, `result of ${seed}`);
    assert.equal(replayed.liveCount, 0);
    assert.equal(replayed.replayedCount, record.steps.length, `steps of ${seed}`);
  }
});
