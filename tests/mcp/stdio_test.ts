import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { connectMcp, type McpProgress, McpServer, type Warning } from "../../src/mcp/mod.ts";
import { FunctionCall } from "../../src/message/mod.ts";
import { isAlive, oddServer, untilGone } from "./_servers.ts";

const failed = (pattern: RegExp) => (error: unknown): boolean => {
  assert.ok(LLLMError.isInstance(error), String(error));
  assert.match(error.message, pattern);
  return true;
};

Deno.test("connectMcp() gives a server's process little of the environment", async () => {
  await using odd = await connectMcp(oddServer([], { env: { TOKEN: "t-1" } }));
  const env = JSON.parse((await odd.callTool("env")).text);
  assert.equal(env.TOKEN, "t-1");
  const usual =
    /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LC_ALL|TZ|TMPDIR|TOKEN|DENO_.*|SSL_CERT_.*|NPM_CONFIG_REGISTRY|LS_.*|PWD|_|SHLVL|OLDPWD)$/;
  assert.deepEqual(Object.keys(env).filter((name) => !usual.test(name)), []);
});

Deno.test("callTool() tells about progress, errors of tools, and answers that do not fit", async () => {
  const heard: unknown[] = [];
  await using odd = await connectMcp(oddServer(), { onProgress: (progress) => heard.push(progress) });
  const own: McpProgress[] = [];
  const done = await odd.callTool("steps", {}, { onProgress: (progress) => own.push(progress) });
  assert.equal(done.text, "done");
  assert.deepEqual(own.map(({ message }) => message), ["half", "all"]);
  assert.deepEqual(heard[0], { progress: 1, total: 2, message: "half", tool: "steps" });

  assert.deepEqual((await odd.callTool("fail")).isError, true);
  const fail = odd.tools.find(({ name }) => name === "fail")!;
  const told = await fail.call(new FunctionCall({ id: "1", name: "fail", arguments: {} }));
  assert.equal(told.success, false);
  assert.match(told.resultText!, /the disk is full/);

  await assert.rejects(odd.callTool("wrong_output"), failed(/outputSchema.*n: expected number/));
  await assert.rejects(odd.callTool("gone"), failed(/found error -32602: no such tool$/));
});

Deno.test("callTool() passes a cancellation on, and gives up a call without an answer", async () => {
  await using odd = await connectMcp(oddServer());
  const abort = new AbortController();
  const reason = new Error("enough");
  const call = odd.callTool("hang", {}, { signal: abort.signal, onProgress: () => abort.abort(reason) });
  await assert.rejects(call, (error) => error === reason);
  await assert.rejects(
    odd.callTool("hang", {}, { timeoutMs: 30 }),
    failed(/no answer in time; whether it was carried out is unknown/),
  );
  assert.equal((await odd.callTool("cancelled")).text, '["hang","hang"]');
});

Deno.test("callTool() does not repeat a call of a server that crashed, but for one that only reads; the server starts again", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/crashed`;
  try {
    const warnings: Warning[] = [];
    await using odd = await connectMcp(oddServer([], { env: { CRASHED: file } }), {
      onWarning: (warning) => warnings.push(warning),
    });
    await assert.rejects(
      odd.callTool("crash"),
      failed(/exit code 3: something broke; whether it was carried out is unknown/),
    );
    assert.equal(await Deno.readTextFile(file), "1");
    assert.equal((await odd.callTool("echo", { text: "again" })).text, "again");
    assert.deepEqual(warnings.map(({ code }) => code), ["mcp_reconnected"]);

    await Deno.remove(file);
    assert.equal((await odd.callTool("read_and_crash")).text, "read at try 2");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("connectMcp() does not start a server for ever that always ends", async () => {
  const server = oddServer(["--no-start"]);
  await assert.rejects(
    connectMcp(server),
    failed(/Cannot connect to MCP server "odd": its process ended with exit code 7: no license found/),
  );
  const crash = oddServer([], { env: { CRASHED: "/dev/null" } });
  await using odd = await connectMcp(crash, { maxRestarts: 1, onWarning: () => {} });
  for (let i = 0; i < 2; i++) await assert.rejects(odd.callTool("crash"), failed(/exit code 3/));
  await assert.rejects(odd.callTool("echo", { text: "x" }), failed(/found that it ended 2 times in a row/));
});

Deno.test("callTool() stands floods and junk, and ends a server that sends a message without an end", async () => {
  const warnings: Warning[] = [];
  await using odd = await connectMcp(oddServer(), { onWarning: (warning) => warnings.push(warning) });
  assert.equal((await odd.callTool("flood")).text, "after the flood");
  assert.equal((await odd.callTool("junk")).text, "after the junk");
  assert.ok(warnings.some(({ message }) => message.includes("hello from a print statement")));
  await assert.rejects(odd.callTool("endless"), failed(/found it sent a message over 33554432 bytes/));
  assert.equal((await odd.callTool("echo", { text: "on" })).text, "on");
});

Deno.test("connectMcp() notices that a server's tools changed", async () => {
  const changed = Promise.withResolvers<void>();
  await using odd = await connectMcp(oddServer(), {
    onListChanged: (list) => list === "tools" && changed.resolve(),
  });
  assert.ok(odd.tools.some(({ name }) => name === "echo"));
  await odd.callTool("rename", { name: "parrot" });
  await changed.promise;
  assert.ok(
    odd.tools.some(({ name }) => name === "parrot") && !odd.tools.some(({ name }) => name === "echo"),
  );
  assert.ok((await odd.listTools()).some(({ name }) => name === "parrot"));
});

Deno.test("connectMcp() offers the tools of allowedTools, and warns of those that are not there", async () => {
  const warnings: Warning[] = [];
  await using odd = await connectMcp(
    oddServer([], { allowedTools: ["echo", "fly"], requireApproval: "always" }),
    { onWarning: (warning) => warnings.push(warning) },
  );
  assert.deepEqual(odd.tools.map(({ name, needsApproval }) => [name, needsApproval]), [["echo", true]]);
  assert.deepEqual(warnings.map(({ code, data }) => [code, data.tool]), [["mcp_tool_missing", "fly"]]);
});

Deno.test("close() ends a server that does not want to, and what it started", async () => {
  const odd = await connectMcp(oddServer(["--stay"]));
  const child = Number((await odd.callTool("spawn")).text);
  const { pid } = JSON.parse(
    await Deno.readTextFile(`/proc/${child}/stat`).then((stat) => `{"pid":${stat.split(" ")[3]}}`),
  );
  assert.ok(await isAlive(child) && await isAlive(pid));
  await odd.close();
  await untilGone(pid);
  await untilGone(child);
  await assert.rejects(
    odd.callTool("echo"),
    failed(/expected an open connection, found one that was closed/),
  );
});

Deno.test("a server does not outlive a program that was killed", async () => {
  const program = `
    import { connectMcp } from ${JSON.stringify(import.meta.resolve("../../src/mcp/mod.ts"))};
    import { oddServer } from ${JSON.stringify(import.meta.resolve("./_servers.ts"))};
    const odd = await connectMcp(oddServer(["--stay"]));
    const child = (await odd.callTool("spawn")).text;
    console.log(child);
    await new Promise(() => setInterval(() => {}, 1000));
  `;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const host = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--config", config, file],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = host.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const grandchild = Number((await reader.read()).value);
    const server = Number((await Deno.readTextFile(`/proc/${grandchild}/stat`)).split(" ")[3]);
    host.kill("SIGKILL");
    await host.status;
    await reader.cancel();
    await untilGone(server);
    Deno.kill(grandchild, "SIGKILL"); // what the server itself started is its own
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("connectMcp() names what is missing: a permission, a program, a description of a server", async () => {
  await assert.rejects(connectMcp({} as never), TypeError);
  const nothing = new McpServer({ label: "no", command: "no-such-program-here", requireApproval: "never" });
  await assert.rejects(
    connectMcp(nothing),
    failed(
      /Cannot (start|connect to) MCP server "no".*expected a program "no-such-program-here", found none/,
    ),
  );
  const program = `
    import { connectMcp, McpServer } from ${JSON.stringify(import.meta.resolve("../../src/mcp/mod.ts"))};
    const server = new McpServer({ label: "x", requireApproval: "never", ...JSON.parse(Deno.args[0]) });
    await connectMcp(server).catch((error) => console.log(error.code, error.message));
  `;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, program);
  const run = async (init: Record<string, string>) => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--config", config, file, JSON.stringify(init)],
    }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  try {
    assert.match(
      await run({ command: "ls" }),
      /^config_invalid Cannot start MCP server "x": expected the permission --allow-run=ls, found it missing$/,
    );
    assert.match(
      await run({ url: "http://127.0.0.1:4999/mcp" }),
      /^config_invalid .*expected the permission --allow-net=127.0.0.1:4999, found it missing$/,
    );
  } finally {
    await Deno.remove(file);
  }
});

/** A server of a few lines: `answer` is the rest of each message that answers a call. */
function tersely(
  answer: string,
  tools = '[{ name: "ask" }, { name: "ask", description: "again" }]',
): McpServer {
  const program = `
    for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      for (const line of text.trim().split("\\n")) {
        const { id, method, params } = JSON.parse(line);
        const version = params?.protocolVersion;
        const result = method === "initialize"
          ? { protocolVersion: version, capabilities: { tools: {} }, serverInfo: { name: "terse", version: "1" } }
          : method === "tools/list" ? { tools: ${tools} } : undefined;
        if (result) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
        else if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, ${answer} }));
      }
    }`;
  return new McpServer({
    label: "terse",
    command: Deno.execPath(),
    args: ["eval", program],
    requireApproval: "never",
  });
}

Deno.test("callTool() does not wait for the time of an answer that came and is none", async () => {
  for (const answer of ["result: null", "error: 'no'", "results: {}"]) {
    await using terse = await connectMcp(tersely(answer), { onWarning: () => {} });
    await assert.rejects(terse.callTool("ask"), {
      code: "mcp_failed",
      message: /found error -32603: an answer that is no message of the protocol$/,
    });
  }
});

Deno.test("callTool() with what JSON cannot hold, or without time, is the caller's mistake, and ends no server", async () => {
  const warnings: string[] = [];
  await using odd = await connectMcp(oddServer(), { onWarning: ({ code }) => warnings.push(code) });
  const stop = new AbortController();
  const waiting = odd.callTool("hang", {}, { signal: stop.signal });
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  for (const args of [{ n: 1n }, circle, [1]] as Record<string, unknown>[]) {
    await assert.rejects(odd.callTool("echo", args), TypeError);
  }
  for (const timeoutMs of [0, -1, NaN]) {
    await assert.rejects(odd.callTool("echo", {}, { timeoutMs }), RangeError);
    await assert.rejects(connectMcp(oddServer(), { timeoutMs }), RangeError);
  }
  assert.equal((await odd.callTool("echo", { text: "still here" })).text, "still here");
  stop.abort();
  await assert.rejects(waiting, { name: "AbortError" });
  assert.deepEqual(warnings, []);
});

Deno.test("connectMcp() warns of a second tool of a name, and says in a line why a server cannot be used", async () => {
  const warnings: string[] = [];
  await using terse = await connectMcp(tersely("result: {}"), {
    onWarning: ({ message }) => warnings.push(message),
  });
  assert.deepEqual(terse.tools.map(({ name, description }) => [name, description]), [["ask", "ask"]]);
  assert.deepEqual(warnings, [
    'Tool "ask" of MCP server "terse" is left out: expected one tool of a name, found a second one',
  ]);
  const ends = [
    ["Deno.exit(3)", "its process ended with exit code 3"],
    [
      `console.log('{"jsonrpc":"2.0","id":0,"result":{}}'); setTimeout(() => {}, 60_000)`,
      "an answer that is no message of the protocol",
    ],
    [
      `console.log('{"jsonrpc":"2.0","id":0,"error":{"code":-1,"message":"go away"}}'); setTimeout(() => {}, 60_000)`,
      "MCP error -1: go away",
    ],
  ] as const;
  for (const [program, found] of ends) {
    const server = new McpServer({
      label: "broken",
      command: Deno.execPath(),
      args: ["eval", program],
      requireApproval: "never",
    });
    await assert.rejects(connectMcp(server), {
      code: "mcp_failed",
      message: `Cannot connect to MCP server "broken": ${found}`,
    });
  }
});
