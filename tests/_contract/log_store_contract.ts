/**
 * What a log store does whatever keeps its sessions.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ListSessionsOptions, LogStore, LogStoreOptions, SessionSummary } from "../../src/log/mod.ts";
import { InvokeCost, Message } from "../../src/message/mod.ts";
import type { RecordedStep } from "../../src/run/mod.ts";
import {
  AgentCallSession,
  InvokeResult,
  type SessionHead,
  type SessionRecord,
  TacticCallSession,
  type TacticCallState,
} from "../../src/session/mod.ts";
import { canonicalJson, sha256Hex } from "../../src/util/mod.ts";
import { NativeTactic, Tactic } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { testAnySession } from "./any_session.ts";

/** One backend. */
export interface LogStoreSubject {
  readonly name: string;
  /** Makes a place for sessions, empty; `open` opens stores over it, any number at once. */
  create(): Promise<LogPlace>;
  /** Registers a test; default: `Deno.test`. */
  readonly test?: (name: string, run: () => Promise<void>) => void;
}

/** Where sessions are. */
export interface LogPlace extends AsyncDisposable {
  open(options?: LogStoreOptions): LogStore;
}

class NeedsNothing extends Tactic {
  name = "needs_nothing";
  call(task: string): string {
    return task;
  }
}

let count = 0;

/** An id that no other session of the tests has. */
export function nextId(): string {
  return `20260101_000000_${(count++).toString(16).padStart(8, "0")}`;
}

/** A record with every field that one can have. */
export function sampleRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const id = changes.id ?? nextId();
  const tacticPath = changes.tacticPath ?? "demo::brief";
  const base = {
    tacticName: tacticPath.replace(/^.*::/, ""),
    tags: { env: "test" },
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: "2026-01-01T00:00:01.500Z",
    state: "success" as const,
    metadata: { note: "ü€😀 \0 \ud800", list: [1, null, { "__proto__x": 1, "$lllm-blob": "abc" }] },
    task: { question: "Why?", deep: { "$lllm-blob": [1] } },
    cost: new InvokeCost({ promptTokens: 10, completionTokens: 5, cost: 0.25 }),
    result: "Because",
    steps: [sampleStep(0), { ...sampleStep(1), kind: "tool" as const, costUsd: 0 }],
  };
  const { tacticName, tags, startedAt, endedAt, state, metadata, task, cost, result, steps } = {
    ...base,
    ...changes,
  };
  const isOver = state !== "running";
  return {
    format: "lllm-session",
    version: 1,
    id,
    tacticPath,
    tacticName,
    state,
    tags,
    metadata,
    startedAt,
    ...(isOver ? { endedAt } : {}),
    cost,
    task,
    ...(isOver ? { result } : {}),
    session: {
      sessionId: id,
      tacticPath,
      tacticName,
      task,
      tags,
      metadata,
      state,
      startedAt,
      ...(isOver ? { endedAt } : {}),
      agentSessions: {},
      subTacticSessions: {},
      approvals: [],
      ...(isOver ? { delivery: result } : {}),
    },
    steps: steps.map(({ costUsd, ...step }) => costUsd === 0 ? step : { ...step, costUsd: costUsd! }),
  };
}

function sampleStep(index: number): SessionRecord["steps"][number] {
  return {
    index,
    path: `writer/main#${index}`,
    ordinal: 0,
    kind: "model",
    name: "gpt-4o-mini",
    requestHash: "20f3765880a5c269b747e1e906054a4b4a3a991259f1e16b5dde4742cec2319a",
    input: { a: [1, 2.5, "x"] },
    output: { message: { usage: { prompt_tokens: 10, completion_tokens: 5 } } },
    costUsd: 0.25,
    startedAt: "2026-01-01T00:00:00.100Z",
    durationMs: 12.345,
  };
}

/** The start of a session. */
export function sampleHead(changes: Partial<SessionHead> = {}): SessionHead {
  const { cost: _, state: __, session: ___, steps: ____, ...head } = sampleRecord({
    ...changes,
    state: "running",
  });
  return head;
}

/** A session that ended well, at a cost of a quarter of a dollar. */
export function sampleSession(head: SessionHead): TacticCallSession {
  const { id: sessionId, ...fields } = head;
  const session = new TacticCallSession<unknown>({ sessionId, ...fields });
  const call = new AgentCallSession("writer");
  const usage = { prompt_tokens: 10, completion_tokens: 5, response_cost: 0.25 };
  const message = new Message({ role: "assistant", content: "Because", usage });
  call.record("invokeTraces", 0, new InvokeResult({ message }));
  call.delivery = message;
  session.addAgentSession(call);
  session.state = "success";
  session.endedAt = "2026-01-01T00:00:01.500Z";
  session.delivery = "Because";
  return session;
}

/** A recorded step. */
export function recordedStep(index: number, changes: Partial<RecordedStep> = {}): RecordedStep {
  return {
    index,
    path: `step#${index}`,
    ordinal: 0,
    kind: "tool",
    name: "search",
    inputJson: `{"n":${index}}`,
    outputJson: `"${index}"`,
    costUsd: 0.5,
    tokens: 10,
    startedAt: Date.UTC(2026, 0, 1),
    durationMs: 1,
    ...changes,
  };
}

/** Plain JSON of a record, as it would be in a file. */
export const toPlain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const isWellFormed = (text: string) => text === text.toWellFormed();

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

/** Registers the tests. */
export function testLogStoreContract(subject: LogStoreSubject): void {
  testAnySession(subject);
  const register = subject.test ?? ((name, run) => Deno.test(name, run));

  function test(name: string, body: (store: LogStore, place: LogPlace) => Promise<void>): void {
    register(`${subject.name}: ${name}`, async () => {
      await using place = await subject.create();
      await using store = place.open();
      await body(store, place);
    });
  }

  test("loadSessionRecord() gives what saveSession() was given", async (store) => {
    const record = sampleRecord();
    assert.equal(await store.saveSession(record), record.id);
    assert.deepEqual(toPlain(await store.loadSessionRecord(record.id)), toPlain(record));
    const failed = sampleRecord({ state: "failure", result: undefined });
    const error = { name: "RangeError", code: "tactic_failed", message: "no" };
    await store.saveSession({ ...failed, error, traceback: "at x" });
    const loaded = await store.loadSessionRecord(failed.id);
    assert.deepEqual([loaded.error, loaded.traceback, "result" in loaded], [error, "at x", false]);
    assert.equal((await store.loadSession(failed.id)).errorTraceback, "at x");
  });

  test("what is no number costs nothing, and keeps nobody from reading", async (store) => {
    const step = { ...sampleRecord().steps[0]!, costUsd: NaN };
    const record = sampleRecord({
      steps: [step],
      cost: { ...new InvokeCost(), cost: Infinity } as InvokeCost,
    });
    await store.saveSession(record);
    const [listed] = await store.listSessions();
    assert.deepEqual([listed!.id, listed!.costUsd], [record.id, 0]);
    assert.equal((await store.loadSessionRecord(record.id)).steps.length, 1);
  });

  test("saveSession() twice keeps the second, and the session once", async (store) => {
    const record = sampleRecord({ tags: { a: "1" } });
    await store.saveSession(record);
    const again = {
      ...record,
      tags: { a: "2" },
      tacticPath: "other::t",
      state: "failure" as const,
      steps: [],
    };
    await store.saveSession(again);
    assert.deepEqual((await store.listSessions()).map(({ id }) => id), [record.id]);
    assert.deepEqual(await store.listSessions({ tags: { a: "1" } }), []);
    assert.deepEqual(await store.listSessions({ state: "success" }), []);
    assert.deepEqual(await store.listSessions({ tacticPath: "demo::brief" }), []);
    const [only] = await store.listSessions({ tags: { a: "2" }, state: "failure", tacticPath: "other::t" });
    assert.deepEqual([only!.id, only!.stepCount], [record.id, 0]);
    assert.deepEqual((await store.loadSessionRecord(record.id)).steps, []);
  });

  test("listSessions() gives the newest first, with what they came to", async (store) => {
    for (const second of [2, 0, 1]) await store.saveSession(sampleRecord({ startedAt: at(second) }));
    const list = await store.listSessions();
    assert.deepEqual(list.map(({ startedAt }) => startedAt), [at(2), at(1), at(0)]);
    const { id: _, cursor: __, ...rest } = list[0]!;
    assert.deepEqual({ ...rest, tags: { ...rest.tags } }, {
      tacticPath: "demo::brief",
      tacticName: "brief",
      state: "success",
      tags: { env: "test" },
      startedAt: at(2),
      endedAt: "2026-01-01T00:00:01.500Z",
      costUsd: 0.25,
      totalTokens: 15,
      stepCount: 2,
    });
  });

  test("listSessions() filters by tactic, tags, state and time, all at once", async (store) => {
    const save = (
      startedAt: string,
      tacticPath: string,
      tags: Record<string, string>,
      state: TacticCallState,
    ) => store.saveSession(sampleRecord({ startedAt, tacticPath, tags, state }));
    const a = await save(at(1), "p::a", { env: "x", n: "1" }, "success");
    const b = await save(at(2), "p::a", { env: "x", n: "2" }, "failure");
    const c = await save(at(3), "p::b", { env: "x", n: "1" }, "success");
    const d = await save(at(4), "q::a", { env: "y" }, "cancelled");
    const ids = async (options: ListSessionsOptions) =>
      (await store.listSessions(options)).map(({ id }) => id);
    assert.deepEqual(await ids({ tacticPath: "p::a" }), [b, a]);
    assert.deepEqual(await ids({ tacticPath: "a" }), [d, b, a]);
    assert.deepEqual(await ids({ tacticPath: "none" }), []);
    assert.deepEqual(await ids({ tags: { env: "x" } }), [c, b, a]);
    assert.deepEqual(await ids({ tags: { env: "x", n: "1" } }), [c, a]);
    assert.deepEqual(await ids({ tacticPath: "p::a", tags: { env: "x", n: "1" } }), [a]);
    assert.deepEqual(await ids({ tacticPath: "a", tags: { env: "y" } }), [d]);
    assert.deepEqual(await ids({ tags: { env: "x", n: "3" } }), []);
    assert.deepEqual(await ids({ state: "success" }), [c, a]);
    assert.deepEqual(await ids({ state: "running" }), []);
    assert.deepEqual(await ids({ state: "failure", tags: { n: "2" } }), [b]);
    assert.deepEqual(await ids({ after: at(2) }), [d, c, b]);
    assert.deepEqual(await ids({ before: new Date(at(3)) }), [c, b, a]);
    assert.deepEqual(await ids({ after: at(2), before: at(3), tags: { env: "x" } }), [c, b]);
    await assert.rejects(store.listSessions({ limit: 0 }), RangeError);
    await assert.rejects(store.listSessions({ after: "yesterday" }), RangeError);
    await assert.rejects(store.listSessions({ cursor: "?" }), RangeError);
  });

  test("listSessions() in pages gives every session once, whatever is added meanwhile", async (store) => {
    const saved: string[] = [];
    for (let i = 0; i < 23; i++) {
      saved.push(await store.saveSession(sampleRecord({ startedAt: at(Math.floor(i / 5)) })));
    }
    const seen: SessionSummary[] = [];
    let cursor: string | undefined;
    while (true) {
      const page = await store.listSessions({ limit: 4, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page);
      cursor = page.at(-1)?.cursor;
      if (page.length < 4) break;
      await store.saveSession(sampleRecord({ startedAt: at(100) }));
    }
    assert.deepEqual(seen.map(({ id }) => id).sort(), saved.sort());
    assert.deepEqual(seen.map((s) => s.startedAt), seen.map((s) => s.startedAt).sort().reverse());
  });

  test("a partition sees nothing of another", async (store, place) => {
    await using other = place.open({ partition: "../other /é" });
    const record = sampleRecord();
    await store.saveSession(record);
    await other.saveSession({ ...record, tags: { b: "2" } });
    assert.deepEqual((await store.listSessions()).map(({ tags }) => ({ ...tags })), [{ env: "test" }]);
    await store.deleteSession(record.id);
    assert.equal((await other.listSessions({ tags: { b: "2" } })).length, 1);
    await assert.rejects(store.loadSession(record.id), { code: "session_not_found" });
  });

  test("a session is there while it goes on: its start, and each step that is safe", async (store, place) => {
    const head = sampleHead();
    const writer = store.startSession(head);
    await writer.started;
    await using reader = place.open();
    const list = () => reader.listSessions({ state: "running", tags: { env: "test" } });
    assert.deepEqual((await list()).map(({ id, stepCount }) => [id, stepCount]), [[head.id, 0]]);
    await writer.addStep(recordedStep(0));
    const late = writer.addStep(recordedStep(1, { error: { name: "E", message: "no" } }));
    await late;
    const [running] = await list();
    assert.deepEqual([running!.stepCount, running!.costUsd, running!.totalTokens], [2, 1, 20]);
    const record = await reader.loadSessionRecord(head.id);
    assert.deepEqual([record.state, record.steps.map(({ path }) => path)], ["running", ["step#0", "step#1"]]);
    assert.deepEqual(record.steps[1]!.error, { name: "E", message: "no" });
    assert.deepEqual([record.cost.cost, record.task], [1, head.task]);
    assert.equal((await reader.loadSession(head.id)).state, "running");
    await writer.end(sampleSession(head));
    await writer.addStep(recordedStep(2)); // nobody waited for it: dropped
    assert.deepEqual(await list(), []);
    const [ended] = await reader.listSessions({ state: "success" });
    assert.deepEqual([ended!.id, ended!.stepCount, ended!.costUsd], [head.id, 2, 0.25]);
    assert.equal((await reader.loadSessionRecord(head.id)).steps.length, 2);
  });

  test("a session whose writer left is interrupted, and may go on", async (store, place) => {
    const head = sampleHead();
    {
      await using dying = place.open();
      const writer = dying.startSession(head);
      for (const index of [0, 1, 2]) await writer.addStep(recordedStep(index, { name: "first try" }));
      assert.equal((await store.listSessions())[0]!.state, "running");
    }
    const [summary] = await store.listSessions({ state: "interrupted" });
    assert.deepEqual([summary!.id, summary!.stepCount, summary!.costUsd], [head.id, 3, 1.5]);
    assert.deepEqual(await store.listSessions({ state: "running" }), []);
    const record = await store.loadSessionRecord(head.id);
    assert.deepEqual([record.state, record.steps.length], ["interrupted", 3]);
    {
      await using dying = place.open();
      await dying.startSession(head).addStep(recordedStep(0, { path: "step#1", name: "second try" }));
    }
    const twice = await store.loadSessionRecord(head.id);
    assert.deepEqual(twice.steps.map(({ index, path, name }) => [index, path, name]), [
      [0, "step#1", "second try"],
      [1, "step#0", "first try"],
      [2, "step#2", "first try"],
    ]);
    const [shown] = await store.listSessions({ state: "interrupted" });
    assert.deepEqual([shown!.stepCount, shown!.costUsd], [3, 1.5]);
    const writer = store.startSession(head);
    for (const index of [0, 1]) await writer.addStep(recordedStep(index, { name: "third try" }));
    assert.deepEqual(await store.listSessions({ state: "interrupted" }), []);
    await writer.end(sampleSession(head));
    const list = await store.listSessions();
    assert.deepEqual(list.map(({ id, state, stepCount }) => [id, state, stepCount]), [[
      head.id,
      "success",
      2,
    ]]);
    const { steps } = await store.loadSessionRecord(head.id);
    assert.deepEqual(steps.map(({ name }) => name), ["third try", "third try"]);
  });

  test("what earlier attempts of a session asked comes back whole", async (store, place) => {
    const head = sampleHead();
    const ask = (index: number) =>
      recordedStep(index, {
        kind: "model",
        path: `writer/main#${index}`,
        inputJson: JSON.stringify({
          messages: Array.from({ length: index + 2 }, (_, n) => `${n} `.repeat(150)),
        }),
      });
    for (const attempt of [3, 2, 1]) {
      await using dying = place.open();
      const writer = dying.startSession(head);
      for (let index = 0; index < attempt; index++) await writer.addStep(ask(index));
    }
    const { steps } = await store.loadSessionRecord(head.id);
    assert.deepEqual(
      steps.map(({ path, input, index }) => [path, input, index]),
      [0, 1, 2].map((index) => [`writer/main#${index}`, JSON.parse(ask(index).inputJson), index]),
    );
  });

  test("long texts come back as they were, and go with the last session that has them", async (store) => {
    const image = "iVBORw0KGgo".repeat(2_000);
    const quoted = '\\"\0\ud800'.repeat(5_000);
    const make = (id: string) =>
      sampleRecord({
        id,
        task: { image, quoted },
        result: [image],
        steps: [{ ...sampleStep(0), input: { parts: [{ data: image }, image] }, output: { image, quoted } }],
      });
    const [a, b] = [make(nextId()), make(nextId())];
    await store.saveSession(a);
    await store.saveSession(b);
    await store.deleteSession(a.id);
    assert.deepEqual(toPlain(await store.loadSessionRecord(b.id)), toPlain(b));
    await store.deleteSession(b.id);
    await store.saveSession(a);
    assert.deepEqual(toPlain(await store.loadSessionRecord(a.id)), toPlain(a));
  });

  test("a step's hash is that of its input, however it was stored", async (store) => {
    const head = sampleHead();
    const writer = store.startSession(head);
    const long = "y".repeat(5_000);
    const inputs = [
      { messages: [{ content: "a".repeat(600) }], "10": 1, "9": 2, model: "m" },
      { messages: [{ content: "a".repeat(600) }, { content: "b😀" }], "10": 1, "9": 2, model: "m" },
      { messages: [{ content: "a".repeat(600) }, { content: "b😁" }, { content: long }], "10": 1, "9": 2 },
      { messages: [{ content: "a".repeat(600) }, { content: "b😁" }, { content: long }, { content: "c" }] },
      { messages: [{ content: "\ud83d" + "a".repeat(600) }] },
    ].map((input) => canonicalJson(input));
    for (const [index, inputJson] of inputs.entries()) {
      await writer.addStep(recordedStep(index, { kind: "model", path: `writer/main#${index}`, inputJson }));
    }
    const { steps } = await store.loadSessionRecord(head.id);
    assert.deepEqual(steps.map(({ input }) => canonicalJson(input)), inputs);
    assert.deepEqual(steps.map(({ requestHash }) => requestHash), inputs.map((json) => sha256Hex(json)));
  });

  test("deleteSession() forgets a session; unknown ones are session_not_found", async (store) => {
    const id = await store.saveSession(sampleRecord());
    const kept = await store.saveSession(sampleRecord());
    await store.deleteSession(id);
    assert.deepEqual((await store.listSessions()).map((summary) => summary.id), [kept]);
    assert.deepEqual((await store.listSessions({ tags: { env: "test" } })).map((s) => s.id), [kept]);
    for (
      const unknown of [
        () => store.deleteSession(id),
        () => store.loadSession(id),
        () => store.loadSessionRecord("../x"),
        () => store.exportSession(id, { format: "json" }),
      ]
    ) await assert.rejects(unknown, { code: "session_not_found" });
  });

  test("a session that is deleted while it goes on stays away", async (store) => {
    const head = sampleHead();
    const writer = store.startSession(head);
    await writer.addStep(recordedStep(0));
    await store.deleteSession(head.id);
    await writer.addStep(recordedStep(1));
    await writer.end(sampleSession(head));
    assert.deepEqual(await store.listSessions(), []);
    await assert.rejects(store.loadSessionRecord(head.id), { code: "session_not_found" });
  });

  test("records of a newer version are refused", async (store) => {
    const newer = { ...sampleRecord(), version: 2 } as unknown as SessionRecord;
    await assert.rejects(store.saveSession(newer), { code: "record_too_new" });
    const head = { ...sampleHead(), version: 2 } as unknown as SessionHead;
    await store.startSession(head).started;
    await assert.rejects(store.loadSessionRecord(head.id), { code: "record_too_new" });
    await assert.rejects(store.exportSession(head.id), { code: "record_too_new" });
    assert.equal((await store.listSessions()).length, 1);
  });

  test("saveError() keeps errors outside of sessions, without secrets", async (store) => {
    const id = await store.saveError(new RangeError("too far"), { api_key: "sk-1", where: "setup" });
    await store.saveError("just text");
    const [second, first] = await store.listErrors();
    assert.equal(first!.id, id);
    assert.deepEqual(first!.error, { name: "RangeError", message: "too far" });
    assert.deepEqual(first!.context, { api_key: "[scrubbed]", where: "setup" });
    assert.match(first!.traceback!, /RangeError: too far/);
    assert.deepEqual(second!.error, { name: "Error", message: "just text" });
    assert.deepEqual((await store.listErrors({ limit: 1 })).map((error) => error.id), [second!.id]);
  });

  test("saveError() keeps an error whatever facts come with it", async (store) => {
    const circular: Record<string, unknown> = { password: "hunter2" };
    circular.self = circular;
    const cause = new TypeError("inner");
    const facts = { size: 10n, run: () => {}, circular, cause, at: new Date(0), list: [1n, NaN] };
    await store.saveError(new Error("outer"), facts);
    const [kept] = await store.listErrors();
    assert.deepEqual(kept!.context, {
      size: "10",
      circular: { password: "[scrubbed]", self: "[circular]" },
      cause: { name: "TypeError", message: "inner" },
      at: "1970-01-01T00:00:00.000Z",
      list: ["1", null],
    });
    const nodes: { links: unknown[] }[] = Array.from({ length: 12 }, () => ({ links: [] }));
    for (const node of nodes) node.links = nodes;
    await store.saveError(new Error("outer"), { nodes });
    const [graph] = await store.listErrors({ limit: 1 });
    assert(JSON.stringify(graph!.context).length < 1_000_000);
  });

  test("a redact hook that gives a promise, or throws, loses nothing silently", async (_store, place) => {
    const hooks = [(): unknown => Promise.resolve("later"), (): unknown => {
      throw new TypeError("The hook failed");
    }];
    for (const redact of hooks) {
      await using store = place.open({ redact });
      await assert.rejects(store.saveSession(sampleRecord()), TypeError);
      const session = new NeedsNothing({ logStore: store }).run("x");
      await assert.rejects(session, { name: "TacticError", message: /Cannot keep the session/ });
    }
  });

  test("saveSession() names the field of a record that is not as it has to be, and keeps nothing", async (store) => {
    const whole = sampleRecord();
    const odd: [record: unknown, message: RegExp][] = [
      [null, /expected an object with format "lllm-session"/],
      [{}, /expected an object with format "lllm-session"/],
      [{ ...whole, id: "" }, /expected id to be a text, found ""/],
      [{ ...whole, startedAt: "yesterday" }, /expected startedAt to be an ISO 8601 time, found "yesterday"/],
      [{ ...whole, state: "done" }, /expected state to be initial, .* found "done"/],
      [{ ...whole, tags: { a: 1 } }, /expected tags to be an object of texts/],
      [{ ...whole, steps: undefined }, /expected steps to be a list, found none/],
      [
        { ...whole, steps: [{ ...sampleStep(0), path: 5 }] },
        /expected steps\[0\]\.path to be a text, found 5/,
      ],
    ];
    for (const [record, message] of odd) {
      await assert.rejects(store.saveSession(record as SessionRecord), { name: "TypeError", message });
    }
    assert.deepEqual(await store.listSessions(), []);
  });

  test("exportCostSummary() adds up what the sessions cost", async (store) => {
    const cost = (usd: number) => new InvokeCost({ promptTokens: 100, cost: usd });
    await store.saveSession(sampleRecord({ tacticPath: "p::a", cost: cost(1), startedAt: at(0) }));
    await store.saveSession(sampleRecord({ tacticPath: "p::a", cost: cost(2), startedAt: at(86_400) }));
    await store.saveSession(
      sampleRecord({ tacticPath: "p::b", cost: cost(4), tags: { t: "1" }, startedAt: at(1) }),
    );
    const all = toPlain(await store.exportCostSummary());
    assert.deepEqual(all, {
      sessionCount: 3,
      totalCostUsd: 7,
      totalTokens: 300,
      byTactic: {
        "p::a": { sessionCount: 2, totalCostUsd: 3, totalTokens: 200 },
        "p::b": { sessionCount: 1, totalCostUsd: 4, totalTokens: 100 },
      },
      byDay: {
        "2026-01-02": { sessionCount: 1, totalCostUsd: 2, totalTokens: 100 },
        "2026-01-01": { sessionCount: 2, totalCostUsd: 5, totalTokens: 200 },
      },
      byModel: { "gpt-4o-mini": { callCount: 3, costUsd: 0.75, totalTokens: 45 } },
    });
    const some = await store.exportCostSummary({ tags: { t: "1" } });
    assert.deepEqual([some.sessionCount, some.totalCostUsd], [1, 4]);
    assert.equal((await store.exportCostSummary({ tacticPath: "p::c" })).sessionCount, 0);
  });

  test("prune() forgets old sessions, and none that goes on", async (store) => {
    for (let i = 0; i < 6; i++) await store.saveSession(sampleRecord({ startedAt: at(i) }));
    await store.startSession(sampleHead({ startedAt: at(0) })).started;
    assert.equal(await store.prune({ before: at(1) }), 2);
    assert.equal(await store.prune({ keepNewest: 3 }), 1);
    assert.deepEqual(
      (await store.listSessions()).map(({ startedAt, state }) => [startedAt, state]),
      [[at(5), "success"], [at(4), "success"], [at(3), "success"], [at(0), "running"]],
    );
    await assert.rejects(store.prune(), TypeError);
  });

  test("prune() forgets nothing where it is not plain what", async (store) => {
    for (let i = 0; i < 3; i++) await store.saveSession(sampleRecord({ startedAt: at(i) }));
    const odd = [
      { before: undefined },
      { tags: {}, state: undefined },
      { keepNewest: -1 },
      { keepNewest: NaN },
      { keepNewest: 1.5 },
      { keepNewest: "1" },
      { olderThan: at(9) },
      { tags: ["kind"] },
      { tags: { kind: undefined } },
      { tacticPath: 5 },
      { state: "succes" },
      { before: "yesterday" },
    ];
    for (const query of odd) {
      await assert.rejects(store.prune(query as ListSessionsOptions), /^(Type|Range)Error: Cannot/);
    }
    assert.equal((await store.listSessions()).length, 3);
    assert.equal(await store.prune({ keepNewest: Infinity }), 0);
  });

  test("listSessions() refuses filters that it would overlook, and names the near one", async (store) => {
    const odd: [query: unknown, message: RegExp][] = [
      [{ state: "sucess" }, /found "sucess"; did you mean "success"/],
      [{ tag: { a: "b" } }, /found "tag"; did you mean "tags"/],
      [{ tags: { a: 1 } }, /expected a text as tag "a", found 1/],
      [{ tags: null }, /expected tags as an object, found null/],
      [{ tacticPath: 5 }, /expected a text as tacticPath, found 5/],
    ];
    for (const [query, message] of odd) {
      await assert.rejects(store.listSessions(query as ListSessionsOptions), message);
      await assert.rejects(store.exportCostSummary(query as ListSessionsOptions), message);
    }
  });

  test("redact changes what is kept, and not what is hashed", async (_store, place) => {
    await using store = place.open({
      redact: ({ value }) => JSON.parse(JSON.stringify(value).replaceAll(/Ann/g, "N.")),
    });
    const record = sampleRecord({
      task: "Ann asks",
      result: "Dear Ann",
      steps: [{ ...sampleStep(0), input: "Ann", output: ["Ann"] }],
    });
    await store.saveSession(record);
    const kept = await store.loadSessionRecord(record.id);
    assert.deepEqual([kept.task, kept.result, kept.steps[0]!.input, kept.steps[0]!.output], [
      "N. asks",
      "Dear N.",
      "N.",
      ["N."],
    ]);
    assert.equal(kept.steps[0]!.requestHash, record.steps[0]!.requestHash);
  });

  test("limits cut what is longer, and the record says what was cut", async (_store, place) => {
    await using store = place.open({ limits: { maxTextChars: 300, maxStepBytes: 10_000 } });
    const long = "ab😀".repeat(1_000);
    const id = nextId();
    const steps = [
      { ...sampleStep(0), input: { text: long }, output: { message: { id: "m", content: long } } },
      { ...sampleStep(1), output: { rows: Array.from({ length: 5_000 }, (_, n) => n) } },
      { ...sampleStep(2), output: { "$lllm-blob": 1, "$lllm-cut": [], value: "short" } },
    ].map((step) => ({ ...step, requestHash: sha256Hex(canonicalJson(step.input)) }));
    await store.saveSession(sampleRecord({ id, task: { text: long }, result: [long], metadata: {}, steps }));
    const check = async (reader: LogStore) => {
      const record = await reader.loadSessionRecord(id);
      const hash = sha256Hex(long);
      const [first, second, third] = record.steps;
      const { message } = first!.output as { message: { content: string } };
      assert(message.content.length <= 300 && message.content.startsWith("ab😀ab😀"), message.content);
      assert.match(message.content, new RegExp(`… \\[cut: 4000 characters, sha256 ${hash}\\]$`));
      assert(isWellFormed(message.content));
      const [cut] = first!.cut!;
      assert.deepEqual({ ...cut, kept: 0 }, {
        at: "message.content",
        type: "text",
        length: 4_000,
        kept: 0,
        hash,
      });
      assert(JSON.stringify(first!.input).length < 400);
      assert.deepEqual(
        record.steps.map(({ requestHash }) => requestHash),
        steps.map((step) => step.requestHash),
      );
      const { rows } = second!.output as { rows: number[] };
      assert(rows.length >= 8 && JSON.stringify(second!.output).length <= 10_000);
      assert.deepEqual(second!.cut!.map(({ at, type, length, kept }) => [at, type, length, kept]), [
        ["rows", "list", 5_000, rows.length],
      ]);
      assert.deepEqual([third!.output, third!.cut], [steps[2]!.output, undefined]);
      assert.deepEqual(record.cut!.map(({ at }) => at), ["task.text", "result[0]"]);
      const session = await reader.loadSession(id);
      assert.deepEqual([session.task, session.delivery], [record.task, record.result]);
      assert.match((record.task as { text: string }).text, /\[cut: 4000 characters/);
      return record;
    };
    const record = await check(store);
    await using plain = place.open();
    await plain.saveSession(record); // a record that was cut stays one
    assert.deepEqual(toPlain(await check(plain)), toPlain(record));
    for (const limits of [{ maxTextChars: 10 }, { maxStepBytes: 2.5 }, { maxStepBytes: NaN }]) {
      assert.throws(() => place.open({ limits }), RangeError);
    }
  });

  test(
    "retention forgets what is too old and too many, when sessions are kept and at the end",
    async (store, place) => {
      const day = 86_400_000;
      const ago = (days: number) => new Date(Date.now() - days * day).toISOString();
      const save = (days: number) => store.saveSession(sampleRecord({ startedAt: ago(days) }));
      for (const days of [1, 2, 3, 40, 50]) await save(days);
      const ages = async () =>
        (await store.listSessions()).map(({ startedAt }) =>
          Math.round((Date.now() - Date.parse(startedAt)) / day)
        );
      {
        await using reader = place.open({ retention: { maxSessions: 1 } });
        await reader.listSessions();
      }
      assert.deepEqual(await ages(), [1, 2, 3, 40, 50]); // who only looks forgets nothing
      assert.equal(await store.applyRetention(), 0);
      assert.equal(await store.applyRetention({ maxAgeDays: 45 }), 1);
      {
        await using writer = place.open({ retention: { maxAgeDays: 30, maxSessions: 3 } });
        const run = writer.startSession(sampleHead({ startedAt: ago(60) })); // it goes on, so it stays
        await run.started;
        while ((await ages()).length > 4) continue;
        assert.deepEqual(await ages(), [1, 2, 3, 60]);
        await writer.saveSession(sampleRecord({ startedAt: ago(0) }));
      }
      assert.deepEqual(await ages(), [0, 1, 2, 60]); // at that time its program was there
      for (const retention of [{ maxSessions: 0 }, { maxAgeDays: -1 }, { maxSessions: 1.5 }]) {
        assert.throws(() => place.open({ retention }), RangeError);
      }
      assert.throws(() => place.open({ retention: { maxAge: 1 } as object }), TypeError);
    },
  );

  test("many sessions at once keep their steps apart and in order", async (store) => {
    const heads = Array.from({ length: 40 }, () => sampleHead());
    await Promise.all(heads.map(async (head, n) => {
      const writer = store.startSession(head);
      for (let i = 0; i < 5; i++) {
        await writer.addStep(recordedStep(i, { name: `${n}.${i}` }));
      }
      await writer.end(sampleSession(head));
    }));
    assert.equal((await store.listSessions({ state: "success", limit: 1000 })).length, 40);
    for (const [n, head] of heads.entries()) {
      const { steps } = await store.loadSessionRecord(head.id);
      assert.deepEqual(steps.map(({ name }) => name), [0, 1, 2, 3, 4].map((i) => `${n}.${i}`));
    }
  });

  test("runs of tactics are kept, those inside them as a part of them", async (_store, place) => {
    await using logStore = place.open();
    class Draft extends NativeTactic<string, string> {
      name = "draft";
      agentGroup = ["writer"];
      async call(task: string): Promise<string> {
        this.agent("writer").open("main").receive(task);
        return String((await this.agent("writer").respond()).content);
      }
    }
    const config = {
      agent_configs: [{ name: "writer", model_name: "scripted", system_prompt: "You write." }],
    };
    const invoker = scriptedInvoker({ version: 1, rules: [{ reply: { text: "A draft" } }] });
    const draft = new Draft({ config, invoker, logStore });
    class Desk extends Tactic<string, string> {
      name = "desk";
      async call(task: string, { now, step }: Parameters<Tactic["call"]>[1]): Promise<string> {
        const year = now().getUTCFullYear();
        const texts = await Promise.all([draft.run(task), draft.run(`${task}!`)]);
        return await step("join", () => Promise.resolve(`${year >= 2026}: ${texts.join(", ")}`));
      }
    }
    const session = await new Desk({ logStore }).run("Go", { tags: { k: "v" }, returnSession: true });
    const [summary, ...more] = await logStore.listSessions({ tacticPath: "desk", tags: { k: "v" } });
    assert.deepEqual([summary!.id, summary!.state, more.length], [session.sessionId, "success", 0]);
    assert.equal((await logStore.listSessions()).length, 1);
    const record = await logStore.loadSessionRecord(session.sessionId);
    assert.equal(record.result, "true: A draft, A draft");
    assert.deepEqual(record.steps.map(({ kind, path }) => `${kind} ${path}`).sort(), [
      "effect now#0",
      "effect step:join#0",
      "model tactic:draft#0/writer/main#0",
      "model tactic:draft#1/writer/main#0",
      "tactic tactic:draft#0",
      "tactic tactic:draft#1",
    ]);
    const loaded = await logStore.loadSession(session.sessionId);
    assert.deepEqual(toPlain(loaded), toPlain(session));
    assert.equal(loaded.subTacticSessions.draft!.length, 2);
    const json = JSON.parse(await logStore.exportSession(session.sessionId, { format: "json" }));
    assert.deepEqual(json, toPlain(record));
    const lines = (await logStore.exportSession(session.sessionId, { format: "jsonl" })).trim().split("\n");
    assert.equal(lines.length, 7);
    assert.match(
      await logStore.exportSession(session.sessionId, { format: "markdown" }),
      /### 0\. effect now/,
    );
    await assert.rejects(logStore.exportSession(session.sessionId, { format: "xml" as "json" }), RangeError);
  });

  test("lists agree with a plain filter, whatever is asked", async (store) => {
    const records: SessionRecord[] = [];
    const small = (...values: string[]) => fc.constantFrom(...values);
    const tags = fc.dictionary(small("a", "b", 'c"='), small("1", "2"), { maxKeys: 2 });
    const state = fc.constantFrom<TacticCallState>("success", "failure", "cancelled");
    const place = fc.record({ tags, state, second: fc.nat(5), tacticPath: small("p::x", "p::y", "q::x") });
    for (const { second, ...rest } of fc.sample(place, 60)) {
      const record = sampleRecord({ ...rest, startedAt: at(second), steps: [] });
      records.push(record);
    }
    await Promise.all(records.map((record) => store.saveSession(record)));
    const query = fc.record({
      tags,
      state,
      after: fc.nat(5),
      before: fc.nat(5),
      tacticPath: small("p::x", "p::y", "q::x", "x", "nobody"),
    }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(query, async ({ after, before, ...rest }) => {
        const times = {
          ...(after === undefined ? {} : { after: at(after) }),
          ...(before === undefined ? {} : { before: at(before) }),
        };
        const found = await store.listSessions({ ...rest, ...times, limit: 100 });
        const expected = records.filter((record) =>
          (rest.state === undefined || record.state === rest.state) &&
          (rest.tacticPath === undefined ||
            [record.tacticPath, record.tacticName].includes(rest.tacticPath)) &&
          (times.after === undefined || record.startedAt >= times.after) &&
          (times.before === undefined || record.startedAt <= times.before) &&
          Object.entries(rest.tags ?? {}).every(([key, value]) => record.tags[key] === value)
        );
        assert.deepEqual(found.map(({ id }) => id).sort(), expected.map(({ id }) => id).sort());
      }),
      { numRuns: 60 },
    );
  });
}
