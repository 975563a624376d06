import assert from "node:assert/strict";
import { z } from "zod";
import { ReplayDivergenceError } from "../../src/errors.ts";
import { FunctionCall } from "../../src/message/mod.ts";
import type { Clock } from "../../src/run/mod.ts";
import {
  failCall,
  FunctionTool,
  tool,
  toolContent,
  type ToolContext,
  toolMedia,
} from "../../src/tools/mod.ts";

const callOf = (name: string, args: Record<string, unknown>) =>
  new FunctionCall({ id: "call_1", name, arguments: args });

const add = () =>
  tool({
    name: "add",
    description: "Adds",
    parameters: z.object({ a: z.number(), b: z.number().optional() }),
    execute: ({ a, b = 10 }) => a + b,
  });

Deno.test("tool() infers the arguments and describes itself", () => {
  const t = add();
  assert.deepEqual([t.name, t.description, t.required, t.strict, t.linked], [
    "add",
    "Adds",
    ["a"],
    true,
    true,
  ]);
  assert.deepEqual(t.parameters, {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a"],
  });
  assert.deepEqual([t.needsApproval, t.repeatable, t.ref, t.timeoutMs], [false, false, undefined, undefined]);
});

Deno.test("FunctionTool.call() gives a new, completed call", async () => {
  const call = callOf("add", { a: 1, b: 2 });
  const done = await add().call(call);
  assert.notEqual(done, call);
  assert.deepEqual([done.id, done.name, done.arguments], ["call_1", "add", { a: 1, b: 2 }]);
  assert.deepEqual([done.result, done.success, done.errorMessage], [3, true, null]);
  assert.equal(done.resultText, 'Result of add({"a":1,"b":2}):\n---\n3\n---');
});

Deno.test("FunctionTool.call() removes a null for an optional argument", async () => {
  assert.equal((await add().call(callOf("add", { a: 1, b: null }))).result, 11);
});

Deno.test("FunctionTool.call() tells of wrong arguments and does not run the code", async () => {
  let ran = false;
  const t = tool({
    name: "t",
    description: "",
    parameters: { type: "object", properties: { q: { type: "string" } }, required: ["q"] },
    execute: () => ran = true,
  });
  const done = await t.call(callOf("t", { q: 1 }));
  assert.equal(
    done.errorMessage,
    'Cannot run tool "t": expected arguments that match its parameters, found: q: expected string, found number 1',
  );
  assert(done.resultText?.includes(done.errorMessage!));
  assert.equal(done.success, false);
  assert.equal(ran, false);
});

Deno.test("FunctionTool.call() tells of exceptions, whatever is thrown", async () => {
  for (
    const [thrown, told] of [[new RangeError("boom"), "RangeError: boom"], ["text", "text"], [1n, "a bigint"]]
  ) {
    const t = tool({
      name: "t",
      description: "",
      parameters: {},
      execute: () => {
        throw thrown;
      },
    });
    assert.equal((await t.call(callOf("t", {}))).errorMessage, `Cannot run tool "t": it failed with ${told}`);
  }
});

Deno.test("FunctionTool.call() tells of a tool without code", async () => {
  const t = tool({ name: "t", description: "", parameters: {}, ref: "demo.tools:t" });
  assert.equal(t.linked, false);
  assert.equal(t.ref, "demo.tools:t");
  const done = await t.call(callOf("t", {}));
  assert.equal(done.errorMessage, 'Cannot run tool "t": expected code behind the tool, found none');
});

Deno.test("FunctionTool.call() gives up after timeoutMs and tells the code to stop", async () => {
  let fire = () => {};
  const delays: number[] = [];
  const clock: Clock = {
    setTimeout: (callback, delayMs) => delays.push(delayMs) && (fire = callback),
    clearTimeout: () => {},
    now: () => 0,
  };
  let signal: AbortSignal | undefined;
  const t = tool({
    name: "slow",
    description: "",
    parameters: {},
    timeoutMs: 500,
    execute: (_args, context) => {
      signal = context.signal;
      fire();
      return new Promise(() => {});
    },
  });
  const done = await t.call(callOf("slow", {}), { clock });
  assert.equal(done.errorMessage, 'Cannot run tool "slow": no result after 500 ms');
  assert.deepEqual(delays, [500]);
  assert(signal?.aborted);
});

Deno.test("FunctionTool.call() rejects with the reason when it is aborted", async () => {
  const reason = new Error("stop");
  for (const timeoutMs of [undefined, 60_000]) {
    const controller = new AbortController();
    const t = tool({
      name: "t",
      description: "",
      parameters: {},
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      execute: (_args, { signal }) => {
        controller.abort(reason);
        assert(signal.aborted);
        return new Promise(() => {});
      },
    });
    await assert.rejects(t.call(callOf("t", {}), { signal: controller.signal }), (error) => error === reason);
    await assert.rejects(t.call(callOf("t", {}), { signal: controller.signal }), (error) => error === reason);
  }
});

Deno.test("FunctionTool.call() lets a diverged replay through, wrapped or not", async () => {
  const diverged = new ReplayDivergenceError({ path: "a#0", expected: 1, actual: 2 });
  for (const error of [diverged, new Error("outer", { cause: diverged })]) {
    const t = tool({ name: "t", description: "", parameters: {}, execute: () => Promise.reject(error) });
    await assert.rejects(t.call(callOf("t", {})), (thrown) => thrown === error);
  }
});

Deno.test("FunctionTool.call() hands over call id, agent and signal", async () => {
  let seen: ToolContext | undefined;
  const t = tool({
    name: "t",
    description: "",
    parameters: {},
    execute: (_args, context) => void (seen = context),
  });
  const done = await t.call(callOf("t", {}), { agentName: "writer" });
  assert.deepEqual([seen?.callId, seen?.agentName, seen?.signal.aborted], ["call_1", "writer", false]);
  assert.equal(seen?.tacticContext, undefined);
  assert.equal(done.resultText, "Result of t({}):\n---\nnull\n---");
});

Deno.test("FunctionTool.call() gives the code arguments that it may change", async () => {
  const t = tool({
    name: "t",
    description: "",
    parameters: { type: "object", properties: { list: { type: "array" } } },
    execute: (args) => (args.list as number[]).push(3),
  });
  const call = callOf("t", { list: [1] });
  assert.equal((await t.call(call)).result, 2);
  assert.deepEqual(call.arguments, { list: [1] });
});

Deno.test("FunctionTool.call() keeps results as JSON-safe data", async () => {
  const give = (value: unknown) =>
    tool({ name: "t", description: "", parameters: {}, execute: () => value }).call(callOf("t", {}));
  assert.deepEqual((await give({ when: new Date(0), none: undefined })).result, {
    when: "1970-01-01T00:00:00.000Z",
  });
  assert.equal((await give("line\n---")).resultText, "Result of t({}):\n---\nline\n---\n---");
  for (const bad of [{ n: 1n }, 1n, () => 1]) {
    assert.match((await give(bad)).errorMessage!, /expected a result that JSON can carry, found a/);
  }
  const failing = {
    toJSON: () => {
      throw new RangeError("too far");
    },
  };
  assert.match((await give(failing)).errorMessage!, /it failed with RangeError: too far/);
});

Deno.test("FunctionTool.call() does not tell of an object of the platform that it was empty", async () => {
  const fields = { name: "t", description: "", parameters: {} };
  for (
    const [kind, value] of Object.entries({
      Map: new Map([[1, 2]]),
      Response: new Response("x"),
      Error: new Error("x"),
    })
  ) {
    const told = await tool({ ...fields, execute: () => value }).call(callOf("t", {}));
    assert.match(told.errorMessage!, new RegExp(`that JSON can carry, found an object of the kind ${kind}$`));
  }
  const processed = tool({
    ...fields,
    execute: () => new Map([[1, 2]]),
    processor: (map) => `${map.size} entries`,
  });
  assert.equal((await processed.call(callOf("t", {}))).resultText, "1 entries");
  for (const empty of [{}, Object.create(null), new (class Empty {})()]) {
    assert.deepEqual((await tool({ ...fields, execute: () => empty }).call(callOf("t", {}))).result, {});
  }
});

Deno.test("tool() replaces the result text by what processor writes", async () => {
  const t = tool({
    name: "t",
    description: "",
    parameters: {},
    execute: () => ({ rows: [1, 2] }),
    processor: (result, call) => `${call.name}: ${result.rows.length} rows`,
  });
  const done = await t.call(callOf("t", {}));
  assert.equal(done.resultText, "t: 2 rows");
  assert.deepEqual(done.result, { rows: [1, 2] });
});

Deno.test("tool() tells of a processor that throws", async () => {
  const t = tool({
    name: "t",
    description: "",
    parameters: {},
    execute: () => 1,
    processor: () => {
      throw new Error("no");
    },
  });
  assert.match((await t.call(callOf("t", {}))).errorMessage!, /Error: no/);
});

Deno.test("FunctionTool.link() puts code behind a tool", async () => {
  const t = tool({ name: "t", description: "", parameters: z.object({ n: z.number() }) });
  assert.equal(t.link(({ n }: { n: number }) => n * 2), t);
  assert(t.linked);
  assert.equal((await t.call(callOf("t", { n: 2 }))).result, 4);
  assert.throws(() => t.link("no" as never), TypeError);
});

Deno.test("FunctionTool.link() takes another tool, which answers the calls", async () => {
  const target = tool({
    name: "other",
    description: "",
    parameters: {},
    needsApproval: true,
    execute: () => "from other",
  });
  const t = tool({ name: "t", description: "", parameters: {} }).link(target);
  assert.deepEqual([t.linked, t.needsApproval, t.repeatable], [true, true, false]);
  assert.equal((await t.call(callOf("t", {}))).resultText, "Result of t({}):\n---\nfrom other\n---");
  assert.throws(() => target.link(t), TypeError);
});

Deno.test("FunctionTool.toTool() gives the form of each interface, made once", () => {
  const t = add();
  const parameters = {
    type: "object",
    properties: { a: { type: "number" }, b: { type: ["number", "null"] } },
    required: ["a", "b"],
    additionalProperties: false,
  };
  assert.deepEqual(t.toTool("completion"), {
    type: "function",
    function: { name: "add", description: "Adds", parameters, strict: true },
  });
  assert.deepEqual(t.toTool("response"), {
    type: "function",
    name: "add",
    description: "Adds",
    parameters,
    strict: true,
  });
  assert.equal(t.toTool("response"), t.toTool("response"));
  assert.throws(() => t.toTool("chat" as never), { name: "TypeError", message: /found chat/ });
});

Deno.test("tool() keeps descriptions of parameters; optional ones, and those with a default, are not required", () => {
  const t = tool({
    name: "search",
    description: "Searches",
    parameters: z.object({
      city: z.string().describe("Where"),
      limit: z.number().int().optional(),
      units: z.string().default("metric").describe("Which units"),
      tags: z.array(z.string()).optional(),
    }),
  });
  const properties = t.parameters.properties as Record<string, Record<string, unknown>>;
  assert.deepEqual(t.required, ["city"]);
  assert.equal(properties.city!.description, "Where");
  assert.equal(properties.limit!.type, "integer");
  assert.deepEqual([properties.units!.default, properties.units!.description], ["metric", "Which units"]);
  assert.equal(properties.tags!.type, "array");
});

Deno.test("FunctionTool.toTool() sends open schemas without strict", () => {
  const t = tool({
    name: "t",
    description: "",
    parameters: z.object({ r: z.record(z.string(), z.number()) }),
  });
  assert.equal(t.strict, false);
  assert.equal((t.toTool("completion").function as { strict: boolean }).strict, false);
});

Deno.test("tool() refuses what cannot be a tool", () => {
  const make = (parameters: never, name = "t") => () => tool({ name, description: "", parameters });
  for (
    const bad of [z.date(), z.object({ d: z.date() }), z.string(), z.union([z.object({}), z.string()]), 1]
  ) {
    assert.throws(make(bad as never), { name: "TypeError", message: /^Cannot create tool "t": / });
  }
  assert.throws(make({} as never, ""), TypeError);
  assert.throws(() => tool({ name: "t", description: "", parameters: {}, timeoutMs: 0 }), RangeError);
});

Deno.test("FunctionTool.isInstance() knows tools by their brand", () => {
  assert(FunctionTool.isInstance(add()));
  assert(FunctionTool.isInstance({ [Symbol.for("lllm.FunctionTool")]: true }));
  assert(!FunctionTool.isInstance({}) && !FunctionTool.isInstance(null));
});

Deno.test("failCall() completes a call with an error", () => {
  const failed = failCall(callOf("t", { a: 1 }), "Cancelled");
  assert.equal(failed.resultText, 'Error of t({"a":1}):\n---\nCancelled\n---');
  assert.equal(failed.success, false);
});

Deno.test("tool() refuses an execute that is no function", () => {
  const init = { name: "t", description: "", parameters: { type: "object" }, execute: 5 };
  assert.throws(() => tool(init as never), TypeError);
});

Deno.test("toolContent() shows images and tells of their kind alone", async () => {
  const image = { type: "image", mediaType: "image/png", data: "iVBORw0KGgo=" } as const;
  const map = tool({
    name: "map",
    description: "A map",
    parameters: z.object({}),
    execute: () => toolContent([{ type: "text", text: "Paris" }, image]),
  });
  const done = await map.call(new FunctionCall({ id: "1", name: "map", arguments: {} }));
  assert.equal(done.resultText, "Result of map({}):\n---\nParis\n[image/png]\n---");
  assert.deepEqual(toolMedia(done.result), [image]);
  assert.deepEqual(toolMedia(FunctionTool), []);
});

Deno.test("FunctionTool.asksApproval() decides by the arguments where needsApproval is a function", () => {
  const pay = tool<{ amount: number }>({
    name: "pay",
    description: "Pays",
    parameters: z.object({ amount: z.number() }),
    needsApproval: ({ amount }) => amount!.toFixed(0) !== "1",
  });
  const asks = (args: Record<string, unknown>) =>
    pay.asksApproval(new FunctionCall({ id: "1", name: "pay", arguments: args }));
  assert.deepEqual([asks({ amount: 1 }), asks({ amount: 2 }), asks({})], [false, true, true]);
  assert.equal(pay.needsApproval, true);
  const linked = tool({ name: "p", description: "", parameters: z.object({}), execute: pay as never });
  assert.equal(linked.asksApproval(new FunctionCall({ id: "1", name: "p", arguments: {} })), true);
});
