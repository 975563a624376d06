import assert from "node:assert/strict";
import { scriptedInvoker } from "../../src/invokers/mod.ts";
import { budgetRunner } from "../../src/run/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";

class Ask extends NativeTactic<string, string> {
  name = "ask";
  agentGroup = ["asker"] as const;
  async call(task: string): Promise<string> {
    const asker = this.agent("asker").open("main");
    asker.receive(task);
    return (await asker.respond()).content as string;
  }
}

/** The same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed * 2654435761 >>> 0;
  return () => {
    state = state + 0x6d2b79f5 >>> 0;
    let x = Math.imul(state ^ state >>> 15, 1 | state);
    x = x + Math.imul(x ^ x >>> 7, 61 | x) ^ x;
    return ((x ^ x >>> 14) >>> 0) / 4294967296;
  };
}

const PRICE = { input: 0.15e-6, output: 0.6e-6 }; // of gpt-4o-mini

/** Runs 500 tasks with money for about 300 of them; replies differ in cost and come in a random order. */
async function schedule(seed: number, modelArgs: Record<string, unknown>): Promise<void> {
  const random = numbers(seed);
  const underWay: (() => void)[] = [];
  let spent = 0;
  const costs: number[] = [];
  const reply = async () => {
    const [prompt_tokens, completion_tokens] = [
      20 + Math.floor(random() * 20),
      50 + Math.floor(random() * 150),
    ];
    const cost = prompt_tokens * PRICE.input + completion_tokens * PRICE.output;
    await new Promise<void>((resolve) => underWay.push(resolve));
    spent += cost;
    costs.push(cost);
    return { text: "ok", usage: { prompt_tokens, completion_tokens } };
  };
  const limit = 300 * (30 * PRICE.input + 125 * PRICE.output);
  const budget = budgetRunner({ usd: limit });
  const tactic = new Ask({
    config: {
      agent_configs: [{
        name: "asker",
        model_name: "gpt-4o-mini",
        system_prompt: "Be brief.",
        model_args: modelArgs,
      }],
    },
    invoker: scriptedInvoker({ rules: [{ reply }] }),
  });
  const tasks = Array.from({ length: 500 }, (_, index) => `task ${index}`);
  let isDone = false;
  const batch = tactic.bcall(tasks, { budget, maxWorkers: 500, failFast: false }).finally(() =>
    isDone = true
  );
  while (!isDone) {
    const [end] = underWay.splice(Math.floor(random() * underWay.length), 1);
    end?.();
    if (end === undefined) await new Promise((resolve) => setTimeout(resolve, 0));
    for (let turns = Math.floor(random() * 60); turns > 0; turns--) await null;
    const { usd, reservedUsd } = budget.usage();
    assert(usd + reservedUsd <= limit + 1e-12, `seed ${seed}: ${usd} + ${reservedUsd} pass ${limit}`);
  }
  const outcomes = await batch;
  assert(spent <= limit + 1e-12, `seed ${seed}: spent ${spent} of ${limit}`);
  assert(Math.abs(budget.usage().usd - spent) < 1e-9);
  assert.equal(budget.usage().reservedUsd, 0);
  const completed = outcomes.filter(({ status }) => status === "fulfilled").length;
  assert.equal(completed, costs.length);
  const payable = Math.floor(limit / (spent / completed));
  assert(completed >= 0.95 * payable, `seed ${seed}: ${completed} of ${payable} completed`);
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") continue;
    const { cause } = outcome.reason;
    assert.equal(cause.code, "budget_exceeded");
    assert.deepEqual(
      [cause.data.budget, cause.data.limit, cause.data.used <= limit, cause.data.needed > 0],
      ["usd", limit, true, true],
    );
  }
}

Deno.test("a batch of 500 with dollars for 300 stays within them, completes them, and says what was refused, in 50 schedules", async () => {
  // With a limit of the reply's length requests run side by side; without one they may each take what is left.
  for (let seed = 0; seed < 50; seed++) await schedule(seed, seed % 2 === 0 ? { max_tokens: 250 } : {});
});
