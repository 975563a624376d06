import assert from "node:assert/strict";
import { toolResultMessage } from "../../src/dialog/mod.ts";
import type { ContentPart, Message } from "../../src/message/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { tool } from "../../src/tools/mod.ts";
import { type Reply, startProviderServer } from "../provider_server/mod.ts";
import { invokerFor, lastBody, listener, question, request } from "./_support.ts";

const apiType = "response";
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SHOT: ContentPart = { type: "image", mediaType: "image/png", data: PNG };
const actions = [{ type: "click", button: "left", x: 1, y: 2 }];
const check = { id: "c1", code: "sensitive_domain", message: "A bank" };

function screenPrompt(hosted: Record<string, unknown> = { type: "computer" }): Prompt {
  const screen = tool({
    name: "computer_use",
    description: "A screen",
    parameters: { type: "object", properties: {} },
    hosted,
  });
  return new Prompt({ path: "p", prompt: "", functions: [screen] });
}

/** Sends the answer to the first reply's call, and gives the input items after the question. */
async function answered(
  reply: Reply,
  answer: (message: Message) => Message,
  modelArgs: Record<string, unknown> = {},
): Promise<Record<string, unknown>[]> {
  await using server = await startProviderServer({ script: [reply, { text: "ok" }] });
  const invoker = invokerFor(server);
  const dialog = question();
  const settings = { apiType, prompt: screenPrompt(), modelArgs } as const;
  const { message } = await invoker.call(request(dialog, settings));
  dialog.append(message);
  dialog.append(answer(message));
  await invoker.call(request(dialog, settings));
  server.assertNoRejections();
  return (lastBody(server).input as Record<string, unknown>[]).slice(1);
}

Deno.test("openaiInvoker() declares a hosted tool as its provider does, and as a function in Chat Completions", async () => {
  await using server = await startProviderServer();
  const invoker = invokerFor(server);
  await invoker.call(request(question(), { apiType, prompt: screenPrompt() }));
  assert.deepEqual(lastBody(server).tools, [{ type: "computer" }]);
  assert.equal(lastBody(server).truncation, undefined);
  const preview = {
    type: "computer_use_preview",
    display_width: 8,
    display_height: 6,
    environment: "browser",
  };
  await invoker.call(request(question(), { apiType, prompt: screenPrompt(preview) }));
  assert.deepEqual(lastBody(server).tools, [preview]);
  assert.equal(lastBody(server).truncation, "auto");
  await invoker.call(request(question(), { apiType: "completion", prompt: screenPrompt() }));
  const [declared] = lastBody(server).tools as { function: { name: string } }[];
  assert.equal(declared!.function.name, "computer_use");
  server.assertNoRejections();
});

Deno.test("openaiInvoker() answers a computer call with the tool's image, and acknowledges its safety checks", async () => {
  const reply = { reasoning: "Look.", computerCalls: [{ id: "a", actions, safetyChecks: [check] }] };
  const items = await answered(reply, ({ functionCalls: [call] }) => {
    assert.deepEqual(call!.arguments, { actions, pending_safety_checks: [check] });
    return toolResultMessage(call!, "", [SHOT]);
  });
  assert.deepEqual(items.map(({ type }) => type), ["reasoning", "computer_call", "computer_call_output"]);
  assert.deepEqual(items[2], {
    type: "computer_call_output",
    call_id: "a",
    output: { type: "computer_screenshot", image_url: `data:image/png;base64,${PNG}` },
    acknowledged_safety_checks: [check],
  });
});

Deno.test("openaiInvoker() says after the screenshot what the tool says beside it", async () => {
  const items = await answered(
    { computerCalls: [{ action: actions[0]! }] },
    ({ functionCalls: [call] }) => toolResultMessage(call!, "A dialog was open", [SHOT]),
  );
  assert.deepEqual(items.slice(2), [{ role: "user", content: "computer_use: A dialog was open" }]);
});

Deno.test("openaiInvoker() takes a call back whose answer is no screenshot, even if it mentions an address", async () => {
  const items = await answered(
    { reasoning: "Look.", computerCalls: [{ actions }] },
    ({ functionCalls: [call] }) => toolResultMessage(call!, "Cannot open https://example.org/a.png"),
  );
  assert.deepEqual(items, [{
    role: "user",
    content: "computer_use: Cannot open https://example.org/a.png",
  }]);
});

Deno.test("openaiInvoker() shows the screenshot as a message where the call's item cannot be sent again", async () => {
  const items = await answered(
    { reasoning: "Look.", computerCalls: [{ id: "x".repeat(65), actions }] },
    ({ functionCalls: [call] }) => toolResultMessage(call!, "", [SHOT]),
  );
  assert.deepEqual(items, [{
    role: "user",
    content: [
      { type: "input_text", text: "computer_use: see the image" },
      { type: "input_image", detail: "auto", image_url: `data:image/png;base64,${PNG}` },
    ],
  }]);
});

Deno.test("openaiInvoker() streams a computer call as a call of the tool", async () => {
  await using server = await startProviderServer({ script: { computerCalls: [{ id: "a", actions }] } });
  const heard = listener();
  const { message } = await invokerFor(server).call(
    request(question(), { apiType, prompt: screenPrompt(), streamHandler: heard }),
  );
  assert.equal(message.functionCalls[0]!.name, "computer_use");
  assert.deepEqual(heard.deltas, [
    { type: "tool_call_delta", index: 0, callId: "a", name: "computer_use", argumentsDelta: "" },
    { type: "tool_call_delta", index: 0, argumentsDelta: JSON.stringify({ actions }) },
  ]);
});

Deno.test("openaiInvoker() shows a tool's images in Chat Completions after the results", async () => {
  await using server = await startProviderServer({
    script: [{ toolCalls: [{ id: "a", name: "computer_use", arguments: {} }] }, { text: "ok" }],
  });
  const invoker = invokerFor(server);
  const dialog = question();
  const { message } = await invoker.call(request(dialog, { prompt: screenPrompt() }));
  dialog.append(message);
  dialog.append(toolResultMessage(message.functionCalls[0]!, "", [SHOT]));
  await invoker.call(request(dialog, { prompt: screenPrompt() }));
  server.assertNoRejections();
  const messages = lastBody(server).messages as Record<string, unknown>[];
  assert.deepEqual(messages.slice(-2), [
    { role: "tool", tool_call_id: "a", content: "See the image." },
    {
      role: "user",
      content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } }],
    },
  ]);
});
