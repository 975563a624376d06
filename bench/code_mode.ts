// deno-lint-ignore-file no-console -- a benchmark
/**
 * The same task over ten endpoints, by tool calls and by code: model calls, tokens and wall time side by side, in one run.
 *
 * The runs are real: agent, tools, sandbox, and requests to a local provider, which checks them. What the model says is written
 * beforehand, by a model that makes no mistake and no call too many; every run must save the same report.
 *
 *     deno run -A bench/code_mode.ts
 */
import assert from "node:assert/strict";
import { Runtime } from "../src/runtime/mod.ts";
import { NativeTactic } from "../src/tactic/mod.ts";
import { type Reply, type RequestRecord, startProviderServer } from "../tests/provider_server/mod.ts";
import { median } from "./_measure.ts";
import { CELLS, createShop, READ_CALLS, type Report, rightReport, TASK } from "./_shop.ts";

const ROUNDS = 5;
/** Assumed of the model: until its first token, and for each token that it writes. Units: milliseconds. */
const FIRST_TOKEN_MS = 600;
const TOKEN_MS = 15;
/** As OpenAI counts the frame around each message. */
const TOKENS_PER_MESSAGE = 4;

const report = rightReport();
const answer = { text: `The total is ${report.total} EUR; the report is saved.` };
const call = (name: string, args: unknown) => ({
  name: `shop_${name}`,
  arguments: args as Record<string, unknown>,
});
const reads = READ_CALLS.map(([name, args]) => call(name, args));
const save = call("save_report", report);
const cell = (language: "python" | "typescript") => ({
  toolCalls: [{ name: `run_${language}`, arguments: { code: CELLS[language] } }],
});

/** One way to do the task. */
interface Way {
  readonly name: string;
  readonly execEnv?: "interpreter" | "typescript";
  readonly script: readonly Reply[];
}

const tools: Way[] = [
  { name: "tools, one at a time", script: [...reads, save].map((one) => ({ toolCalls: [one] })) },
  { name: "tools, nine at once", script: [{ toolCalls: reads }, { toolCalls: [save] }] },
];
const code: Way[] = [
  { name: "code, Python", execEnv: "interpreter", script: [cell("python")] },
  { name: "code, TypeScript", execEnv: "typescript", script: [cell("typescript")] },
];
/** With many endpoints the system prompt only names them: the model looks them up first. */
const LOOK_UP: Reply = {
  toolCalls: [{
    name: "query_api_doc",
    arguments: {
      query:
        "customers orders products stock warehouses shipping rates exchange rate tax rate discounts save report",
    },
  }],
};

class Desk extends NativeTactic<string, string> {
  name = "desk";
  agentGroup: readonly string[] = ["clerk"];
  async call(task: string): Promise<string> {
    const agent = this.agent("clerk").open("main");
    agent.receive(task);
    return String((await agent.respond()).content);
  }
}

interface Figures {
  readonly modelCalls: number;
  readonly input: number;
  readonly output: number;
  readonly wallMs: number;
}

async function measure(way: Way, extraEndpoints: number, count: (text: string) => number): Promise<Figures> {
  let requests: readonly RequestRecord[] = [];
  const walls: number[] = [];
  for (let round = -1; round < ROUNDS; round++) { // round -1 warms up
    await using server = await startProviderServer({ script: [...way.script, answer] });
    const saved: Report[] = [];
    const runtime = new Runtime();
    runtime.registerProxy("shop", createShop(extraEndpoints, (report) => saved.push(report)));
    const agent = way.execEnv === undefined
      ? { tools: ["shop"] }
      : { proxy: { activate_proxies: ["shop"], exec_env: way.execEnv } };
    const desk = new Desk({
      runtime,
      config: {
        agent_configs: [{
          name: "clerk",
          model_name: "gpt-4o-mini",
          system_prompt: "You are a careful clerk of a shop.",
          model_args: { api_base: server.baseUrl, api_key: "none" },
          max_interrupt_steps: 0,
          ...agent,
        }],
      },
    });
    const start = performance.now();
    await desk.run(TASK);
    if (round >= 0) walls.push(performance.now() - start);
    server.assertNoRejections();
    assert.deepEqual(saved.map(rounded), [rounded(report)], way.name);
    requests = server.requests;
    if (way.script[0] === LOOK_UP) assertFound(requests[1]!);
  }
  return {
    modelCalls: requests.length,
    input: requests.reduce((sum, { body }) => sum + inputTokens(body!, count), 0),
    output: requests.reduce((sum, { reply }) => sum + outputTokens(reply!, count), 0),
    wallMs: median(walls),
  };
}

/** Checks that the look-up told what the code then uses. */
function assertFound({ body }: RequestRecord): void {
  const told = (body!.messages as { content?: unknown }[]).at(-1)!.content;
  for (const name of [...READ_CALLS.map(([name]) => name), "save_report"]) {
    assert(String(told).includes(`shop/${name}`), `query_api_doc did not tell of ${name}`);
  }
}

/** Cents may differ in the last place by the order in which they are added. */
function rounded({ title, lines, total }: Report): unknown {
  return {
    title,
    total: total.toFixed(1),
    lines: lines.map((line) => ({ ...line, eur: line.eur.toFixed(1) })),
  };
}

/** What the model reads: each message's text, the names and arguments of its calls, and the tools' definitions as JSON. */
function inputTokens(body: Readonly<Record<string, unknown>>, count: (text: string) => number): number {
  const messages = body.messages as {
    content?: unknown;
    tool_calls?: { function: { name: string; arguments: string } }[];
  }[];
  const texts = messages.map(({ content, tool_calls = [] }) =>
    count(typeof content === "string" ? content : "") + TOKENS_PER_MESSAGE +
    tool_calls.reduce((sum, { function: { name, arguments: args } }) => sum + count(name) + count(args), 0)
  );
  return texts.reduce((sum, tokens) => sum + tokens, 0) + count(JSON.stringify(body.tools ?? []));
}

function outputTokens({ text, toolCalls = [] }: Reply, count: (text: string) => number): number {
  return count(typeof text === "string" ? text : "") +
    toolCalls.reduce((sum, { name, arguments: args }) => sum + count(name) + count(JSON.stringify(args)), 0);
}

/** A tokenizer of the models' own kind; without one, an estimate. */
async function loadTokenizer(): Promise<{ count: (text: string) => number; name: string }> {
  const specifier = "npm:gpt-tokenizer@4.0.0/encoding/o200k_base";
  try {
    const { countTokens } = await import(specifier) as { countTokens: (text: string) => number };
    return { count: countTokens, name: "counted by gpt-tokenizer (o200k_base)" };
  } catch {
    return {
      count: (text) => Math.ceil(text.length / 4),
      name: "ESTIMATED at four characters each: no tokenizer",
    };
  }
}

const { count, name: tokenizer } = await loadTokenizer();
console.log(`A task over ten endpoints, ${report.lines.length} lines of result; medians of ${ROUNDS} runs.
Measured: model calls; tokens of the requests that were sent, ${tokenizer}: texts of messages, calls and
tool definitions, which providers render in forms of their own; wall time with a model that answers at once, the start of the
sandbox included. The local provider works in the same process, on the same clock.
Assumed: the replies, those of a model that makes no mistake (one that calls tools adds up ${report.lines.length} orders in its
head); the last column, where each model call takes ${FIRST_TOKEN_MS} ms and ${TOKEN_MS} ms for each token that it writes. Cached input is not considered.`);
for (const extraEndpoints of [0, 100]) {
  console.log(`\n${10 + extraEndpoints} endpoints, of which the task needs ten`);
  console.log(
    "way                    model calls   input tokens   output tokens   wall, model at once   wall, model as assumed",
  );
  const ways = extraEndpoints === 0
    ? [...tools, ...code]
    : [...tools, ...code.map((way) => ({ ...way, script: [LOOK_UP, ...way.script] }))];
  for (const way of ways) {
    const { modelCalls, input, output, wallMs } = await measure(way, extraEndpoints, count);
    const assumedMs = wallMs + modelCalls * FIRST_TOKEN_MS + output * TOKEN_MS;
    console.log([
      way.name.padEnd(22),
      String(modelCalls).padStart(11),
      String(input).padStart(14),
      String(output).padStart(15),
      `${wallMs.toFixed(0)} ms`.padStart(21),
      `${(assumedMs / 1000).toFixed(1)} s`.padStart(24),
    ].join(" "));
  }
}
