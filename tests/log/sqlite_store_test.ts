import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { listOrder, writeListQuery } from "../../src/log/_list_query.ts";
import { migrateSqlite, SQLITE_MIGRATIONS } from "../../src/log/_sqlite_schema.ts";
import { sqliteStore } from "../../src/log/mod.ts";
import { sampleRecord, testLogStoreContract } from "../_contract/log_store_contract.ts";

testLogStoreContract({
  name: "sqliteStore()",
  async create() {
    const dir = await Deno.makeTempDir();
    return {
      open: (options) => sqliteStore(`${dir}/some folder/log.sqlite`, options),
      [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
    };
  },
});

Deno.test("sqliteStore() brings an older database to the newest form, and refuses a newer one", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  const record = sampleRecord();
  {
    await using store = sqliteStore(path);
    await store.saveSession(record);
  }
  const change = (sql: string) => {
    using db = new DatabaseSync(path);
    db.exec(sql);
  };
  change("PRAGMA user_version = 99");
  {
    await using store = sqliteStore(path);
    await assert.rejects(store.listSessions(), { code: "record_too_new" });
  }
  change(`PRAGMA user_version = ${SQLITE_MIGRATIONS.length}`);
  await using store = sqliteStore(path);
  assert.equal((await store.listSessions())[0]!.id, record.id);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("sqliteStore() stores a long text once, whatever uses it", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  const image = "iVBORw0KGgo".repeat(5_000);
  {
    await using store = sqliteStore(path);
    for (let i = 0; i < 10; i++) await store.saveSession(sampleRecord({ task: image, result: { image } }));
  }
  assert(Deno.statSync(path).size < 7 * image.length, "ten sessions with two copies each");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("sqliteStore() forgets the oldest sessions beyond maxBytes, and uses their space again", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  const maxBytes = 1_000_000;
  for (let round = 0; round < 4; round++) {
    await using store = sqliteStore(path, { retention: { maxBytes } });
    for (let n = 0; n < 15; n++) {
      const startedAt = new Date(Date.UTC(2026, 0, 1) + (100 * round + n) * 1_000).toISOString();
      await store.saveSession(sampleRecord({ startedAt, result: `${round} ${n} `.repeat(10_000) }));
    }
  }
  await using store = sqliteStore(path);
  const list = await store.listSessions();
  assert(list.length >= 10 && list.length < 20, `${list.length} sessions are left`);
  assert.equal(list[0]!.startedAt, new Date(Date.UTC(2026, 0, 1) + 314_000).toISOString());
  assert(Deno.statSync(path).size < 3 * maxBytes);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("sqliteStore() opens nothing before its first use, and says which file it cannot open", async () => {
  const store = sqliteStore("/proc/none/log.sqlite");
  await assert.rejects(store.listSessions(), /\/proc\/none/);
  await store.close();
  assert.throws(() => sqliteStore(""), TypeError);
});

Deno.test("sqliteStore() says what is in the way where its file should be", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/folder`);
  await Deno.writeTextFile(`${dir}/text`, "This is no database, but a text of some length.\n".repeat(9));
  const cases: [string, string][] = [
    ["folder", "a folder"],
    ["text", "a file of another kind"],
    ["text/log.db", `that "${dir}/text" is no folder`],
    ["text/a/log.db", `that "${dir}/text" is no folder`],
  ];
  for (const [name, found] of cases) {
    const store = sqliteStore(`${dir}/${name}`);
    const message = `Cannot open a log: expected a file of SQLite at "${dir}/${name}", found ${found}`;
    await assert.rejects(store.listSessions(), { message });
    await store.close();
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test({
  name: "sqliteStore() names the folder in which it may not make anything",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    for (const path of ["/proc/none/log.sqlite", "/proc/log.sqlite"]) {
      const store = sqliteStore(path);
      const pattern =
        /^Cannot open a log: .* at "\/proc\/.*", found that nothing can be made in the folder "\/proc": ./;
      await assert.rejects(store.listSessions(), ({ message }) => pattern.test(message));
      await store.close();
    }
  },
});

Deno.test("sqliteStore() names the file that it cannot write", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  const store = sqliteStore(path);
  await store.listSessions();
  {
    using db = new DatabaseSync(path);
    db.exec("CREATE TRIGGER full BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'it is full'); END");
  }
  await store.saveSession(sampleRecord());
  await assert.rejects(store.listSessions(), { message: `Cannot write the log "${path}": it is full` });
  {
    using db = new DatabaseSync(path);
    db.exec("DROP TRIGGER full");
  }
  assert.equal((await store.listSessions()).length, 1);
  await store.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("sqliteStore() lists by its indexes", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  {
    await using store = sqliteStore(path);
    await store.saveSession(sampleRecord({ tags: { a: "1", b: "2" } }));
  }
  using db = new DatabaseSync(path);
  for (const terms of [[1], [1, 2], [1, 2, 3]]) {
    const conditions = { terms, after: 0, before: 9e12, cursor: [9e12, 9] as const };
    const { sql, values } = writeListQuery(conditions);
    const plan = db.prepare(`EXPLAIN QUERY PLAN SELECT s.id ${sql} ${listOrder(conditions)} LIMIT 100`)
      .all(...values).map(({ detail }) => String(detail));
    assert(plan.every((line) => /USING (INTEGER )?PRIMARY KEY|CORRELATED/.test(line)), plan.join("\n"));
    assert(!plan.some((line) => /SCAN|TEMP B-TREE/.test(line)), plan.join("\n"));
  }
});

Deno.test("sqliteStore()'s migrations take the steps that a database lacks, all or none", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  const record = sampleRecord();
  {
    await using store = sqliteStore(path);
    await store.saveSession(record);
  }
  const version = (db: DatabaseSync) => db.prepare("PRAGMA user_version").get()!.user_version;
  using db = new DatabaseSync(path);
  const all = SQLITE_MIGRATIONS;
  const more = "ALTER TABLE sessions ADD COLUMN extra TEXT; UPDATE sessions SET extra = 'x' || id";
  assert.throws(() => migrateSqlite(db, path, [...all, more, "CREATE TABLE broken ("]));
  assert.equal(version(db), all.length);
  migrateSqlite(db, path, [...all, more]);
  migrateSqlite(db, path, [...all, more]);
  assert.equal(version(db), all.length + 1);
  assert.equal(db.prepare("SELECT extra FROM sessions").get()!.extra, `x${record.id}`);
  await Deno.remove(dir, { recursive: true });
});
