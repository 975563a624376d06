import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { listJournals, readJournal } from "../../src/log/_journal.ts";
import { readLine } from "../../src/log/_journal_text.ts";
import { type LogEntry, type LogStore, sqliteStore } from "../../src/log/mod.ts";
import {
  nextId,
  recordedStep,
  sampleHead,
  sampleRecord,
  sampleSession,
} from "../_contract/log_store_contract.ts";
import { lineOf } from "./_line_of.ts";

function test(name: string, body: (path: string, open: () => LogStore) => Promise<void>): void {
  Deno.test(`sqliteStore() ${name}`, async () => {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/log.sqlite`;
    await body(path, () => sqliteStore(path));
    await Deno.remove(dir, { recursive: true });
  });
}

test("keeps the last of several records with one id, whichever program closes first", async (_path, open) => {
  const record = sampleRecord();
  const first = open();
  const second = open();
  await first.saveSession({ ...record, task: "first" });
  await second.saveSession({ ...record, task: "second" });
  await second.close();
  assert.equal((await second.loadSessionRecord(record.id)).task, "second");
  await first.close();
  assert.equal((await second.loadSessionRecord(record.id)).task, "second");
  await second.close();
});

test("keeps the attempts of a session in order that another program goes on with", async (_path, open) => {
  const head = sampleHead();
  const late = { ...head, startedAt: "2026-01-02T00:00:00.000Z" };
  const first = open();
  const begun = first.startSession(head);
  for (let n = 0; n < 3; n++) await begun.addStep(recordedStep(n, { outputJson: '"old"' }));
  const second = open();
  const writer = second.startSession(late);
  await writer.addStep(recordedStep(0, { outputJson: '"new"' }));
  await second.close();
  await first.close();
  await using reader = open();
  const { steps, startedAt } = await reader.loadSessionRecord(head.id);
  assert.deepEqual(steps.map(({ output }) => output), ["new", "old", "old"]);
  assert.equal(startedAt, late.startedAt);
});

test("finds a session again that was deleted elsewhere and began anew", async (_path, open) => {
  await using writer = open();
  await using looker = open();
  await using other = open();
  const head = sampleHead();
  const run = writer.startSession(head);
  await run.addStep(recordedStep(0));
  assert.equal((await looker.listSessions()).length, 1); // it remembers where the session is
  await run.end(sampleSession(head));
  await other.deleteSession(head.id);
  const next = sampleRecord();
  await writer.saveSession(next);
  const again = writer.startSession(head);
  await again.started;
  assert.equal((await other.listSessions()).length, 2);
  await again.addStep(recordedStep(0, { outputJson: '"again"' }));
  await looker.listSessions();
  const outputs = async (id: string) =>
    (await looker.loadSessionRecord(id)).steps.map(({ output }) => output);
  assert.deepEqual(await outputs(head.id), ["again"]);
  assert.deepEqual(await outputs(next.id), next.steps.map(({ output }) => output));
});

test("shows another program what is kept, by whatever name the file is opened", async (path, open) => {
  await using store = open();
  const id = await store.saveSession(sampleRecord());
  await Deno.symlink(path, `${path}-link`);
  await using linked = sqliteStore(`${path}-link`);
  assert.deepEqual((await linked.listSessions()).map((session) => session.id), [id]);
  await linked.startSession(sampleHead()).started;
  assert.equal((await store.listSessions({ state: "running" })).length, 1);
});

test("is another writer when it is used again after it was closed", async (path, open) => {
  await using store = open();
  const writers = () =>
    [...Deno.readDirSync(`${path}-writers`)].map(({ name }) => name).filter((name) => !name.includes("."));
  await store.saveSession(sampleRecord());
  const [before, ...none] = writers();
  assert.deepEqual(none, []);
  await store.close();
  await store.saveSession(sampleRecord());
  assert.notEqual(writers()[0], before);
  await using reader = open();
  assert.equal((await reader.listSessions()).length, 2);
});

test("lists a session by its end that ended after its store was closed", async (_path, open) => {
  await using store = open();
  const head = sampleHead();
  const run = store.startSession(head);
  await run.started;
  await store.close();
  await using reader = open();
  assert.equal((await reader.listSessions({ state: "interrupted" })).length, 1);
  await run.end(sampleSession(head));
  assert.equal((await reader.listSessions({ state: "success" })).length, 1);
  assert.deepEqual(await reader.listSessions({ state: "interrupted" }), []);
});

test("tells that its journal was removed, and goes on with another", async (path, open) => {
  await using store = open();
  await store.saveSession(sampleRecord());
  await Deno.remove(`${path}-writers`, { recursive: true });
  const start = performance.now();
  const fails = async () => {
    while (performance.now() - start < 30_000) await store.saveSession(sampleRecord());
  };
  await assert.rejects(fails(), /expected the file, found that it was removed/);
  const id = await store.saveSession(sampleRecord());
  await using reader = open();
  assert.equal((await reader.loadSessionRecord(id)).id, id);
});

test("goes on with the database that is there, when the one it opened was removed", async (path, open) => {
  const store = open();
  const later = open();
  const save = async (by: LogStore) => await by.saveSession(sampleRecord());
  await save(store);
  await store.listSessions();
  await save(later);
  await later.listSessions();
  for (const ending of ["", "-wal", "-shm"]) await Deno.remove(path + ending);
  const ids = [await save(store), await save(later)];
  await store.close();
  assert.deepEqual((await later.listSessions()).filter(({ id }) => ids.includes(id)).length, 2);
  await later.close();
  await using reader = open();
  for (const id of ids) assert.equal((await reader.loadSessionRecord(id)).id, id);
});

test("writes a long text once, however many steps of a session refer to it", async (path, open) => {
  await using store = open();
  const head = sampleHead();
  const run = store.startSession(head);
  const image = JSON.stringify({ image: "iVBORw0KGgo".repeat(10_000) });
  for (let n = 0; n < 10; n++) await run.addStep(recordedStep(n, { outputJson: image }));
  const [journal] = listJournals(`${path}-writers`);
  assert(journal!.size < 2 * image.length, `${journal!.size} bytes`);
  assert.equal(JSON.stringify((await store.loadSessionRecord(head.id)).steps[9]!.output), image);
});

test("can be closed while somebody lists", async (path, open) => {
  const store = open();
  for (let n = 0; n < 50; n++) await store.saveSession(sampleRecord({ task: "x".repeat(100_000) + n }));
  const listing = store.listSessions({ tags: { env: "test" } });
  await store.close();
  const listed = await listing.then((list) => list.length, () => 50);
  assert.equal(listed, 50);
  assert.deepEqual([...Deno.readDirSync(`${path}-writers`)], []);
  await using reader = open();
  assert.equal((await reader.listSessions()).length, 50);
  assert.deepEqual([...Deno.readDirSync(`${path}-writers`)], []);
});

Deno.test("readLine() refuses lines of which a part was never written", () => {
  const step = recordedStep(0, { inputJson: '{\n\t"a":\t1}' });
  const entry: LogEntry = { type: "step", partition: "p", id: nextId(), step };
  const line = lineOf(entry);
  const read = readLine(line.slice(0, -1));
  assert(read.type === "step");
  assert.deepEqual(JSON.parse(read.step.inputJson), { a: 1 });
  const half = line.slice(0, line.indexOf("\t") + 5);
  assert.throws(() => readLine(`${half}${line.slice(0, -1)}`), SyntaxError);
  assert.throws(() => readLine(`${half}\0\0\0\0`), SyntaxError);
});

Deno.test("readJournal() reads a line of many parts alone", async () => {
  const path = await Deno.makeTempFile();
  const entries = ["€".repeat(1_000), "a", "😀".repeat(3_000), "b"].map((text): LogEntry => {
    return { type: "error", partition: "p", id: text.slice(0, 2), json: JSON.stringify(text) };
  });
  await Deno.writeTextFile(path, entries.map(lineOf).join(""));
  const parts: number[] = [];
  const read: LogEntry[] = [];
  for (let position = 0, more = true; more;) {
    const part = readJournal(path, position, 100);
    if (part.entries.length > 0) parts.push(part.entries.length);
    read.push(...part.entries);
    position = part.end;
    more = part.hasMore;
  }
  assert.deepEqual(read, entries);
  assert.deepEqual(parts, [1, 1, 1, 1]);
  await Deno.remove(path);
});

Deno.test({
  name: "Journal.append() loses nothing that is kept after a piece that did not fit",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await Deno.makeTempDir();
    const program = fromFileUrl(new URL("./_full_program.ts", import.meta.url));
    // A limit on the size of a file cuts a piece short as a full disk does.
    const { success, stdout } = await new Deno.Command("sh", {
      args: [
        "-c",
        `trap '' XFSZ; ulimit -f 8000; exec "$0" "$@"`,
        Deno.execPath(),
        "run",
        "-A",
        program,
        dir,
      ],
      stderr: "inherit",
    }).output();
    assert(success);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
      failed: true,
      read: ["a", "b", "c", "e"],
      damaged: 0,
    });
    await Deno.remove(dir, { recursive: true });
  },
});
