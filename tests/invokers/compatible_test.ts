import assert from "node:assert/strict";
import { toolResultMessage } from "../../src/dialog/mod.ts";
import { type Invoker, openaiInvoker } from "../../src/invokers/mod.ts";
import { listener, promptWith, question, request, withoutIds } from "./_support.ts";

type Body = Record<string, unknown>;

/** An invoker whose provider answers with what a function gives: an object as JSON, a list as the events of a stream. */
function answering(answer: (body: Body) => Body | readonly unknown[]): { invoker: Invoker; bodies: Body[] } {
  const bodies: Body[] = [];
  const invoker = openaiInvoker({
    modelArgs: { api_base: "http://127.0.0.1:1/v1", api_key: "k" },
    fetch: (_url, init) => {
      const body = JSON.parse(String(init!.body));
      bodies.push(body);
      const given = answer(body);
      if (!Array.isArray(given)) return Promise.resolve(Response.json(given));
      const events = [...given.map((event) => JSON.stringify(event)), "[DONE]"].map((data) =>
        `data: ${data}\n\n`
      );
      return Promise.resolve(
        new Response(events.join(""), { headers: { "content-type": "text/event-stream" } }),
      );
    },
  });
  return { invoker, bodies };
}

const completion = (message: Body, rest: Body = {}): Body => ({
  choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason: "stop" }],
  ...rest,
});
const delta = (delta: Body, finish_reason: string | null = null): Body => ({
  choices: [{ delta, finish_reason }],
});

Deno.test("openaiInvoker() puts a stream together whose calls have no index and come in one piece", async () => {
  const call = (id: string, city: string) => ({
    id,
    function: { name: "lookup", arguments: JSON.stringify({ city }) },
  });
  const { invoker } = answering(() => [
    delta({ tool_calls: [call("a", "Rome")] }),
    delta({ tool_calls: [call("b", "Oslo")] }),
    delta({}, "tool_calls"),
  ]);
  const { message } = await invoker.call(request(question(), { streamHandler: listener() }));
  assert.deepEqual(message.functionCalls.map((call) => [call.id, call.arguments.city]), [["a", "Rome"], [
    "b",
    "Oslo",
  ]]);
});

Deno.test("openaiInvoker() keeps calls of a stream apart that share one index", async () => {
  const part = (id: string | undefined, name: string | undefined, args: string) => ({
    index: 0,
    ...(id === undefined ? {} : { id }),
    function: { arguments: args, ...(name === undefined ? {} : { name }) },
  });
  const { invoker } = answering(() => [
    delta({ tool_calls: [part("a", "lookup", '{"city":'), part(undefined, undefined, '"Rome"}')] }),
    delta({ tool_calls: [part("b", "lookup", '{"city":')] }),
    delta({ tool_calls: [part("b", "lookup", '"Os')] }), // said again, this is the same call
    delta({ tool_calls: [part("fresh", undefined, 'lo"}')] }), // and so is a piece without a name
    delta({ tool_calls: [part("c", "lookup", '{"city":"Bern"}')] }),
    delta({}, "tool_calls"),
  ]);
  const { deltas, ...handler } = listener();
  const { message } = await invoker.call(request(question(), { streamHandler: handler }));
  const cities = message.functionCalls.map((call) => [call.id, call.arguments.city]);
  assert.deepEqual(cities, [["a", "Rome"], ["b", "Oslo"], ["c", "Bern"]]);
  assert.deepEqual(deltas.map((piece) => (piece as { index: number }).index), [0, 0, 1, 1, 1, 2]);
});

Deno.test("openaiInvoker() joins the pieces of a streamed call that each have its name and a fresh id", async () => {
  const part = (id: string, name: string, args: string) => ({
    index: 0,
    id,
    function: { name, arguments: args },
  });
  const { invoker } = answering(() => [
    delta({ tool_calls: [part("a", "lookup", '{"at":{"x"')] }),
    delta({ tool_calls: [part("a2", "lookup", ":1}")] }),
    delta({ tool_calls: [part("a3", "lookup", "}")] }),
    delta({ tool_calls: [part("b", "lookup", '{"x":2}')] }),
    delta({ tool_calls: [part("b2", "lookup", "\n")] }),
    delta({ tool_calls: [part("c", "look", '{"x":3')] }),
    delta({ tool_calls: [part("c2", "look", "}")] }),
    delta({ tool_calls: [part("c3", "look", "")] }, "tool_calls"),
  ]);
  const { message } = await invoker.call(request(question(), { streamHandler: listener() }));
  assert.deepEqual(message.functionCalls.map(({ id, arguments: args }) => [id, args]), [
    ["a", { at: { x: 1 } }],
    ["b", { x: 2 }],
    ["c", { x: 3 }],
  ]);
});

Deno.test("openaiInvoker() takes id and model of a stream from the first chunk that has them", async () => {
  const head = { id: "", model: "", created: 0, prompt_filter_results: [{ prompt_index: 0 }] };
  const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };
  const { invoker } = answering(() => [
    { ...head, choices: [] },
    { id: "r1", model: "gpt-4o-mini-2024-07-18", created: 7, ...delta({ content: "Rain" }) },
    { id: "r1", model: "gpt-4o-mini-2024-07-18", created: 7, ...delta({}, "stop") },
    { id: "r1", model: "gpt-4o-mini-2024-07-18", choices: [], usage },
  ]);
  const asked = request(question(), { model: "my-deployment", streamHandler: listener() });
  const { message, rawResponse } = await invoker.call(asked);
  assert.equal(message.metadata.responseId, "r1");
  assert.equal(message.cost.cost, 0.15);
  const { id, model, created, prompt_filter_results } = rawResponse as Record<string, unknown>;
  assert.deepEqual([id, model, created], ["r1", "gpt-4o-mini-2024-07-18", 7]);
  assert.deepEqual(prompt_filter_results, head.prompt_filter_results);
});

Deno.test("openaiInvoker() takes a choice that failed, or has no message, for no reply", async () => {
  const failed = { error: { code: 502, message: "upstream is gone" }, finish_reason: "error" };
  const choices: [choice: unknown, status: number | undefined, message: RegExp][] = [
    [{ ...failed, message: { content: "Ra" } }, 502, /upstream is gone/],
    [{ message: { content: "Ra" }, finish_reason: "error" }, undefined, /ended with an error/],
    [{ finish_reason: "stop" }, undefined, /expected a choice with a message, found none/],
    [null, undefined, /expected a choice with a message, found none/],
  ];
  for (const [choice, status, message] of choices) {
    const { invoker } = answering(() => ({ choices: [choice] }));
    await assert.rejects(invoker.call(request(question())), { code: "provider_error", status, message });
  }
  const { invoker } = answering(() => [delta({ content: "Ra" }), delta({ content: "" }, "error")]);
  await assert.rejects(invoker.call(request(question(), { streamHandler: listener() })), {
    code: "provider_error",
    message: /ended with an error/,
  });
});

Deno.test("openaiInvoker() reads reasoning under the names that providers have for it", async () => {
  const thinking = [
    { type: "thinking", thinking: [{ type: "text", text: "Hm" }] },
    { type: "text", text: "Rain" },
  ];
  for (
    const form of [{ reasoning_content: "Hm", content: "Rain" }, { reasoning: "Hm", content: "Rain" }, {
      content: thinking,
    }]
  ) {
    const { invoker } = answering((body) =>
      body.stream ? [delta(form), delta({}, "stop")] : completion(form)
    );
    const whole = await invoker.call(request(question()));
    const streamed = await invoker.call(request(question(), { streamHandler: listener() }));
    assert.equal(whole.message.reasoning, "Hm");
    assert.equal(whole.message.content, "Rain");
    assert.deepEqual(withoutIds(streamed.message), withoutIds(whole.message));
  }
});

Deno.test("openaiInvoker() does not take an empty finish reason for an end", async () => {
  const { invoker } = answering(
    () => [delta({ content: "Ra" }), { choices: [{ delta: {}, finish_reason: "" }] }],
  );
  await assert.rejects(invoker.call(request(question(), { streamHandler: listener() })), {
    code: "provider_error",
  });
});

Deno.test("openaiInvoker() keeps a spoken reply as transcript and sound, and sends back the transcript", async () => {
  const { invoker, bodies } = answering((body) =>
    body.stream
      ? [
        delta({ audio: { id: "audio_1", transcript: "Ra" } }),
        delta({ audio: { data: "AAAA" } }),
        delta({ audio: { transcript: "in", data: "BBBB" } }),
        delta({}, "stop"),
      ]
      : completion({ audio: { id: "audio_1", data: "AAAABBBB", transcript: "Rain" } })
  );
  const modelArgs = { modalities: ["text", "audio"], audio: { voice: "alloy", format: "mp3" } };
  const whole = await invoker.call(request(question(), { modelArgs }));
  const streamed = await invoker.call(request(question(), { modelArgs, streamHandler: listener() }));
  assert.equal(whole.message.modality, "audio");
  assert.deepEqual(whole.message.content, [
    { type: "text", text: "Rain" },
    { type: "audio", format: "mp3", data: "AAAABBBB" },
  ]);
  assert.deepEqual(withoutIds(streamed.message), withoutIds(whole.message));
  for (const apiType of ["completion", "response"] as const) {
    const dialog = question();
    dialog.append(whole.message);
    await invoker.call(request(dialog, { apiType })).catch(() => {}); // the answer is no response
    const { messages, input } = bodies.at(-1)! as Record<string, Body[]>;
    assert.equal((messages ?? input)!.at(-1)!.content, "Rain");
  }
});

Deno.test("openaiInvoker() gives a provider back what it attached to a call, and others not", async () => {
  const extra_content = { google: { thought_signature: "s" } };
  const tool_calls = [{
    id: "a",
    type: "function",
    function: { name: "lookup", arguments: "{}" },
    extra_content,
  }];
  const { invoker, bodies } = answering((body) =>
    body.stream ? [delta({ tool_calls }), delta({}, "tool_calls")] : completion({ tool_calls })
  );
  for (const rest of [{}, { streamHandler: listener() }]) {
    const dialog = question();
    dialog.append((await invoker.call(request(dialog, { model: "gemini/g", ...rest }))).message);
    for (const [model, expected] of [["gemini/g", extra_content], ["gpt-4o", undefined]] as const) {
      await invoker.call(request(dialog, { model }));
      const { messages } = bodies.at(-1) as { messages: { tool_calls: Body[] }[] };
      assert.deepEqual(messages[2]!.tool_calls[0]!.extra_content, expected);
    }
  }
});

Deno.test("openaiInvoker() leaves out what a provider does not know", async () => {
  const { invoker, bodies } = answering((body) =>
    body.stream ? [delta({ content: "x" }, "stop")] : completion({ content: "x" })
  );
  const dialog = question();
  dialog.putText("Hi", { name: "Ann" });
  await invoker.call(request(dialog, { model: "mistral/m", streamHandler: listener() }));
  assert.equal(bodies[0]!.stream_options, undefined);
  assert.deepEqual((bodies[0]!.messages as Body[]).at(-1), { role: "user", content: "Hi" });
});

Deno.test("openaiInvoker() defines the tools of the history where a provider demands it", async () => {
  const { invoker, bodies } = answering(() =>
    completion({ tool_calls: [{ id: "a", type: "function", function: { name: "lookup", arguments: "{}" } }] })
  );
  const dialog = question();
  const { message } = await invoker.call(request(dialog, { model: "anthropic/c" }));
  assert.equal(bodies[0]!.tools, undefined);
  dialog.append(message);
  dialog.append(toolResultMessage(message.functionCalls[0]!, "sunny"));
  await invoker.call(request(dialog, { model: "anthropic/c" }));
  assert.deepEqual(bodies[1]!.tools, [
    { type: "function", function: { name: "lookup", parameters: { type: "object", properties: {} } } },
  ]);
  assert.equal(bodies[1]!.tool_choice, "none");
});

Deno.test("openaiInvoker() tells a schema in words where a provider takes none", async () => {
  const { invoker, bodies } = answering(() => completion({ content: "{}" }));
  const prompt = promptWith({ format: { type: "object", properties: { title: { type: "string" } } } });
  await invoker.call(request(question(), { model: "deepseek/d", prompt }));
  assert.deepEqual(bodies[0]!.response_format, { type: "json_object" });
  const { role, content } = (bodies[0]!.messages as Body[]).at(-1)!;
  assert.equal(role, "system");
  assert.match(String(content), /JSON Schema: \{.*"title"/);
});
