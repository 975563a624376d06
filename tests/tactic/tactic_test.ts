import assert from "node:assert/strict";
import { z } from "zod";
import { currentRun, recordingRunner } from "../../src/run/mod.ts";
import { type SessionEvent, TacticError } from "../../src/session/mod.ts";
import {
  NativeTactic,
  type RunOptions,
  Tactic,
  tacticAsFunction,
  tactictool,
  tacticTools,
} from "../../src/tactic/mod.ts";
import { memoryStore, scriptedInvoker } from "../../src/testing/mod.ts";
import type { CallContext } from "../../src/run/mod.ts";

class Shout extends Tactic<string, string> {
  name = "shout";
  override description = "Makes it loud";
  call(task: string): string {
    if (task === "") throw new RangeError("nothing to shout");
    return task.toUpperCase();
  }
}

const echoConfig = {
  agent_configs: [{ name: "echo", model_name: "scripted", system_prompt: "You echo." }],
};

class Echo extends NativeTactic<string, string> {
  name = "echo";
  agentGroup: readonly string[] = ["echo"];
  async call(task: string): Promise<string> {
    const agent = this.agent("echo").open("main");
    agent.receive(task);
    return String((await agent.respond()).content);
  }
}

const echo = () =>
  new Echo({
    config: echoConfig,
    invoker: scriptedInvoker({ version: 1, rules: [{ reply: { text: "{last_message}!" } }] }),
  });

Deno.test("Tactic.run() gives the result, or the session when asked", async () => {
  assert.equal(await new Shout().run("hi"), "HI");
  const session = await new Shout().run("hi", { returnSession: true, tags: { a: "b" }, metadata: { n: 1 } });
  assert.deepEqual([session.state, session.delivery, session.tags, session.metadata], ["success", "HI", {
    a: "b",
  }, {
    n: 1,
  }]);
  assert.match(session.sessionId, /^\d{8}_\d{6}_[0-9a-f]{8}$/);
  assert.deepEqual(session.summary().tactic, "shout");
});

Deno.test("Tactic.run() rejects with TacticError: the session and the original error as cause", async () => {
  const error = await new Shout().run("", { returnSession: true }).then(() => null, (error) => error);
  assert(error instanceof TacticError);
  assert.deepEqual([error.code, error.session.state], ["tactic_failed", "failure"]);
  assert(error.cause instanceof RangeError);
  assert.match(error.session.errorTraceback!, /nothing to shout/);
});

Deno.test("Tactic.run() validates task and result", async () => {
  class Half extends Tactic<number, number> {
    name = "half";
    override inputSchema = z.number().multipleOf(2);
    override outputSchema = z.number().max(10);
    call(task: number): number {
      return task / 2;
    }
  }
  assert.equal(await new Half().run(8), 4);
  await assert.rejects(
    new Half().run(3),
    (e: TacticError) => /task does not fit/.test((e.cause as Error).message),
  );
  await assert.rejects(
    new Half().run(100),
    (e: TacticError) => /result does not fit/.test((e.cause as Error).message),
  );
});

Deno.test("NativeTactic gives each run fresh agents and records their calls by itself", async () => {
  const tactic = echo();
  const session = await tactic.run("hello", { returnSession: true });
  assert.equal(session.delivery, "hello!");
  assert.deepEqual(Object.keys(session.agentSessions), ["echo"]);
  assert.equal(session.agentCallCount, 1);
  assert.throws(() => tactic.agents, /expected to be inside/);
  await assert.rejects(
    new (class extends Echo {
      override call(): Promise<string> {
        return Promise.resolve(this.agent("ecko").name);
      }
    })({ config: echoConfig, invoker: scriptedInvoker([]) }).run("x"),
    /expected one of echo; did you mean "echo"/,
  );
});

Deno.test("NativeTactic checks its config before any request", async () => {
  const bad = new Echo({ config: { agent_configs: [] }, invoker: scriptedInvoker([]) });
  await assert.rejects(bad.validate(), { code: "config_invalid" });
  await assert.rejects(
    bad.run("x"),
    (error: TacticError) => (error.cause as { code?: string }).code === "config_invalid",
  );
});

Deno.test("A tactic inside a tactic appears in the session, cost and events of the outer one", async () => {
  class Outer extends Tactic<string, string> {
    name = "outer";
    inner = echo();
    async call(task: string): Promise<string> {
      return `${await this.inner.run(task)} ${await this.inner.run("2")}`;
    }
  }
  const outer = new Outer();
  const seen: string[] = [];
  const stop = outer.observe((event: SessionEvent) => {
    seen.push(event.type);
    throw new Error("observers only look on");
  });
  const session = await outer.run("1", { returnSession: true });
  stop();
  assert.equal(session.delivery, "1! 2!");
  assert.deepEqual(session.subTacticSessions.echo!.map((sub) => [sub.parentId, sub.delivery]), [
    [session.sessionId, "1!"],
    [session.sessionId, "2!"],
  ]);
  assert.equal(session.agentCallCount, 0);
  assert.deepEqual([session.summary().agentCalls, session.summary().subTacticCalls], [2, 2]);
  assert(seen.includes("agent_end") && seen.filter((type) => type === "tactic_start").length === 3);
  assert.deepEqual(Object.keys(outer.subTactics), ["inner"]);
});

Deno.test("Steps have the same paths in every run of the same program", async () => {
  class Outer extends Tactic<string, string[]> {
    name = "outer";
    inner = echo();
    async call(task: string, context: CallContext): Promise<string[]> {
      await context.step("save", () => Promise.resolve(1));
      context.random();
      return await this.inner.bcall([task, task, task], { maxWorkers: 2 });
    }
  }
  const paths = async () => {
    const steps = recordingRunner();
    await new Outer().run("x", { steps });
    return steps.steps.map((step) => step.path).sort();
  };
  const first = await paths();
  assert.deepEqual(first, [
    "random#0",
    "step:save#0",
    "tactic:echo#0",
    "tactic:echo#0/echo/main#0",
    "tactic:echo#1",
    "tactic:echo#1/echo/main#0",
    "tactic:echo#2",
    "tactic:echo#2/echo/main#0",
  ]);
  assert.deepEqual(await paths(), first);
});

Deno.test("Tactic.bcall() keeps input order and the limit of workers", async () => {
  let running = 0;
  let most = 0;
  class Wait extends Tactic<number, number> {
    name = "wait";
    async call(task: number): Promise<number> {
      most = Math.max(most, ++running);
      for (let i = 0; i < task; i++) await null;
      running--;
      return task;
    }
  }
  const tasks = [30, 1, 20, 2, 10, 3];
  const progress: number[] = [];
  const results = await new Wait().bcall(tasks, {
    maxWorkers: 2,
    onProgress: ({ done }) => progress.push(done),
  });
  assert.deepEqual(results, tasks);
  assert.equal(most, 2);
  assert.deepEqual(progress, [1, 2, 3, 4, 5, 6]);
  await assert.rejects(new Wait().bcall([1], { maxWorkers: 0 }), RangeError);
});

Deno.test("Tactic.bcall() by default aborts the others at the first failure, awaits them, and rejects with it", async () => {
  const ended: string[] = [];
  class Job extends Tactic<string, string> {
    name = "job";
    async call(task: string, { signal }: CallContext): Promise<string> {
      if (task === "bad") throw new Error("bad job");
      if (task === "good") return task;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      ended.push(task);
      return task;
    }
  }
  const error = await new Job().bcall(["long", "good", "bad", "never"], { maxWorkers: 3 }).then(
    () => null,
    (e) => e,
  );
  assert.equal((error.cause as Error).message, "bad job");
  assert.deepEqual(ended.includes("long"), true);
  const settled = await new Job().bcall(["good", "bad"], { failFast: false });
  assert.deepEqual(settled.map((entry) => entry.status), ["fulfilled", "rejected"]);
  const sessions = await new Job().bcall(["good"], { returnSessions: true });
  assert.equal(sessions[0]!.delivery, "good");
});

Deno.test("Tactic.ccall() gives results as they end, and leaving it aborts the rest", async () => {
  let aborted = 0;
  class Job extends Tactic<number, number> {
    name = "job";
    async call(task: number, { signal }: CallContext): Promise<number> {
      if (task > 0) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => (aborted++, resolve())));
      }
      return task;
    }
  }
  for await (const [index, result] of new Job().ccall([1, 0, 2])) {
    assert.deepEqual([index, result], [1, 0]);
    break;
  }
  assert.equal(aborted, 2);
});

Deno.test("Tactic.run() on abort rejects with the signal's reason and marks the session cancelled", async () => {
  const controller = new AbortController();
  class Hang extends Tactic<string, string> {
    name = "hang";
    call(): Promise<string> {
      controller.abort("enough");
      return new Promise(() => {});
    }
  }
  const tactic = new Hang();
  const states: string[] = [];
  tactic.observe((event) => event.type === "tactic_end" && states.push(event.session.state));
  await assert.rejects(tactic.run("x", { signal: controller.signal }), (reason) => reason === "enough");
  assert.deepEqual(states, ["cancelled"]);
  assert.equal(currentRun(), undefined);
});

Deno.test("A budget ends a run with budget_exceeded, its session holding what was used", async () => {
  class Twice extends Echo {
    override async call(task: string): Promise<string> {
      await super.call(task);
      this.agent("echo").receive("again");
      return String((await this.agent("echo").respond()).content);
    }
  }
  const usage = { prompt_tokens: 50, completion_tokens: 10, total_tokens: 60 };
  const invoker = scriptedInvoker({ version: 1, rules: [{ reply: { text: "ok", usage } }] });
  const tactic = new Twice({ config: echoConfig, invoker });
  const error = await tactic.run("x", { budget: { tokens: 60 } }).then(() => null, (error) => error);
  assert.equal(error.cause.code, "budget_exceeded");
  assert.equal(error.session.totalCost.totalTokens, 60);
});

Deno.test("A log store is given the record of each run, with its steps", async () => {
  const logStore = memoryStore();
  const invoker = scriptedInvoker([{ text: "ok" }]);
  await new Echo({ config: echoConfig, invoker, logStore }).run("x");
  const record = logStore.records[0]!;
  assert.deepEqual([record.format, record.version, record.tacticPath, record.state, record.result], [
    "lllm-session",
    1,
    "echo",
    "success",
    "ok",
  ]);
  assert.deepEqual(record.steps.map((step) => [step.kind, step.path]), [["model", "echo/main#0"]]);
});

Deno.test("tacticAsFunction() makes a tool with one parameter, or with the task's keys", async () => {
  class Area extends Tactic<{ w: number; h: number }, number> {
    name = "area";
    override inputSchema = z.object({ w: z.number(), h: z.number() });
    call({ w, h }: { w: number; h: number }): number {
      return w * h;
    }
  }
  const call = (name: string, args: Record<string, unknown>) => ({ id: "1", name, arguments: args });
  const { FunctionCall } = await import("../../src/message/mod.ts");
  const byTask = tacticAsFunction(new Area());
  assert.deepEqual(byTask.required, ["task"]);
  assert.equal((await byTask.call(new FunctionCall(call("area", { task: { w: 2, h: 3 } })))).result, 6);
  const byKeys = new Area().asTool({ parameterMode: "kwargs" });
  assert.deepEqual(byKeys.required, ["w", "h"]);
  assert.equal((await byKeys.call(new FunctionCall(call("area", { w: 2, h: 3 })))).result, 6);
  assert.throws(() => new Shout().asTool({ parameterMode: "kwargs" }), TypeError);
});

Deno.test("Tactic.info() describes the tactic", () => {
  assert.deepEqual(new Shout().info(), {
    name: "shout",
    description: "Makes it loud",
    agents: [],
    subTactics: [],
    surfaces: ["run"],
  });
  assert.deepEqual(echo().info().agents, ["echo"]);
});

Deno.test("tactictool() marks methods, which subclasses inherit", () => {
  class Base extends Shout {
    @tactictool({ description: "Counts", parameters: z.object({ word: z.string() }) })
    count({ word }: { word: string }): number {
      return word.length;
    }
  }
  class Derived extends Base {}
  assert.deepEqual(tacticTools(Derived).map(({ method, description }) => [method, description]), [[
    "count",
    "Counts",
  ]]);
});

Deno.test("Tactic.quick() makes an agent without an open dialog", async () => {
  const agent = Tactic.quick("You help.", { model: "scripted", invoker: scriptedInvoker([{ text: "yes" }]) });
  assert.deepEqual([agent.name, agent.activeAlias], ["assistant", null]);
  agent.open("main").receive("ok?");
  assert.equal((await agent.respond()).content, "yes");
});

Deno.test("A class may extend a concrete tactic, widen its group, and call super.call()", async () => {
  class Wider extends Echo {
    override agentGroup = ["echo", "critic"];
    override async call(task: string): Promise<string> {
      const draft = await super.call(task);
      this.agent("critic").open("main").receive(draft);
      return String((await this.agent("critic").respond()).content);
    }
  }
  const config = {
    global: { model_name: "scripted", system_prompt: "x" },
    agent_configs: { echo: {}, critic: {} },
  };
  const invoker = scriptedInvoker({
    version: 1,
    rules: [{ when: { agent: "critic" }, reply: { text: "good" } }, { reply: { text: "draft" } }],
  });
  assert.equal(await new Wider({ config, invoker }).run("x"), "good");
});

Deno.test("A store that fails hides neither what ended the run nor its result", async () => {
  const logStore = { saveSession: () => Promise.reject(new Error("disk full")) };
  const lost = await new Shout({ logStore }).run("hi").catch((error: unknown) => error);
  assert(lost instanceof TacticError);
  assert.equal(lost.session.delivery, "HI");
  assert.match(lost.message, /Cannot keep the session of tactic "shout": disk full/);
  const failed = await new Shout({ logStore }).run("").catch((error: unknown) => error);
  assert(failed instanceof TacticError && failed.cause instanceof RangeError);
  await assert.rejects(
    new Shout({ logStore }).run("hi", { signal: AbortSignal.abort("enough") }),
    (reason) => {
      return reason === "enough";
    },
  );
});

Deno.test("Session records name the code of what ended the run, whatever was thrown", async () => {
  const logStore = memoryStore();
  await assert.rejects(new Shout({ logStore }).run(""));
  assert.deepEqual(logStore.records[0]!.error, {
    name: "RangeError",
    code: "tactic_failed",
    message: "nothing to shout",
  });
});

Deno.test("Tactics may bear the name of a member of every object", async () => {
  class Odd extends Shout {
    override name = "constructor";
  }
  class Caller extends Tactic<string, string> {
    name = "caller";
    odd = new Odd();
    call(task: string): Promise<string> {
      return this.odd.run(task);
    }
  }
  const session = await new Caller().run("x", { returnSession: true });
  assert.equal(session.subTacticSessions["constructor"]!.length, 1);
});

Deno.test("ccall() gives sessions where they are asked for, and types them so", async () => {
  for await (const [index, session] of new Shout().ccall(["a"], { returnSessions: true })) {
    assert.deepEqual([index, session.delivery], [0, "A"]);
  }
  for await (const [, outcome] of new Shout().ccall([""], { returnSessions: true, failFast: false })) {
    assert.equal(outcome.status, "rejected");
  }
});

Deno.test("stream() and events() are there only where a tactic has them", async () => {
  class Spelled extends Shout {
    override async *stream(task: string, _options?: RunOptions): AsyncGenerator<string> {
      yield* task;
    }
  }
  const tactics: Tactic[] = [new Shout(), new Spelled()];
  assert.deepEqual(tactics.map((tactic) => tactic.info().surfaces), [["run"], ["run", "stream"]]);
  assert.equal(tactics[0]!.stream, undefined);
  assert.deepEqual(await Array.fromAsync(tactics[1]!.stream!("ab")), ["a", "b"]);
});

Deno.test("observe() takes an observer that fails later as it takes one that throws", async () => {
  const shout = new Shout();
  shout.observe(() => Promise.reject(new Error("not seen")) as never);
  assert.equal(await shout.run("x"), "X");
  await new Promise((resolve) => setTimeout(resolve)); // an unhandled rejection would end the process here
});

Deno.test("Tactic.bcall() waits for what an aborted run does to clean up", async () => {
  let cleaned = false;
  class Job extends Tactic<string, string> {
    name = "job";
    async call(task: string, { signal }: CallContext): Promise<string> {
      if (task === "bad") throw new Error("bad job");
      try {
        return await new Promise<never>((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        );
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 5));
        cleaned = true;
      }
    }
  }
  await assert.rejects(new Job().bcall(["long", "bad"]), /bad job/);
  assert(cleaned);
});
