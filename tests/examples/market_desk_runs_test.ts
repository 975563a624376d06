import { fromFileUrl } from "@std/path";
import { ProxyManager } from "@lllm/lllm/proxies";
import { buildTactic, loadRuntime } from "@lllm/lllm/runtime";
import { Tactic } from "@lllm/lllm/tactic";
import { scriptedInvoker, type ScriptedToolCall, type ScriptRule } from "@lllm/lllm/testing";
import assert from "node:assert/strict";
import { withFolder } from "../cli/_command.ts";
import { makeRows, toCsv } from "./_prices.ts";

const runtime = await loadRuntime(fromFileUrl(new URL("../../examples/market_desk", import.meta.url)), {
  name: "market_desk",
  sharedPackages: false,
});
const rules = (runtime.getAsset("scripts/market_desk.yaml") as { rules: ScriptRule[] }).rules;
const [{ code }] = (rules[0]!.reply as { tool_calls: [ScriptedToolCall] }).tool_calls
  .map((call) => call.arguments as { code: string }) as [{ code: string }];

const runPython = (text: string) => ({ tool_calls: [{ name: "run_python", arguments: { code: text } }] });
const writerRules = rules.filter((rule) => rule.when?.agent === "writer");

Deno.test("market proxy refuses runs of other tactics, and reads the sample outside of runs", async () => {
  const manager = new ProxyManager({ runtime, activateProxies: ["market"] });
  class Other extends Tactic {
    name = "other";
    call(): Promise<string> {
      return manager.call("market/prices", {}) as Promise<string>;
    }
  }
  await assert.rejects(new Other().run("x"), /within a run of market_desk/);
  const { rows } = await manager.call("market/prices", { limit: 1 }) as { rows: unknown[][] };
  assert.deepEqual(rows.map((row) => row[0]), ["2024-01-02"]);
});

Deno.test("market desk keeps runs at the same time apart", async () => {
  const desk = await buildTactic("default", { runtime, invoker: scriptedInvoker({ rules }) });
  await withFolder(async (folder) => {
    const paths = ["A", "B", "C"].map((name) => `${folder}/${name}.csv`);
    for (const [index, path] of paths.entries()) {
      await Deno.writeTextFile(path, toCsv(makeRows(index, [`ONLY${index}`], 20 + index)));
    }
    const briefs = await desk.bcall(paths, { maxWorkers: 3 });
    assert.deepEqual(briefs.map(({ rows, symbols }) => [rows, symbols[0].symbol]), [[20, "ONLY0"], [
      21,
      "ONLY1",
    ], [22, "ONLY2"]]);
  });
});

Deno.test("market desk sends findings back that do not fit the file", async () => {
  const wrong = code.replace('"rows": rows', '"rows": rows - 1');
  assert.notEqual(wrong, code);
  const invoker = scriptedInvoker({
    rules: [
      { when: { agent: "analyst", turn: 0 }, reply: "There are many rows." },
      { when: { agent: "analyst", contains: "run_python was not called" }, reply: runPython(wrong) },
      {
        when: { agent: "analyst", role: "user", contains: "expected the 40 rows of the file, found 39" },
        reply: runPython(code),
      },
      { when: { agent: "analyst", role: "tool" }, reply: "Done." },
      ...writerRules,
    ],
  });
  const desk = await buildTactic("default", { runtime, invoker });
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/prices.csv`, toCsv(makeRows(5, ["X", "Y"], 20)));
    const session = await desk.run(`${folder}/prices.csv`, { returnSession: true });
    assert.equal(session.delivery!.rows, 40);
    assert.equal(session.agentSessions.analyst!.length, 3);
  });
});

Deno.test("market desk lets code in the sandbox read the file of its run, and no other", async () => {
  const attempts = `
for params in ({"path": "/etc/passwd"}, {"symbol": "../../etc/passwd"}, {"columns": ["path"]}, {"offset": -1}, {"limit": 10**9}):
    try:
        print(CALL_API("market/prices", params)["rows"])
    except Exception as error:
        print("refused:", error)`;
  let told = "";
  const invoker = scriptedInvoker({
    rules: [
      { when: { agent: "analyst", turn: 0 }, reply: runPython(attempts) },
      {
        when: { agent: "analyst", turn: 1 },
        reply: ({ dialog }) => {
          told = String(dialog.tail!.content);
          return runPython(code);
        },
      },
      { when: { agent: "analyst" }, reply: "Done." },
      ...writerRules,
    ],
  });
  const desk = await buildTactic("default", { runtime, invoker });
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/prices.csv`, toCsv(makeRows(6, ["X"], 3)));
    assert.equal((await desk.run(`${folder}/prices.csv`)).rows, 3);
  });
  assert.equal(told.match(/^refused: /gm)?.length, 4, told);
  assert.match(told, /^\[\]$/m, "there are no rows of that symbol");
});
