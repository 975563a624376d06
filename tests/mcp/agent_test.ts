import assert from "node:assert/strict";
import { Agent, type AgentOptions } from "../../src/agent/mod.ts";
import { openaiInvoker } from "../../src/invokers/mod.ts";
import type { McpServer } from "../../src/mcp/mod.ts";
import { Prompt, type PromptInit } from "../../src/prompt/mod.ts";
import { mcpProxy } from "../../src/proxies/mod.ts";
import { recordingRunner, type StepRunner } from "../../src/run/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { AgentError } from "../../src/session/mod.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";
import { McpServer as Server, tool } from "../../src/tools/mod.ts";
import { startProviderServer } from "../provider_server/mod.ts";
import { plainTool, startOddServer } from "./_http_server.ts";
import { npmServer, oddServer } from "./_servers.ts";

type Replies = Parameters<typeof scriptedInvoker>[0];

function agentWith(
  servers: McpServer[],
  replies: Replies,
  options: Partial<AgentOptions> & { prompt?: Partial<PromptInit> } = {},
): Agent {
  const { prompt, ...rest } = options;
  const agent = new Agent({
    name: "clerk",
    systemPrompt: new Prompt({ path: "clerk/system", prompt: "You work.", mcpServers: servers, ...prompt }),
    model: "scripted",
    invoker: scriptedInvoker(replies),
    maxInterruptSteps: 10,
    ...rest,
  });
  agent.open("main").receive("Go");
  return agent;
}

const call = (name: string, args: Record<string, unknown> = {}) => ({
  tool_calls: [{ name, arguments: args }],
});
const results = (agent: Agent): string[] =>
  agent.currentDialog.messages.filter(({ role }) => role === "tool").map(({ content }) => String(content));

Deno.test("an agent works with the tools of real servers: files and a memory", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using agent = agentWith(
      [
        npmServer("filesystem", [folder]),
        npmServer("memory", [], { env: { MEMORY_FILE_PATH: `${folder}/memory.json` } }),
      ],
      [
        call("write_file", { path: `${folder}/note.txt`, content: "Ada wrote this" }),
        call("read_text_file", { path: `${folder}/note.txt` }),
        call("read_text_file", { path: "/etc/passwd" }),
        call("create_entities", {
          entities: [{ name: "Ada", entityType: "person", observations: ["wrote a note"] }],
        }),
        call("search_nodes", { query: "Ada" }),
        call("write_file", { path: `${folder}/note.txt` }),
        { text: "Done" },
      ],
    );
    assert.equal((await agent.respond()).content, "Done");
    const [written, read, refused, , found, invalid] = results(agent);
    assert.match(written!, /Successfully wrote/);
    assert.match(read!, /---\nAda wrote this\n---/);
    assert.match(refused!, /Error of read_text_file.*\n---\n.*outside allowed directories/);
    assert.match(found!, /wrote a note/);
    assert.match(invalid!, /content: expected a value, found none/);
    assert.equal(await Deno.readTextFile(`${folder}/note.txt`), "Ada wrote this");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an agent's code calls a real server's tools by CALL_API, and the run ends the sandbox, not the proxy", async () => {
  await using Everything = await mcpProxy(npmServer("everything", ["stdio"]));
  const runtime = new Runtime();
  runtime.registerProxy("everything", Everything);
  class Sums extends NativeTactic<string, string> {
    override name = "sums";
    override agentGroup = ["coder"] as const;
    override async call(task: string): Promise<string> {
      const coder = this.agent("coder").open("main");
      coder.receive(task);
      const reply = await coder.respond();
      return `${reply.content} ${coder.currentDialog.messages.find(({ role }) => role === "tool")?.content}`;
    }
  }
  const sums = new Sums({
    runtime,
    config: {
      agent_configs: [{
        name: "coder",
        model_name: "scripted",
        system_prompt: "You compute.",
        proxy: { activate_proxies: ["everything"], exec_env: "interpreter" },
      }],
    },
    invoker: scriptedInvoker([
      call("run_python", {
        code: 'CALL_API("everything/get-structured-content", {"location": "New York"})["conditions"]',
      }),
      { text: "It is" },
    ]),
  });
  assert.match(await sums.run("How is the weather?"), /^It is .*=> '\w+/s);
  assert.equal(
    (await Everything.connection.callTool("echo", { message: "still here" })).text,
    "Echo: still here",
  );
});

Deno.test("an agent connects when it first responds, once, and closes its servers when it is disposed", async () => {
  await using server = startOddServer(({ method }) =>
    method === "tools/list" ? { tools: [plainTool("look")] } : { content: [{ type: "text", text: "seen" }] }
  );
  const odd = new Server({ label: "odd", url: server.url, requireApproval: "never" });
  const agent = agentWith([odd], [call("look"), { text: "a" }, { text: "b" }]);
  assert.equal(server.asked.length, 0);
  assert.equal((await agent.respond()).content, "a");
  agent.receive("Again");
  assert.equal((await agent.respond()).content, "b");
  const methods = server.asked.map(({ method }) => method).filter((method) =>
    method !== "notifications/initialized"
  );
  assert.deepEqual(methods, ["initialize", "tools/list", "tools/call"]);
  assert.equal(server.sessions.size, 1);
  await agent[Symbol.asyncDispose]();
  assert.equal(server.sessions.size, 0);
  agent.receive("And now?");
  await assert.rejects(agent.respond(), /expected an agent in use, found one that was disposed/);
});

Deno.test("a server's tool whose name is taken is offered under the server's label", async () => {
  const echo = tool({ name: "echo", description: "Own", parameters: {}, execute: () => "own" });
  await using agent = agentWith(
    [oddServer([], { allowedTools: ["echo"] }), oddServer([], { label: "other", allowedTools: ["echo"] })],
    [call("echo"), call("odd_echo", { text: "1" }), call("other_echo", { text: "2" }), { text: "Done" }],
    { prompt: { functions: [echo] } },
  );
  await agent.respond();
  assert.deepEqual(results(agent).map((text) => text.split("\n")[2]), ["own", "1", "2"]);
});

Deno.test("requireApproval asks before each call, and tells about progress as an event of the run", async () => {
  const server = oddServer([], { requireApproval: "always", allowedTools: ["steps"] });
  const events: Record<string, unknown>[] = [];
  class Ask extends NativeTactic<string, string> {
    override name = "ask";
    override agentGroup = [] as const;
    override async call(): Promise<string> {
      await using agent = agentWith([server], [call("steps", { a: 1 }), call("steps", { a: 2 }), {
        text: "Done",
      }]);
      await agent.respond();
      return results(agent).join("\n");
    }
  }
  const ask = new Ask({ config: { agent_configs: [] } });
  ask.observe((event) => events.push(event as unknown as Record<string, unknown>));
  const told = await ask.run("", {
    onApproval: ({ toolName, arguments: args }) => toolName === "steps" && args.a === 1 ? "approve" : "deny",
  });
  assert.match(told, /---\ndone\n---\n.*was not approved/);
  const progress = events.filter(({ type }) => type === "tool_progress");
  assert.deepEqual(progress.map(({ message, server, toolName }) => [message, server, toolName]), [
    ["half", "odd", "steps"],
    ["all", "odd", "steps"],
  ]);
});

Deno.test("a run that is played again from its steps needs no server", async () => {
  class Look extends NativeTactic<string, string> {
    override name = "look";
    override agentGroup = [] as const;
    readonly url: string;
    constructor(url: string) {
      super({ config: { agent_configs: [] } });
      this.url = url;
    }
    override async call(): Promise<string> {
      const odd = new Server({ label: "odd", url: this.url, requireApproval: "never" });
      await using agent = agentWith([odd], [call("look"), { text: "Done" }]);
      await agent.respond();
      return results(agent).join();
    }
  }
  const recorder = recordingRunner();
  let first: string;
  {
    await using server = startOddServer(({ method }) =>
      method === "tools/list" ? { tools: [plainTool("look")] } : { content: [{ type: "text", text: "seen" }] }
    );
    first = await new Look(server.url).run("", { steps: recorder });
    assert.match(first, /seen/);
  }
  const kinds = recorder.steps.map(({ kind, path }) => [kind, path]);
  assert.deepEqual(kinds[0], ["effect", "clerk/main/mcp:odd#0"]);
  const outputs = new Map(recorder.steps.map(({ path, output }) => [path, output]));
  const player: StepRunner = {
    run: <T>(step: { path: string }) =>
      Promise.resolve(JSON.parse(JSON.stringify(outputs.get(step.path))) as T),
  };
  assert.equal(await new Look("http://127.0.0.1:1/gone").run("", { steps: player }), first);
});

Deno.test("a server that cannot be used ends the call, and says why; an abort ends the connecting", async () => {
  await using agent = agentWith([oddServer(["--no-start"])], []);
  await assert.rejects(agent.respond(), (error) => {
    assert.ok(error instanceof AgentError && error.code === "mcp_failed");
    assert.match(error.message, /no license found/);
    return true;
  });
  const never = Promise.withResolvers<Response>();
  const silent = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => never.promise);
  const url = `http://127.0.0.1:${silent.addr.port}/`;
  const waiting = agentWith([new Server({ label: "silent", url, requireApproval: "never" })], []);
  const abort = new AbortController();
  const reply = waiting.respond({ signal: abort.signal });
  abort.abort(new Error("enough"));
  await assert.rejects(reply, /enough/);
  await waiting[Symbol.asyncDispose]();
  never.resolve(new Response(null, { status: 500 }));
  await silent.shutdown();
});

Deno.test("with Responses the provider uses a server with a url, unless the server says otherwise", async () => {
  await using provider = await startProviderServer({ script: { text: "Hi" } });
  await using server = startOddServer(() => ({ tools: [plainTool("look")] }));
  const settings = { url: server.url, requireApproval: "never" } as const;
  await using agent = agentWith(
    [new Server({ label: "theirs", ...settings }), new Server({ label: "ours", ...settings, hosted: false })],
    [],
    {
      apiType: "response",
      model: "gpt-4o-mini",
      invoker: openaiInvoker({ modelArgs: { api_base: provider.baseUrl, api_key: "sk-test" } }),
    },
  );
  await agent.respond();
  const { tools } = provider.requests.at(-1)!.body as { tools: Record<string, unknown>[] };
  assert.deepEqual(tools.map(({ type, name, server_label }) => [type, name ?? server_label]), [
    ["function", "look"],
    ["mcp", "theirs"],
  ]);
});
