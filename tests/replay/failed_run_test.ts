import assert from "node:assert/strict";
import { replaySession } from "@lllm/lllm/replay";
import type { CallContext } from "@lllm/lllm/run";
import type { SessionStore } from "@lllm/lllm/session";
import { Tactic } from "@lllm/lllm/tactic";
import { memoryStore, scriptedInvoker } from "@lllm/lllm/testing";
import { Ask, noInvoker } from "./_programs.ts";

/** Does several things at once, of which one fails before another has ended. */
class Hasty extends Tactic<null, unknown> {
  name = "hasty";
  constructor(readonly body: (context: CallContext) => Promise<unknown>, logStore?: SessionStore) {
    super(logStore === undefined ? {} : { logStore });
  }
  call(_task: null, context: CallContext): Promise<unknown> {
    return this.body(context);
  }
}

const wait = (ms: number) => new Promise<null>((resolve) => setTimeout(resolve, ms, null));
const atOnce = (isLive: boolean, invoker = noInvoker) => async ({ step }: CallContext) => {
  const slow = () => isLive ? wait(40) : assert.fail("the slow step was done");
  const bad = async () => {
    await step("first", () => wait(1));
    await step("bad", () => Promise.reject(new Error("The host is down")));
  };
  return await Promise.all([step("slow", slow), bad(), new Ask(invoker).run("Well?")]);
};

Deno.test("replaySession() in strict mode fails as a run did in which other steps were still under way", async () => {
  const logStore = memoryStore();
  const invoker = { call: async () => (await wait(60), await scriptedInvoker(["Late"]).call({} as never)) };
  const live = new Hasty(atOnce(true, invoker as typeof noInvoker), logStore);
  await assert.rejects(live.run(null), /The host is down/);
  const [record] = logStore.records;
  assert(!record!.steps.some(({ path }) => path.startsWith("step:slow") || path.startsWith("tactic:ask")));
  await assert.rejects(replaySession(record!, new Hasty(atOnce(false))), {
    name: "TacticError",
    message: 'Tactic "hasty" failed: The host is down',
  });
  await wait(80); // what the live run left behind
});

Deno.test("replaySession() in strict mode tells of a step that a failed run did not ask for", async () => {
  const logStore = memoryStore();
  const bad = () => Promise.reject(new Error("The host is down"));
  await assert.rejects(new Hasty(({ step }) => step("bad", bad), logStore).run(null));
  const other = new Hasty(({ step }) => step("new", () => assert.fail("it was done")));
  await assert.rejects(replaySession(logStore.records[0]!, other), {
    code: "replay_diverged",
    message: /expected effect step:bad at "step:bad#0", found effect step:new at "step:new#0"/,
  });
});

Deno.test("replaySession() in strict mode hands results out in their order to a program that waits by itself", async () => {
  const body = (isLive: boolean) => async ({ step }: CallContext) => {
    const order: string[] = [];
    const early = step("early", async () => isLive ? await wait(250) : assert.fail("it was done"));
    const late = wait(120).then(() => step("late", () => Promise.resolve(null)));
    await Promise.all([early.then(() => order.push("early")), late.then(() => order.push("late"))]);
    return order;
  };
  const logStore = memoryStore();
  assert.deepEqual(await new Hasty(body(true), logStore).run(null), ["late", "early"]);
  assert((await replaySession(logStore.records[0]!, new Hasty(body(false)))).isSameResult);
});

Deno.test("replaySession() in strict mode tells of a tactic that was not recorded, though it does nothing", async () => {
  const logStore = memoryStore();
  await new Hasty(() => Promise.resolve(1), logStore).run(null);
  const other = new Hasty(async () => await new Hasty(() => Promise.resolve(1)).run(null));
  await assert.rejects(replaySession(logStore.records[0]!, other), {
    code: "replay_diverged",
    message: /expected no further step, found tactic hasty/,
  });
});

Deno.test("replaySession() in strict mode ends at a step that was not recorded, though nobody waits for it", async () => {
  const logStore = memoryStore();
  await new Hasty(({ step }) => step("first", () => Promise.resolve(1)), logStore).run(null);
  const other = new Hasty(async ({ step }) => {
    step("new", () => assert.fail("it was done")).catch(() => {});
    return await step("first", () => assert.fail("it was done"));
  });
  await assert.rejects(replaySession(logStore.records[0]!, other), {
    code: "replay_diverged",
    message: /found effect step:new/,
  });
});

Deno.test("replaySession() of a failed run leaves nothing behind that fails after its end", async () => {
  const late: Promise<unknown>[] = [];
  const body = (isLive: boolean) => async ({ step }: CallContext) => {
    const sub = new Hasty(async () => (await wait(60), 1)).run(null);
    late.push(sub.catch(() => {}));
    await step("fast", () => isLive ? Promise.resolve(1) : assert.fail("it was done"));
    throw new Error("The host is down");
  };
  const logStore = memoryStore();
  await assert.rejects(new Hasty(body(true), logStore).run(null), /The host is down/);
  await assert.rejects(replaySession(logStore.records[0]!, new Hasty(body(false))), /The host is down/);
  await wait(400); // longer than a replay waits for a run that does nothing that shows
});
