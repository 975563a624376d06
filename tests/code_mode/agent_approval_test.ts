import assert from "node:assert/strict";
import { z } from "zod";
import { Agent } from "../../src/agent/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { defineProxy, ProxyManager, proxyTools } from "../../src/proxies/mod.ts";
import type { AgentCallSession, AgentEvent } from "../../src/session/mod.ts";
import { fakeClock, scriptedInvoker } from "../../src/testing/mod.ts";
import { type FunctionTool, tool } from "../../src/tools/mod.ts";

const manager = new ProxyManager();
manager.register(
  "bank",
  defineProxy({
    path: "bank",
    name: "Bank",
    description: "",
    endpoints: {
      pay: {
        description: "Pays",
        params: { "to*": ["string"] },
        needsApproval: true,
        handler: ({ to }) => `paid ${to}`,
      },
    },
  }),
);
const remove = tool({
  name: "remove",
  description: "Removes a file",
  parameters: z.object({ file: z.string() }),
  needsApproval: true,
  execute: ({ file }) => `removed ${file}`,
});

function agentWith(functions: FunctionTool[], calls: [name: string, args: Record<string, unknown>][]): Agent {
  const agent = new Agent({
    name: "clerk",
    systemPrompt: new Prompt({ path: "clerk", prompt: "You work.", functions }),
    model: "scripted",
    invoker: scriptedInvoker([
      { tool_calls: calls.map(([name, args]) => ({ name, arguments: args })) },
      { text: "done" },
    ]),
  });
  agent.open("main").receive("go");
  return agent;
}

Deno.test("respond() asks its onApproval for tools, and for API calls of tools, outside of any run", async () => {
  const agent = agentWith([remove, ...proxyTools(manager, "bank")], [
    ["remove", { file: "a" }],
    ["bank_pay", { to: "Ann" }],
    ["remove", { file: "b" }],
  ]);
  const session = await agent.respond({
    returnSession: true,
    onApproval: ({ arguments: args }) => args.file === "b" ? { decision: "deny", by: "Grace" } : "approve",
  });
  const [removed, paid, kept] = session.interrupts[0]!;
  assert.match(removed!.resultText!, /removed a/);
  assert.match(paid!.resultText!, /paid Ann/);
  assert.match(kept!.resultText!, /not approved: .* denied by Grace\. The call was not made/);
  assert.deepEqual(
    session.approvals[0]!.map(({ request, decision, by }) => [request.toolName, decision, by]).sort(),
    [["bank/pay", "approve", undefined], ["remove", "approve", undefined], ["remove", "deny", "Grace"]],
  );
});

Deno.test("stream() tells of approvals as they are asked and decided", async () => {
  const agent = agentWith([remove], [["remove", { file: "a" }]]);
  const events: AgentEvent[] = [];
  for await (const event of agent.stream({ onApproval: () => "approve" })) events.push(event);
  const types = events.map(({ type }) => type).filter((type) => /approval|tool_(start|end)/.test(type));
  assert.deepEqual(types, ["tool_start", "approval_start", "approval_end", "tool_end"]);
});

Deno.test("approvalTimeoutMs of respond() is measured by the agent's clock", async () => {
  const clock = fakeClock({ autoAdvance: true });
  const agent = new Agent({
    name: "clerk",
    systemPrompt: new Prompt({ path: "clerk", prompt: "You work.", functions: [remove] }),
    model: "scripted",
    invoker: scriptedInvoker([{ tool_calls: [{ name: "remove", arguments: { file: "a" } }] }, {
      text: "done",
    }]),
    clock,
  });
  agent.open("main").receive("go");
  const session = await agent.respond({
    returnSession: true,
    approvalTimeoutMs: 3_600_000,
    onApproval: () => new Promise(() => {}),
  });
  assert.match(session.interrupts[0]![0]!.resultText!, /no decision within 3600000 ms/);
  assert.deepEqual(session.approvals[0]!.map(({ cause, waitMs }) => [cause, waitMs]), [[
    "timeout",
    3_600_000,
  ]]);
});

Deno.test("a tool's call that waits for approval is cancelled with the run, and the record says so", async () => {
  const agent = agentWith([remove], [["remove", { file: "a" }]]);
  const stop = new AbortController();
  const reason = new Error("stop");
  const sessions: AgentCallSession[] = [];
  const stream = agent.stream({
    signal: stop.signal,
    onApproval: () => {
      stop.abort(reason);
      return new Promise(() => {});
    },
  });
  await assert.rejects(async () => {
    for await (const event of stream) if (event.type === "agent_start") sessions.push(event.session);
  }, (error) => error === reason);
  assert.deepEqual(sessions[0]!.approvals[0]!.map(({ decision, cause }) => [decision, cause]), [[
    "deny",
    "cancelled",
  ]]);
});
