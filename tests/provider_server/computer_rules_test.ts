import assert from "node:assert/strict";
import { post, RESPONSES } from "./_post.ts";
import { type JsonObject, startProviderServer } from "./mod.ts";

const PNG =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const user = { role: "user", content: "Hi" };
const click = { type: "click", button: "left", x: 1, y: 2 };
const call = (more: JsonObject = {}) => ({
  type: "computer_call",
  id: "cu_1",
  call_id: "a",
  actions: [click],
  pending_safety_checks: [],
  status: "completed",
  ...more,
});
const shot = (more: JsonObject = {}) => ({
  type: "computer_call_output",
  call_id: "a",
  output: { type: "computer_screenshot", image_url: PNG },
  ...more,
});
const input = (...items: JsonObject[]) => ({ input: [user, ...items], tools: [{ type: "computer" }] });
const doing = (action: JsonObject) => input(call({ actions: [action] }), shot());
const preview = {
  type: "computer_use_preview",
  display_width: 800,
  display_height: 600,
  environment: "browser",
};
const check = { id: "c1", code: "malicious_instructions", message: "Careful" };

const REFUSED: Record<string, [change: JsonObject, param: string, message: RegExp]> = {
  "a call without an answer": [input(call()), "input", /No tool output found/],
  "a screenshot without a call": [input(shot()), "input", /No tool call found/],
  "a text as the answer": [
    input(call(), { type: "function_call_output", call_id: "a", output: "r" }),
    "input",
    /No tool call found/,
  ],
  "an output that is a text": [
    input(call(), shot({ output: "done" })),
    "input[2].output",
    /expected an object/,
  ],
  "a screenshot without an image": [
    input(call(), shot({ output: { type: "computer_screenshot" } })),
    "input[2].output.image_url",
    /Missing required/,
  ],
  "a screenshot that is no image": [
    input(call(), shot({ output: { type: "computer_screenshot", image_url: "data:image/png;base64,AAAA" } })),
    "input[2].output.image_url",
    /unsupported image/,
  ],
  "a call without id": [input(call({ id: undefined }), shot()), "input[1].id", /Missing required/],
  "a call without action": [
    input(call({ actions: undefined }), shot()),
    "input[1].action",
    /Missing required/,
  ],
  "an unknown action": [doing({ type: "fly" }), "input[1].actions[0].type", /Supported values/],
  "a click without a button": [
    doing({ type: "click", x: 1, y: 1 }),
    "input[1].actions[0].button",
    /Missing required/,
  ],
  "keys as a text": [
    doing({ type: "keypress", keys: "ENTER" }),
    "input[1].actions[0].keys",
    /expected an array/,
  ],
  "a safety check that nobody acknowledged": [
    input(call({ pending_safety_checks: [check] }), shot()),
    "input",
    /have not been acknowledged: c1/,
  ],
  "a safety check that nobody asked about": [
    input(call(), shot({ acknowledged_safety_checks: [check] })),
    "input",
    /not pending: c1/,
  ],
  "a newer tool with a size": [
    { tools: [{ type: "computer", display_width: 1 }] },
    "tools[0].display_width",
    /Unknown parameter/,
  ],
  "an older tool without a size": [
    { tools: [{ type: "computer_use_preview" }], truncation: "auto" },
    "tools[0].display_width",
    /Missing required/,
  ],
  "an older tool without truncation": [{ tools: [preview] }, "truncation", /expected 'auto'/],
};

Deno.test("a request about a screen that the provider refuses is answered 400", async (t) => {
  await using server = await startProviderServer();
  for (const [name, [change, param, message]] of Object.entries(REFUSED)) {
    await t.step(name, async () => {
      const response = await post(server, "responses", { ...RESPONSES, ...change });
      const { error } = await response.json();
      assert.match(String(error?.message), message);
      assert.deepEqual([response.status, error.param], [400, param]);
      server.forgetRejections();
    });
  }
});

const ACCEPTED: Record<string, JsonObject> = {
  "a list of actions": input(
    call({
      actions: [
        click,
        { type: "double_click", x: 1, y: 1, keys: null },
        { type: "drag", path: [{ x: 1, y: 1 }, { x: 2, y: 2 }] },
        { type: "keypress", keys: ["CTRL", "A"] },
        { type: "move", x: 1, y: 1 },
        { type: "screenshot" },
        { type: "scroll", x: 1, y: 1, scroll_x: 0, scroll_y: -100 },
        { type: "type", text: "ü" },
        { type: "wait" },
      ],
    }),
    shot(),
  ),
  "one action, with the older tool": {
    ...input(call({ action: click, actions: undefined }), shot()),
    tools: [preview],
    truncation: "auto",
  },
  "an acknowledged safety check": input(
    call({ pending_safety_checks: [check] }),
    shot({ acknowledged_safety_checks: [check] }),
  ),
};

Deno.test("a request about a screen that the provider takes is answered", async (t) => {
  await using server = await startProviderServer();
  for (const [name, change] of Object.entries(ACCEPTED)) {
    await t.step(name, async () => {
      const response = await post(server, "responses", { ...RESPONSES, ...change });
      assert.equal(response.status, 200, await response.text());
    });
  }
  server.assertNoRejections();
});

Deno.test("computerCalls of a reply are items of the response, streamed or not", async () => {
  const computerCalls = [{ id: "a", actions: [click], safetyChecks: [check], reasoning: "Think." }];
  await using server = await startProviderServer({ script: { computerCalls } });
  for (const stream of [false, true]) {
    const response = await post(server, "responses", { ...RESPONSES, stream });
    assert.match(await response.text(), /"type":"computer_call".*"call_id":"a".*"id":"c1"/);
  }
  const { answer } = server.requests[0]!;
  const items = (answer as { output: JsonObject[] }).output;
  assert.deepEqual(items.map((item) => item.type), ["reasoning", "computer_call"]);
});
