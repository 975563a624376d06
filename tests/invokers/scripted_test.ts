import assert from "node:assert/strict";
import { Agent } from "../../src/agent/mod.ts";
import { Dialog } from "../../src/dialog/mod.ts";
import {
  buildInvoker,
  classifyProviderError,
  type Invoker,
  scriptedInvoker,
} from "../../src/invokers/mod.ts";
import { Message } from "../../src/message/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { type CallContext, directRunner, RunContext } from "../../src/run/mod.ts";
import { resultText } from "../../src/tools/mod.ts";
import { fakeClock } from "../../src/testing/mod.ts";
import { toolResultMessage } from "../../src/dialog/mod.ts";
import { listener, question, request } from "./_support.ts";

const YAML = `
version: 1
rules:
  - when: { agent: analyst, turn: 0, role: user, contains: "CSV" }
    reply: { tool_calls: [{ name: run_python, arguments: { code: "print({task})" } }] }
  - when: { role: tool }
    reply: { json: { title: "{task}", rows: "{json:rows}", first: "{json:symbols[0].name} of {json:rows}" } }
  - when: { matches: "^\\\\d+$" }
    times: 1
    reply: { text: "a number" }
  - reply: { text: "{last_message}? {unknown} {}", reasoning: "Hm" }
`;

function ask(agent: string, text: string): Dialog {
  const dialog = new Dialog({ owner: agent });
  dialog.putText(text);
  return dialog;
}

Deno.test("scriptedInvoker() answers from YAML: first match wins, slots are filled", async () => {
  const invoker = scriptedInvoker(YAML);
  const dialog = ask("analyst", "CSV of rain");
  const { message } = await invoker.call(request(dialog));
  const [call] = message.functionCalls;
  assert.equal(message.role, "tool_call");
  assert.equal(message.metadata.finishReason, "tool_calls");
  assert.deepEqual(call!.arguments, { code: "print(CSV of rain)" });
  dialog.append(message);
  dialog.append(
    toolResultMessage(call!, resultText(call!, 'Reading\n{"rows": 3, "symbols": [{"name": "AB"}]}\n=> None')),
  );
  const brief = await invoker.call(request(dialog));
  assert.deepEqual(JSON.parse(brief.message.content as string), {
    title: "CSV of rain",
    rows: 3,
    first: "AB of 3",
  });
  const other = await invoker.call(request(ask("writer", "Well")));
  assert.equal(other.message.content, "Well? {unknown} {}");
  assert.equal(other.message.reasoning, "Hm");
  assert.equal((await invoker.call(request(ask("writer", "42")))).message.content, "a number");
  assert.equal((await invoker.call(request(ask("writer", "42")))).message.content, "42? {unknown} {}");
});

Deno.test("scriptedInvoker() fills {last_tool_result} with the result itself", async () => {
  const invoker = scriptedInvoker([{ when: { role: "tool" }, reply: "Got: {last_tool_result}" }]);
  const dialog = ask("a", "x");
  const { message } = await scriptedInvoker([{ toolCalls: [{ name: "look" }] }]).call(request(dialog));
  dialog.append(message);
  dialog.append(
    toolResultMessage(message.functionCalls[0]!, resultText(message.functionCalls[0]!, "two\nlines")),
  );
  assert.equal((await invoker.call(request(dialog))).message.content, "Got: two\nlines");
});

Deno.test("scriptedInvoker() reads a script from a file, when it is first needed", async () => {
  const dir = await Deno.makeTempDir();
  const invoker = buildInvoker({ invoker: "scripted", script: "model.yaml", baseDir: dir });
  await assert.rejects(invoker.call(request(question())), { code: "config_invalid", message: /model\.yaml/ });
  await Deno.writeTextFile(`${dir}/model.yaml`, YAML);
  const later = buildInvoker({ invoker: "scripted", script: "model.yaml", baseDir: dir });
  assert.equal((await later.call(request(ask("writer", "Hi")))).message.content, "Hi? {unknown} {}");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("scriptedInvoker() tells that a script is not there, and which are", async () => {
  const dir = await Deno.makeTempDir();
  const missing = (script: string) =>
    buildInvoker({ invoker: "scripted", script, baseDir: dir }).call(request(question())).then(
      () => "",
      String,
    );
  assert.match(await missing("demo.yaml"), /expected the file ".*demo\.yaml", found none$/);
  await Deno.writeTextFile(`${dir}/demo.yaml`, YAML);
  await Deno.writeTextFile(`${dir}/other.yml`, YAML);
  assert.match(
    await missing("dmo.yaml"),
    /expected the file ".*dmo\.yaml", found none; there are demo\.yaml, other\.yml; did you mean "demo\.yaml"\?$/,
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("scriptedInvoker() tells a script that is used up from one without a rule that fits", async () => {
  const rules = [{ when: { contains: "rain" }, times: 1, reply: "Wet" }];
  const invoker = scriptedInvoker(rules);
  await assert.rejects(
    invoker.call(request(ask("a", "sun"))),
    /a rule of the script that fits, found none for user "sun"/,
  );
  await invoker.call(request(ask("a", "rain")));
  await assert.rejects(
    invoker.call(request(ask("a", "rain"))),
    /found its one reply used up for user "rain"/,
  );
});

Deno.test("scriptedInvoker() gives a bare list in order, and fails on a call that was not expected", async () => {
  const invoker = scriptedInvoker(["one", { text: "two" }, (asked) => `three for ${asked.model}`]);
  assert.throws(() => invoker.assertDone(), /3 unused/);
  for (const expected of ["one", "two", "three for gpt-4o-mini"]) {
    assert.equal((await invoker.call(request(ask("writer", "go")))).message.content, expected);
  }
  invoker.assertDone();
  await assert.rejects(invoker.call(request(ask("writer", "more of it"))), (error) => {
    assert.match(
      String(error),
      /agent "writer", turn 0.*found all 3 of its replies used up for user "more of it"/,
    );
    assert.equal(classifyProviderError(error).kind, "fatal");
    return true;
  });
  assert.deepEqual(invoker.calls[0], {
    agent: "writer",
    turn: 0,
    role: "user",
    text: "go",
    model: "gpt-4o-mini",
  });
});

Deno.test("scriptedInvoker() counts turns by run and agent, outside of runs by dialog", async () => {
  const invoker = scriptedInvoker({
    rules: [0, 1, 2].map((turn) => ({ when: { turn }, reply: { text: `turn ${turn}` } })),
  });
  const content = async (dialog: Dialog, responder = "a") =>
    (await invoker.call(request(dialog, { responder }))).message.content;
  const dialog = ask("a", "x");
  assert.equal(await content(dialog), "turn 0");
  assert.equal(await content(dialog.fork()), "turn 1");
  assert.equal(await content(dialog, "b"), "turn 0");
  assert.equal(await content(ask("a", "x")), "turn 0");

  const runs = Array.from({ length: 50 }, async () => {
    const run = new RunContext({
      signal: new AbortController().signal,
      steps: directRunner,
      callContext: { runId: "r" } as CallContext,
    });
    return await run.enter(async () => {
      const seen = [];
      for (let i = 0; i < 3; i++) seen.push(await content(ask("a", "x")));
      return seen;
    });
  });
  for (const seen of await Promise.all(runs)) assert.deepEqual(seen, ["turn 0", "turn 1", "turn 2"]);
});

Deno.test("scriptedInvoker() takes the turn that a request tells", async () => {
  const invoker = scriptedInvoker({
    rules: [0, 1, 2].map((turn) => ({ when: { turn }, reply: { text: `turn ${turn}` } })),
  });
  const { message } = await invoker.call(request(ask("a", "x"), { turn: 2 }));
  assert.equal(message.content, "turn 2");
  assert.equal(invoker.calls[0]!.turn, 2);
  const dialog = ask("a", "x");
  for (const turn of [1, 0, 2]) await invoker.call(request(dialog, { turn })); // calls at once may come in any order
  assert.deepEqual(invoker.calls.slice(1).map(({ turn }) => turn), [1, 0, 2]);
});

Deno.test("scriptedInvoker() counts what an invoker around it asks again, and goes on from there", async () => {
  const rules = [{ error: { status: 503 } }, "one", "two", { error: { status: 503 } }, "four"].map(
    (reply, turn) => ({ when: { turn }, reply }),
  );
  const inner = scriptedInvoker({ rules });
  const invoker: Invoker = { call: (asked) => inner.call(asked).catch(() => inner.call(asked)) };
  const dialog = ask("a", "x");
  const told: unknown[] = [];
  for (let turn = 0; turn < 3; turn++) {
    told.push((await invoker.call(request(dialog, { turn }))).message.content);
  }
  assert.deepEqual(told, ["one", "two", "four"]);
});

Deno.test("scriptedInvoker() does not count what an agent of the same name asks another invoker", async () => {
  const script = { rules: ["zero", "one"].map((text, turn) => ({ when: { turn }, reply: { text } })) };
  const systemPrompt = new Prompt({ path: "a", prompt: "You test." });
  const callContext = { runId: "r" } as CallContext;
  const run = new RunContext({ signal: new AbortController().signal, steps: directRunner, callContext });
  const told = await run.enter(async () => {
    const texts: string[] = [];
    const agents = [1, 2].map(() =>
      new Agent({ name: "a", model: "m", systemPrompt, invoker: scriptedInvoker(script) })
    );
    for (const agent of [...agents, ...agents]) {
      if (agent.dialogs.size === 0) agent.open("main");
      agent.receive("x");
      texts.push(String((await agent.respond()).content));
    }
    return texts;
  });
  assert.deepEqual(told, ["zero", "zero", "one", "one"]);
});

Deno.test("scriptedInvoker() fails as providers do", async () => {
  const invoker = scriptedInvoker([
    { error: { status: 429, retry_after: 2 } },
    { error: { status: 503, message: "overloaded" } },
    { error: {} },
    { error: { status: 400 } },
  ]);
  const kinds = [];
  for (let i = 0; i < 4; i++) {
    const error = await invoker.call(request(question())).catch((error) => error);
    const { kind, retryAfterMs } = classifyProviderError(error);
    kinds.push([error.code, kind, retryAfterMs]);
  }
  assert.deepEqual(kinds, [
    ["rate_limited", "rate_limit", 2000],
    ["provider_error", "recall", undefined],
    ["provider_error", "recall", undefined],
    ["provider_error", "fatal", undefined],
  ]);
});

Deno.test("scriptedInvoker() streams what it says, and fails after that if it is to", async () => {
  const heard = listener();
  const invoker = scriptedInvoker([
    { text: "a 🌧 day", reasoning: "Hm", tool_calls: [{ name: "look", arguments: { a: 1 } }] },
    { text: "half", error: { status: 500 } },
  ], { chunkSize: 3 });
  const { message } = await invoker.call(request(question(), { streamHandler: heard }));
  assert.equal(heard.texts.join(""), message.content);
  assert.deepEqual(heard.deltas, [
    { type: "reasoning_delta", text: "Hm" },
    { type: "text_delta", text: "a 🌧" },
    { type: "text_delta", text: " da" },
    { type: "text_delta", text: "y" },
    { type: "tool_call_delta", index: 0, callId: "call_0_0", name: "look", argumentsDelta: "" },
    { type: "tool_call_delta", index: 0, argumentsDelta: '{"a' },
    { type: "tool_call_delta", index: 0, argumentsDelta: '":1' },
    { type: "tool_call_delta", index: 0, argumentsDelta: "}" },
  ]);
  heard.texts.length = 0;
  await assert.rejects(invoker.call(request(question(), { streamHandler: heard })), {
    code: "provider_error",
  });
  assert.equal(heard.texts.join(""), "half");
});

Deno.test("scriptedInvoker() waits by its clock, and rejects with the signal's reason", async () => {
  const clock = fakeClock();
  const invoker = scriptedInvoker({ rules: [{ reply: { text: "late", delay_ms: 5000 } }] }, { clock });
  const call = invoker.call(request(question()));
  await clock.advance(5000);
  assert.equal((await call).message.content, "late");
  const controller = new AbortController();
  const aborted = invoker.call(request(question(), { signal: controller.signal }));
  await clock.advance(1);
  const reason = new Error("stop");
  controller.abort(reason);
  await assert.rejects(aborted, (error) => error === reason);
});

Deno.test("scriptedInvoker() gives usage, refusals and broken arguments as a provider does", async () => {
  const invoker = scriptedInvoker([
    { text: "x", usage: { prompt_tokens: 1_000_000, completion_tokens: 0 } },
    { text: "x", usage: { prompt_tokens: 1, response_cost: 0.25 } },
    { refusal: "No" },
    { toolCalls: [{ name: "look", arguments: '{"a": ' }] },
    "plain",
  ]);
  const next = async () => (await invoker.call(request(question()))).message;
  assert.equal((await next()).cost.cost, 0.15);
  assert.equal((await next()).cost.cost, 0.25);
  const refused = await next();
  assert.equal(refused.content, "No");
  assert.equal(refused.metadata.refusal, true);
  const broken = await next();
  assert.deepEqual(broken.metadata.rawArguments, { [broken.functionCalls[0]!.id]: '{"a": ' });
  const plain = await next();
  assert(plain.cost.promptTokens > 0 && plain.cost.cost === 0);
  assert.deepEqual(Message.fromJSON(plain.toJSON()), plain);
});

Deno.test("scriptedInvoker() refuses what is no script, and names what is wrong", () => {
  const broken: [unknown, RegExp][] = [
    [{ version: 2, rules: [] }, /version 1, found 2/],
    [
      { rules: [{ when: { agnet: "a" }, reply: "x" }] },
      /"when" of rule 0, found "agnet"; did you mean "agent"/,
    ],
    [[{ txt: "a" }], /the reply of rule 0, found "txt"; did you mean "text"/],
    [{ rules: [{ when: {} }] }, /a reply in rule 0/],
    [{ rules: [{ when: { matches: "(" }, reply: "x" }] }, /regular expression/],
    [[{ tool_calls: [{}] }], /name in each of the "tool_calls" of rule 0/],
    [{ rules: "x" }, /list under "rules"/],
    [42, /found 42/],
  ];
  for (const [script, message] of broken) {
    assert.throws(() => scriptedInvoker(script as never), { code: "config_invalid", message });
  }
  assert.throws(() => buildInvoker({ invoker: "scripted" }), { code: "config_invalid" });
  assert.throws(() => buildInvoker({ invoker: "opennai" }), {
    code: "config_invalid",
    message: /did you mean "openai"/,
  });
});
