import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { connectMcp, McpServer, type Warning } from "../../src/mcp/mod.ts";
import { redactorOf } from "../../src/mcp/_redactor_of.ts";
import { FunctionCall } from "../../src/message/mod.ts";
import { mcpProxy, ProxyManager } from "../../src/proxies/mod.ts";
import { plainTool, startOddServer } from "./_http_server.ts";

const KEY = "SECRET-123/abc+def==";

const serverAt = (url: string): McpServer =>
  new McpServer({
    label: "odd",
    url: `${url}?api_key=SECRET-456`,
    requireApproval: "never",
    headers: { authorization: `Bearer ${KEY}`, accept: "text/event-stream" },
  });

const echoOf = (headers: Headers): string =>
  JSON.stringify(Object.fromEntries(headers)).replaceAll("/", "\\/");

function assertNoKey(value: unknown): void {
  const shown = Deno.inspect(value, { depth: 20, strAbbreviateSize: Infinity }) + JSON.stringify(value);
  assert(!/SECRET-\d/.test(shown), shown);
}

for (const status of [401, 500]) {
  Deno.test(`a server that says its key with status ${status} tells it to nobody`, async () => {
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => new Response(`no: ${echoOf(request.headers)} ${request.url}`, { status }),
    );
    const url = `http://127.0.0.1:${server.addr.port}/mcp`;
    await assert.rejects(connectMcp(serverAt(url), { listen: false }), (error) => {
      assert(LLLMError.isInstance(error) && error.code === "mcp_failed");
      assert.match(error.message, /\[redacted\]/);
      assertNoKey(error);
      return true;
    });
  });
}

Deno.test("a tool that says its server's key tells it to no model, no code and no listener", async () => {
  await using server = startOddServer(({ method, headers, params }) => {
    if (method === "tools/list") return { tools: [plainTool("echo")] };
    if (method !== "tools/call") return undefined;
    if (params.arguments.how === "status") return new Response(echoOf(headers), { status: 403 });
    const isError = params.arguments.how === "error";
    return { content: [{ type: "text", text: echoOf(headers) }], structuredContent: { [KEY]: KEY }, isError };
  });
  const warnings: Warning[] = [];
  const options = { onWarning: (warning: Warning) => void warnings.push(warning), listen: false };
  await using connection = await connectMcp(serverAt(server.url), options);
  assertNoKey(await connection.callTool("echo"));
  const call = new FunctionCall({ id: "1", name: "echo", arguments: {} });
  assertNoKey((await connection.tools[0]!.call(call)).toJSON());

  await using Odd = await mcpProxy(serverAt(server.url), options);
  const manager = new ProxyManager();
  manager.register("odd", Odd);
  const answer = await manager.call("odd/echo", {});
  assert.deepEqual(answer, { "[redacted]": "[redacted]" });
  for (const how of ["error", "status"]) {
    const error = await manager.call("odd/echo", { how }).catch((error) => error);
    assert(error instanceof Error);
    assertNoKey(error);
  }
  assertNoKey(warnings);
  assert(server.asked.every(({ headers }) => headers.get("authorization") === `Bearer ${KEY}`));
});

Deno.test("a process that says the keys in its environment, and ends, tells them to nobody", async () => {
  const program = "console.error(Deno.env.get('API_KEY'), Deno.env.get('PLACE')); Deno.exit(3)";
  const server = new McpServer({
    label: "dies",
    command: Deno.execPath(),
    args: ["eval", program],
    requireApproval: "never",
    env: { API_KEY: KEY, PLACE: "/a/plain/place" },
  });
  await assert.rejects(connectMcp(server), (error) => {
    assert(LLLMError.isInstance(error));
    assert.match(error.message, /exit code 3.*\[redacted\] \/a\/plain\/place/s);
    assertNoKey(error);
    return true;
  });
});

Deno.test("a key that stands where a text is cut is blanked out before: stderr, stray lines, answers with a status", async () => {
  const key = "SECRET-1234567890-abcdefghijklmnopqrstuvwxyz";
  const program = (body: string) => ["eval", `const key = Deno.env.get("API_KEY"); ${body}`];
  const started = (body: string) =>
    new McpServer({
      label: "cut",
      command: Deno.execPath(),
      args: program(body),
      requireApproval: "never",
      env: { API_KEY: key },
    });
  const warnings: Warning[] = [];
  const told = [warnings] as unknown[];
  const connect = (server: McpServer) =>
    connectMcp(server, { listen: false, onWarning: (warning) => void warnings.push(warning) }).catch((
      error,
    ) => told.push(error));
  await connect(started(`console.error(key + "y".repeat(3_970)); Deno.exit(3)`));
  await connect(started(`console.log("x".repeat(180) + key); Deno.exit(3)`));
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => new Response("z".repeat(3_930) + request.headers.get("x-key"), { status: 403 }),
  );
  const url = `http://127.0.0.1:${server.addr.port}/mcp`;
  await connect(new McpServer({ label: "cut", url, requireApproval: "never", headers: { "x-key": key } }));
  assert.equal(told.length, 4);
  assert(warnings.length > 0);
  const shown = Deno.inspect(told, { depth: 20, strAbbreviateSize: Infinity });
  assert(!/SECRET|12345|abcdef|uvwxyz/.test(shown), shown);
});

Deno.test("an error of a server is told in part, however long it is", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("z".repeat(10_000_000), { status: 403 }),
  );
  await assert.rejects(
    connectMcp(serverAt(`http://127.0.0.1:${server.addr.port}/mcp`), { listen: false }),
    (error) => Deno.inspect(error, { strAbbreviateSize: Infinity }).length < 100_000,
  );
});

Deno.test("redactorOf() knows keys within headers, and leaves what is no key", () => {
  const redactor = redactorOf(
    new McpServer({
      label: "s",
      url: "https://ann:pass%2Fword1@example.org/mcp?token=url-token-1&page=frontpage",
      requireApproval: "never",
      headers: {
        authorization: `Basic ${btoa("ann:basic-password")}`,
        cookie: "sid=cookie-value-1; theme=dark",
        "content-type": "application/json",
        "x-mode": "fast",
      },
    }),
  );
  for (
    const key of [btoa("ann:basic-password"), "basic-password", "cookie-value-1", "pass/word1", "url-token-1"]
  ) {
    assert.equal(redactor.redact(`<${key}>`), "<[redacted]>");
  }
  const plain = "application/json fast dark frontpage example.org";
  assert.equal(redactor.redact(plain), plain);
});

Deno.test("a list of more tools on one page than there may be is an error of the server", async () => {
  const tools = Array.from(
    { length: 200_000 },
    (_, i) => ({ name: `t${i}`, inputSchema: { type: "object" } }),
  );
  await using server = startOddServer(({ method }) => method === "tools/list" ? { tools } : undefined);
  await assert.rejects(
    connectMcp(serverAt(server.url), { listen: false }),
    (error) =>
      LLLMError.isInstance(error) && error.code === "mcp_failed" &&
      /200000 entries and more/.test(error.message),
  );
});
