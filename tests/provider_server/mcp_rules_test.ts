import assert from "node:assert/strict";
import { post, RESPONSES } from "./_post.ts";
import { type JsonObject, type Reply, startProviderServer } from "./mod.ts";

const bank = { type: "mcp", server_label: "bank", server_url: "https://bank.example/mcp" };
const user = { role: "user", content: "Hi" };
const pay = { server: "bank", name: "pay", arguments: { to: "Ada" }, output: "paid" };
const answer = (id: unknown, approve: unknown = true, more: JsonObject = {}) => ({
  type: "mcp_approval_response",
  approval_request_id: id,
  approve,
  ...more,
});

/** A server that has answered once, with `reply`. */
async function afterTurn(reply: Reply, settings: JsonObject = {}) {
  const server = await startProviderServer({ script: [reply, { reply: { mcpCalls: [pay], text: "ok" } }] });
  const base = { ...RESPONSES, tools: [bank], ...settings };
  const first = await (await post(server, "responses", base)).json();
  return {
    first: first as { id: string },
    items: first.output as JsonObject[],
    send: async (input: unknown[], change: JsonObject = {}) => {
      const response = await post(server, "responses", { ...base, input, ...change });
      const body = await response.json();
      return {
        status: response.status,
        message: body.error?.message ?? "",
        output: body.output as JsonObject[],
      };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

Deno.test("the provider asks before a hosted call, makes it when that is approved, and says which approval it had", async () => {
  for (const store of [true, false]) {
    await using turn = await afterTurn({ mcpCalls: [pay] }, { store });
    assert.deepEqual(turn.items.map(({ type }) => type), ["mcp_list_tools", "mcp_approval_request"]);
    const asked = turn.items[1]!;
    const done = await turn.send([user, ...turn.items, answer(asked.id)]);
    assert.equal(done.status, 200, done.message);
    const [call] = done.output;
    assert.deepEqual([call!.type, call!.output, call!.approval_request_id], ["mcp_call", "paid", asked.id]);
  }
});

Deno.test("a stored question can be answered by the id of its response", async () => {
  await using turn = await afterTurn({ mcpCalls: [pay] });
  const done = await turn.send([answer(turn.items[1]!.id)], { previous_response_id: turn.first.id });
  assert.deepEqual([done.status, done.output[0]!.type], [200, "mcp_call"]);
});

Deno.test("an answer to no open question, and a question without an answer, are refused", async () => {
  await using turn = await afterTurn({ mcpCalls: [pay] });
  const [list, asked] = turn.items as [JsonObject, JsonObject];
  const cases: [string, unknown[], RegExp][] = [
    ["an unknown id", [user, answer("mcpr_unknown")], /No open MCP approval request/],
    ["answered twice", [user, asked, answer(asked.id), answer(asked.id)], /No open MCP approval request/],
    ["answered before it is asked", [user, answer(asked.id), asked], /No open MCP approval request/],
    ["left open", [user, list, asked], /No MCP approval response found/],
    ["a question of its own making", [user, { ...asked, id: "mcpr_1" }, answer("mcpr_1")], /not found/],
    ["other arguments", [user, { ...asked, arguments: '{"to":"Eve"}' }, answer(asked.id)], /was issued with/],
    ["another server", [user, { ...asked, server_label: "shop" }, answer(asked.id)], /was issued with/],
    [
      "no decision",
      [user, asked, { type: "mcp_approval_response", approval_request_id: asked.id }],
      /Missing required.*approve/,
    ],
    ["a decision in words", [user, asked, answer(asked.id, "yes")], /Invalid type.*approve/],
    ["an unknown member", [user, asked, answer(asked.id, true, { by: "Ada" })], /Unknown parameter/],
  ];
  for (const [name, input, message] of cases) {
    const refused = await turn.send(input);
    assert.deepEqual([name, refused.status], [name, 400]);
    assert.match(refused.message, message, name);
  }
  const undeclared = await turn.send([user, asked, answer(asked.id)], { tools: [] });
  assert.match(undeclared.message, /not found in 'tools'/);
});

Deno.test("a declaration needs a label and an address, and says when calls must be approved", async () => {
  await using server = await startProviderServer({ script: () => ({ mcpCalls: [pay] }) });
  const types = async (tool: JsonObject) => {
    const body = await (await post(server, "responses", { ...RESPONSES, tools: [tool] })).json();
    return body.error?.message ?? body.output.at(-1).type;
  };
  assert.equal(await types({ ...bank, require_approval: "never" }), "mcp_call");
  assert.equal(await types({ ...bank, require_approval: { never: { tool_names: ["pay"] } } }), "mcp_call");
  assert.equal(
    await types({ ...bank, require_approval: { never: { tool_names: ["see"] } } }),
    "mcp_approval_request",
  );
  assert.match(await types({ ...bank, require_approval: "sometimes" }), /sometimes/);
  assert.match(await types({ type: "mcp", server_label: "bank" }), /server_url/);
  assert.match(await types({ ...bank, server_label: "my bank" }), /server_label/);
});
