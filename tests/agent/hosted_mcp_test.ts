import assert from "node:assert/strict";
import { Agent, type AgentOptions } from "../../src/agent/mod.ts";
import { Dialog } from "../../src/dialog/mod.ts";
import { openaiInvoker } from "../../src/invokers/mod.ts";
import { sqliteStore } from "../../src/log/mod.ts";
import { Prompt, type PromptInit } from "../../src/prompt/mod.ts";
import type { ApprovalRequest, OnApproval } from "../../src/run/mod.ts";
import { replaySession } from "../../src/replay/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { AgentError } from "../../src/session/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import { McpServer, type McpServerInit, tool } from "../../src/tools/mod.ts";
import {
  type JsonObject,
  type ProviderServer,
  type Script,
  startProviderServer,
} from "../provider_server/mod.ts";
import { collect } from "./_agents.ts";

const pay = { server: "bank", name: "pay", arguments: { to: "Ada", amount: 5 }, output: "paid" };
const see = { server: "bank", name: "see", arguments: {}, output: "100" };

interface Settings extends Partial<AgentOptions> {
  readonly server?: Partial<McpServerInit>;
  readonly prompt?: Partial<PromptInit>;
}

function clerk(provider: ProviderServer, { server, prompt, ...rest }: Settings = {}): Agent {
  const bank = new McpServer({
    label: "bank",
    url: "https://bank.example/mcp",
    requireApproval: "always",
    ...server,
  });
  const agent = new Agent({
    name: "clerk",
    systemPrompt: new Prompt({ path: "clerk/system", prompt: "You pay.", mcpServers: [bank], ...prompt }),
    model: "gpt-4o",
    apiType: "response",
    invoker: openaiInvoker({ modelArgs: { api_base: provider.baseUrl, api_key: "k" } }),
    ...rest,
  });
  agent.open("main").receive("Pay Ada");
  return agent;
}

const start = (script: Script) => startProviderServer({ script });
const input = (provider: ProviderServer, index = -1) =>
  provider.requests.at(index)!.body!.input as JsonObject[];
const ofType = (items: JsonObject[], type: string) => items.filter((item) => item.type === type);

Deno.test("respond() asks onApproval about a call that the provider makes, and tells it to make it", async () => {
  await using provider = await start([
    { reasoning: "I pay.", mcpCalls: [pay] },
    { reasoning: "It is paid.", mcpCalls: [pay], text: "Paid." },
    { text: "Yes, it is." },
  ]);
  const asked: ApprovalRequest[] = [];
  await using agent = clerk(provider);
  const session = await agent.respond({
    returnSession: true,
    onApproval: (request) => {
      asked.push(request);
      return { decision: "approve", by: "Grace", reason: "it is due" };
    },
  });
  assert.equal(session.delivery!.content, "Paid.");
  const [question] = ofType(input(provider), "mcp_approval_request");
  const { callId, ...shown } = asked[0]!;
  assert.deepEqual(shown, { agentName: "clerk", toolName: "bank/pay", arguments: { to: "Ada", amount: 5 } });
  assert.equal(asked.length, 1);
  assert.deepEqual(input(provider).at(-1), {
    type: "mcp_approval_response",
    approval_request_id: question!.id,
    approve: true,
  });
  const [[record]] = Object.values(session.approvals) as [[(typeof session.approvals)[number][number]]];
  assert.deepEqual([record!.decision, record!.cause, record!.by, record!.reason], [
    "approve",
    "answer",
    "Grace",
    "it is due",
  ]);
  assert.equal(record!.request.callId, callId);
  // All that the provider gave out goes back to it unchanged, from a dialog that was stored meanwhile too.
  const later = Dialog.fromJSON(JSON.parse(JSON.stringify(agent.currentDialog.toJSON())));
  await using next = clerk(provider);
  next.attach("stored", later);
  next.receive("Really?");
  await next.respond();
  assert.deepEqual(
    input(provider).map(({ type, role }) => type ?? role),
    [
      "user",
      "mcp_list_tools",
      "reasoning",
      "mcp_approval_request",
      "mcp_approval_response",
      "reasoning",
      "mcp_call",
      "message",
      "user",
    ],
  );
  assert.equal(ofType(input(provider), "mcp_call")[0]!.output, "paid");
  provider.assertNoRejections();
});

Deno.test("respond() answers a hosted call of a provider that keeps nothing", async () => {
  await using provider = await start([
    { reasoning: "I pay.", mcpCalls: [pay] },
    { reasoning: "It is paid.", mcpCalls: [pay], text: "Paid." },
    { text: "Yes." },
  ]);
  await using agent = clerk(provider, { modelArgs: { store: false } });
  await agent.respond({ onApproval: () => "approve" });
  agent.receive("Really?");
  assert.equal((await agent.respond()).content, "Yes.");
  assert.equal(ofType(input(provider), "mcp_call").length, 1);
  assert.equal(ofType(input(provider), "mcp_approval_response").length, 1);
  provider.assertNoRejections();
});

Deno.test("respond() denies a hosted call with the reason where onApproval says no, fails, or is not there", async () => {
  const cases: [OnApproval | undefined, string, RegExp][] = [
    [() => ({ decision: "deny", by: "Grace", reason: "too much" }), "answer", /denied by Grace: too much/],
    [() => Promise.reject(new Error("no line")), "error", /an error: no line/],
    [undefined, "nobody", /nobody to ask/],
  ];
  for (const [onApproval, cause, reason] of cases) {
    await using provider = await start([{ mcpCalls: [pay] }, { text: "I could not." }]);
    await using agent = clerk(provider);
    const session = await agent.respond({
      returnSession: true,
      ...(onApproval === undefined ? {} : { onApproval }),
    });
    assert.equal(session.delivery!.content, "I could not.");
    const answer = input(provider).at(-1)!;
    assert.deepEqual([answer.type, answer.approve], ["mcp_approval_response", false]);
    assert.match(String(answer.reason), reason);
    assert.equal(session.approvals[0]![0]!.cause, cause);
    assert.equal(session.interrupts[0]![0]!.success, false);
    provider.assertNoRejections();
  }
});

Deno.test("respond() answers each question of a reply on its own, beside calls of tools that run here", async () => {
  const twice = { ...pay, arguments: { to: "Bob", amount: 7 } };
  await using provider = await start([
    { mcpCalls: [pay, twice, see], toolCalls: [{ name: "clock", arguments: {} }] },
    { mcpCalls: [pay], text: "Ada has it." },
  ]);
  const clock = tool({
    name: "clock",
    description: "The time",
    parameters: { type: "object", properties: {} },
    execute: () => "noon",
  });
  await using agent = clerk(provider, {
    server: { requireApproval: { never: ["see"] } },
    prompt: { functions: [clock] },
  });
  const session = await agent.respond({
    returnSession: true,
    onApproval: ({ arguments: { to } }) => to === "Ada" ? "approve" : "deny",
  });
  assert.deepEqual(provider.requests[0]!.body!.tools, [
    (provider.requests[0]!.body!.tools as unknown[])[0],
    {
      type: "mcp",
      server_label: "bank",
      server_url: "https://bank.example/mcp",
      require_approval: { never: { tool_names: ["see"] } },
    },
  ]);
  assert.equal(ofType(input(provider), "mcp_call").length, 1); // that one needs no approval
  assert.deepEqual(
    ofType(input(provider), "mcp_approval_response").map(({ approve }) => approve),
    [true, false],
  );
  assert.match(String(ofType(input(provider), "function_call_output")[0]!.output), /noon/);
  assert.deepEqual(session.approvals[0]!.map(({ decision }) => decision).sort(), ["approve", "deny"]);
  provider.assertNoRejections();
});

Deno.test("respond() asks again where the model asks for the same hosted call again", async () => {
  await using provider = await start([
    { mcpCalls: [pay] },
    { mcpCalls: [pay, { ...pay }] },
    { mcpCalls: [pay], text: "Paid twice." },
  ]);
  let count = 0;
  await using agent = clerk(provider);
  await agent.respond({ onApproval: () => (count++, "approve") });
  assert.equal(count, 2);
  provider.assertNoRejections();
});

Deno.test("stream() tells of a hosted call, of its approval, and of the decision", async () => {
  await using provider = await start([{ mcpCalls: [pay] }, { mcpCalls: [pay], text: "Paid." }]);
  await using agent = clerk(provider);
  const { events, types, error } = await collect(agent.stream({ onApproval: () => "approve" }));
  assert.equal(error, undefined);
  assert.deepEqual(types.filter((type) => type !== "text_delta"), [
    "agent_start",
    "model_start",
    "tool_call_delta",
    "tool_call_delta",
    "model_end",
    "tool_start",
    "approval_start",
    "approval_end",
    "tool_end",
    "model_start",
    "model_end",
    "agent_end",
  ]);
  const [first, second] = events.filter((event) => event.type === "tool_call_delta");
  const started = events.find((event) => event.type === "tool_start")!;
  assert.deepEqual([first!.name, first!.callId, second!.argumentsDelta], [
    "bank/pay",
    started.call.id,
    JSON.stringify(pay.arguments),
  ]);
  assert.equal(provider.requests[1]!.body!.stream, true);
  provider.assertNoRejections();
});

Deno.test("respond() lets the provider make an approved call in the final answer, and no other", async () => {
  await using provider = await start([{ mcpCalls: [pay] }, { mcpCalls: [pay], text: "Paid." }]);
  await using agent = clerk(provider, { maxInterruptSteps: 1 });
  assert.equal((await agent.respond({ onApproval: () => "approve" })).content, "Paid.");
  provider.assertNoRejections();

  await using greedy = await start([{ mcpCalls: [pay] }, { mcpCalls: [pay, pay] }]);
  await using other = clerk(greedy, { maxInterruptSteps: 1 });
  await assert.rejects(
    other.respond({ onApproval: () => "approve" }),
    (error: unknown) => error instanceof AgentError && error.code === "interrupt_limit",
  );
  greedy.assertNoRejections();

  await using denied = await start([{ mcpCalls: [pay] }, { text: "No." }]);
  await using third = clerk(denied, { maxInterruptSteps: 1 });
  await third.respond();
  assert.equal(denied.requests[1]!.body!.tools, undefined);
});

Deno.test("an aborted question is answered with no, so that the dialog can go on", async () => {
  await using provider = await start([{ mcpCalls: [pay] }, { text: "As you like." }]);
  await using agent = clerk(provider);
  const stop = new AbortController();
  const reason = new Error("stop");
  await assert.rejects(
    agent.respond({
      signal: stop.signal,
      onApproval: () => (stop.abort(reason), new Promise<never>(() => {})),
    }),
    reason,
  );
  agent.receive("Leave it");
  assert.equal((await agent.respond()).content, "As you like.");
  assert.deepEqual(
    ofType(input(provider), "mcp_approval_response").map(({ approve, reason }) => [approve, reason]),
    [
      [false, "Cancelled"],
    ],
  );
  provider.assertNoRejections();
});

Deno.test("a hosted call whose arguments cannot be read is denied: nobody could say what was approved", async () => {
  await using provider = await start([{ mcpCalls: [{ ...pay, arguments: "{broken" }] }, { text: "Oh." }]);
  await using agent = clerk(provider);
  await agent.respond({ onApproval: () => "approve" });
  const answer = input(provider).at(-1)!;
  assert.equal(answer.approve, false);
  assert.match(String(answer.reason), /not a JSON object/);
  provider.assertNoRejections();
});

Deno.test("a dialog with hosted calls goes on over Chat Completions", async () => {
  await using provider = await start([{ mcpCalls: [pay] }, { mcpCalls: [pay], text: "Paid." }, {
    text: "Fine.",
  }]);
  await using agent = clerk(provider);
  await agent.respond({ onApproval: () => "approve" });
  await using other = clerk(provider, { apiType: "completion", prompt: { mcpServers: [] } });
  other.attach("taken", agent.close("main"));
  other.receive("Good");
  assert.equal((await other.respond()).content, "Fine.");
  provider.assertNoRejections();
});

class Payer extends NativeTactic<string, string> {
  override name = "payer";
  override agentGroup = ["clerk"] as const;
  override async call(task: string): Promise<string> {
    const agent = this.agent("clerk").open("main");
    agent.receive(task);
    return String((await agent.respond()).content);
  }
}

Deno.test("a recorded run with a hosted call says who approved it, and is replayed without asking anybody", async () => {
  await using provider = await start([{ mcpCalls: [pay] }, { mcpCalls: [pay], text: "Paid." }]);
  await using logStore = sqliteStore(":memory:");
  const runtime = new Runtime();
  runtime.registerPrompt(
    new Prompt({
      path: "clerk",
      prompt: "You pay.",
      mcpServers: [
        new McpServer({ label: "bank", url: "https://bank.example/mcp", requireApproval: "always" }),
      ],
    }),
  );
  const payer = new Payer({
    runtime,
    logStore,
    config: {
      agent_configs: [{
        name: "clerk",
        model_name: "gpt-4o",
        api_type: "response",
        system_prompt_path: "clerk",
      }],
    },
    invoker: openaiInvoker({ modelArgs: { api_base: provider.baseUrl, api_key: "k" } }),
  });
  const onApproval = () => ({ decision: "approve", by: "Grace" }) as const;
  const session = await payer.run("Pay Ada", { returnSession: true, onApproval });
  const record = await logStore.loadSessionRecord(session.sessionId);
  const approval = record!.steps.find(({ name }) => name === "approval")!;
  assert.match(approval.path, /\/mcp:bank\/pay#0\/approval#0$/);
  assert.equal((approval.output as { by: string }).by, "Grace");
  const replay = await replaySession(record!, payer);
  assert.deepEqual([replay.result, replay.isSameResult, replay.liveCount], ["Paid.", true, 0]);
  assert.equal(provider.requests.length, 2);
  provider.assertNoRejections();
});
