import assert from "node:assert/strict";
import { Agent } from "../../src/agent/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { currentRun, type RunTracer, type TraceScope } from "../../src/run/mod.ts";
import { findTracer, setupTracing } from "../../src/telemetry/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { tool } from "../../src/tools/mod.ts";
import { loadModuleGraph } from "../_tools/module_graph.ts";
import { ROOT } from "../_tools/_repository.ts";

const REGISTRY = Symbol.for("opentelemetry.js.api.1");

/** A span that keeps what it is told. */
class KeptSpan {
  readonly attributes: Record<string, unknown> = {};
  ended = false;
  constructor(readonly name: string, readonly parent: KeptSpan | undefined, attributes: object) {
    Object.assign(this.attributes, attributes);
  }
  isRecording(): boolean {
    return true;
  }
  setAttribute(key: string, value: unknown): this {
    this.attributes[key] = value;
    return this;
  }
  setAttributes(attributes: object): this {
    Object.assign(this.attributes, attributes);
    return this;
  }
  setStatus({ message }: { message?: string }): this {
    this.attributes.status = message;
    return this;
  }
  end(): void {
    this.ended = true;
  }
}

const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

/** Registers a provider as an SDK does, without a manager of contexts, while `body` runs. */
async function registered(body: (spans: KeptSpan[]) => Promise<void>, fail = false): Promise<void> {
  const spans: KeptSpan[] = [];
  const tracer = {
    startSpan(name: string, options: { attributes?: object }, context: { getValue(key: symbol): unknown }) {
      if (fail) throw new Error("the SDK is broken");
      const span = new KeptSpan(
        name,
        context.getValue(SPAN) as KeptSpan | undefined,
        options.attributes ?? {},
      );
      spans.push(span);
      return span;
    },
  };
  const globals = globalThis as Record<symbol, unknown>;
  globals[REGISTRY] = { version: "1.9.0", trace: { getTracer: () => tracer } };
  try {
    await body(spans);
  } finally {
    delete globals[REGISTRY];
  }
}

const add = tool({
  name: "add",
  description: "Adds",
  parameters: { type: "object", properties: { password: { type: "string" } } },
  execute: () => {
    assert(currentRun() !== undefined);
    throw new Error("cannot add");
  },
});

function adder(): Agent {
  const agent = new Agent({
    name: "adder",
    systemPrompt: new Prompt({ path: "add/system", prompt: "You add.", functions: [add] }),
    model: "m",
    invoker: scriptedInvoker({
      rules: [
        {
          when: { role: "user" },
          reply: { tool_calls: [{ name: "add", arguments: { password: "hunter2" } }] },
        },
        { reply: { text: "done" } },
      ],
    }),
  });
  agent.open("main").receive("Go");
  return agent;
}

Deno.test("findTracer() finds nobody where no provider is registered", () => {
  assert.equal(findTracer(), undefined);
});

Deno.test("nothing imports @opentelemetry/api before a provider is there", async () => {
  const { edges } = await loadModuleGraph(ROOT, ["mod.ts"]);
  const imports = edges.filter(({ to }) => to.includes("@opentelemetry/api"));
  assert(imports.some(({ kind }) => kind === "dynamic"));
  assert(imports.every(({ kind }) => kind !== "static"));
});

Deno.test("an agent without a tactic is followed too, and without a manager of contexts", async () => {
  await registered(async (spans) => {
    const replies = await Promise.all([adder().respond(), adder().respond()]);
    assert.deepEqual(replies.map(({ content }) => content), ["done", "done"]);
    assert.equal(spans.length, 8);
    assert(spans.every(({ ended }) => ended));
    for (const span of spans) {
      assert.equal(span.parent?.name, span.name === "invoke_agent adder" ? undefined : "invoke_agent adder");
    }
    assert.equal(new Set(spans.map(({ parent }) => parent)).size, 3);
    const failed = spans.find(({ name }) => name === "execute_tool add")!;
    assert.equal(failed.attributes["error.type"], "tool_error");
    assert.equal(failed.attributes["gen_ai.tool.description"], "Adds");
    assert(spans.some(({ attributes }) => attributes["gen_ai.provider.name"] === "scripted"));
  });
});

Deno.test("events that are read elsewhere belong to the run that they come from", async () => {
  await registered(async (spans) => {
    const events = adder().stream();
    for await (const event of events) if (event.type === "agent_end") break;
    assert.deepEqual(spans.map(({ name }) => name), [
      "invoke_agent adder",
      "chat m",
      "execute_tool add",
      "chat m",
    ]);
  });
});

Deno.test("a provider that is broken does not break the run", async () => {
  await registered(async (spans) => {
    assert.equal((await adder().respond()).content, "done");
    assert.equal(spans.length, 0);
  }, true);
});

Deno.test("setupTracing() captures content, without secrets, through the program's own filter", async () => {
  const asked: string[] = [];
  setupTracing({
    captureContent: true,
    redact: (attribute, content) => {
      asked.push(attribute);
      return attribute === "gen_ai.output.messages" ? undefined : content;
    },
  });
  try {
    await registered(async (spans) => {
      await adder().respond();
      const all = JSON.stringify(spans.map(({ attributes }) => attributes));
      const called = spans.find(({ name }) => name === "execute_tool add")!;
      assert.equal(called.attributes["gen_ai.tool.call.arguments"], '{"password":"[scrubbed]"}');
      assert(all.includes("You add."));
      assert(!all.includes("gen_ai.output.messages"));
    });
    assert(asked.includes("gen_ai.output.messages") && asked.includes("gen_ai.tool.call.arguments"));
  } finally {
    setupTracing({});
  }
});

Deno.test("a filter of contents that fails costs the content, and every span ends", async () => {
  const filters = [(): unknown => {
    throw new Error("The filter failed");
  }, () => 1n];
  for (const redact of filters) {
    setupTracing({ captureContent: true, redact });
    try {
      await registered(async (spans) => {
        await adder().respond();
        const names = spans.map(({ name }) => name.split(" ")[0]);
        assert.deepEqual(names, ["invoke_agent", "chat", "execute_tool", "chat"]);
        assert(spans.every(({ ended }) => ended));
        assert(spans.every(({ attributes }) => !("gen_ai.output.messages" in attributes)));
      });
    } finally {
      setupTracing({});
    }
  }
});

Deno.test("a tracer of one's own is given scopes by whoever opens them", async () => {
  const { RunContext, directRunner } = await import("../../src/run/mod.ts");
  const seen: [string, unknown][] = [];
  const tracer: RunTracer = {
    trace: <T>({ name }: TraceScope, around: unknown, body: (trace: unknown) => Promise<T>) => {
      seen.push([name, around]);
      return body(name);
    },
  };
  const run = new RunContext({
    signal: new AbortController().signal,
    steps: directRunner,
    tracer,
    trace: "top",
  });
  const step = (name: string, path: string) => ({ kind: "effect", name, path, input: null }) as const;
  await run.runStep(step("a", run.nextPath("a")), async () => {
    const inner = currentRun()!;
    await inner.runStep(step("b", inner.nextPath("b")), () => Promise.resolve());
  });
  assert.deepEqual(seen, [["a", "top"], ["b", "a"]]);
  const inside = run.traced(tracer, "x");
  assert.deepEqual([inside.nextPath("a"), run.nextPath("a"), inside.nextPath("a")], ["a#1", "a#2", "a#3"]);
});
