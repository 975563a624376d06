import fc from "fast-check";
import assert from "node:assert/strict";
import {
  type Budget,
  type BudgetRunner,
  budgetRunner,
  composeRunners,
  type Step,
  type StepEstimate,
} from "../../src/run/mod.ts";
import { fakeClock } from "../../src/testing/mod.ts";

/** A step that says it may use `said`, and uses what its effect gives. */
function step(said: Partial<StepEstimate>, name = "m"): Step {
  return {
    kind: "model",
    name,
    path: `${name}#0`,
    input: null,
    estimate: () => ({ tokens: 0, costUsd: 0, ...said }),
    measure: (result) => ({ tokens: 0, costUsd: 0, ...(result as object) }),
  };
}

/** An effect that ends when it is told to. */
function held(): {
  effect: () => Promise<unknown>;
  end: (used: object) => void;
  fail: (error: Error) => void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  return { effect: () => promise, end: resolve, fail: reject };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
const done = <T>(value: T) => () => Promise.resolve(value);

Deno.test("budgetRunner() refuses a step that has no room, and says what was found", async () => {
  const runner = budgetRunner({ tokens: 100 });
  await runner.run(step({ tokens: 60 }), done({ tokens: 50 }));
  await assert.rejects(runner.run(step({ tokens: 60 }), done({})), {
    code: "budget_exceeded",
    message:
      'Cannot run model step "m": expected to stay within the budget of 100 tokens, found 50 tokens used, 60 tokens needed',
    data: { budget: "tokens", limit: 100, used: 50, reserved: 0, needed: 60, path: "m#0" },
  });
  assert.equal(
    (await runner.run(step({ tokens: 50 }), done({ tokens: 50 })) as { tokens: number }).tokens,
    50,
  );
  assert.equal(runner.usage().tokens, 100);
});

Deno.test("budgetRunner() names one step and one token as such", async () => {
  const runner = budgetRunner({ steps: 1 });
  await runner.run(step({}), done({}));
  await assert.rejects(runner.run(step({}), done({})), /budget of 1 step, found 1 step used, 1 step needed$/);
});

Deno.test("budgetRunner() refuses limits that are none", () => {
  assert.throws(() => budgetRunner({ steps: 0 }), RangeError);
  assert.throws(() => budgetRunner({ usd: NaN }), RangeError);
  assert.throws(
    () => budgetRunner({ dollars: 1 } as Budget),
    /expected usd, tokens, steps, wallMs, found "dollars"/,
  );
});

Deno.test("budgetRunner() counts steps that are done, not those that are refused, asked about or read", async () => {
  const runner = budgetRunner({ steps: 2, tokens: 10 });
  const approval: Step = { kind: "effect", name: "approval", path: "approval#0", input: null };
  const tool: Step = { kind: "tool", name: "t", path: "t#0", input: null };
  await assert.rejects(runner.run(step({ tokens: 11 }), done({})), { code: "budget_exceeded" });
  for (let i = 0; i < 3; i++) await runner.run(approval, done("approve"));
  await runner.run(tool, done(1));
  await runner.run(tool, done(1));
  assert.equal(runner.usage().steps, 2);
  await assert.rejects(runner.run(tool, done(1)), (error: { data: unknown }) => {
    assert.deepEqual(error.data, { budget: "steps", limit: 2, used: 2, reserved: 0, needed: 1, path: "t#0" });
    return true;
  });
});

Deno.test("budgetRunner() lets a step wait for what others may leave, in the order of arrival", async () => {
  const runner = budgetRunner({ usd: 1 });
  const [a, b, c] = [held(), held(), held()];
  const order: string[] = [];
  const run = (name: string, usd: number, effect: () => Promise<unknown>) =>
    runner.run(step({ costUsd: usd }, name), () => (order.push(name), effect()));
  const first = run("a", 0.8, a.effect);
  const second = run("b", 0.5, b.effect);
  const third = run("c", 0.1, c.effect); // would fit, but b came first
  await turn();
  assert.deepEqual(order, ["a"]);
  assert.equal(runner.usage().reservedUsd, 0.8);
  a.end({ costUsd: 0.2 });
  await first;
  await turn();
  assert.deepEqual(order, ["a", "b", "c"]);
  b.end({ costUsd: 0.5 });
  c.end({ costUsd: 0.1 });
  await Promise.all([second, third]);
  assert.deepEqual([runner.usage().usd, runner.usage().reservedUsd], [0.8, 0]);
});

Deno.test("budgetRunner() refuses a waiting step as soon as it could fit no more, and serves those behind it", async () => {
  const runner = budgetRunner({ usd: 1 });
  const a = held();
  const first = runner.run(step({ costUsd: 0.9 }), a.effect);
  const second = runner.run(step({ costUsd: 0.5 }), done({ costUsd: 0.5 }));
  const third = runner.run(step({ costUsd: 0.2 }), done({ costUsd: 0.2 }));
  second.catch(() => {});
  await turn();
  a.end({ costUsd: 0.7 });
  await first;
  await assert.rejects(second, /found \$0.7 used.*, \$0.5 needed/);
  await third;
  assert.equal(runner.usage().usd, 0.9);
});

Deno.test("budgetRunner() gives back what a failed, aborted or uncounted step had set aside", async () => {
  const runner = budgetRunner({ tokens: 100 });
  const failing: Step = { ...step({ tokens: 100 }), measureSoFar: () => ({ tokens: 7, costUsd: 0 }) };
  await assert.rejects(runner.run(failing, () => Promise.reject(new Error("cut"))), /cut/);
  assert.deepEqual([runner.usage().tokens, runner.usage().reservedTokens], [7, 0]);
  await runner.run({ ...failing, estimate: () => ({ tokens: 90, costUsd: 0 }) }, done({ tokens: 0 }));
  assert.equal(runner.usage().tokens, 14); // a reply without a count has its estimate

  const controller = new AbortController();
  const a = held();
  const first = runner.run(step({ tokens: 80 }), a.effect);
  const waiting = runner.run({ ...step({ tokens: 50 }), signal: controller.signal }, done({ tokens: 50 }));
  const behind = runner.run(step({ tokens: 5 }), done({ tokens: 5 }));
  waiting.catch(() => {});
  await turn();
  assert.equal(runner.usage().reservedTokens, 80);
  controller.abort("enough");
  await assert.rejects(waiting, (reason) => reason === "enough");
  await behind;
  a.fail(new Error("gone"));
  await assert.rejects(first, /gone/);
  assert.deepEqual([runner.usage().tokens, runner.usage().reservedTokens], [19, 0]);
});

Deno.test("budgetRunner() refuses a model without a price where dollars are limited, and only there", async () => {
  const unknown = step({ costUsd: undefined, tokens: 5 }, "my-model");
  await assert.rejects(
    budgetRunner({ usd: 5 }).run(unknown, done({})),
    { code: "budget_exceeded", message: /model "my-model".*LLLM_MODEL_PRICES/ },
  );
  await budgetRunner({ tokens: 5 }).run(unknown, done({ tokens: 5 }));
});

Deno.test("budgetRunner() makes the last step smaller rather than refuse it, when it is alone", async () => {
  const runner = budgetRunner({ tokens: 100 });
  const shrunk: number[] = [];
  const elastic = (): Step =>
    step({
      tokens: 1000,
      least: { tokens: 20, costUsd: 0 },
      shrink: ({ tokens }) => (shrunk.push(tokens), { tokens, costUsd: 0 }),
    });
  const a = held();
  const first = runner.run(elastic(), a.effect);
  const second = runner.run(elastic(), done({ tokens: 40 }));
  await turn();
  assert.deepEqual(shrunk, [100]); // the second waits: it would have to share
  a.end({ tokens: 30 });
  await Promise.all([first, second]);
  assert.deepEqual(shrunk, [100, 70]);
  // 30 are left: more than the least, but less than such a step has been seen to use.
  await assert.rejects(runner.run(elastic(), done({})), /40 tokens needed/);
  assert.equal(runner.usage().tokens, 70);
});

Deno.test("budgetRunner() sets more aside for steps that used more than they said", async () => {
  const runner = budgetRunner({ tokens: 100 });
  await runner.run(step({ tokens: 10 }), done({ tokens: 20 }));
  await assert.rejects(runner.run(step({ tokens: 41 }), done({})), /82 tokens needed/);
  await runner.run(step({ tokens: 41 }, "other"), done({ tokens: 41 }));
});

Deno.test("budgetRunner() never lets a step wait for the one that it is part of", async () => {
  const runner = budgetRunner({ tokens: 100 });
  const inner = step({ tokens: 30 }, "inner");
  await assert.rejects(
    runner.run(step({ tokens: 80 }, "outer"), () => runner.run(inner, done({ tokens: 30 }))),
    /found 0 tokens used and 80 tokens set aside, 30 tokens needed/,
  );
  await runner.run(step({ tokens: 70 }, "outer"), () => runner.run(inner, done({ tokens: 30 })));
});

Deno.test("budgetRunner() aborts its signal when the time is up, by its clock", async () => {
  const clock = fakeClock();
  const runner = budgetRunner({ wallMs: 1_000 }, { clock });
  await clock.advance(999);
  assert.equal(runner.signal.aborted, false);
  await clock.advance(1);
  assert.equal(runner.signal.reason.code, "budget_exceeded");
  assert.deepEqual(runner.signal.reason.data, {
    budget: "wallMs",
    limit: 1_000,
    used: 1_000,
    reserved: 0,
    needed: 0,
  });
  await assert.rejects(runner.run(step({}), done({})), { code: "budget_exceeded" });
  const other = budgetRunner({ wallMs: 1_000 }, { clock });
  other.close();
  assert.equal(clock.pending, 0);
});

Deno.test("budgets around each other bind a step together, and all get back what it leaves", async () => {
  const outer = budgetRunner({ tokens: 100 });
  const inner = budgetRunner({ tokens: 60 });
  const both = composeRunners(inner, outer);
  await both.run(step({ tokens: 60 }), done({ tokens: 20 }));
  await assert.rejects(both.run(step({ tokens: 50 }), done({})), /budget of 60 tokens/);
  await outer.run(step({ tokens: 60 }), done({ tokens: 60 }));
  await assert.rejects(both.run(step({ tokens: 30 }), done({})), /budget of 100 tokens/);
  assert.deepEqual([inner.usage().reservedTokens, outer.usage().reservedTokens], [0, 0]);
});

Deno.test("budgetRunner() keeps its promises whatever steps do, in any order", async () => {
  const task = fc.record({
    said: fc.integer({ min: 1, max: 60 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    start: fc.integer({ min: 0, max: 50 }),
    lasts: fc.integer({ min: 0, max: 50 }),
    ends: fc.constantFrom("ok", "ok", "ok", "fail", "abort"),
    nested: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(task, { maxLength: 40 }), async (tasks) => {
      const clock = fakeClock();
      const outer = budgetRunner({ tokens: 200 });
      const inner = budgetRunner({ tokens: 120 });
      const runners: BudgetRunner[] = [outer, inner];
      let outerSpent = 0;
      let innerSpent = 0;
      const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
      const works = tasks.map(async ({ said, share, start, lasts, ends, nested }) => {
        const controller = new AbortController();
        const used = Math.floor(said * share);
        let isSent = false;
        const step: Step = {
          kind: "model",
          name: "m",
          path: "m#0",
          input: null,
          estimate: () => ({ tokens: said, costUsd: 0 }),
          measure: () => ({ tokens: used, costUsd: 0 }),
          measureSoFar: () => ({ tokens: isSent ? used : 0, costUsd: 0 }),
          signal: controller.signal,
        };
        await sleep(start);
        if (ends === "abort") clock.setTimeout(() => controller.abort("enough"), lasts);
        await (nested ? composeRunners(inner, outer) : outer).run(step, async () => {
          isSent = true;
          outerSpent += used;
          if (nested) innerSpent += used;
          for (const { usage } of runners) {
            const { tokens, reservedTokens } = usage();
            assert(tokens + reservedTokens <= (usage === outer.usage ? 200 : 120));
          }
          await sleep(lasts);
          if (ends === "fail") throw new Error("failed");
        });
      });
      const outcomes = Promise.allSettled(works);
      await clock.advance(10_000);
      for (const outcome of await outcomes) {
        if (outcome.status === "fulfilled") continue;
        const { reason } = outcome;
        assert(
          reason === "enough" || reason.message === "failed" || reason.code === "budget_exceeded",
          String(reason),
        );
      }
      assert.deepEqual([outer.usage().reservedTokens, inner.usage().reservedTokens], [0, 0]);
      assert.deepEqual([outer.usage().tokens, inner.usage().tokens], [outerSpent, innerSpent]);
    }),
    { numRuns: 100 },
  );
});
