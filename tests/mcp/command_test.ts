import { fromFileUrl } from "@std/path";
import assert from "node:assert/strict";
import {
  connectMcp,
  type ConnectMcpOptions,
  type McpConnection,
  McpServer,
  type Warning,
} from "../../src/mcp/mod.ts";
import { startLllm } from "../cli/_command.ts";

const file = (path: string): string => fromFileUrl(new URL(path, import.meta.url));
const CONFIG = file("../../deno.json");
const COMMAND = [
  "run",
  "--quiet",
  "-A",
  "--no-prompt",
  "--config",
  CONFIG,
  file("../../src/cli/main.ts"),
  "mcp",
];
const PACKAGE = file("./_package");

const serve = (args: string[], options: ConnectMcpOptions = {}): Promise<McpConnection> =>
  connectMcp(
    new McpServer({
      label: "lllm",
      command: Deno.execPath(),
      args: [...COMMAND, ...args],
      requireApproval: "never",
    }),
    options,
  );

Deno.test("lllm mcp serves a package's tactics and proxies; what they print does not reach the client", async () => {
  const warnings: Warning[] = [];
  const asked: string[] = [];
  await using lllm = await serve([PACKAGE], {
    onWarning: (warning) => warnings.push(warning),
    onElicitation: ({ message }) => ({ action: "accept", content: { approve: asked.push(message) === 1 } }),
  });
  assert.deepEqual(
    [lllm.info!.name, lllm.info!.version, lllm.info!.instructions],
    ["served", "2.0.0", "Things to serve"],
  );
  assert.deepEqual(lllm.tools.map(({ name }) => name), ["noisy", "ledger_add", "ledger_count"]);
  const [noisy] = await lllm.listTools();
  assert.deepEqual(noisy!.inputSchema.required, ["words"]);
  assert.ok(noisy!.outputSchema);

  const heard: string[] = [];
  const joined = await lllm.callTool("noisy", { words: ["a", "b"] }, {
    onProgress: ({ message }) => heard.push(message ?? ""),
  });
  assert.deepEqual(joined.structuredContent, { joined: "a b" });
  assert.deepEqual(heard, ["noisy starts"]);
  const failed = await lllm.callTool("noisy", { words: [] });
  assert.deepEqual([failed.isError, failed.text], [true, 'Tactic "noisy" failed: there are no words']);
  const wrong = await lllm.callTool("noisy", { words: "a" });
  assert.match(wrong.text, /words: expected array/);

  assert.equal((await lllm.callTool("ledger_count", { of: "cash" })).value, "3");
  assert.equal((await lllm.callTool("ledger_add")).value, "added");
  assert.equal((await lllm.callTool("ledger_add")).isError, true);
  assert.match(asked[0]!, /^May ledger\/add be called with \{\}\?$/);

  const abort = new AbortController();
  const waiting = lllm.callTool("noisy", { words: ["x"], wait: true }, {
    signal: abort.signal,
    onProgress: () => abort.abort(new Error("enough")),
  });
  await assert.rejects(waiting, /enough/);
  assert.equal((await lllm.callTool("noisy", { words: ["on"] })).isError, false);
  assert.deepEqual(warnings, []);
});

Deno.test("lllm mcp lets an agent's tactic play, with its progress", async () => {
  const desk = file("../../examples/market_desk");
  await using lllm = await serve([desk, "--model", "scripted/market_desk", "--tactics", "market_desk"]);
  assert.deepEqual(lllm.tools.map(({ name }) => name).slice(0, 1), ["market_desk"]);
  const heard: string[] = [];
  const brief = await lllm.callTool("market_desk", { task: `${desk}/assets/sample.csv` }, {
    onProgress: ({ message }) => heard.push(message ?? ""),
  });
  assert.equal(brief.isError, false, brief.text);
  assert.equal(typeof (brief.structuredContent as { title: string }).title, "string");
  assert.ok(heard.some((message) => /^analyst calls run_python$/.test(message)), heard.join());
});

Deno.test("lllm mcp --http serves over HTTP until it is interrupted", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...COMMAND, PACKAGE, "--http", "0"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let told = "";
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  while (!/listening on \S+/.test(told)) told += (await reader.read()).value;
  const url = /listening on (\S+)/.exec(told)![1]!;
  const lllm = await connectMcp(new McpServer({ label: "lllm", url, requireApproval: "never" }));
  assert.equal((await lllm.callTool("ledger_count", { of: "cash" })).value, "3");
  await lllm.close();
  child.kill("SIGINT");
  await reader.cancel();
  assert.equal((await child.status).code, 130);
});

Deno.test("lllm mcp says what is wrong with its command line", async () => {
  for (
    const [args, pattern] of [
      [[PACKAGE, "more"], /expected one package, found also "more"/],
      [[PACKAGE, "--http", "http"], /expected a port from 0 to 65535 as --http, found "http"/],
      [[PACKAGE, "--tactics", "noisi"], /noisi/],
    ] as const
  ) {
    const { code, stdout, stderr } = await startLllm(["mcp", ...args]).outcome;
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, pattern);
  }
});
