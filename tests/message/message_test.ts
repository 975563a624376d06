import assert from "node:assert/strict";
import {
  contentText,
  FunctionCall,
  InvokeCost,
  Message,
  type MessageInit,
  Role,
} from "../../src/message/mod.ts";

const full: MessageInit = {
  role: "tool_call",
  content: [{ type: "text", text: "look" }, { type: "image", mediaType: "image/png", data: "AAAA" }],
  name: "analyst",
  id: "m1",
  modality: "function_call",
  functionCalls: [{ id: "c1", name: "search", arguments: { q: ["a", { b: 1 }] } }],
  parsed: { answer: 42 },
  usage: { prompt_tokens: 3, completion_tokens: 4, response_cost: 0.5 },
  model: "gpt-4o",
  logprobs: [{ token: "a", logprob: -0.1, bytes: [97], topLogprobs: [{ token: "b", logprob: -2 }] }],
  reasoning: "because",
  metadata: { finishReason: "tool_calls" },
  apiType: "response",
  vectors: { e: [0.1, 0.2] },
  createdAt: "2026-01-01T00:00:00.000Z",
};

Deno.test("Message fills in defaults", () => {
  const message = new Message({ role: Role.USER, content: "hi" });
  assert.equal(message.name, "user");
  assert.equal(message.modality, "text");
  assert.equal(message.apiType, "completion");
  assert.deepEqual([message.functionCalls, message.logprobs], [[], []]);
  assert.deepEqual([message.parsed, message.usage, message.metadata, message.vectors], [{}, {}, {}, {}]);
  assert.deepEqual([message.model, message.reasoning], [null, null]);
  assert.match(message.id, /^[0-9a-f-]{36}$/);
  assert.equal(new Date(message.createdAt).toISOString(), message.createdAt);
});

Deno.test("Message.fromJSON() gives back every field of toJSON()", () => {
  const message = new Message(full);
  const copy = Message.fromJSON(JSON.parse(JSON.stringify(message)));
  assert.deepEqual(copy, message);
  assert(copy.functionCalls[0] instanceof FunctionCall);
  assert.deepEqual(Object.keys(message.toJSON()).sort(), Object.keys(full).sort());
});

Deno.test("Message is frozen to its leaves and leaves what it was given alone", () => {
  const metadata = { list: [1] };
  const message = new Message({ ...full, metadata });
  assert.throws(() => ((message as { content: unknown }).content = "x"), TypeError);
  assert.throws(() => ((message.parsed as { answer: number }).answer = 0), TypeError);
  assert.throws(() => (message.functionCalls[0]!.arguments.q as unknown[]).push(1), TypeError);
  metadata.list.push(2);
  assert.deepEqual(message.metadata, { list: [1] });
});

Deno.test("Message refuses a role or a content that is none", () => {
  assert.throws(() => new Message({ role: "robot" as Role, content: "x" }), /expected a role, found "robot"/);
  assert.throws(() => new Message({ role: "user", content: 3 as unknown as string }), TypeError);
});

Deno.test("Message.sanitizedName replaces what names may not hold, cuts at 64, and is never empty", () => {
  const named = (name: string) => new Message({ role: "user", content: "", name }).sanitizedName;
  assert.equal(named("Ann Lée-1_x"), "Ann_L_e-1_x");
  assert.equal(named("a".repeat(80)), "a".repeat(64));
  assert.equal(named(""), "_");
});

Deno.test("Message.cost reads the usage of both interfaces", () => {
  const chat = new Message({
    role: "assistant",
    content: "",
    usage: {
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 4, audio_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 2, audio_tokens: 3 },
      response_cost: 0.25,
      prompt_cost: 0.1,
      completion_cost: 0.15,
      input_cost_per_token: 0.01,
    },
  }).cost;
  assert.deepEqual(
    [
      chat.promptTokens,
      chat.completionTokens,
      chat.totalTokens,
      chat.cachedPromptTokens,
      chat.reasoningTokens,
    ],
    [10, 5, 15, 4, 2],
  );
  assert.deepEqual([chat.audioPromptTokens, chat.audioCompletionTokens, chat.cost], [1, 3, 0.25]);
  const responses = new Message({
    role: "assistant",
    content: "",
    usage: { input_tokens: 7, output_tokens: 2, total_tokens: 9, input_tokens_details: { cached_tokens: 1 } },
  }).cost;
  assert.deepEqual([responses.promptTokens, responses.totalTokens, responses.cachedPromptTokens], [7, 9, 1]);
  assert.equal(new Message({ role: "user", content: "" }).cost.totalTokens, 0);
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: null };
  assert.equal(new Message({ role: "assistant", content: "", usage }).cost.totalTokens, 15);
});

Deno.test("InvokeCost.plus() adds counts and dollars and drops rates", () => {
  const one = new InvokeCost({ promptTokens: 1, completionTokens: 2, cost: 0.5, inputCostPerToken: 0.1 });
  const sum = one.plus(one);
  assert.deepEqual([sum.promptTokens, sum.completionTokens, sum.totalTokens, sum.cost], [2, 4, 6, 1]);
  assert.equal(sum.inputCostPerToken, 0);
});

Deno.test("FunctionCall compares names and arguments deeply, not ids or key order", () => {
  const call = (id: string, args: Record<string, unknown>, name = "f") =>
    new FunctionCall({ id, name, arguments: args });
  const one = call("1", { a: { x: 1, y: [2] }, b: 0 });
  assert(one.equals(call("2", { b: 0, a: { y: [2], x: 1 } })));
  assert(!one.equals(call("2", { b: 0, a: { y: [3], x: 1 } })));
  assert(!one.equals(call("2", { a: { x: 1, y: [2] }, b: 0 }, "g")));
  assert(one.isRepeated([call("9", {}), call("3", { b: 0, a: { x: 1, y: [2] } })]));
  assert(!one.isRepeated([]));
});

Deno.test("FunctionCall.argumentsJson has sorted keys and no secrets", () => {
  const call = new FunctionCall({ id: "1", name: "a", arguments: { query: ["b"], limit: 3, apiKey: "k" } });
  assert.equal(call.argumentsJson, '{"apiKey":"[scrubbed]","limit":3,"query":["b"]}');
  assert.equal(
    JSON.stringify(call),
    '{"id":"1","name":"a","arguments":{"query":["b"],"limit":3,"apiKey":"k"}}',
  );
});

Deno.test("FunctionCall.success needs a result text and no error", () => {
  const init = { id: "1", name: "f", arguments: {} };
  assert.equal(new FunctionCall(init).success, false);
  assert.equal(new FunctionCall({ ...init, resultText: "ok" }).success, true);
  assert.equal(new FunctionCall({ ...init, resultText: "no", errorMessage: "no" }).success, false);
});

Deno.test("contentText() joins the texts of parts", () => {
  assert.equal(contentText("a"), "a");
  assert.equal(contentText(new Message(full).content), "look");
});

Deno.test("new Message() and Message.fromJSON() refuse a name, modality or apiType that is none", () => {
  for (const wrong of [{ name: 5 }, { modality: "smell" }, { apiType: "chat" }]) {
    const init = { role: "user", content: "", ...wrong } as never;
    assert.throws(() => new Message(init), TypeError);
    assert.throws(() => Message.fromJSON(init), TypeError);
  }
});

Deno.test("Role has five values, each its own text", () => {
  assert.deepEqual(Role, {
    SYSTEM: "system",
    USER: "user",
    ASSISTANT: "assistant",
    TOOL: "tool",
    TOOL_CALL: "tool_call",
  });
});

Deno.test("Message takes every modality, and a content of parts", () => {
  for (const modality of ["text", "image", "audio", "function_call"] as const) {
    assert.equal(new Message({ role: "user", content: "", modality }).modality, modality);
  }
  const content = [{ type: "text", text: "hi" }] as const;
  assert.deepEqual(new Message({ role: "user", content }).content, content);
});

Deno.test("Message.isFunctionCall tells whether tools are asked for", () => {
  assert.equal(new Message({ role: "user", content: "" }).isFunctionCall, false);
  assert.equal(new Message({ ...full, role: "assistant" }).isFunctionCall, true);
});

Deno.test("Message keeps log-probabilities as they are, those of other tokens and unknown fields too", () => {
  const logprobs = [{ token: "a", logprob: -0.5, topLogprobs: [{ token: "b", logprob: -2 }], extra: 1 }];
  assert.deepEqual(new Message({ role: "assistant", content: "a", logprobs }).logprobs, logprobs);
  assert.deepEqual(new Message({ role: "user", content: "", logprobs: null as never }).logprobs, []);
});

Deno.test("FunctionCall starts without result, and writes itself for people", () => {
  const call = new FunctionCall({ id: "1", name: "search", arguments: { city: "Oslo" } });
  assert.deepEqual([call.result, call.resultText, call.errorMessage], [undefined, null, null]);
  assert.equal(String(call), 'search({"city":"Oslo"})');
  const init = { ...call.toJSON() } as unknown as ConstructorParameters<typeof FunctionCall>[0];
  assert.equal(String(new FunctionCall({ ...init, resultText: "rain" })), 'search({"city":"Oslo"}) → rain');
  assert.equal(
    String(new FunctionCall({ ...init, resultText: "told", errorMessage: "late" })),
    'search({"city":"Oslo"}) → error: late',
  );
});

Deno.test("FunctionCall.equals() tells names, keys and values apart", () => {
  const call = (name: string, args: Record<string, unknown>) =>
    new FunctionCall({ id: "1", name, arguments: args });
  assert(call("f", {}).equals(call("f", {})));
  assert(!call("f", { x: 1 }).equals(call("g", { x: 1 })));
  assert(!call("f", { x: 1 }).equals(call("f", { y: 1 })));
  assert(!call("f", { x: 1 }).equals(call("f", { x: 2 })));
  assert(!call("f", { x: 1 }).isRepeated([call("f", { x: 2 })]));
});

Deno.test("InvokeCost is 0 by default, and writes itself for people, rates where there are any", () => {
  assert(Object.values(new InvokeCost()).every((value) => value === 0));
  const tokens = { promptTokens: 100, completionTokens: 50, cost: 0.25 };
  assert.equal(String(new InvokeCost(tokens)), "150 tokens (100 in, 50 out), $0.25");
  assert.match(
    String(new InvokeCost({ ...tokens, inputCostPerToken: 0.5, outputCostPerToken: 2 })),
    /, at \$0\.5 a token in, \$2 a token out$/,
  );
});

Deno.test("InvokeCost.plus() adds every count and every amount, and no rate", () => {
  const fields = {
    promptTokens: 1,
    completionTokens: 2,
    totalTokens: 3,
    cachedPromptTokens: 4,
    reasoningTokens: 5,
    audioPromptTokens: 6,
    audioCompletionTokens: 7,
    promptCost: 8,
    completionCost: 9,
    cost: 10,
  };
  const rates = { inputCostPerToken: 1, outputCostPerToken: 2, cacheReadInputTokenCost: 3 };
  const one = new InvokeCost({ ...fields, ...rates });
  const doubled = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, 2 * value]));
  assert.deepEqual({ ...one.plus(one) }, {
    ...doubled,
    inputCostPerToken: 0,
    outputCostPerToken: 0,
    cacheReadInputTokenCost: 0,
  });
});
