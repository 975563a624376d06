import assert from "node:assert/strict";
import { Agent } from "../../src/agent/mod.ts";
import { type LogRecord, setupLogging } from "../../src/logging/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { defineHttpProxy, ProxyManager } from "../../src/proxies/mod.ts";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { fakeClock, type Script, scriptedInvoker } from "../../src/testing/mod.ts";
import { tool } from "../../src/tools/mod.ts";

async function logged(
  body: () => Promise<unknown>,
): Promise<Pick<LogRecord, "level" | "subsystem" | "message" | "data">[]> {
  const records: LogRecord[] = [];
  const turnOff = setupLogging({ level: "info", sink: (record) => void records.push(record) });
  try {
    await body();
  } finally {
    turnOff();
  }
  return records.map(({ time: _, ...record }) => record);
}

function agentWith(script: Script): Agent {
  const fail = tool({
    name: "fail",
    description: "Fails",
    parameters: { type: "object", properties: {} },
    execute: () => {
      throw new Error("broken");
    },
  });
  const agent = new Agent({
    name: "talker",
    systemPrompt: new Prompt({
      path: "talk/system",
      prompt: "You talk.",
      functions: [fail],
      format: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    }),
    model: "m",
    invoker: scriptedInvoker(script),
    maxLlmRecall: 1,
    clock: fakeClock({ autoAdvance: true }),
  });
  agent.open("main").receive("Go");
  return agent;
}

Deno.test("an agent logs calls that are repeated, tools that fail, replies that are asked for again, and what ends it", async () => {
  const agent = agentWith([
    { error: { status: 503 } },
    { tool_calls: [{ name: "fail" }] },
    { text: "no JSON" },
    { json: { n: 1 } },
    { error: { status: 401, message: "wrong key sk-abcdefghijklmnop" } },
  ]);
  const records = await logged(async () => {
    await agent.respond();
    agent.receive("Again");
    await agent.respond().catch(() => {});
  });
  assert.deepEqual(records.map(({ level, subsystem, message }) => `${level} ${subsystem} ${message}`), [
    "warn agent A model call is repeated",
    "info agent A tool failed",
    "info agent A reply is asked for again",
    "error agent A model call failed",
  ]);
  assert.deepEqual([records[0]!.data.agent, records[0]!.data.model, records[0]!.data.call], [
    "talker",
    "m",
    "talker/main",
  ]);
  assert(!JSON.stringify(records).includes("sk-abc"));
});

Deno.test("a sandbox process that ends by itself or has to be killed is logged", async () => {
  const records = await logged(async () => {
    await using sandbox = await createSandbox({ language: "typescript", memoryMb: 64 });
    await sandbox.runCell("1 + 1");
    await sandbox.runCell("const kept = []; while (true) kept.push(new Array(1e6).fill(1))");
  });
  assert.deepEqual(
    records.map(({ level, subsystem, message }) => `${level} ${subsystem} ${message}`),
    ["warn sandbox A sandbox process has ended"],
  );
  assert.equal(records[0]!.data.kind, "memory");
});

Deno.test("a request of a proxy that is repeated is logged", async () => {
  let count = 0;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => count++ === 0 ? new Response("later", { status: 503 }) : Response.json(count),
  );
  const manager = new ProxyManager();
  const endpoints = { go: { description: "", route: "/go" } };
  const baseUrl = `http://127.0.0.1:${server.addr.port}`;
  manager.register("s", defineHttpProxy({ path: "s", name: "S", description: "", baseUrl, endpoints }));
  const records = await logged(() => manager.call("s/go"));
  assert.deepEqual(records, [{
    level: "warn",
    subsystem: "proxies",
    message: "A request is repeated",
    data: { api: "s/go", status: 503, waitMs: 500 },
  }]);
});
