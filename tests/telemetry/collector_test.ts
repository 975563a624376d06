import assert from "node:assert/strict";
import { Collector, type ReceivedSpan } from "./_collector.ts";

/** Runs the program with Deno's own OpenTelemetry, and gives what the collector got. */
async function traced(env: Record<string, string> = {}): Promise<{ collector: Collector; stdout: string }> {
  const collector = new Collector();
  const program = new URL("_program.ts", import.meta.url).pathname;
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", program, `${collector.url}/provider`],
    env: {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore", // what the program prints is not sent
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      ...env,
    },
  }).output();
  const { stdout, stderr } = output;
  assert(output.success, new TextDecoder().decode(stderr));
  return { collector, stdout: new TextDecoder().decode(stdout) };
}

/** The attributes that the GenAI conventions require or recommend of spans whose name starts so, and what they are here. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "invoke_workflow brief": { "gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "brief" },
  "invoke_agent writer": {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.provider.name": "openai",
    "gen_ai.agent.name": "writer",
    "gen_ai.request.model": "openai/gpt-4o-mini",
    "gen_ai.usage.input_tokens": 80,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.response.finish_reasons": ["stop"],
  },
  "chat gpt-4o-mini": {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.max_tokens": 100,
    "gen_ai.response.id": "chatcmpl-1",
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.usage.input_tokens": 40,
    "gen_ai.usage.output_tokens": 10,
    "gen_ai.usage.cache_read.input_tokens": 8,
    "gen_ai.usage.reasoning.output_tokens": 4,
    "server.address": "127.0.0.1",
  },
  "execute_tool run_typescript": {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "run_typescript",
    "gen_ai.tool.type": "function",
    "gen_ai.tool.call.id": "call_1",
  },
  "run_cell typescript": { "lllm.cell.language": "typescript", "lllm.cell.outcome": "ok" },
  "call_api facts/get": { "lllm.api.path": "facts/get" },
};

Deno.test("OTEL_DENO sends a span of every tactic, agent, model call, tool, cell and API call, by the GenAI conventions", async () => {
  const { collector, stdout } = await traced();
  await using _ = collector;
  assert.equal(stdout, '["The fact is there.","The fact is there."]\nprovider_error\n');
  const spans = collector.spans.filter(({ scope }) => scope === "@lllm/lllm");
  const named = (name: string) => spans.filter((span) => span.name === name);
  const byId = new Map(collector.spans.map((span) => [span.spanId, span]));
  const parentOf = (span: ReceivedSpan) => byId.get(span.parentSpanId);

  const [report] = named("invoke_workflow report");
  assert.equal(report!.parentSpanId, "");
  const trace = spans.filter(({ traceId }) => traceId === report!.traceId);
  assert.deepEqual(
    Object.entries(Object.groupBy(trace, ({ name }) => name)).map(([name, list]) => [name, list!.length])
      .sort(),
    [
      ["call_api facts/get", 2],
      ["chat gpt-4o-mini", 4],
      ["execute_tool run_typescript", 2],
      ["invoke_agent writer", 2],
      ["invoke_workflow brief", 2],
      ["invoke_workflow report", 1],
      ["run_cell typescript", 2],
      ["step prepare", 1],
    ],
  );
  const parents: Record<string, string> = {
    "call_api facts/get": "run_cell typescript",
    "run_cell typescript": "execute_tool run_typescript",
    "execute_tool run_typescript": "invoke_agent writer",
    "chat gpt-4o-mini": "invoke_agent writer",
    "invoke_agent writer": "invoke_workflow brief",
    "invoke_workflow brief": "invoke_workflow report",
    "step prepare": "invoke_workflow report",
  };
  for (const span of trace) {
    const parent = parentOf(span);
    assert.equal(parent?.name, parents[span.name]);
    if (parent !== undefined) assert(parent.start <= span.start && span.end <= parent.end, span.name);
    assert.equal(span.kind, span.name.startsWith("chat") ? "client" : "internal");
    assert.equal(span.error, undefined);
    for (const [key, value] of Object.entries(EXPECTED[span.name] ?? {})) {
      assert.deepEqual(span.attributes[key], value, `${span.name}: ${key}`);
    }
  }
  // The two briefs ran at once, and nothing of one is found in the other.
  for (const brief of named("invoke_workflow brief").filter(({ traceId }) => traceId === report!.traceId)) {
    const below = trace.filter((span) => {
      for (let at: ReceivedSpan | undefined = span; at !== undefined; at = parentOf(at)) {
        if (at === brief) return true;
      }
      return false;
    });
    assert.equal(below.length, 7);
  }
  // Deno's own spans of requests lie within the calls of the model.
  const requests = collector.spans.filter(({ name, scope }) => scope === "deno" && name.startsWith("POST"));
  assert.equal(requests.length, 5);
  assert(requests.every((request) => parentOf(request)?.name === "chat gpt-4o-mini"));
});

Deno.test("a failed call is an error on every level, with a short type", async () => {
  const { collector } = await traced();
  await using _ = collector;
  const failed = collector.spans.filter(({ scope, error }) => scope === "@lllm/lllm" && error !== undefined);
  assert.deepEqual(
    failed.map(({ name, attributes }) => [name, attributes["error.type"]]).sort(),
    [
      ["chat gpt-4o-mini", "400"],
      ["invoke_agent writer", "provider_error"],
      ["invoke_workflow brief", "provider_error"],
    ],
  );
});

Deno.test("spans carry what was said only where that is asked for, and never a key", async () => {
  const SAID = ["xyzzy", "The fact is there", "is wet", "CALL_API"];
  const plain = await traced();
  await using _plain = plain.collector;
  const silent = plain.collector.bodies.join("\n");
  for (const said of [...SAID, "sk-secret-key"]) assert(!silent.includes(said), said);

  const asked = await traced({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" });
  await using _asked = asked.collector;
  const telling = asked.collector.bodies.join("\n");
  for (const said of SAID) assert(telling.includes(said), said);
  assert(!telling.includes("sk-secret-key"));
  const chat = asked.collector.spans.find(({ name }) => name.startsWith("chat"))!;
  const [system] = JSON.parse(chat.attributes["gen_ai.input.messages"] as string);
  assert.deepEqual([system.role, system.parts.length, system.parts[0].type], ["system", 1, "text"]);
  assert(system.parts[0].content.startsWith("You write. The password is xyzzy."));
  const [output] = JSON.parse(chat.attributes["gen_ai.output.messages"] as string);
  assert.equal(output.role, "assistant");
  assert.equal(output.parts[0].type, "tool_call");
});
