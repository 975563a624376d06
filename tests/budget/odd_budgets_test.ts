import assert from "node:assert/strict";
import { sqliteStore } from "@lllm/lllm/log";
import { type Budget, type BudgetRunner, budgetRunner, type CallContext, systemClock } from "@lllm/lllm/run";
import { Tactic } from "@lllm/lllm/tactic";
import { scriptedInvoker } from "@lllm/lllm/testing";

class Wait extends Tactic<number, string> {
  name = "wait";
  async call(delayMs: number, { step }: CallContext): Promise<string> {
    await step("wait", () => new Promise<null>((resolve) => setTimeout(resolve, delayMs, null)));
    return "waited";
  }
}

/** Asks a model, within another run of the same budget. */
class Share extends Tactic<number, string> {
  name = "share";
  constructor(readonly budget: BudgetRunner) {
    super();
  }
  async call(depth: number): Promise<string> {
    if (depth > 0) return await new Share(this.budget).run(depth - 1, { budget: this.budget });
    const invoker = scriptedInvoker([{ text: "Yes", usage: { prompt_tokens: 20, completion_tokens: 1 } }]);
    const agent = Tactic.quick("You answer.", {
      model: "gpt-4o-mini",
      invoker,
      modelArgs: { max_tokens: 100 },
    });
    const dialog = agent.open("main");
    dialog.receive("Well?");
    return (await dialog.respond()).content as string;
  }
}

Deno.test("run() takes any time as wallMs, also one that no timer of the engine can wait", async () => {
  for (const wallMs of [2 ** 31, 1e12, Infinity]) {
    assert.equal(await new Wait().run(20, { budget: { wallMs } }), "waited");
  }
  await assert.rejects(new Wait().run(5_000, { budget: { wallMs: 10 } }), { code: "tactic_failed" });
});

Deno.test("systemClock forgets a wait that takes several timers", () => {
  systemClock.clearTimeout(systemClock.setTimeout(() => {}, 2 ** 40)); // a leaking timer fails the test
});

Deno.test("run() refuses what is no budget before it keeps anything of the run", async () => {
  await using logStore = sqliteStore(":memory:");
  const tactic = new Wait({ logStore });
  for (const budget of [null, 5, { usd: -1 }, { usd: 0 }, { tokens: NaN }, { steps: "3" }, { dollars: 1 }]) {
    await assert.rejects(tactic.run(0, { budget: budget as unknown as Budget }), /Cannot set budget/);
  }
  await assert.rejects(tactic.run(0, { signal: "stop" as unknown as AbortSignal }), TypeError);
  assert.deepEqual(await logStore.listSessions(), []);
});

Deno.test("a budget that runs within each other share counts each step once, and does not wait for itself", async () => {
  const budget = budgetRunner({ tokens: 230, steps: 3 });
  assert.equal(await new Share(budget).run(2, { budget }), "Yes");
  const { tokens, reservedTokens, steps } = budget.usage();
  assert.deepEqual([tokens, reservedTokens, steps], [21, 0, 3]); // two runs within, and a model call
  await assert.rejects(new Share(budget).run(0, { budget }), { code: "tactic_failed" });
});

Deno.test("usage() tells dollars and tokens that are not limited", async () => {
  const budget = budgetRunner({ steps: 10 });
  await new Share(budget).run(0, { budget });
  assert.equal(budget.usage().tokens, 21);
  assert(budget.usage().usd > 0);
});
