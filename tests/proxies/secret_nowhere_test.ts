// deno-lint-ignore-file no-console -- what is written to it is searched
/** A key is in no dialog, step record, traceback, error, log line, nor in the memory of the sandbox's process. */
import { defineHttpProxy } from "@lllm/lllm/proxies";
import { recordingRunner } from "@lllm/lllm/run";
import { Runtime } from "@lllm/lllm/runtime";
import type { TacticCallSession } from "@lllm/lllm/session";
import { NativeTactic } from "@lllm/lllm/tactic";
import { scriptedInvoker } from "@lllm/lllm/testing";
import assert from "node:assert/strict";
import { processesWith, textsInMemory } from "./_memory.ts";
import { restServer } from "./_rest_server.ts";

const SECRET = "SECRET-123";
/** In every answer, to show that the search finds what is there. */
const MARK = "MARK-of-the-answer-77";

class Coder extends NativeTactic<string, string> {
  name = "coder";
  agentGroup: readonly string[] = ["ann"];
  async call(task: string): Promise<string> {
    const agent = this.agent("ann").open("main");
    agent.receive(task);
    return String((await agent.respond()).content);
  }
}

const CELLS = {
  python: {
    environment: "interpreter",
    tool: "run_python",
    call: 'data = CALL_API("s/hold", {"q": "x"})\nprint(data)',
    fail: 'CALL_API("s/fail")',
    refused:
      'try:\n  CALL_API("gone/get")\nexcept Exception as e:\n  print(e)\nprint(open("/proc/self/environ").read())',
  },
  typescript: {
    environment: "typescript",
    tool: "run_typescript",
    call: 'const data = await CALL_API("s/hold", { q: "x" });\nconsole.log(data);',
    fail: 'await CALL_API("s/fail")',
    refused: 'await CALL_API("gone/get").catch((e) => console.log(e, e.stack));',
  },
};

for (const [index, [language, cells]] of Object.entries(CELLS).entries()) {
  Deno.test({
    name:
      `a key is nowhere: dialog, steps, errors, logs, and the guest's memory during and after a call (${language})`,
    ignore: Deno.build.os !== "linux",
    fn: () => searchEverything(cells, 517 + index),
  });
}

async function searchEverything(cells: typeof CELLS.python, memoryMb: number): Promise<void> {
  const memory: Record<string, string[]> = {};
  const look = (when: string) => {
    const pids = processesWith(`--wasm-max-mem-pages=${memoryMb * 16},`);
    assert(pids.length > 0, "the guest runs");
    for (const pid of pids) {
      const { found, bytes } = textsInMemory(pid, [SECRET, MARK]);
      assert(bytes > 10_000_000, `read ${bytes} bytes`);
      memory[when] = [...memory[when] ?? [], ...found];
    }
  };
  await using server = restServer(({ path, query, headers }) => {
    if (path === "/v1/look") {
      look("after the calls");
      return Response.json("looked");
    }
    if (path === "/v1/hold") look("during a call");
    const echo = {
      mark: MARK,
      you: headers.authorization,
      key: query.api_key,
      sent: `${query.api_key} ${SECRET}`,
    };
    return Response.json(echo, { status: path === "/v1/fail" ? 401 : 200 });
  });
  const runtime = new Runtime();
  const key = () => SECRET;
  const auth = [{ type: "query", name: "api_key", value: key }, { type: "bearer", token: key }] as const;
  const endpoint = { description: "Gets", params: { q: ["string"] } } as const;
  runtime.registerProxy(
    "s",
    defineHttpProxy({
      path: "s",
      name: "S",
      description: "A service",
      baseUrl: `${server.url}/v1`,
      auth,
      endpoints: {
        hold: { ...endpoint, route: "/hold" },
        fail: { ...endpoint, route: "/fail" },
        look: { ...endpoint, route: "/look" },
      },
    }),
  );
  const closed = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const baseUrl = `http://127.0.0.1:${closed.addr.port}`;
  closed.close();
  runtime.registerProxy(
    "gone",
    defineHttpProxy({
      path: "gone",
      name: "Gone",
      description: "Not there",
      baseUrl,
      auth,
      retries: 0,
      endpoints: { get: { ...endpoint, route: "/" } },
    }),
  );
  const run = (code: string) => ({ tool_calls: [{ name: cells.tool, arguments: { code } }] });
  const looking = cells.environment === "interpreter" ? 'CALL_API("s/look")' : 'await CALL_API("s/look")';
  const tactic = new Coder({
    runtime,
    config: {
      agent_configs: [{
        name: "ann",
        model_name: "scripted",
        system_prompt: "You code.",
        max_interrupt_steps: 10,
        proxy: { activate_proxies: ["s", "gone"], exec_env: cells.environment },
        sandbox: { memory_mb: memoryMb },
      }],
    },
    invoker: scriptedInvoker([
      { tool_calls: [{ name: "query_api_doc", arguments: {} }] },
      run(cells.call),
      run(cells.fail),
      run(cells.refused),
      run(looking),
      { text: "done {last_tool_result}" },
    ]),
  });
  const events: unknown[] = [];
  tactic.observe((event) => events.push(event));
  const recorder = recordingRunner();
  const logged = await withConsole(async () => {
    const session: TacticCallSession<unknown> = await tactic.run("go", {
      returnSession: true,
      steps: recorder,
    });
    return JSON.stringify([session, session.summary(), events, recorder.steps]) +
      Deno.inspect([session, events, tactic], { depth: 20, strAbbreviateSize: 1e6 });
  });
  assert.deepEqual(
    memory,
    { "during a call": [], "after the calls": [MARK] },
    "what the guest's memory holds",
  );
  assert(!logged.includes(SECRET), excerptAround(logged, SECRET));
  assert(logged.includes(MARK) && logged.includes("[redacted]"));
  assert.match(logged, /found status 401/);
  assert.match(logged, /gone\/get\\?": expected an answer, found/);
  assert(server.seen.every(({ query }) => query.api_key![0] === SECRET));
}

/** What `body` gives, and all that was written to the console meanwhile. */
async function withConsole(body: () => Promise<string>): Promise<string> {
  const methods = ["log", "info", "warn", "error", "debug"] as const;
  const written: string[] = [];
  const kept = methods.map((name) => console[name]);
  for (const name of methods) console[name] = (...data: unknown[]) => written.push(Deno.inspect(data));
  try {
    return await body() + written.join("\n");
  } finally {
    methods.forEach((name, i) => console[name] = kept[i]!);
  }
}

function excerptAround(text: string, part: string): string {
  const at = text.indexOf(part);
  return text.slice(Math.max(0, at - 300), at + 100);
}
