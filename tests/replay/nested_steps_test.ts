import assert from "node:assert/strict";
import { replaySession } from "@lllm/lllm/replay";
import type { CallContext } from "@lllm/lllm/run";
import { currentRun } from "@lllm/lllm/run";
import type { Invoker } from "@lllm/lllm/invokers";
import type { SessionStore } from "@lllm/lllm/session";
import { NativeTactic, Tactic } from "@lllm/lllm/tactic";
import { memoryStore, scriptedInvoker } from "@lllm/lllm/testing";
import { tool } from "@lllm/lllm/tools";
import { Prompt } from "@lllm/lllm/prompt";
import { Ask, noInvoker } from "./_programs.ts";

/** An agent whose tools make steps: one an effect, one a whole run of a tactic. */
class Boss extends NativeTactic<string, string> {
  name = "boss";
  agentGroup = ["chief"] as const;
  readonly worker: Ask;
  readonly onEffect: () => void;
  constructor(
    invoker: Invoker,
    options: { logStore?: SessionStore; onEffect?: () => void; worker?: Invoker } = {},
  ) {
    const { onEffect = () => {}, worker = invoker, ...rest } = options;
    super({
      config: { agent_configs: [{ name: "chief", model_name: "scripted", system_prompt: "You lead." }] },
      invoker,
      ...rest,
    });
    this.worker = new Ask(worker);
    this.onEffect = onEffect;
  }
  async call(task: string): Promise<string> {
    const measure = tool({
      name: "measure",
      description: "Measures",
      parameters: { type: "object", properties: {} },
      execute: async (_args, { tacticContext }) => {
        const context = tacticContext as CallContext;
        this.onEffect();
        const at = context.now();
        return await context.step("probe", () => Promise.resolve(at.getTime()));
      },
    });
    const chief = this.agent("chief").open("main");
    chief.receivePrompt(
      new Prompt({ path: "do", prompt: "{task}", functions: [measure, this.worker.asTool()] }),
      {
        promptArgs: { task },
      },
    );
    return (await chief.respond()).content as string;
  }
}

const replies = () => [
  { toolCalls: [{ name: "measure", arguments: {} }, { name: "ask", arguments: { task: "How?" } }] },
  { text: "Done" },
];

const shape = (steps: readonly { path: string; kind: string; requestHash: string; output?: unknown }[]) =>
  steps.map(({ path, kind, requestHash, output }) => ({ path, kind, requestHash, output }));

Deno.test("replaySession() repeats the steps within tools for whoever records, without running the tools", async () => {
  const logStore = memoryStore();
  await new Boss(scriptedInvoker(replies()), { logStore, worker: scriptedInvoker(["So"]) }).run("Work");
  const recorded = logStore.records[0]!;
  assert(recorded.steps.some(({ path, kind }) => kind === "tactic" && path.includes("tool:ask")));
  assert(recorded.steps.some(({ path }) => path.includes("step:probe")));
  const later = memoryStore();
  const boss = new Boss(noInvoker, { logStore: later, onEffect: () => assert.fail("the tool was run") });
  const replayed = await replaySession<string, string>(recorded, boss);
  assert.equal(replayed.result, "Done");
  assert.deepEqual(shape(replayed.steps), shape(recorded.steps));
  assert.deepEqual(shape(later.records[0]!.steps), shape(recorded.steps));
});

Deno.test("a fork within a tool runs the tool again, up to there with what was recorded", async () => {
  const logStore = memoryStore();
  await new Boss(scriptedInvoker(replies()), { logStore, worker: scriptedInvoker(["So"]) }).run("Work");
  const recorded = logStore.records[0]!;
  const probe = recorded.steps.find(({ path }) => path.includes("step:probe"))!;
  let runs = 0;
  const boss = new Boss(scriptedInvoker([{ text: "Anew" }]), {
    onEffect: () => runs++,
    worker: scriptedInvoker(["Thus"]),
  });
  const { result, steps } = await replaySession<string, string>(recorded, boss, {
    fork: { at: probe.path, output: 42 },
  });
  assert.deepEqual([result, runs], ["Anew", 1]);
  assert.equal(steps.find(({ path }) => path === probe.path)!.output, 42);
});

Deno.test("replaySession() counts the tactics that tools ran, though they do not run again", async () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, response_cost: 0.25 };
  const withCost = (reply: object) => ({ ...reply, usage });
  const logStore = memoryStore();
  const worker = scriptedInvoker([withCost({ text: "So" })]);
  await new Boss(scriptedInvoker(replies().map(withCost)), { logStore, worker }).run("Work");
  const [recorded] = logStore.records;
  const { session, cost } = await replaySession<string, string>(recorded!, new Boss(noInvoker));
  assert.deepEqual(cost, {
    recordedUsd: 0.75,
    totalUsd: 0.75,
    savedUsd: 0.75,
    spentUsd: 0,
    differenceUsd: 0,
  });
  const { agentCalls, subTacticCalls, totalTokens } = session.summary();
  assert.deepEqual([agentCalls, subTacticCalls, totalTokens], [2, 1, 45]);
  const [inner] = session.subTacticSessions.ask!;
  assert.deepEqual([inner!.task, inner!.delivery, inner!.state, inner!.parentId], [
    "How?",
    "So",
    "success",
    session.sessionId,
  ]);
});

Deno.test("replaySession() needs nothing of what a tool did, be it cut or failed", async () => {
  const logStore = memoryStore();
  await new Boss(scriptedInvoker(replies()), { logStore, worker: scriptedInvoker(["So"]) }).run("Work");
  const recorded = logStore.records[0]!;
  const hash = "0".repeat(64);
  for (
    const change of [
      { output: "{… [cut]", cut: [{ at: "", type: "text" as const, length: 9_999, kept: 1, hash }] },
      { output: undefined, error: { name: "Error", message: "gone" } },
    ]
  ) {
    const steps = recorded.steps.map((step) => {
      const isWithin = step.kind === "model" && step.path.includes("tool:ask");
      return isWithin ? JSON.parse(JSON.stringify({ ...step, ...change })) : step;
    });
    const { result, session } = await replaySession<string, string>(
      { ...recorded, steps },
      new Boss(noInvoker),
    );
    assert.equal(result, "Done");
    assert.deepEqual(session.subTacticSessions.ask![0]!.agentSessions, {});
  }
});

Deno.test("replaySession() shows a tactic its recorded ids, and a divergence that it swallows", async () => {
  class Swallow extends Tactic<string, string> {
    name = "swallow";
    constructor(readonly label: string, logStore?: SessionStore) {
      super(logStore === undefined ? {} : { logStore });
    }
    async call(_task: string, context: CallContext): Promise<string> {
      await context.step(this.label, () => Promise.resolve(1)).catch(() => 0);
      assert(currentRun() !== undefined);
      return `${context.runId} ${context.sessionId}`;
    }
  }
  const logStore = memoryStore();
  const result = await new Swallow("one", logStore).run("x");
  const again = await replaySession<string, string>(logStore.records[0]!, new Swallow("one"));
  assert.equal(again.result, result);
  await assert.rejects(replaySession(logStore.records[0]!, new Swallow("two")), { code: "replay_diverged" });
});

Deno.test("replaySession() does not wait again where a provider was waited for", async () => {
  class Patient extends Ask {
    constructor(invoker: Invoker, store?: SessionStore) {
      super(invoker, store, { max_llm_recall: 2 });
    }
  }
  const recorded = memoryStore();
  await new Patient(scriptedInvoker([{ error: { status: 500, message: "Oh" } }, { text: "Yes" }]), recorded)
    .run("x");
  const [record] = recorded.records;
  const [failed, ...rest] = record!.steps;
  const error = { ...failed!.error!, headers: { "retry-after": "50" } };
  const slow = { ...record!, steps: [{ ...failed!, error }, ...rest] };
  const start = performance.now();
  const { result } = await replaySession<string, string>(slow, new Patient(noInvoker));
  assert.equal(result, "Yes");
  assert(performance.now() - start < 5_000);
});
