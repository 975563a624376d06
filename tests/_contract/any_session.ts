/**
 * Runs that say and do anything, for whatever keeps them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { FunctionCall, Message } from "../../src/message/mod.ts";
import type { Invoker } from "../../src/invokers/mod.ts";
import type { LogStore, LogStoreOptions } from "../../src/log/mod.ts";
import { type CallContext, recordingRunner, type StepRecord } from "../../src/run/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { AgentError, InvokeResult } from "../../src/session/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import { tool } from "../../src/tools/mod.ts";
import type { LogStoreSubject } from "./log_store_contract.ts";

/** A generator of its own for each run, so that what fails can be run again. */
class Choice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed * 7919 + 17;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(this.#state / 2 ** 32 * limit);
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const TEXTS = [
  "",
  "short",
  "~0:1:2:~",
  "line\nfeed\ttab\u0000nul",
  "ünï ©ødé 𝒳 ".repeat(20),
  "half \ud83d of a pair",
  '{"$lllm-blob":"00"}',
  '"$lllm-blob"',
  "a".repeat(4_096),
  "b".repeat(4_095),
  '\\"'.repeat(2_500),
  `𝒳${"c".repeat(5_000)}`,
  "the same long text ".repeat(400),
];
const VALUES: readonly unknown[] = [
  null,
  0,
  1.5e-9,
  [],
  {},
  { "$lllm-blob": "00" },
  { "$lllm-blob": [["$lllm-blob", "d".repeat(5_000)]] },
  { "$lllm-reply": 0 },
  { "$lllm-call": 0, message: {} },
  { "$lllm-cut": [], value: 1 },
  { 1: "a number as key", b: { a: [TEXTS[12], TEXTS[8]] } },
];

class Anything extends NativeTactic<unknown, unknown> {
  name = "anything";
  agentGroup = ["first", "second"];

  async call(_task: unknown, { now, random, step, metadata }: CallContext): Promise<unknown> {
    const choice = new Choice(Number(metadata.seed));
    const dialogs = new Map<string, string>();
    const open = (): [string, string] => {
      const agent = choice.of(["first", "second"]);
      const alias = `dialog ${dialogs.size}`;
      this.agent(agent).open(alias);
      dialogs.set(alias, agent);
      return [agent, alias];
    };
    for (let n = 2 + choice.below(6); n > 0; n--) {
      const [alias, agent] = dialogs.size === 0 || choice.below(3) === 0
        ? open().reverse() as [string, string]
        : choice.of([...dialogs]);
      this.agent(agent).switch(alias);
      this.agent(agent).receive(choice.of(TEXTS) + n);
      await this.agent(agent).respond(choice.below(3) === 0 ? { metadata: { n, of: choice.of(VALUES) } } : {})
        .catch((error) => {
          if (!AgentError.isInstance(error)) throw error;
        });
      if (choice.below(3) === 0) void [now(), random()];
      const value = choice.of(VALUES);
      if (choice.below(3) === 0) await step(`step ${n}`, () => Promise.resolve(value));
    }
    return choice.of<unknown>([...VALUES, ...TEXTS]);
  }
}

/** Answers with anything, at times with calls of the tool, at times not at all. */
export function createAnyInvoker(seed: number): Invoker {
  const choice = new Choice(seed + 1_000);
  let count = 0;
  return {
    call() {
      const kind = choice.below(8);
      if (kind === 0) return Promise.reject(new Error("nothing to say"));
      const calls = kind > 4
        ? Array.from(
          { length: 1 + choice.below(2) },
          () => ({ id: `call_${count++}`, name: "lookup", arguments: { of: choice.of(VALUES), n: count } }),
        )
        : [];
      const usage = { prompt_tokens: count, nested: { of: choice.of(VALUES) } };
      const message = new Message({
        role: calls.length > 0 ? "tool_call" : "assistant",
        content: choice.of(TEXTS),
        functionCalls: calls.map((call) => new FunctionCall(call)),
        usage,
        metadata: choice.below(2) === 0 ? {} : { of: choice.of(VALUES), dialogId: choice.of(["mine", 1]) },
        reasoning: choice.of([null, ...TEXTS]),
      });
      return Promise.resolve(
        new InvokeResult({
          rawResponse: choice.of(VALUES),
          message,
          modelArgs: { temperature: 0, api_key: "sk-1" },
        }),
      );
    },
  };
}

/** Creates a tactic that does anything; `metadata.seed` of its run says what. */
export function createAnything(
  options: { invoker: Invoker; logStore?: LogStore },
): NativeTactic<unknown, unknown> {
  const runtime = new Runtime();
  runtime.registerTool(
    "lookup",
    tool({
      name: "lookup",
      description: "Looks something up",
      parameters: z.object({ of: z.unknown(), n: z.number() }),
      repeatable: true,
      execute: ({ of, n }) => {
        if (n % 5 === 0) throw new Error(TEXTS[n % TEXTS.length]);
        return n % 3 === 0 ? TEXTS[n % TEXTS.length] : of;
      },
    }),
  );
  const agent = { model_name: "m", system_prompt: "You listen. ".repeat(60), tools: ["tools:lookup"] };
  const config = { agent_configs: ["first", "second"].map((name) => ({ ...agent, name })) };
  return new Anything({ config, runtime, ...options });
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Stores that keep everything, though they look at it first. */
const OPTIONS: readonly LogStoreOptions[] = [
  {},
  { redact: ({ value }) => value },
  { limits: { maxTextChars: 1_000_000, maxStepBytes: 100_000_000 } },
];
const RUNS = 25;

/** Registers a test that runs do what a generator says, and compares what a store gives of them to what they were. */
export function testAnySession({ name, create, test = Deno.test }: LogStoreSubject): void {
  test(`${name}: whatever a run says and does, its record is what it was`, async () => {
    await using place = await create();
    for (const [part, options] of OPTIONS.entries()) {
      await using logStore = place.open(options);
      await using other = place.open({ ...options, partition: "again" });
      const runs = Array.from({ length: RUNS }, async (_, n) => {
        const beside = recordingRunner();
        const seed = part * RUNS + n;
        const metadata = { seed };
        const task = new Choice(seed).of(VALUES);
        const session = await createAnything({ logStore, invoker: createAnyInvoker(seed) }).run(task, {
          metadata,
          steps: beside,
          returnSession: true,
        });
        return { seed, beside, session };
      });
      for (const { seed, beside, session } of await Promise.all(runs)) {
        const record = await logStore.loadSessionRecord(session.sessionId);
        const expected = beside.steps.map((step, i) => ({ ...step, ...timesOf(record.steps[i]) }));
        assert.deepEqual(plain(record.steps), plain(expected), `steps of ${seed}`);
        const loaded = await logStore.loadSession(session.sessionId);
        assert.deepEqual(plain(loaded), plain(session), `session of ${seed}`);
        assert.deepEqual(
          [record.task, record.result],
          plain([session.task, session.delivery]),
          `run ${seed}`,
        );
        await other.saveSession(record);
        assert.deepEqual(plain(await other.loadSessionRecord(record.id)), plain(record), `record of ${seed}`);
      }
    }
  });
}

function timesOf(step: StepRecord | undefined): Partial<StepRecord> {
  return step === undefined ? {} : { startedAt: step.startedAt, durationMs: step.durationMs };
}
