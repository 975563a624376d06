import assert from "node:assert/strict";
import { z } from "zod";
import { Agent } from "../../src/agent/mod.ts";
import { Message, Role } from "../../src/message/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { RunContext, scrubbedJson, type StepRunner } from "../../src/run/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { tool } from "../../src/tools/mod.ts";

Deno.test("what models and tools are asked is written as scrubbedJson() would write it, piece by piece", async () => {
  const texts: string[] = [];
  const steps: StepRunner = {
    run: (step, effect) => {
      const text = step.inputPieces!().join("");
      assert.equal(text, scrubbedJson(step.input));
      if (step.kind === "model") texts.push(text);
      return effect();
    },
  };
  const lookup = tool({
    name: "lookup",
    description: "Looks something up",
    parameters: z.object({ query: z.string(), 10: z.number(), 9: z.number() }),
    execute: ({ query }) => ({ query }),
  });
  const systemPrompt = new Prompt({
    path: "p",
    prompt: 'Be "brief"\n\u2028\ud800',
    functions: [lookup],
    metadata: { secret: "abc" },
  });
  const agent = new Agent({
    name: "Bearer abcdefgh",
    model: "scripted",
    modelArgs: { temperature: 0, api_key: "abc", extra_headers: [["authorization", "abc"]] },
    systemPrompt,
    invoker: scriptedInvoker([
      { tool_calls: [{ name: "lookup", arguments: { query: "é", 9: 1, 10: 2 } }] },
      { tool_calls: [{ name: "lookup", arguments: { query: "b", 10: 1, 9: 2 } }] },
      "Done",
      ...Array.from({ length: 6 }, (_, n) => `Again ${n}`),
    ]),
  });
  const run = new RunContext({ signal: new AbortController().signal, steps });
  await run.enter(async () => {
    agent.open("main");
    agent.currentDialog.append(
      new Message({
        role: Role.USER,
        name: "Ann",
        content: [{ type: "text", text: "Look" }, { type: "image_url", url: "https://a:b@host/x.png" }],
      }),
    );
    agent.receive("https://host/?token=abc");
    await agent.respond();
  });
  assert.equal(texts.length, 3);
  assert(
    texts[2]!.startsWith(
      '{"agent":"[scrubbed]","apiType":"completion","messages":[{"content":"Be \\"brief\\"',
    ),
  );
  assert(!texts[2]!.includes("abc"), texts[2]);
  const more = tool({ name: "more", description: "More", parameters: z.object({}), execute: () => 1 });
  systemPrompt.functions.set("more", more);
  await run.enter(async () => {
    for (let n = 0; n < 6; n++) {
      agent.receive(`Once more, ${n}`);
      await agent.respond();
      if (n === 4) systemPrompt.functions.delete("more");
    }
  });
  assert.deepEqual(texts.map((text) => JSON.parse(text).tools.length), [1, 1, 1, 2, 2, 2, 2, 2, 1]);
});

Deno.test("a model step's input has the arguments of its own call, whatever the one before had", async () => {
  const kept: unknown[] = [];
  const steps: StepRunner = {
    run: (step, effect) => {
      assert.equal(step.inputPieces!().join(""), scrubbedJson(step.input));
      kept.push(JSON.parse(scrubbedJson(step.input)).modelArgs);
      return effect();
    },
  };
  const agent = new Agent({
    name: "one",
    model: "scripted",
    systemPrompt: new Prompt({ path: "p", prompt: "Answer." }),
    invoker: scriptedInvoker(Array.from({ length: 7 }, (_, n) => `Answer ${n}`)),
  });
  const args = [
    { top_p: 0.5 },
    { temperature: undefined },
    { temperature: undefined, top_p: 1 },
    { top_p: 1, temperature: undefined },
    { seed: 1, top_p: 1 },
    { top_p: 1 },
    { stop: ["a"] },
  ];
  const run = new RunContext({ signal: new AbortController().signal, steps });
  await run.enter(async () => {
    agent.open("main");
    for (const each of args) {
      agent.receive("Go on");
      await agent.respond({ args: each });
    }
  });
  assert.deepEqual(kept, JSON.parse(JSON.stringify(args)));
});
