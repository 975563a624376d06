import assert from "node:assert/strict";
import { runLimited } from "../_fixtures/limited_program.ts";

const SQLITE = `  const { sqliteStore } = await import("@lllm/lllm/log");
  await using store = sqliteStore("FOLDER/kept/log.db");
  await store.listSessions();`;

Deno.test("sqliteStore() names the permissions that it lacks, and needs no other", async () => {
  const flags = ["--allow-read=FOLDER/kept", "--allow-write=FOLDER/kept"];
  const expected = `config_invalid Cannot open a log: expected the permissions ${flags.join(" ")} for ` +
    '"FOLDER/kept/log.db", found one missing';
  assert.equal(await runLimited(SQLITE), expected);
  assert.equal(await runLimited(SQLITE, flags.slice(0, 1)), expected);
  assert.equal(await runLimited(SQLITE, flags.slice(1)), expected);
  assert.equal(await runLimited(SQLITE, flags), "done");
});

const POSTGRES = `  const { postgresStore } = await import("@lllm/lllm/log");
  await using store = postgresStore("postgres://user:password@127.0.0.1:1/log");
  await store.listSessions();`;

Deno.test("postgresStore() names all variables at once that its client reads", async () => {
  const lacking = await runLimited(POSTGRES);
  const [, flag] = /^config_invalid Cannot open a log in PostgreSQL: .* (--allow-env=PGSSL,\S+), found/.exec(
    lacking,
  )!;
  assert.match(await runLimited(POSTGRES, [flag!]), /Requires net access to "127\.0\.0\.1:1"/);
});
