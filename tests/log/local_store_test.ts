import assert from "node:assert/strict";
import { localStore, noopStore } from "../../src/log/mod.ts";
import { Tactic } from "../../src/tactic/mod.ts";
import {
  recordedStep,
  sampleHead,
  sampleRecord,
  sampleSession,
  testLogStoreContract,
} from "../_contract/log_store_contract.ts";

testLogStoreContract({
  name: "localStore()",
  async create() {
    const dir = await Deno.makeTempDir();
    return {
      open: (options) => localStore(`${dir}/some folder/`, options),
      [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
    };
  },
});

Deno.test("localStore() reads past a line that a program left half written, and writes after it", async () => {
  const dir = await Deno.makeTempDir();
  const head = sampleHead();
  {
    await using store = localStore(dir);
    const writer = store.startSession(head);
    await writer.addStep(recordedStep(0));
  }
  const path = `${dir}/default/${head.id}/steps.jsonl`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text + text.slice(0, text.length / 2));
  await using store = localStore(dir);
  assert.equal((await store.loadSessionRecord(head.id)).steps.length, 1);
  const writer = store.startSession(head);
  await writer.addStep(recordedStep(0));
  await writer.addStep(recordedStep(1));
  await writer.end(sampleSession(head));
  assert.deepEqual((await store.loadSessionRecord(head.id)).steps.map(({ index }) => index), [0, 1]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("localStore() stores a long text once, and nothing outside its folder", async () => {
  const dir = await Deno.makeTempDir();
  await using store = localStore(`${dir}/log`, { partition: "../.." });
  const image = "iVBORw0KGgo".repeat(5_000);
  for (const id of ["../../x", "..", "a/b", "con*"]) {
    await store.saveSession(sampleRecord({ id, task: image, result: { image } }));
  }
  assert.equal((await store.listSessions()).length, 4);
  assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name), ["log"]);
  assert.equal([...Deno.readDirSync(`${dir}/log/.blobs`)].length, 1);
  await store.deleteSession("..");
  assert.equal((await store.loadSessionRecord("a/b")).task, image);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("localStore() forgets the oldest sessions beyond maxBytes", async () => {
  const dir = await Deno.makeTempDir();
  {
    await using store = localStore(dir, { retention: { maxBytes: 300_000 } });
    for (let n = 0; n < 15; n++) {
      const startedAt = new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();
      await store.saveSession(sampleRecord({ startedAt, result: `${n} `.repeat(20_000) }));
    }
  }
  await using store = localStore(dir);
  const left = (await store.listSessions()).map(({ startedAt }) => Number(startedAt.slice(17, 19)));
  assert(left.length >= 2 && left.length < 10, `${left.length} sessions are left`);
  assert.deepEqual(left, Array.from(left, (_, n) => 14 - n));
  await Deno.remove(dir, { recursive: true });
});

Deno.test("noopStore() keeps nothing, and nothing is recorded for it", async () => {
  const store = noopStore();
  class Shout extends Tactic {
    name = "shout";
    call(task: string): string {
      return task.toUpperCase();
    }
  }
  assert.equal(await new Shout({ logStore: store }).run("a"), "A");
  const id = await store.saveSession(sampleRecord());
  await store.saveError(new Error("no"));
  assert.deepEqual([await store.listSessions(), await store.listErrors()], [[], []]);
  assert.equal((await store.exportCostSummary()).sessionCount, 0);
  await assert.rejects(store.loadSession(id), { code: "session_not_found" });
  await store.close();
});
