import assert from "node:assert/strict";
import { hintsForFilter } from "../../src/cli/_near_filters.ts";
import { sqliteStore } from "../../src/log/mod.ts";
import { sampleRecord } from "../_contract/log_store_contract.ts";

Deno.test("hintsForFilter() calls no name unknown that an old session has, however many came after it", async () => {
  await using store = sqliteStore(":memory:");
  await store.saveSession(
    sampleRecord({ tacticPath: "demo::old", tags: { team: "red" }, startedAt: "2025-01-01T00:00:00.000Z" }),
  );
  const newer = Array.from({ length: 1_000 }, () => store.saveSession(sampleRecord({ steps: [] })));
  await Promise.all(newer);
  assert.deepEqual(await hintsForFilter(store, { tacticPath: "demo::old", tags: { team: "red" } }), []);
  assert.deepEqual(await hintsForFilter(store, { tacticPath: "old" }), []);
  assert.deepEqual(await hintsForFilter(store, { tacticPath: "bref", tags: { team: "blue" } }), [
    'no session of tactic "bref" is known; did you mean demo::brief?',
    "no session with the tag team=blue is known; there are env",
  ]);
});
