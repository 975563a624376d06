import assert from "node:assert/strict";
import { type Script, scriptedInvoker } from "../../src/invokers/mod.ts";
import { sqliteStore } from "../../src/log/mod.ts";
import { replaySession } from "../../src/replay/mod.ts";
import { budgetRunner } from "../../src/run/mod.ts";
import type { SessionStore } from "../../src/session/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";

const usage = { prompt_tokens: 50, completion_tokens: 50 };

class Ask extends NativeTactic<string, string> {
  name = "ask";
  agentGroup = ["asker"] as const;
  constructor(script: Script, options: { logStore?: SessionStore; handleChunk?: () => void } = {}) {
    const { handleChunk = () => {}, ...rest } = options;
    const agent = {
      name: "asker",
      model_name: "gpt-4o-mini",
      system_prompt: "Be brief.",
      max_llm_recall: 1,
      model_args: { max_tokens: 200 },
    };
    super({
      config: { agent_configs: [agent] },
      invoker: scriptedInvoker(script),
      streamHandler: { handleChunk },
      ...rest,
    });
  }
  async call(task: string): Promise<string> {
    this.agent("asker").open("main").receive(task);
    return String((await this.agent("asker").respond()).content);
  }
}

const sum = (steps: readonly { costUsd?: number }[]) =>
  steps.reduce((total, { costUsd = 0 }) => total + costUsd, 0);

const same = (a: number, b: number) => assert(Math.abs(a - b) < 1e-11, `${a} and ${b}`);

Deno.test("a model call that breaks off costs in its record what the budget counts for it, and so in replays", async () => {
  await using logStore = sqliteStore(":memory:");
  const budget = budgetRunner({ usd: 1 });
  const script = [{ text: "x".repeat(300), error: {} }, { text: "ok", usage }];
  await new Ask(script, { logStore }).run("Why?", { budget });
  const [newest] = await logStore.listSessions();
  const record = await logStore.loadSessionRecord(newest!.id);
  const [broken, answered] = record.steps;
  assert(broken!.error !== undefined && broken!.costUsd! > 0);
  same(answered!.costUsd!, 50 * 0.15e-6 + 50 * 0.6e-6);
  same(sum(record.steps), budget.usage().usd);
  const { byModel } = await logStore.exportCostSummary();
  same(byModel["gpt-4o-mini"]!.costUsd, budget.usage().usd);

  const { steps, cost } = await replaySession<string, string>(record, new Ask([]));
  assert.deepEqual(steps.map(({ costUsd }) => costUsd), record.steps.map(({ costUsd }) => costUsd));
  same(cost.savedUsd, sum(record.steps));
  assert.deepEqual([cost.spentUsd, cost.differenceUsd], [0, 0]);

  const goesOn = await replaySession<string, string>(
    { ...record, state: "interrupted", steps: [broken!] },
    new Ask([{ text: "ok", usage }]),
    { mode: "continue" },
  );
  // What a run did not get past is tried again; nothing tells that this error was got over.
  same(goesOn.cost.spentUsd, answered!.costUsd!);
});

Deno.test("a model call that is given up on costs in its record what the budget counts for it", async () => {
  await using logStore = sqliteStore(":memory:");
  const budget = budgetRunner({ usd: 1 });
  const controller = new AbortController();
  let chunks = 0;
  const handleChunk = () => void (++chunks === 5 && controller.abort("enough"));
  const tactic = new Ask([{ text: "x".repeat(200), usage }], { logStore, handleChunk });
  const run = tactic.run("Why?", { budget, signal: controller.signal });
  await assert.rejects(run, (reason) => reason === "enough");
  const [newest] = await logStore.listSessions();
  const record = await logStore.loadSessionRecord(newest!.id);
  assert(budget.usage().usd > 0);
  same(sum(record.steps), budget.usage().usd);
});
