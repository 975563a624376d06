import assert from "node:assert/strict";
import { z } from "zod";
import type { AgentOptions, ContextManager } from "../../src/agent/mod.ts";
import { LLLMError } from "../../src/errors.ts";
import type { Invoker } from "../../src/invokers/mod.ts";
import { Message } from "../../src/message/mod.ts";
import { DefaultTagParser, Prompt } from "../../src/prompt/mod.ts";
import { getDefaultRuntime, Runtime, setDefaultRuntime } from "../../src/runtime/mod.ts";
import { AgentError, InvokeResult } from "../../src/session/mod.ts";
import { fakeClock, scriptedInvoker } from "../../src/testing/mod.ts";
import { tool } from "../../src/tools/mod.ts";
import { agentOn, calls, collect, roles } from "./_agents.ts";

const add = tool({
  name: "add",
  description: "Adds",
  parameters: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }) => a + b,
});

Deno.test("respond() appends the reply and delivers it", async () => {
  const agent = agentOn([{ text: "Done" }]);
  const session = await agent.respond({ returnSession: true, metadata: { job: 7 } });
  assert.equal(session.state, "success");
  assert.equal(session.delivery, agent.currentDialog.tail);
  assert.deepEqual([session.delivery!.content, session.delivery!.name], ["Done", "tester"]);
  assert.equal(session.metadata.job, 7);
  assert.equal(session.invokeTraces[0]!.length, 1);
});

Deno.test("respond() runs tools and puts their results in call order, whatever ends first", async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = tool({
    name: "slow",
    description: "",
    parameters: z.object({}),
    execute: async () => {
      await gate.promise;
      order.push("slow");
      return "S";
    },
  });
  const fast = tool({
    name: "fast",
    description: "",
    parameters: z.object({}),
    execute: () => {
      order.push("fast");
      gate.resolve();
      return "F";
    },
  });
  const agent = agentOn([calls(["slow", {}], ["fast", {}]), { text: "ok" }], {
    prompt: { functions: [slow, fast] },
  });
  const session = await agent.respond({ returnSession: true });
  assert.deepEqual(order, ["fast", "slow"]);
  assert.deepEqual(roles(agent), ["system", "user", "tool_call", "tool", "tool", "assistant"]);
  const [asking, first, second] = agent.currentDialog.messages.slice(2);
  assert.deepEqual([first!.name, second!.name], ["slow", "fast"]);
  assert.deepEqual(
    [first, second].map((m) => m!.metadata.toolCallId),
    asking!.functionCalls.map((c) => c.id),
  );
  assert.deepEqual(session.interrupts[0]!.map((call) => call.result), ["S", "F"]);
});

Deno.test("respond() tells the model what was wrong with a call: arguments, failure, unknown tool", async () => {
  const broken = tool({
    name: "broken",
    description: "",
    parameters: z.object({}),
    execute: () => {
      throw new Error("no luck");
    },
  });
  const agent = agentOn(
    [calls(["add", { a: "x", b: 1 }], ["broken", {}], ["ad", { a: 1 }]), { text: "ok" }],
    { prompt: { functions: [add, broken] } },
  );
  const session = await agent.respond({ returnSession: true });
  const told = agent.currentDialog.messages.filter((m) => m.role === "tool").map((m) => String(m.content));
  assert.match(told[0]!, /a: .*number/);
  assert.match(told[1]!, /no luck/);
  assert.match(told[2]!, /no tool "ad".*Did you mean add\?/s);
  assert(session.interrupts[0]!.every((call) => !call.success));
});

Deno.test("respond() does not run an identical call again, but lets a failed one be repeated once", async () => {
  let runs = 0;
  const flaky = tool({
    name: "flaky",
    description: "",
    parameters: z.object({}),
    execute: () => {
      if (++runs < 2) throw new Error("first time");
      return runs;
    },
  });
  const again = calls(["flaky", {}]);
  const agent = agentOn([again, again, again, { text: "ok" }], { prompt: { functions: [flaky] } });
  const { events } = await collect(agent.stream());
  const ends = events.filter((event) => event.type === "tool_end");
  assert.deepEqual(ends.map((event) => event.repeated), [false, false, true]);
  assert.equal(runs, 2);
  const told = String(agent.currentDialog.messages.findLast((m) => m.role === "tool")!.content);
  assert.match(told, /already called/);
});

Deno.test("respond() runs a call without arguments after others whose arguments nobody could read", async () => {
  let runs = 0;
  const look = tool({ name: "look", description: "", parameters: z.object({}), execute: () => ++runs });
  const unread = (...texts: string[]) => ({
    tool_calls: texts.map((text) => ({ name: "look", arguments: text })),
  });
  const replies = [unread("not json", "[1]"), unread("[2]"), calls(["look", {}]), { text: "ok" }];
  const agent = agentOn(replies, { prompt: { functions: [look] } });
  await agent.respond();
  assert.equal(runs, 1);
  const told = agent.currentDialog.messages.filter((m) => m.role === "tool").map((m) => String(m.content));
  assert.deepEqual(told.map((text) => /are not a JSON object: "(.*)"/.exec(text)?.[1]), [
    "not json",
    "[1]",
    "[2]",
    undefined,
  ]);
});

Deno.test("respond() runs a repeatable tool as often as it is asked", async () => {
  let runs = 0;
  const poll = tool({
    name: "poll",
    description: "",
    parameters: z.object({}),
    repeatable: true,
    execute: () => ++runs,
  });
  const agent = agentOn([calls(["poll", {}], ["poll", {}]), calls(["poll", {}]), { text: "ok" }], {
    prompt: { functions: [poll] },
  });
  await agent.respond();
  assert.equal(runs, 3);
});

Deno.test("respond() asks for a final answer without tools once the rounds are used up", async () => {
  const agent = agentOn(
    [calls(["add", { a: 1, b: 1 }]), calls(["add", { a: 2, b: 2 }]), { text: "4" }],
    { maxInterruptSteps: 2, prompt: { functions: [add] } },
  );
  const session = await agent.respond({ returnSession: true });
  assert.equal(session.delivery!.content, "4");
  assert.equal(session.interruptsCount, 2);
  const asked = agent.currentDialog.messages.at(-2)!;
  assert.match(String(asked.content), /limit of tool calls/);
});

Deno.test("respond() fails with interrupt_limit when the final answer calls a tool, and leaves the dialog valid", async () => {
  const agent = agentOn(
    [calls(["add", { a: 1, b: 1 }]), calls(["add", { a: 2, b: 2 }])],
    { maxInterruptSteps: 1, prompt: { functions: [add] } },
  );
  const error = await agent.respond().then(() => null, (error) => error);
  assert(error instanceof AgentError);
  assert.deepEqual([error.code, error.session.state], ["interrupt_limit", "failure"]);
  assert.deepEqual(roles(agent), ["system", "user", "tool_call", "tool", "user"]);
});

Deno.test("respond() repairs on a fork: the canonical dialog holds only the reply that fits", async () => {
  const parser = new DefaultTagParser({ requiredXmlTags: ["answer"] });
  const agent = agentOn([{ text: "forty-two" }, { text: "<answer>42</answer>" }], { prompt: { parser } });
  const { events, types } = await collect(agent.stream());
  assert.deepEqual(roles(agent), ["system", "user", "assistant"]);
  const reply = agent.currentDialog.tail!;
  assert.deepEqual((reply.parsed as { xmlTags: unknown }).xmlTags, { answer: ["42"] });
  assert.deepEqual(types.filter((type) => !type.endsWith("delta")), [
    "agent_start",
    "model_start",
    "model_end",
    "repair",
    "model_start",
    "model_end",
    "agent_end",
  ]);
  const end = events.at(-1)!;
  assert(end.type === "agent_end");
  assert.equal(end.session.exceptionRetriesCount, 1);
  assert.deepEqual(end.session.repairs[0]!.map(({ rung, attempt }) => [rung, attempt]), [["reask", 1]]);
  assert(end.session.invokeTraces[0]![0]!.hasErrors);
});

Deno.test("respond() mends nearly valid JSON without asking again", async () => {
  const format = z.object({ total: z.number(), names: z.array(z.string()) });
  const agent = agentOn([{ text: "```json\n{total: 3, names: ['a', 'b',]\n```" }], { prompt: { format } });
  const session = await agent.respond({ returnSession: true });
  assert.deepEqual(session.delivery!.parsed, { total: 3, names: ["a", "b"] });
  assert.deepEqual(session.repairs[0]!.map(({ rung, costUsd }) => [rung, costUsd]), [["mend", 0]]);
  assert.equal(session.exceptionRetriesCount, 0);
});

Deno.test("respond() asks again when the JSON does not fit its schema, saying what was expected", async () => {
  const format = z.object({ total: z.number() });
  const agent = agentOn([{ text: '{"total":"three"}' }, { json: { total: 3 } }], { prompt: { format } });
  const session = await agent.respond({ returnSession: true });
  assert.deepEqual(session.delivery!.parsed, { total: 3 });
  assert.match(session.exceptionRetries[0]![0]!, /total/);
});

Deno.test("respond() ends with exception_retries_exhausted, its session holding every attempt", async () => {
  const parser = new DefaultTagParser({ requiredXmlTags: ["x"] });
  const agent = agentOn([{ text: "1" }, { text: "2" }, { text: "3" }], {
    maxExceptionRetry: 2,
    prompt: { parser },
  });
  const error = await agent.respond().then(() => null, (error) => error);
  assert.equal(error.code, "exception_retries_exhausted");
  assert.equal(error.session.invokeTraces[0].length, 3);
  assert.equal(error.session.exceptionRetriesCount, 2);
  assert.deepEqual(roles(agent), ["system", "user"]);
});

Deno.test("respond() sums its repairs over the interrupt steps", async () => {
  const parser = new DefaultTagParser({ requiredXmlTags: ["x"] });
  const agent = agentOn(
    [calls(["add", { a: 1, b: 2 }]), { text: "1" }, calls(["add", { a: 2, b: 2 }]), { text: "2" }, {
      text: "<x>3</x>",
    }],
    { maxExceptionRetry: 1, prompt: { parser, functions: [add] } },
  );
  await assert.rejects(agent.respond(), { code: "exception_retries_exhausted" });
});

Deno.test("respond() takes the contract from the prompt that was put last, its tools beside the system prompt's", async () => {
  const agent = agentOn([
    calls(["add", { a: 1, b: 2 }], ["twice", { a: 2 }]),
    { text: "<n>7</n>" },
    { text: "plain" },
  ], { prompt: { functions: [add] } });
  const twice = tool({
    name: "twice",
    description: "",
    parameters: z.object({ a: z.number() }),
    execute: ({ a }) => 2 * a,
  });
  agent.receivePrompt(
    new Prompt({
      path: "ask",
      prompt: "Compute {what}",
      functions: [twice],
      parser: new DefaultTagParser({ requiredXmlTags: ["n"] }),
    }),
    { promptArgs: { what: "7" } },
  );
  const session = await agent.respond({ returnSession: true });
  assert.deepEqual(session.interrupts[0]!.map((call) => call.result), [3, 4]);
  assert.deepEqual(session.delivery!.parsed.xmlTags, { n: ["7"] });
  agent.receive("And now?");
  assert.deepEqual((await agent.respond()).parsed, { raw: "plain" });
});

Deno.test("respond() waits out provider errors: recalls are counted, rate limits are not", async () => {
  const agent = agentOn(
    [
      { error: { status: 429, retry_after: 2 } },
      { error: { status: 500 } },
      { error: { status: 429, retry_after: 1 } },
      { text: "ok" },
    ],
    { maxLlmRecall: 1 },
  );
  const { events, error } = await collect(agent.stream());
  assert.equal(error, undefined);
  const recalls = events.filter((event) => event.type === "recall");
  assert.deepEqual(recalls.map((event) => event.countsAsRecall), [false, true, false]);
  assert.deepEqual([recalls[0]!.waitMs, recalls[2]!.waitMs], [2000, 1000]);
  assert(recalls[1]!.waitMs >= 1500 && recalls[1]!.waitMs <= 2000);
});

Deno.test("respond() ends with recalls_exhausted, and at once for what no retry can mend", async () => {
  const failing = agentOn([{ error: { status: 503 } }, { error: { status: 503 } }], { maxLlmRecall: 1 });
  const error = await failing.respond().then(() => null, (error) => error);
  assert.deepEqual([error.code, error.session.llmRecallsCount], ["recalls_exhausted", 1]);
  const refused = agentOn([{ error: { status: 400, message: "bad request" } }], { maxLlmRecall: 3 });
  const fatal = await refused.respond().then(() => null, (error) => error);
  assert.deepEqual([fatal.code, fatal.session.llmRecallsCount], ["provider_error", 0]);
  assert.match(fatal.message, /bad request/);
});

Deno.test("respond() gives up on rate limits after a minute of waiting", async () => {
  const limited = Array.from({ length: 4 }, () => ({ error: { status: 429, retry_after: 25 } }));
  const error = await agentOn(limited).respond().then(() => null, (error) => error);
  assert.equal(error.code, "recalls_exhausted");
  assert.equal(error.session.llmRecalls[0].length, 2);
});

Deno.test("respond() waits longer each time where a provider asks to wait no time at all, and gives up", async () => {
  const limited = Array.from({ length: 100 }, () => ({ error: { status: 429, retry_after: 0 } }));
  const error = await agentOn(limited).respond().then(() => null, (error) => error);
  assert.equal(error.code, "recalls_exhausted");
  const waits = error.session.llmRecalls[0].map(({ waitMs }: { waitMs: number }) => waitMs);
  assert(waits.length > 3 && waits.length < 10, String(waits));
  assert(waits[0] >= 750 && waits.at(-1) >= 10_000, String(waits));
});

Deno.test("respond() does not wait for a provider that asks for more than a minute", async () => {
  const error = await agentOn([{ error: { status: 429, retry_after: 100 } }], { maxLlmRecall: 2 }).respond()
    .then(() => null, (error) => error);
  assert.deepEqual([error.code, error.session.llmRecalls], ["recalls_exhausted", {}]);
  assert.match(error.message, /asks to wait 100 s/);
});

Deno.test("respond() denies tools that need approval unless the run approves them", async () => {
  const danger = tool({
    name: "danger",
    description: "",
    parameters: z.object({ x: z.number() }),
    needsApproval: true,
    execute: ({ x }) => x,
  });
  const script = [calls(["danger", { x: 1 }], ["danger", { x: 2 }]), { text: "ok" }];
  const denied = await agentOn(script, { prompt: { functions: [danger] } }).respond({ returnSession: true });
  assert(denied.interrupts[0]!.every((call) => /not approved/.test(call.errorMessage ?? "")));
  const asked = await agentOn(script, { prompt: { functions: [danger] } }).respond({
    returnSession: true,
    onApproval: ({ arguments: { x } }) => x === 1 ? "approve" : "deny",
  });
  assert.deepEqual(asked.interrupts[0]!.map((call) => call.success), [true, false]);
});

Deno.test("respond() runs one call per dialog at a time", async () => {
  const agent = agentOn([{ text: "1", delay_ms: 5 }, { text: "2" }]);
  const first = agent.respond();
  await assert.rejects(agent.respond(), /under way/);
  await first;
  agent.receive("again");
  await agent.respond();
});

Deno.test("respond() on abort rejects with the reason itself and answers open calls", async () => {
  const controller = new AbortController();
  const reason = new Error("stop");
  const hang = tool({
    name: "hang",
    description: "",
    parameters: z.object({ n: z.number() }),
    execute: ({ n }, { signal }) => {
      if (n === 2) controller.abort(reason);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  });
  const agent = agentOn([calls(["hang", { n: 1 }], ["hang", { n: 2 }])], { prompt: { functions: [hang] } });
  let state: unknown;
  const stream = agent.stream({ signal: controller.signal });
  const { events, error } = await collect(stream);
  const start = events[0]!;
  if (start.type === "agent_start") state = start.session.state;
  assert.equal(error, reason);
  assert.equal(state, "cancelled");
  const tools = agent.currentDialog.messages.filter((m) => m.role === "tool");
  assert.deepEqual(tools.map((m) => m.content), ["Cancelled", "Cancelled"]);
});

Deno.test("stream() gives the reply in pieces, and leaving it aborts the call", async () => {
  const agent = agentOn([{ text: "one two three four" }, { text: "x", delay_ms: 100_000 }], {
    clock: undefined as never,
  });
  const { events } = await collect(agent.stream());
  const text = events.filter((event) => event.type === "text_delta").map((event) => event.text);
  assert.equal(text.join(""), "one two three four");
  assert(text.length > 1);
  agent.receive("more");
  for await (const event of agent.stream()) if (event.type === "model_start") break;
  assert.deepEqual(roles(agent).at(-1), "user");
});

Deno.test("respond() ends with what neither model nor tool can mend, and ends the other tools too", async () => {
  let ended = false;
  const unset = tool({
    name: "unset",
    description: "",
    parameters: z.object({}),
    execute: () => {
      throw new LLLMError("Cannot start: expected a permission, found it missing", {
        code: "config_invalid",
      });
    },
  });
  const hang = tool({
    name: "hang",
    description: "",
    parameters: z.object({}),
    execute: (_args, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          ended = true;
          reject(signal.reason);
        })
      ),
  });
  const agent = agentOn([calls(["hang", {}], ["unset", {}])], { prompt: { functions: [unset, hang] } });
  await assert.rejects(agent.respond(), { code: "config_invalid" });
  assert(ended);
  assert.deepEqual(roles(agent), ["system", "user", "tool_call", "tool", "tool"]);
});

Deno.test("respond() takes a decision about a tool that fails as a refusal, and tells the model why", async () => {
  const guarded = tool({
    name: "guarded",
    description: "",
    parameters: z.object({}),
    needsApproval: true,
    execute: () => 1,
  });
  const functions = [guarded];
  for (
    const fail of [() => Promise.reject(new Error("nobody is there")), () => {
      throw new Error("nobody is there");
    }]
  ) {
    const agent = agentOn([calls(["guarded", {}]), { text: "Done" }], { prompt: { functions } });
    const session = await agent.respond({ returnSession: true, onApproval: fail });
    assert.match(session.interrupts[0]![0]!.errorMessage!, /not approved.*nobody is there/);
  }
});

Deno.test("respond() counts a date in Retry-After from its own clock", async () => {
  const clock = fakeClock({ startMs: 10_000, autoAdvance: true });
  const busy = Object.assign(new Error("busy"), {
    status: 429,
    headers: new Headers({ "retry-after": new Date(15_000).toUTCString() }),
  });
  const script = scriptedInvoker([{ text: "Done" }]);
  let first = true;
  const invoker: Invoker = {
    call(request) {
      if (!first) return script.call(request);
      first = false;
      return Promise.reject(busy);
    },
  };
  await agentOn([], { clock, invoker }).respond();
  assert.deepEqual(clock.waits, [5_000]);
});

Deno.test("respond() binds a tool's ref in the agent's runtime, outside a run else in the default one", async () => {
  const runtimeOf = (result: string): Runtime => {
    const runtime = new Runtime();
    const { name, description, parameters } = add;
    runtime.registerTool("add", tool({ name, description, parameters, execute: () => result }), {
      namespace: "sums.tools",
    });
    return runtime;
  };
  const { name, description, parameters } = add;
  const functions = [tool({ name, description, parameters, ref: "sums.tools:add" })];
  const answer = async (options: Partial<AgentOptions>) => {
    const replies = [calls(["add", { a: 1, b: 2 }]), { text: "Done" }];
    const agent = agentOn(replies, { prompt: { functions }, ...options });
    const session = await agent.respond({ returnSession: true });
    return session.interrupts[0]![0]!.result;
  };
  const before = getDefaultRuntime();
  setDefaultRuntime(runtimeOf("default"));
  try {
    assert.equal(await answer({}), "default");
    assert.equal(await answer({ runtime: runtimeOf("own") }), "own");
  } finally {
    setDefaultRuntime(before);
  }
});

Deno.test("respond() does not ask the model again because the stream handler fails", async () => {
  for (
    const fail of [() => Promise.reject(new RangeError("mine")), () => {
      throw new RangeError("mine");
    }]
  ) {
    const invoker = scriptedInvoker({ rules: [{ reply: "Done" }] });
    const agent = agentOn([], { invoker, maxLlmRecall: 3, streamHandler: { handleChunk: fail } });
    const error = await agent.respond().catch((error: unknown) => error);
    assert(error instanceof AgentError && error.cause instanceof RangeError);
    assert.equal(error.code, "agent_failed");
    assert.equal(invoker.calls.length, 1);
  }
});

Deno.test("respond() says so when an invoker gives no reply", async () => {
  const agent = agentOn([], { invoker: { call: () => Promise.resolve({} as never) }, maxLlmRecall: 3 });
  const error = await agent.respond().then(() => null, (error) => error);
  assert.deepEqual([error.code, error.session.llmRecallsCount], ["provider_error", 0]);
  assert.match(error.message, /InvokeResult with a message/);
});

Deno.test("respond() takes a reply that an invoker has at once", async () => {
  const message = new Message({ role: "assistant", content: "Done" });
  const invoker = { call: () => new InvokeResult({ message }) } as unknown as Invoker;
  assert.equal((await agentOn([], { invoker }).respond()).content, "Done");
});

Deno.test("respond() says so when a context manager gives no dialog", async () => {
  const contextManager = { name: "mine", apply: () => undefined } as unknown as ContextManager;
  await assert.rejects(agentOn([{ text: "Done" }], { contextManager, maxLlmRecall: 3 }).respond(), {
    message: 'Cannot use context manager "mine": expected a dialog from apply(), found undefined',
  });
});

Deno.test("respond() on abort waits neither for a context manager nor for a schema", async () => {
  const never = new Promise<never>(() => {});
  for (
    const start of [
      (asked: () => void) => agentOn([], { contextManager: { name: "slow", apply: () => (asked(), never) } }),
      (asked: () => void) => {
        const format = z.object({ a: z.number().refine(() => (asked(), never)) });
        return agentOn([{ json: { a: 1 } }], { prompt: { format } });
      },
    ]
  ) {
    const controller = new AbortController();
    const agent = start(() => controller.abort("enough"));
    const reason = await agent.respond({ signal: controller.signal }).then(() => null, (reason) => reason);
    assert.equal(reason, "enough");
    assert.deepEqual(roles(agent), ["system", "user"]);
  }
});

Deno.test("respond() counts what a reply cost that its parser fails on", async () => {
  const parser = {
    parse: () => {
      throw new RangeError("a bug");
    },
  };
  const usage = { prompt_tokens: 10, completion_tokens: 5 };
  const agent = agentOn([{ text: "x", usage }], { prompt: { parser } });
  const error = await agent.respond().then(() => null, (error) => error);
  assert.deepEqual([error.message, error.session.cost.totalTokens], ["a bug", 15]);
});
