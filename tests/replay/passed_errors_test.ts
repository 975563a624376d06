import assert from "node:assert/strict";
import { replaySession } from "@lllm/lllm/replay";
import type { CallContext } from "@lllm/lllm/run";
import type { SessionStore } from "@lllm/lllm/session";
import { Tactic } from "@lllm/lllm/tactic";
import { memoryStore } from "@lllm/lllm/testing";

/** Does steps of one name at once. */
class AtOnce extends Tactic<number, number[]> {
  name = "at_once";
  constructor(
    readonly effect: (index: number, signal: AbortSignal) => Promise<number>,
    logStore?: SessionStore,
  ) {
    super(logStore === undefined ? {} : { logStore });
  }
  call(count: number, context: CallContext): Promise<number[]> {
    return Promise.all(
      Array.from(
        { length: count },
        (_, index) => context.step("fetch", () => this.effect(index, context.signal)),
      ),
    );
  }
}

/** Tries steps until they succeed; then the next one. */
class Stubborn extends Tactic<null, number> {
  name = "stubborn";
  constructor(readonly effect: (name: string) => Promise<number>, logStore?: SessionStore) {
    super(logStore === undefined ? {} : { logStore });
  }
  async call(_task: null, context: CallContext): Promise<number> {
    for (let tries = 0; tries < 2; tries++) {
      await context.step("first", () => this.effect("first")).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return await context.step("second", () => this.effect("second"));
  }
}

const later = (index: number) => Promise.resolve(index + 100);

Deno.test("replaySession() in continue mode tries all steps again that failed at once", async () => {
  for (const failing of [[0], [0, 1, 2], [2]]) {
    for (const delayMs of [0, 15]) {
      const logStore = memoryStore();
      const effect = async (index: number) => {
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        if (failing.includes(index)) throw new Error("The host is down");
        return index;
      };
      await assert.rejects(new AtOnce(effect, logStore).run(3));
      const { result } = await replaySession<number, number[]>(logStore.records[0]!, new AtOnce(later), {
        mode: "continue",
      });
      const done = logStore.records[0]!.steps.filter(({ error }) => error === undefined);
      const expected = [0, 1, 2].map((index) =>
        done.some(({ path }) => path === `step:fetch#${index}`) ? index : index + 100
      );
      assert.deepEqual(result, expected);
    }
  }
});

Deno.test("replaySession() in continue mode does again all steps at once that a cancelled run gave up", async () => {
  const logStore = memoryStore();
  const controller = new AbortController();
  const effect = async (index: number, signal: AbortSignal) => {
    if (index === 0) return 0;
    if (index === 3) setTimeout(() => controller.abort(), 10);
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return -1;
  };
  await assert.rejects(new AtOnce(effect, logStore).run(4, { signal: controller.signal }));
  const { result } = await replaySession<number, number[]>(logStore.records[0]!, new AtOnce(later), {
    mode: "continue",
  });
  assert.deepEqual(result, [0, 101, 102, 103]);
});

Deno.test("replaySession() in continue mode takes errors from the record that were got over, though they say the same", async () => {
  const logStore = memoryStore();
  const failing = () => Promise.reject(new Error("The host is down"));
  await assert.rejects(new Stubborn(failing, logStore).run(null));
  const asked: string[] = [];
  const tactic = new Stubborn((name) => Promise.resolve(asked.push(name)));
  await replaySession<null, number>(logStore.records[0]!, tactic, { mode: "continue" });
  assert.deepEqual(asked, ["first", "second"]); // the last try of the first is not known to have been got over
});
