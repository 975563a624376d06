import assert from "node:assert/strict";
import { listJournals } from "../../src/log/_journal.ts";
import { Presence } from "../../src/log/_presence.ts";
import { localStore, sqliteStore } from "../../src/log/mod.ts";
import { sampleHead, sampleRecord } from "../_contract/log_store_contract.ts";

async function withFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const toldOf = (path: string) => ({
  name: "Error",
  message: `Cannot use a log: expected the folder of its writers at "${path}", found a file`,
});

Deno.test("Presence tells that a file is where the folder of the writers belongs", async () => {
  await withFolder((folder) => {
    const path = `${folder}/writers`;
    Deno.writeTextFileSync(path, "");
    const presence = new Presence(path);
    assert.throws(() => presence.show(), toldOf(path));
    assert.throws(() => presence.isAlive("another"), toldOf(path));
    assert.throws(() => presence.remove("another"), toldOf(path));
    assert.throws(() => listJournals(path), toldOf(path));
  });
});

Deno.test("Presence finds nobody alive where there is no folder yet", async () => {
  await withFolder((folder) => {
    assert.equal(new Presence(`${folder}/writers`).isAlive("another"), false);
    assert.deepEqual(listJournals(`${folder}/writers`), []);
  });
});

Deno.test("sqliteStore() and localStore() tell that a file is where their writers show themselves", async () => {
  await withFolder(async (folder) => {
    const places = [
      { path: `${folder}/log.db-writers`, open: () => sqliteStore(`${folder}/log.db`) },
      { path: `${folder}/log/.writers`, open: () => localStore(`${folder}/log`) },
    ];
    await Deno.mkdir(`${folder}/log`);
    for (const { path, open } of places) {
      await Deno.writeTextFile(path, "");
      const store = open();
      await assert.rejects(store.saveSession(sampleRecord()), toldOf(path));
      await assert.rejects(async () => await store.startSession(sampleHead()).started, toldOf(path));
      await Deno.remove(path);
      const id = await store.saveSession(sampleRecord()); // it goes on
      assert.equal((await store.loadSessionRecord(id)).id, id);
      await store.close();
    }
  });
});
