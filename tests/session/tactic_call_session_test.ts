import assert from "node:assert/strict";
import { InvokeCost, Message } from "../../src/message/mod.ts";
import { AgentCallSession, InvokeResult, TacticCallSession } from "../../src/session/mod.ts";

function sessionOf(tacticName: string): TacticCallSession {
  return new TacticCallSession({
    sessionId: "20260101_000000_00000000",
    tacticName,
    tacticPath: `desk::${tacticName}`,
    task: "Go",
    tags: {},
    metadata: {},
    startedAt: "2026-01-01T00:00:00.000Z",
  });
}

function agentSession(agent: string, tokens: number): AgentCallSession {
  const session = new AgentCallSession(agent);
  const usage = { prompt_tokens: tokens, response_cost: tokens / 100 };
  session.record(
    "invokeTraces",
    0,
    new InvokeResult({ message: new Message({ role: "assistant", content: "", usage }) }),
  );
  return session;
}

Deno.test("TacticCallSession starts empty", () => {
  const session = sessionOf("brief");
  assert.deepEqual([session.state, session.delivery, session.error, session.errorTraceback], [
    "initial",
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual([session.agentCallCount, session.tacticPath, session.parentId], [
    0,
    "desk::brief",
    undefined,
  ]);
  assert.deepEqual([session.agentCost, session.subTacticCost], [new InvokeCost(), new InvokeCost()]);
});

Deno.test("TacticCallSession keeps the calls of each agent, and the runs of each sub-tactic, in order", () => {
  const session = sessionOf("brief");
  const calls = [agentSession("a", 1), agentSession("b", 2), agentSession("a", 3)];
  for (const call of calls) session.addAgentSession(call);
  const runs = [sessionOf("sub"), sessionOf("other"), sessionOf("sub"), sessionOf("sub")];
  for (const run of runs) session.addSubTacticSession(run);
  assert.deepEqual(session.agentSessions, { a: [calls[0], calls[2]], b: [calls[1]] });
  assert.deepEqual([session.agentCallCount, session.subTacticSessions.sub!.length], [3, 3]);
  assert.equal(session.summary().subTacticCalls, 4);
});

Deno.test("TacticCallSession sums what its agents and its sub-tactics cost, at any depth", () => {
  const [session, sub, deep] = [sessionOf("brief"), sessionOf("sub"), sessionOf("deep")];
  session.addAgentSession(agentSession("a", 100));
  session.addAgentSession(agentSession("a", 200));
  session.addAgentSession(agentSession("b", 50));
  sub.addAgentSession(agentSession("a", 500));
  deep.addAgentSession(agentSession("a", 300));
  sub.addSubTacticSession(deep);
  session.addSubTacticSession(sub);
  assert.equal(session.agentCost.promptTokens, 350);
  assert.equal(session.subTacticCost.promptTokens, 800);
  assert.deepEqual([session.totalCost.promptTokens, session.totalCost.cost], [1150, 11.5]);
});

Deno.test("TacticCallSession.summary() gives the run in figures", () => {
  const session = sessionOf("brief");
  session.addAgentSession(agentSession("a", 100));
  session.addAgentSession(agentSession("a", 100));
  session.state = "success";
  session.endedAt = "2026-01-01T00:00:01.500Z";
  assert.deepEqual(session.summary(), {
    tactic: "brief",
    state: "success",
    agentCalls: 2,
    subTacticCalls: 0,
    totalTokens: 200,
    totalCostUsd: 2,
    durationMs: 1500,
  });
});
