import assert from "node:assert/strict";
import fc from "fast-check";
import { Journal, listJournals, readJournal } from "../../src/log/_journal.ts";
import { readLine } from "../../src/log/_journal_text.ts";
import { type LogEntry, sqliteStore } from "../../src/log/mod.ts";
import { sampleRecord } from "../_contract/log_store_contract.ts";
import { lineOf } from "./_line_of.ts";

const text = fc.string({ unit: "binary" });
const json = fc.jsonValue().map((value) => JSON.stringify(value));
const blobs = fc.array(fc.record({ hash: fc.stringMatching(/^[0-9a-f]{8}$/), text: json }), {
  minLength: 1,
  maxLength: 3,
});
const names = { partition: text, id: text };
const head = fc.record({ id: text, tacticPath: text, tags: fc.dictionary(text, text), json });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // JSON has no -0
const facts = {
  index: fc.nat(),
  path: text,
  ordinal: fc.nat(),
  kind: fc.constantFrom("model", "tool", "effect"),
  name: text,
  costUsd: number,
  tokens: number,
  startedAt: fc.nat(),
  durationMs: number,
  inputJson: json,
};
const step = fc.record({
  ...facts,
  requestHash: text,
  cut: fc.array(fc.record({ at: text, type: fc.constant("text"), length: fc.nat() })),
  error: fc.record({ name: text, message: text }),
  outputJson: json,
}, { requiredKeys: Object.keys(facts) as (keyof typeof facts)[] });
const entry = fc.oneof(
  fc.record({ ...names, type: fc.constant("start"), replaces: fc.boolean(), head, blobs }, {
    requiredKeys: ["partition", "id", "type", "replaces", "head"],
  }),
  fc.record({ ...names, type: fc.constant("step"), step, blobs }, {
    requiredKeys: ["partition", "id", "type", "step"],
  }),
  fc.record({
    ...names,
    type: fc.constant("end"),
    stepCount: fc.nat(),
    end: fc.record({ state: text, json }),
  }),
  fc.record({ ...names, type: fc.constant("error"), json }),
) as unknown as fc.Arbitrary<LogEntry>;

Deno.test("readLine() gives what writeLine() wrote, whatever is in it", () => {
  fc.assert(fc.property(entry, (written) => {
    const line = lineOf(written);
    assert.equal(line.indexOf("\n"), line.length - 1);
    assert.deepEqual(plain(readLine(line.slice(0, -1))), plain(written));
  }));
  assert.throws(() => readLine("\0\0\0"), SyntaxError);
  assert.throws(() => readLine("[1]"));
  assert.throws(() => readLine('["step","p","id",{"step":{"index":0}},[]]\t{}\t{}'), /facts of a step/);
});

Deno.test("readJournal() reads whole lines, as many as fit, whatever is still being written", async () => {
  const dir = await Deno.makeTempDir();
  const journal = new Journal("w", dir, { surviveOutage: true });
  const entries = Array.from({ length: 50 }, (_, n): LogEntry => {
    return { type: "error", partition: "p", id: `é${n}`, json: `"${"x".repeat(n * 40)}"` };
  });
  for (let n = 0; n < 50; n += 5) journal.append(entries.slice(n, n + 5));
  const path = `${dir}/${journal.name}`;
  const readAll = (bytes: number) => {
    const read: LogEntry[] = [];
    for (let position = 0;;) {
      const part = readJournal(path, position, bytes);
      read.push(...part.entries);
      position = part.end;
      if (!part.hasMore) return read;
    }
  };
  for (const bytes of [10, 500, 100_000]) assert.deepEqual(readAll(bytes), entries);
  Deno.writeTextFileSync(path, '["error","p","half', { append: true });
  assert.deepEqual(readAll(1_000), entries);
  Deno.writeTextFileSync(path, "\0\0\0\n", { append: true });
  assert.equal(readJournal(path, journal.size, 1_000).damaged, 1);
  assert.deepEqual(listJournals(dir).map(({ name, writerId }) => [name, writerId]), [[journal.name, "w"]]);
  assert.deepEqual(readJournal(`${dir}/none`, 7, 10), { entries: [], damaged: 0, end: 7, hasMore: false });
  journal.leaveFile();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("sqliteStore() has one file and no journal left when it is closed", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  const files = () =>
    [...Deno.readDirSync(`${path}-writers`)].map(({ name }) => name.replace(/^.*\./, "")).sort();
  {
    await using store = sqliteStore(path);
    await store.saveSession(sampleRecord());
    assert.deepEqual(files().length, 2); // the writer's presence, and its journal
    assert.equal((await store.listSessions()).length, 1);
    await store.saveSession(sampleRecord({ task: "x".repeat(2_000_000) }));
    const [newest] = await store.listSessions();
    assert.equal(files().length, 1); // a long journal that is in its place is left
    assert.equal(String((await store.loadSessionRecord(newest!.id)).task).length % 2_000_000, 0);
    await store.saveSession(sampleRecord());
  }
  assert.deepEqual(files(), []);
  await using store = sqliteStore(path);
  assert.equal((await store.listSessions()).length, 3);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("sqliteStore() takes what programs left that died, once, and tells of damage", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/log.sqlite`;
  const left = Array.from({ length: 20 }, () => sampleRecord());
  {
    await using store = sqliteStore(path);
    for (const record of left) await store.saveSession(record);
    const [journal] = listJournals(`${path}-writers`);
    Deno.copyFileSync(`${path}-writers/${journal!.name}`, `${dir}/copy`);
    for (const { id } of left) await store.deleteSession(id);
  }
  const { length } = Deno.readTextFileSync(`${dir}/copy`);
  const dead = `${path}-writers/${crypto.randomUUID()}.0.journal`;
  Deno.copyFileSync(`${dir}/copy`, dead);
  Deno.writeTextFileSync(dead, `\0\0\0\n["start","def`, { append: true });
  const stores = Array.from({ length: 5 }, () => sqliteStore(path));
  const lists = await Promise.all(stores.map((store) => store.listSessions()));
  for (const list of lists) {
    assert.deepEqual(
      list.map(({ id }) => id).sort(),
      left.map(({ id }) => id).sort(),
    );
  }
  const errors = await stores[0]!.listErrors();
  assert.equal(errors.length, 1);
  assert.match(errors[0]!.error.message, /expected entries, found a damaged line/);
  assert.deepEqual(await stores[1]!.loadSessionRecord(left[3]!.id).then(({ steps }) => steps.length), 2);
  for (const store of stores) await store.close();
  assert(length > 0);
  assert.deepEqual([...Deno.readDirSync(`${path}-writers`)], []);
  await Deno.remove(dir, { recursive: true });
});

/** As JSON would carry it, with the texts of JSON as they are. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
