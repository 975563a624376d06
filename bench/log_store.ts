// deno-lint-ignore-file no-console -- a benchmark
/**
 * A log of many sessions: how long a list of the newest 100 by tactic and two tags takes (median, p99), how many steps a second are
 * written, and whether the plans of the lists use indexes alone.
 *
 *     deno run -A bench/log_store.ts [sessions, default 100000] [sqlite|postgres|both]
 */
import { type LogBackend, type LogEntry, type LogStore, postgresStore, sqliteStore } from "../src/log/mod.ts";
import { listOrder, writeListQuery } from "../src/log/_list_query.ts";
import { PostgresBackend } from "../src/log/_postgres_backend.ts";
import { openPostgres, type PostgresConnection } from "../src/log/_postgres_connection.ts";
import { SqliteBackend } from "../src/log/_sqlite_backend.ts";
import { startPostgres } from "../tests/_fixtures/postgres.ts";

const SESSIONS = Number(Deno.args[0] ?? 100_000);
const WHICH = Deno.args[1] ?? "both";
const TACTICS = Array.from({ length: 20 }, (_, n) => `pkg${n % 4}::tactic${n}`);
const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2026, 0, 1);

/** A generator of its own, so that every run measures the same sessions. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The tags of the n-th session: two values, ten, a thousand; and one that is rare. */
function tagsOf(random: () => number): Record<string, string> {
  return {
    env: random() < 0.8 ? "prod" : "dev",
    model: `m${Math.floor(random() * 10)}`,
    customer: `c${Math.floor(random() * 1_000)}`,
    ...(random() < 0.0001 ? { flag: "odd" } : {}),
  };
}

async function fill(backend: LogBackend): Promise<void> {
  const random = createRandom(7);
  const start = performance.now();
  for (let n = 0; n < SESSIONS;) {
    const entries: LogEntry[] = [];
    for (; n < SESSIONS && entries.length < 10_000; n++) {
      const startedAt = new Date(FIRST + Math.floor(n / SESSIONS * 90 * DAY_MS)).toISOString();
      const id = `${startedAt.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_")}_${
        n.toString(16).padStart(8, "0")
      }`;
      const tacticPath = TACTICS[Math.floor(random() * TACTICS.length)]!;
      const place = { partition: "default", id };
      const head = {
        ...{ id, tacticPath, tacticName: tacticPath.replace(/.*::/, ""), tags: tagsOf(random), startedAt },
        ...{ version: 1, json: '{"task":"A task of some length","metadata":{}}' },
      };
      const state = random() < 0.9 ? "success" as const : "failure" as const;
      const end = {
        state,
        endedAt: startedAt,
        costUsd: 0.01,
        totalTokens: 100,
        json: '{"cost":{},"rest":{},"session":{}}',
      };
      entries.push({ ...place, type: "start", head, replaces: false });
      entries.push({ ...place, type: "end", end, stepCount: 0 });
    }
    await backend.write(entries);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(`  ${SESSIONS.toLocaleString("en-US")} sessions loaded in ${seconds.toFixed(1)} s`);
}

async function measureLists(store: LogStore): Promise<void> {
  const random = createRandom(11);
  const any = (list: readonly string[]) => list[Math.floor(random() * list.length)]!;
  const queries: Record<string, () => Parameters<LogStore["listSessions"]>[0]> = {
    "tactic, two common tags": () => ({
      tacticPath: any(TACTICS),
      tags: { env: "prod", model: `m${Math.floor(random() * 10)}` },
    }),
    "tactic, a common and a rare tag": () => ({
      tacticPath: any(TACTICS),
      tags: { env: "dev", customer: `c${Math.floor(random() * 1_000)}` },
    }),
    "tactic, two tags, failures": () => ({
      tacticPath: any(TACTICS),
      tags: { env: "prod", model: "m3" },
      state: "failure",
    }),
    "two tags that hardly meet": () => ({ tags: { env: "dev", flag: "odd" } }),
    "two tags": () => ({ tags: { env: "dev", model: "m1" } }),
    "newest": () => ({}),
    "a page in the middle": () => ({
      tacticPath: any(TACTICS),
      tags: { env: "prod", model: "m1" },
      before: new Date(FIRST + random() * 90 * DAY_MS),
    }),
  };
  await store.listSessions({ limit: 1 });
  for (const [name, query] of Object.entries(queries)) {
    const times: number[] = [];
    let found = 0;
    for (let n = 0; n < 300; n++) {
      const options = { ...query(), limit: 100 };
      const start = performance.now();
      found += (await store.listSessions(options)).length;
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const at = (part: number) => times[Math.floor(times.length * part)]!.toFixed(2).padStart(6);
    console.log(
      `  ${name.padEnd(32)} median ${at(0.5)} ms   p99 ${at(0.99)} ms   ${(found / 300).toFixed(0)} found`,
    );
  }
}

/** Steps of 1.5 KB in 64 sessions at once, each waiting for the one before it to be safe. */
async function measureWrites(store: LogStore): Promise<void> {
  const input = JSON.stringify({ text: "x".repeat(1_000) });
  const outputJson = JSON.stringify("y".repeat(500));
  const start = performance.now();
  let steps = 0;
  await Promise.all(Array.from({ length: 64 }, async (_, n) => {
    const writer = store.startSession({
      ...{ format: "lllm-session", version: 1, id: `write_${n}`, tacticPath: "w", tacticName: "w", task: n },
      ...{ tags: { bench: "write" }, metadata: {}, startedAt: new Date().toISOString() },
    });
    for (let index = 0; performance.now() - start < 5_000; index++, steps++) {
      await writer.addStep({
        ...{ index, path: `a#${index}`, ordinal: 0, kind: "tool", name: "t", inputJson: input, outputJson },
        ...{ costUsd: 0, tokens: 0, startedAt: Date.now(), durationMs: 1 },
      });
    }
  }));
  const perSecond = steps / ((performance.now() - start) / 1000);
  console.log(
    `  ${Math.round(perSecond).toLocaleString("en-US")} steps/s, each safe before the next of its session`,
  );
  const written = performance.now();
  await store.listSessions({ limit: 1 });
  const seconds = (performance.now() - written) / 1000;
  console.log(`  the first list after ${steps.toLocaleString("en-US")} steps took ${seconds.toFixed(1)} s`);
}

if (WHICH !== "postgres") {
  console.log("sqlite");
  const dir = await Deno.makeTempDir();
  const backend = new SqliteBackend(`${dir}/log.sqlite`, { surviveOutage: false });
  await fill(backend);
  backend.close();
  const store = sqliteStore(`${dir}/log.sqlite`);
  await measureLists(store);
  await measureWrites(store);
  await store.close();
  const { size } = await Deno.stat(`${dir}/log.sqlite`);
  console.log(`  ${(size / 1e6).toFixed(0)} MB`);
  await Deno.remove(dir, { recursive: true });
}

if (WHICH !== "sqlite") {
  console.log("postgres");
  await using server = await startPostgres();
  const backend = new PostgresBackend(server.url, { schema: "lllm", maxConnections: 4 });
  await fill(backend);
  await backend.close();
  await using store = postgresStore(server.url);
  const db = await openPostgres(server.url, { schema: "lllm", max: 1, idleSeconds: 0 });
  await db.script("VACUUM ANALYZE");
  await measureLists(store);
  await showPlan(db);
  await db.close();
  await measureWrites(store);
}

/** Shows the plan of a list by three terms, as the store asks for it. */
async function showPlan(db: PostgresConnection): Promise<void> {
  const terms = (await db.all<{ id: number }>("SELECT id FROM terms ORDER BY id LIMIT 3")).map(({ id }) =>
    id
  );
  const { sql, values } = writeListQuery({ terms });
  const plan = await db.all<{ "QUERY PLAN": string }>(
    `EXPLAIN SELECT s.id ${sql} ${listOrder({ terms })} LIMIT ?`,
    ...values,
    100,
  );
  for (const row of plan) console.log(`  | ${row["QUERY PLAN"]}`);
}
