import assert from "node:assert/strict";
import { FunctionCall } from "../../src/message/mod.ts";
import { execEnvBlock, mcpProxy, ProxyManager, proxyTools, queryApiDocTool } from "../../src/proxies/mod.ts";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { McpServer } from "../../src/tools/mod.ts";
import { npmServer, oddServer } from "../mcp/_servers.ts";
import { type Asked, plainTool, startOddServer } from "../mcp/_http_server.ts";

Deno.test("mcpProxy() makes a real server's tools endpoints, which code in the sandbox calls", async () => {
  await using Everything = await mcpProxy(npmServer("everything", ["stdio"]));
  const manager = new ProxyManager();
  manager.register("everything", Everything);
  const docs = manager.retrieveApiDocs("everything/get-sum");
  assert.match(docs, /## everything\/get-sum\(a: number, b: number\)/);
  assert.match(docs, /- a \(number, required\): First number/);
  assert.match(execEnvBlock("interpreter", manager), /everything\/echo/);

  assert.equal(await manager.call("everything/echo", { message: "hi" }), "Echo: hi");
  const weather = await manager.call("everything/get-structured-content", { location: "Chicago" });
  assert.equal(typeof (weather as { temperature: number }).temperature, "number");
  const image = await manager.call("everything/get-tiny-image") as { type: string; mimeType?: string }[];
  assert.ok(image.some((part) => part.type === "image" && part.mimeType === "image/png"));
  await assert.rejects(manager.call("everything/get-sum", { a: 1 }), /"b": expected number, found none/);
  await assert.rejects(manager.call("everything/get-sun", { a: 1 }), /did you mean "everything\/get-sum"/);

  await using sandbox = await createSandbox({
    language: "python",
    callApi: (path, params, { signal }) => manager.call(path, params, { signal }),
  });
  const code = `import re
total = 0
for n in range(1, 5):
    total = int(re.search(r"is (\\d+)", CALL_API("everything/get-sum", {"a": total, "b": n})).group(1))
total`;
  assert.equal((await sandbox.runCell(code)).value, "10");
  const refused = await sandbox.runCell(`CALL_API("everything/get-sum", {"a": "x", "b": 1})`);
  assert.match(refused.error!.message, /"a": expected number, found string "x"/);
});

Deno.test("mcpProxy() tells failures of tools, asks for approval, and follows changed lists", async () => {
  await using Odd = await mcpProxy(oddServer(["--quiet"], { label: "my odd/one" }));
  const manager = new ProxyManager();
  manager.register("odd", Odd);
  assert.deepEqual(manager.available(), ["my_odd_one"]);
  await assert.rejects(manager.call("odd/fail"), /^Error: the disk is full$/);
  const tools = proxyTools(manager, "odd");
  const echo = tools.find(({ name }) => name === "my_odd_one_echo")!;
  assert.equal(
    (await echo.call(new FunctionCall({ id: "1", name: echo.name, arguments: { text: "a" } }))).result,
    "a",
  );

  await manager.call("odd/rename", { name: "parrot" });
  while (!manager.getApiDirectory("odd").endpoints.some(({ callable }) => callable === "parrot")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await manager.call("odd/parrot", { text: "b" }), "b");
  await assert.rejects(manager.call("odd/echo", { text: "c" }), /endpoint of "my_odd_one"/);

  await using Asking = await mcpProxy(oddServer([], { requireApproval: "manual", allowedTools: ["echo"] }));
  const asking = new ProxyManager();
  asking.register("odd", Asking);
  await assert.rejects(asking.call("odd/echo", { text: "d" }), /expected an approval, found nobody to ask/);
});

Deno.test("mcpProxy() documents a server of 1,000 tools in pages, and finds what is asked for", async () => {
  const answer = ({ method, params }: Asked) => {
    if (method !== "tools/list") return { content: [{ type: "text", text: params.name }] };
    const start = Number(params.cursor ?? 0);
    const tools = Array.from(
      { length: 250 },
      (_, i) => ({ ...plainTool(`tool_${start + i}`), description: `Number ${start + i}` }),
    );
    return { tools, ...(start < 750 ? { nextCursor: String(start + 250) } : {}) };
  };
  await using server = startOddServer(answer);
  await using Many = await mcpProxy(
    new McpServer({ label: "many", url: server.url, requireApproval: "never" }),
  );
  const manager = new ProxyManager();
  manager.register("many", Many);
  assert.equal(manager.getApiDirectory("many").endpoints.length, 1_000);
  const found = await queryApiDocTool(manager).call(
    new FunctionCall({
      id: "1",
      name: "query_api_doc",
      arguments: { proxy_name: "many", query: "tool_777" },
    }),
  );
  assert.match(String(found.result), /^# many.*\n.*\n\n## many\/tool_777\(\)/);
  assert.equal(await manager.call("many/tool_777"), "tool_777");
});

Deno.test("mcpProxy() calls tools whose schemas are odd, circular or slow, and leaves those to the server", async () => {
  const schemas = {
    tree: { type: "object", properties: { v: { type: "string" }, kids: { items: { $ref: "#" } } } },
    count: { type: "object", properties: { a: { type: "string", minLength: "x" } }, required: "a" },
    older: { type: "object", properties: { a: { type: "number", minimum: 0, exclusiveMinimum: true } } },
    root: { $ref: "#" },
    circle: {
      type: "object",
      $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } },
      properties: { a: { $ref: "#/$defs/a" } },
    },
    slow: { type: "object", properties: { a: { type: "string", pattern: "^(a+)+$" } } },
    hidden: { type: "object", unevaluatedProperties: { type: "string", pattern: "^(a+)+$" } },
  };
  const answer = ({ method, params }: Asked) =>
    method === "tools/list"
      ? { tools: Object.entries(schemas).map(([name, inputSchema]) => ({ name, inputSchema })) }
      : { content: [{ type: "text", text: params.name }] };
  await using server = startOddServer(answer);
  await using Odd = await mcpProxy(
    new McpServer({ label: "odd", url: server.url, requireApproval: "never" }),
  );
  const manager = new ProxyManager();
  manager.register("odd", Odd);
  const long = `${"a".repeat(60)}b`;
  const args: Record<string, Record<string, unknown>> = {
    tree: { kids: [{ v: "b", kids: [] }] },
    older: { a: 1 },
    circle: { a: 1 },
  };
  const tools = proxyTools(manager, "odd");
  for (const name of Object.keys(schemas)) {
    const given = args[name] ?? { a: long };
    assert.equal(await manager.call(`odd/${name}`, given), name);
    const tool = tools.find((tool) => tool.name === `odd_${name}`)!;
    const call = await tool.call(new FunctionCall({ id: "1", name: tool.name, arguments: given }));
    assert.equal(call.result, name, String(call.errorMessage));
    assert.match(manager.retrieveApiDocs(`odd/${name}`, { form: "typescript" }), new RegExp(`odd/${name}`));
  }
  await assert.rejects(manager.call("odd/tree", { kids: [{ v: 1 }] }), /"kids\[0\].v": expected string/);
});
