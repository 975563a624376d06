import assert from "node:assert/strict";
import type { InvokeRequest } from "../../src/invokers/mod.ts";
import { type Script, scriptedInvoker } from "../../src/invokers/mod.ts";
import { type BudgetRunner, budgetRunner } from "../../src/run/mod.ts";
import { NativeTactic, Tactic } from "../../src/tactic/mod.ts";

const usage = { prompt_tokens: 50, completion_tokens: 50 };
const COST = 50 * 0.15e-6 + 50 * 0.6e-6; // of gpt-4o-mini

class Ask extends NativeTactic<string, string> {
  name = "ask";
  agentGroup = ["asker"] as const;
  async call(task: string): Promise<string> {
    const asker = this.agent("asker").open("main");
    asker.receive(task);
    return (await asker.respond()).content as string;
  }
}

function ask(
  script: Script,
  agent: Record<string, unknown> = {},
  options: Record<string, unknown> = {},
): Ask {
  const asker = {
    name: "asker",
    model_name: "gpt-4o-mini",
    system_prompt: "Be brief.",
    model_args: { max_tokens: 50 },
    ...agent,
  };
  return new Ask({ config: { agent_configs: [asker] }, invoker: scriptedInvoker(script), ...options });
}

const always = (reply: object) => ({ rules: [{ reply: { text: "ok", usage, ...reply } }] });

/** A tactic that runs another one in some way. */
class Around<Out> extends Tactic<string, Out> {
  name = "around";
  constructor(readonly body: () => Promise<Out>) {
    super();
  }
  call(): Promise<Out> {
    return this.body();
  }
}

async function failure(work: Promise<unknown>): Promise<Record<string, unknown> & { cause: Error }> {
  return await work.then(() => assert.fail("it did not fail"), (error) => error);
}

/** The innermost error that says what was refused. */
// deno-lint-ignore no-explicit-any
function refusal(error: any): { code: string; data: Record<string, unknown>; message: string } {
  while (error?.cause?.code === "budget_exceeded" || error?.code === "tactic_failed") error = error.cause;
  return error;
}

Deno.test("run() refuses the model call that its budget has no room for; every error tells the figures", async () => {
  const tactic = new Around(async () => {
    const inner = ask(always({}));
    await inner.run("one");
    await inner.run("two");
  });
  const error = await failure(tactic.run("x", { budget: { usd: 1.5 * COST } }));
  const { code, data } = refusal(error);
  assert.equal(code, "budget_exceeded");
  assert.deepEqual([data.budget, data.limit, data.reserved], ["usd", 1.5 * COST, 0]);
  assert(Math.abs(data.used as number - COST) < 1e-12);
  const agentError = (error.cause as Error).cause as Error & { data: Record<string, unknown> };
  assert.equal(agentError.name, "AgentError");
  assert.equal(agentError.data.budget, "usd");
});

Deno.test("a budget holds for sub-tactics with one of their own, and for batches", async () => {
  const inner = ask(always({}));
  const nested = new Around(() => inner.run("one", { budget: { usd: 10 } }));
  const twice = new Around(async () => [await nested.run("x"), await nested.run("x")]);
  assert.equal(refusal(await failure(twice.run("x", { budget: { tokens: 150 } }))).data.limit, 150);
  const own = new Around(
    async () => [await inner.run("x"), await inner.run("x", { budget: { tokens: 60 } })],
  );
  assert.equal(refusal(await failure(own.run("x", { budget: { tokens: 10_000 } }))).data.limit, 60);

  const batch = new Around(() => inner.bcall(["a", "b", "c", "d", "e"], { failFast: false }));
  const outcomes = await batch.run("x", { budget: { tokens: 320 } });
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.equal(outcomes.length - refused.length, 3);
  assert(refused.every(({ reason }) => refusal(reason).code === "budget_exceeded"));
});

Deno.test("bcall() and ccall() take a budget for all runs together, and several calls may share one", async () => {
  const inner = ask(always({}));
  const outcomes = await inner.bcall(["a", "b", "c"], { budget: { tokens: 220 }, failFast: false });
  assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "fulfilled", "rejected"]);
  await assert.rejects(inner.bcall(["a", "b", "c"], { budget: { tokens: 220 } }), { code: "tactic_failed" });
  const shared: BudgetRunner = budgetRunner({ tokens: 320 });
  await inner.run("a", { budget: shared });
  let count = 0;
  for await (const [, { status }] of inner.ccall(["b", "c", "d"], { budget: shared, failFast: false })) {
    if (status === "fulfilled") count++;
  }
  assert.equal(count, 2);
  assert.equal(shared.usage().tokens, 300);
});

Deno.test("wallMs ends a run with budget_exceeded, and what is under way with it", async () => {
  const signals: AbortSignal[] = [];
  const hang = ({ signal }: InvokeRequest) =>
    new Promise<string>((_resolve, reject) => {
      signals.push(signal!);
      signal!.addEventListener("abort", () => reject(signal!.reason));
    });
  const error = await failure(
    new Around(() => ask({ rules: [{ reply: hang }] }).run("x")).run("x", { budget: { wallMs: 20 } }),
  );
  assert.equal(error.name, "TacticError");
  assert.equal((error.cause as Error & { code: string }).code, "budget_exceeded");
  assert.equal(refusal(error).data.budget, "wallMs");
  assert.equal((error.session as { state: string }).state, "failure");
  assert.equal(signals[0]!.aborted, true);

  const outcomes = await ask({ rules: [{ reply: hang }] }).bcall(["a", "b", "c"], {
    budget: { wallMs: 20 },
    failFast: false,
    maxWorkers: 2,
  });
  for (const outcome of outcomes) {
    assert(outcome.status === "rejected" && refusal(outcome.reason).data.budget === "wallMs");
  }
});

Deno.test("steps counts calls of models and tools, cells, APIs, sub-tactics and context.step()", async () => {
  class Mixed extends Tactic<string, string> {
    name = "mixed";
    async call(_task: string, context: Parameters<Tactic["call"]>[1]): Promise<string> {
      context.now();
      context.random();
      await context.step("one", () => Promise.resolve(1));
      return await ask(always({})).run("x"); // the run is a step, and its model call
    }
  }
  assert.equal(await new Mixed().run("x", { budget: { steps: 3 } }), "ok");
  assert.equal(refusal(await failure(new Mixed().run("x", { budget: { steps: 2 } }))).data.used, 2);
});

Deno.test("a model without a price is refused under a dollar budget, before it is asked", async () => {
  const tactic = ask(always({}), { model_name: "my-own-model" });
  const { message, code } = refusal(await failure(tactic.run("x", { budget: { usd: 1 } })));
  assert.equal(code, "budget_exceeded");
  assert.match(message, /"my-own-model".*LLLM_MODEL_PRICES/);
  assert.equal(await tactic.run("x", { budget: { tokens: 1_000 } }), "ok");
});

Deno.test("what was streamed before a failure counts, and each attempt sets aside anew", async () => {
  const budget = budgetRunner({ tokens: 10_000 });
  const text = "x".repeat(300);
  const tactic = ask(
    [{ text, error: {} }, { text: "ok", usage }],
    { max_llm_recall: 1 },
    { streamHandler: { handleChunk: () => assert(budget.usage().reservedTokens >= 50) } },
  );
  assert.equal(await tactic.run("x", { budget }), "ok");
  const { tokens, reservedTokens, steps } = budget.usage();
  assert.deepEqual([reservedTokens, steps], [0, 2]);
  assert(tokens > 200 && tokens < 300, `${tokens}`); // 100 of both replies, and the first request's input
});

Deno.test("an abort gives back what was set aside, but for the request and what was streamed", async () => {
  const budget = budgetRunner({ tokens: 1_000 });
  const controller = new AbortController();
  let chunks = 0;
  const tactic = ask(always({ text: "x".repeat(80) }), {}, {
    streamHandler: { handleChunk: () => void (++chunks === 5 && controller.abort("enough")) },
  });
  await assert.rejects(
    tactic.run("x", { budget, signal: controller.signal }),
    (reason) => reason === "enough",
  );
  const { tokens, reservedTokens } = budget.usage();
  assert.equal(reservedTokens, 0);
  assert(tokens >= 30 && tokens < 60, `${tokens}`);
  const silent = budgetRunner({ tokens: 1_000 });
  const refusing = ask([{ error: { status: 400 } }]);
  await failure(refusing.run("x", { budget: silent }));
  assert.equal(silent.usage().tokens, 0); // a request that is refused costs nothing
});

Deno.test("without a limit of its own a request takes what the budget has left, and a reply cut there is refused", async () => {
  const asked: unknown[] = [];
  const reply = ({ modelArgs }: InvokeRequest) => {
    asked.push(modelArgs?.max_tokens);
    return { text: "cut", usage, finish_reason: asked.length === 1 ? "stop" : "length" };
  };
  const budget = budgetRunner({ tokens: 260 });
  const tactic = ask({ rules: [{ reply }] }, { model_args: {} });
  await tactic.run("x", { budget });
  const error = await failure(tactic.run("x", { budget }));
  assert.match(refusal(error).message, /expected it to end within the \d+ tokens that the budget had left/);
  assert.equal(budget.usage().tokens, 200);
  assert.equal((error.session as { totalCost: { totalTokens: number } }).totalCost.totalTokens, 100);
  const [first, second] = asked as [number, number];
  assert(first > 150 && first < 250 && second === first - 100, `${asked}`);
});
