import assert from "node:assert/strict";
import { z } from "zod";
import type { Invoker } from "../../src/invokers/mod.ts";
import { LocalBackend } from "../../src/log/_local_backend.ts";
import { localStore, type LogEntry, LogStore, sqliteStore } from "../../src/log/mod.ts";
import { Message } from "../../src/message/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { type CallContext, recordingRunner } from "../../src/run/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { InvokeResult } from "../../src/session/mod.ts";
import { NativeTactic, Tactic } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { tool } from "../../src/tools/mod.ts";
import { nextTurn } from "../../src/util/mod.ts";

const lookup = tool({
  name: "lookup",
  description: "Looks something up",
  parameters: z.object({ query: z.string() }),
  execute: ({ query }) => {
    if (query === "nothing") throw new Error("There is nothing");
    return { query, rows: [1, 2, 3] };
  },
});
const form = new Prompt({ path: "form", prompt: "Answer {task}", format: z.object({ n: z.number() }) });

class Asks extends NativeTactic<string, unknown> {
  name = "asks";
  agentGroup = ["asker", "other"];
  async call(task: string, { now }: CallContext): Promise<unknown> {
    now();
    const asker = this.agent("asker");
    for (const alias of ["first", "second"]) {
      asker.open(alias).receive(task);
      await asker.respond();
      asker.receive(`Again, ${task}`);
      await asker.respond({ metadata: { alias } });
    }
    this.agent("other").open("only").receivePrompt(form, { promptArgs: { task } });
    return (await this.agent("other").respond()).parsed;
  }
}

const call = (query: string) => ({ tool_calls: [{ name: "lookup", arguments: { query } }] });
const script = ["a", call("x"), "b", call("nothing"), call("y"), "c", "d", '{"m":1}', '{"n":1}'];

const createTactic = (logStore: LogStore, invoker: Invoker = scriptedInvoker(script)) => {
  const runtime = new Runtime();
  runtime.registerTool("lookup", lookup);
  const agent = { model_name: "scripted", system_prompt: "You answer. ".repeat(60), tools: ["tools:lookup"] };
  const config = {
    agent_configs: [{ ...agent, name: "asker" }, { ...agent, name: "other", model_args: { temperature: 0 } }],
  };
  return new Asks({ config, runtime, logStore, invoker });
};
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

for (const kind of ["sqlite", "local"] as const) {
  Deno.test(`${kind}: what was kept of agents that call tools is their session and their steps, whole`, async () => {
    const dir = await Deno.makeTempDir();
    const logStore = kind === "sqlite" ? sqliteStore(`${dir}/log.sqlite`) : localStore(`${dir}/log`);
    const beside = recordingRunner();
    const session = await createTactic(logStore).run("What?", { steps: beside, returnSession: true });
    const loaded = await logStore.loadSession(session.sessionId);
    assert.deepEqual(plain(loaded), plain(session));
    assert.equal(Object.values(loaded.agentSessions.asker!).length, 4);
    assert.equal(loaded.totalCost.cost, session.totalCost.cost);
    const { steps } = await logStore.loadSessionRecord(session.sessionId);
    const withoutTimes = steps.map(({ startedAt: _, durationMs: __, ...step }) => step);
    const expected = beside.steps.map(({ startedAt: _, durationMs: __, ...step }) => step);
    assert.deepEqual(plain(withoutTimes), plain(expected));
    assert.deepEqual(new Set(steps.map((step) => step.kind)), new Set(["effect", "model", "tool"]));
    await logStore.close();
    await Deno.remove(dir, { recursive: true });
  });
}

Deno.test("a reply that cannot be written spoils no other session of its group", async () => {
  await using logStore = sqliteStore(":memory:");
  const result = new InvokeResult({
    rawResponse: { big: 1n },
    message: new Message({ role: "assistant", content: '{"n":1}' }),
  });
  const broken = createTactic(logStore, { call: () => Promise.resolve(result) });
  const runs = [0, 1, 2, 3].map((n) => n === 1 ? broken.run("?") : createTactic(logStore).run("?"));
  const outcomes = await Promise.allSettled(runs);
  assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  const [, { reason }] = outcomes as [unknown, PromiseRejectedResult];
  assert.match(String(reason), /Cannot keep the session of tactic "asks": .*BigInt/);
  const kept = await logStore.listSessions();
  assert.deepEqual(kept.map(({ state, stepCount }) => `${state} ${stepCount}`).sort(), [
    "running 1",
    "success 13",
    "success 13",
    "success 13",
  ]);
});

Deno.test("after a group that could not be written a session has no gap", async () => {
  const dir = await Deno.makeTempDir();
  for (const failing of [1, 2]) {
    let count = 0;
    class Failing extends LocalBackend {
      override async write(entries: readonly LogEntry[]): Promise<void> {
        await nextTurn();
        if (count++ === failing) throw new Error("connection lost");
        super.write(entries);
      }
    }
    await using logStore = new LogStore(new Failing(`${dir}/${failing}`));
    class Reads extends Tactic<string, string> {
      name = "reads";
      async call(_task: string, { now, random, step }: CallContext): Promise<string> {
        now();
        await nextTurn();
        random();
        await Promise.all([1, 2, 3].map((n) => step(`step ${n}`, () => Promise.resolve(n))));
        return "done";
      }
    }
    await assert.rejects(new Reads({ logStore }).run("?"), /Cannot keep the session .*connection lost/);
    const [listed] = await logStore.listSessions();
    assert.equal(listed!.state, "running");
    const { steps } = await logStore.loadSessionRecord(listed!.id);
    assert.deepEqual(steps.map(({ index }) => index), steps.map((_, i) => i));
  }
  await Deno.remove(dir, { recursive: true });
});
