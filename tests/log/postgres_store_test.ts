import assert from "node:assert/strict";
import { killRounds } from "../../bench/_kill_rounds.ts";
import { openPostgres } from "../../src/log/_postgres_connection.ts";
import { migratePostgres, POSTGRES_MIGRATIONS } from "../../src/log/_postgres_schema.ts";
import { postgresStore } from "../../src/log/mod.ts";
import { checkKilledBatch, killBatch } from "./_kill_batch.ts";
import { findPostgres, type PostgresServer, startPostgres } from "../_fixtures/postgres.ts";
import { sampleRecord, testLogStoreContract } from "../_contract/log_store_contract.ts";

/** One server for the tests of this file, started by the first and ended by the last. */
let server: Promise<PostgresServer> | undefined;
let left = 0;
let schemas = 0;

/** Skipped, under a name that says why, only where there is no PostgreSQL. */
function test(name: string, run: (url: string) => Promise<void>): void {
  const isThere = findPostgres() !== undefined;
  if (isThere) left++;
  Deno.test({
    name: isThere ? name : `${name} [skipped: needs PostgreSQL]`,
    ignore: !isThere,
    sanitizeResources: false, // the server outlives a test
    sanitizeOps: false,
    async fn() {
      try {
        await run((await (server ??= startPostgres())).url);
      } finally {
        if (--left === 0) await (await server)?.[Symbol.asyncDispose]();
      }
    },
  });
}

const nextSchema = () => `log_${schemas++}`;

let current = "";
testLogStoreContract({
  name: "postgresStore()",
  test: (name, run) =>
    test(name, async (url) => {
      current = url;
      await run();
    }),
  create() {
    const schema = nextSchema();
    const url = current;
    return Promise.resolve({
      open: (options) => postgresStore(url, { schema, maxConnections: 2, ...options }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});

test("postgresStore() takes the steps that a schema lacks, all or none, and refuses a newer one", async (url) => {
  const schema = nextSchema();
  const record = sampleRecord();
  {
    await using store = postgresStore(url, { schema });
    await store.saveSession(record);
  }
  const db = await openPostgres(url, { schema, max: 1, idleSeconds: 5 });
  const version = async () =>
    (await db.all<{ version: number }>("SELECT version FROM schema_version"))[0]!.version;
  const [first] = POSTGRES_MIGRATIONS;
  const more = "ALTER TABLE sessions ADD COLUMN extra text; UPDATE sessions SET extra = 'x' || id";
  await assert.rejects(migratePostgres(db, schema, [first!, more, "CREATE TABLE broken ("]));
  assert.equal(await version(), 1);
  await Promise.all([
    migratePostgres(db, schema, [first!, more]),
    migratePostgres(db, schema, [first!, more]),
  ]);
  assert.equal(await version(), 2);
  assert.equal((await db.all<{ extra: string }>("SELECT extra FROM sessions"))[0]!.extra, `x${record.id}`);
  await db.close();
  await using store = postgresStore(url, { schema });
  await assert.rejects(store.listSessions(), { code: "record_too_new" });
});

test("postgresStore() for many programs at once: the schema is made once, no session is lost", async (url) => {
  const schema = nextSchema();
  const stores = Array.from({ length: 5 }, () => postgresStore(url, { schema, maxConnections: 2 }));
  const image = "iVBORw0KGgo".repeat(1_000);
  const records = Array.from(
    { length: 50 },
    (_, n) => sampleRecord({ task: image, tags: { n: `${n % 7}` } }),
  );
  await Promise.all(records.map(async (record, n) => {
    const store = stores[n % stores.length]!;
    await store.saveSession(record);
    if (n % 3 === 0) await store.deleteSession(record.id);
  }));
  const list = await stores[0]!.listSessions({ limit: 1_000 });
  assert.equal(list.length, 33);
  for (const { id } of list) assert.equal((await stores[1]!.loadSessionRecord(id)).task, image);
  for (const store of stores) await store.close();
});

test("postgresStore(): a batch that is killed loses nothing that was handed on, and is shown as interrupted", async (url) => {
  let interrupted = 0;
  for (const killAfterLines of [30, 150]) {
    const batch = await killBatch("postgres", url, { runs: 2_000, stepsPerRun: 5, killAfterLines });
    await using store = postgresStore(url);
    // The server hears of the end of a program when it reads from the connection.
    while ((await store.listSessions({ state: "running" })).length > 0) continue;
    interrupted = await checkKilledBatch(store, batch);
  }
  assert(interrupted > 0);
});

test("postgresStore(): batches of agents that are killed are gone on with, and repeat no call that was kept", async (url) => {
  const rounds = await killRounds({ kind: "postgres", path: url, rounds: 2, tasks: 20, seed: 7 });
  for (const { problems, kills, interrupted } of rounds) {
    assert.deepEqual(problems, []);
    assert(kills > 0 && interrupted > 0);
  }
});

Deno.test("postgresStore() says which server it cannot use, without user and password", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  await using logStore = postgresStore(`postgres://grace:h@rd-one@127.0.0.1:${port}/agents?sslmode=disable`);
  await assert.rejects(logStore.listSessions(), ({ message }: Error) => {
    assert(
      message.startsWith(
        `Cannot open a log: expected the database "127.0.0.1:${port}/agents", found that it`,
      ),
    );
    assert.match(message, /ECONNREFUSED/);
    return !/grace|rd-one/.test(message);
  });
});

Deno.test("postgresStore() connects to nothing before its first use, and takes no other URL", async () => {
  const store = postgresStore("postgres://nobody@127.0.0.1:1/none");
  await assert.rejects(store.listSessions());
  await store.close();
  assert.throws(() => postgresStore("mysql://localhost/x"), TypeError);
  assert.throws(() => postgresStore("postgres://localhost/x", { retention: { maxBytes: 1 } }), TypeError);
  assert.throws(() => postgresStore("postgres://localhost/x", { schema: 'a"b' }), RangeError);
});
