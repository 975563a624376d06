import assert from "node:assert/strict";
import { z } from "zod";
import { defineProxy, ProxyManager } from "../../src/proxies/mod.ts";
import type { CallContext } from "../../src/run/mod.ts";
import { NativeTactic, Tactic, tacticProxy } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { type InBoth, LANGUAGES, runCells } from "./_code_mode.ts";

class Summarise extends NativeTactic<string, string> {
  name = "summarise";
  override description = "Shortens a text";
  agentGroup: readonly string[] = ["writer"];
  async call(task: string): Promise<string> {
    const agent = this.agent("writer").open("main");
    agent.receive(task);
    return String((await agent.respond()).content);
  }
}

function summarise(): Summarise {
  return new Summarise({
    config: { agent_configs: [{ name: "writer", model_name: "gpt-4o-mini", system_prompt: "Shorten." }] },
    invoker: scriptedInvoker({
      version: 1,
      rules: [{ reply: { text: "short", usage: { prompt_tokens: 1000, completion_tokens: 10 } } }],
    }),
  });
}

class Scale extends Tactic<{ size: number; unit?: "cm" | "in" | undefined }, { size: number }> {
  name = "scale it";
  override inputSchema = z.object({ size: z.number(), unit: z.enum(["cm", "in"]).optional() });
  override outputSchema = z.object({ size: z.number() });
  call({ size }: { size: number }): { size: number } {
    if (size < 0) throw new RangeError("a size is not negative");
    return { size: size * 2 };
  }
}

class Hang extends Tactic<string, string> {
  name = "hang";
  readonly started = Promise.withResolvers<AbortSignal>();
  call(_task: string, { signal }: CallContext): Promise<string> {
    this.started.resolve(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }
}

const SUMMARISE: InBoth = {
  python: '[CALL_API("summarise/run", {"task": text}) for text in ("a", "b")]',
  typescript: 'for (const task of ["a", "b"]) console.log(await CALL_API("summarise/run", { task }));',
};

for (const language of LANGUAGES) {
  Deno.test(`tacticProxy() runs in a cell of ${language} are in the session and cost of the run around`, async () => {
    const { told, session, record } = await runCells(language, [SUMMARISE[language]], {
      proxies: { summarise: tacticProxy(summarise()) },
    });
    assert.match(told[0]!, /short.*short/s);
    const nested = session.subTacticSessions["summarise"]!;
    assert.deepEqual(nested.map(({ task, state, parentId }) => [task, state, parentId]), [
      ["a", "success", session.sessionId],
      ["b", "success", session.sessionId],
    ]);
    assert.equal(session.subTacticCost.promptTokens, 2000);
    assert.equal(session.totalCost.promptTokens, 2000 + session.agentCost.promptTokens);
    const paths = record!.steps.filter((step) => step.kind === "tactic").map(({ path }) => path);
    assert.match(paths[0]!, /cell#0\/api:summarise\/run#0\/tactic:summarise#0$/);
    assert.match(paths[1]!, /cell#0\/api:summarise\/run#1\/tactic:summarise#0$/);
  });

  Deno.test(`tacticProxy() runs are cancelled with the cell of ${language} that waits for them`, async () => {
    const hang = new Hang();
    const stop = new AbortController();
    const running = runCells(language, [
      language === "python"
        ? 'CALL_API("hang/run", {"task": "x"})'
        : 'await CALL_API("hang/run", { task: "x" })',
    ], { proxies: { hang: tacticProxy(hang) }, run: { signal: stop.signal } });
    const signal = await hang.started.promise;
    stop.abort("enough");
    const { session, error } = await running;
    assert.deepEqual([error, signal.aborted, session.state], ["enough", true, "cancelled"]);
    assert.equal(session.subTacticSessions["hang"]![0]!.state, "cancelled");
  });

  Deno.test(`tacticProxy() runs end at the time limit of the cell of ${language}, and the cell is told so`, async () => {
    const hang = new Hang();
    const { told, session } = await runCells(language, [
      language === "python"
        ? 'CALL_API("hang/run", {"task": "x"})'
        : 'await CALL_API("hang/run", { task: "x" })',
    ], { proxies: { hang: tacticProxy(hang) }, proxy: { timeout: 0.3 } });
    assert.match(told[0]!, /the time limit of 300 ms was reached/);
    assert((await hang.started.promise).aborted);
    assert.equal(session.subTacticSessions["hang"]![0]!.state, "cancelled");
    assert.equal(session.state, "success");
  });

  Deno.test(`tacticProxy() shows a cell of ${language} of a failure its message alone`, async () => {
    const code = language === "python"
      ? 'CALL_API("scale_it/run", {"task": {"size": -1}})'
      : 'await CALL_API("scale_it/run", { task: { size: -1 } })';
    const { told, session } = await runCells(language, [code], {
      proxies: { scale: tacticProxy(new Scale()) },
    });
    assert.match(told[0]!, /Error: Tactic "scale it" failed: a size is not negative/);
    assert.doesNotMatch(told[0]!, /RangeError|code_mode|\.ts:/);
    assert.equal(session.subTacticSessions["scale it"]![0]!.state, "failure");
  });
}

Deno.test("tacticProxy() documents the task and the result, and checks the task before the tactic runs", async () => {
  const manager = new ProxyManager();
  manager.register(
    "scale",
    tacticProxy(new Scale(), { parameterMode: "kwargs", path: "geo/scale", endpoint: "double" }),
  );
  assert.deepEqual(manager.available(), ["geo/scale"]);
  assert.match(manager.retrieveApiDocs(), /geo\/scale\/double\(size: number, unit\?: string\)/);
  assert.deepEqual(await manager.call("geo/scale/double", { size: 2 }), { size: 4 });
  await assert.rejects(manager.call("geo/scale/double", { size: "2" }), { code: "endpoint_args_invalid" });
  await assert.rejects(manager.call("geo/scale/double", { size: 2, unit: "mile" }), {
    code: "endpoint_args_invalid",
  });
  assert.throws(() => tacticProxy(summarise(), { parameterMode: "kwargs" }), TypeError);
});

Deno.test("tacticProxy() can need approval, and tactics inside ask whoever the run around asks", async () => {
  class Pay extends Tactic<string, unknown> {
    name = "pay";
    call(task: string): Promise<unknown> {
      return manager.call("bank/pay", { to: task });
    }
  }
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
          handler: ({ to }: { to: string }) => to,
        },
      },
    }),
  );
  const asked: string[] = [];
  const { told, session } = await runCells("python", ['CALL_API("pay/run", {"task": "Ann"})'], {
    proxies: { pay: tacticProxy(new Pay(), { needsApproval: true }) },
    run: {
      onApproval: ({ toolName }) => {
        asked.push(toolName);
        return "approve";
      },
    },
  });
  assert.deepEqual([told, asked], [["=> 'Ann'"], ["pay/run", "bank/pay"]]);
  const inner = session.subTacticSessions["pay"]![0]!;
  assert.deepEqual(inner.approvals.map(({ request, decision }) => [request.toolName, decision]), [[
    "bank/pay",
    "approve",
  ]]);
});
