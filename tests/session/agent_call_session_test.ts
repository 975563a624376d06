import assert from "node:assert/strict";
import { FunctionCall, InvokeCost, Message } from "../../src/message/mod.ts";
import { AgentCallSession, InvokeResult } from "../../src/session/mod.ts";

function resultOf(promptTokens: number): InvokeResult {
  const usage = { prompt_tokens: promptTokens, response_cost: promptTokens / 100 };
  return new InvokeResult({ message: new Message({ role: "assistant", content: "Yes", usage }) });
}

Deno.test("AgentCallSession starts empty", () => {
  const session = new AgentCallSession("writer");
  assert.deepEqual([session.agentName, session.state, session.delivery, session.error], [
    "writer",
    "initial",
    null,
    null,
  ]);
  assert.deepEqual([session.exceptionRetriesCount, session.llmRecallsCount, session.interruptsCount], [
    0,
    0,
    0,
  ]);
  assert.deepEqual(session.cost, new InvokeCost());
  assert.deepEqual(session.lastInterrupt, []);
  assert.equal(session.lastErrorMessage, "");
});

Deno.test("AgentCallSession.record() keeps traces, errors, calls and recalls by interrupt step", () => {
  const session = new AgentCallSession("writer");
  const call = new FunctionCall({ id: "1", name: "f", arguments: {}, resultText: "ok" });
  session.record("invokeTraces", 0, resultOf(1));
  session.record("invokeTraces", 0, resultOf(2));
  session.record("invokeTraces", 2, resultOf(3));
  session.record("exceptionRetries", 0, "no <a>");
  session.record("exceptionRetries", 2, "no <b>");
  session.record("interrupts", 1, call);
  session.record("llmRecalls", 1, { error: "503", waitMs: 1000, countsAsRecall: true });
  session.record("llmRecalls", 1, { error: "429", waitMs: 1000, countsAsRecall: false });
  assert.deepEqual([session.invokeTraces[0]!.length, session.invokeTraces[2]!.length], [2, 1]);
  assert.deepEqual(session.exceptionRetries, { 0: ["no <a>"], 2: ["no <b>"] });
  assert.deepEqual([session.exceptionRetriesCount, session.llmRecallsCount, session.interruptsCount], [
    2,
    1,
    1,
  ]);
  assert.equal(session.lastErrorMessage, "no <b>");
  assert.deepEqual(session.lastInterrupt, [call]);
  assert.deepEqual([session.cost.promptTokens, session.cost.cost], [6, 0.06]);
});

Deno.test("AgentCallSession.fromJSON() gives back every field", () => {
  const session = new AgentCallSession("writer");
  session.record("invokeTraces", 0, resultOf(1));
  session.record("interrupts", 0, new FunctionCall({ id: "1", name: "f", arguments: {}, resultText: "ok" }));
  session.state = "success";
  session.delivery = resultOf(1).message;
  session.metadata = { job: 7 };
  assert.deepEqual(AgentCallSession.fromJSON(JSON.parse(JSON.stringify(session))), session);
});
