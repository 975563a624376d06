import assert from "node:assert/strict";
import type { Invoker } from "@lllm/lllm/invokers";
import { sqliteStore } from "@lllm/lllm/log";
import { replaySession } from "@lllm/lllm/replay";
import { type BudgetRunner, budgetRunner } from "@lllm/lllm/run";
import type { SessionRecord, SessionStore } from "@lllm/lllm/session";
import { Tactic } from "@lllm/lllm/tactic";
import { scriptedInvoker } from "@lllm/lllm/testing";
import { Ask, noInvoker } from "./_programs.ts";

const usage = { prompt_tokens: 50, completion_tokens: 50 };
const COST = 50 * 0.15e-6 + 50 * 0.6e-6; // of gpt-4o-mini
const MODEL = { model_name: "gpt-4o-mini", model_args: { max_tokens: 50 } };

/** Asks three times, each time within a budget of its own that has room for one call. */
class Series extends Tactic<string, string> {
  name = "series";
  readonly #ask: Ask;
  constructor(
    invoker: Invoker = noInvoker,
    readonly inner: () => { steps: number } | BudgetRunner = () => ({ steps: 1 }),
    logStore?: SessionStore,
  ) {
    super(logStore === undefined ? {} : { logStore });
    this.#ask = new Ask(invoker, undefined, MODEL);
  }
  async call(task: string): Promise<string> {
    const answers: string[] = [];
    for (let n = 0; n < 3; n++) answers.push(await this.#ask.run(`${task} ${n}`, { budget: this.inner() }));
    return answers.join(" ");
  }
}

const replies = (...texts: string[]) => scriptedInvoker(texts.map((text) => ({ text, usage })));

async function recordSeries(): Promise<SessionRecord> {
  await using logStore = sqliteStore(":memory:");
  const series = new Series(replies("a", "b", "c"), undefined, logStore);
  const { sessionId } = await series.run("Which?", { returnSession: true });
  return await logStore.loadSessionRecord(sessionId);
}

/** The record as it was when so many calls of the model had ended. */
function interruptedAfter(record: SessionRecord, calls: number): SessionRecord {
  const models = record.steps.filter(({ kind }) => kind === "model");
  const { result: _, ...rest } = record;
  const steps = record.steps.filter(({ index }) => index <= models[calls - 1]!.index);
  return { ...rest, state: "interrupted", steps };
}

Deno.test("replaySession() spends nothing of a budget on what comes from the record", async () => {
  const record = await recordSeries();
  const budget = budgetRunner({ usd: COST / 10, tokens: 1, steps: 1 });
  const inner = budgetRunner({ usd: COST / 10, tokens: 1, steps: 1 });
  const { result } = await replaySession<string, string>(record, new Series(noInvoker, () => inner), {
    budget,
  });
  assert.equal(result, "a b c");
  for (const { usd, tokens, steps } of [budget.usage(), inner.usage()]) {
    assert.deepEqual([usd, tokens, steps], [0, 0, 0]);
  }
});

Deno.test("replaySession() counts what it does against a budget, in what it goes on with and after a fork", async () => {
  const record = await recordSeries();
  const goOn = async (limit: number) => {
    const budget = budgetRunner({ usd: limit, steps: 3 });
    const { result } = await replaySession<string, string>(
      interruptedAfter(record, 2),
      new Series(replies("d")),
      { mode: "continue", budget },
    );
    return { result, usage: budget.usage() };
  };
  const { result, usage: used } = await goOn(2 * COST); // the recorded calls alone had cost as much
  assert.equal(result, "a b d");
  assert.deepEqual([used.tokens, Number((used.usd / COST).toFixed(6))], [100, 1]);
  // The second call had ended, the tactic around it had not; the third one is new with its tactic.
  assert.equal(used.steps, 3);
  const refused = await goOn(COST / 10).catch((error) => error);
  assert.match(String(refused.message), /budget/i);

  const budget = budgetRunner({ usd: 1, tokens: 1_000 });
  const at = record.steps.filter(({ kind }) => kind === "model")[2]!.path;
  const forked = await replaySession<string, string>(record, new Series(replies("e")), {
    fork: { at },
    budget,
  });
  assert.deepEqual([forked.result, budget.usage().tokens], ["a b e", 100]);
});
