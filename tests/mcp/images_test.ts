import assert from "node:assert/strict";
import { Agent } from "../../src/agent/mod.ts";
import { openaiInvoker } from "../../src/invokers/mod.ts";
import { connectMcp, createMcpServer } from "../../src/mcp/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { mcpProxy, ProxyManager } from "../../src/proxies/mod.ts";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { isToolContent, McpServer, tool, toolContent } from "../../src/tools/mod.ts";
import { type JsonObject, startProviderServer } from "../provider_server/mod.ts";
import { plainTool, startOddServer } from "./_http_server.ts";
import { npmServer } from "./_servers.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** What a model is sent after it called `name` of a server. */
async function sentAfter(
  server: McpServer,
  name: string,
  apiType: "completion" | "response",
): Promise<JsonObject[]> {
  await using provider = await startProviderServer({
    script: [{ toolCalls: [{ id: "a", name, arguments: {} }] }, { text: "I see it." }],
  });
  await using agent = new Agent({
    name: "viewer",
    systemPrompt: new Prompt({ path: "viewer", prompt: "You look.", mcpServers: [server] }),
    model: "gpt-4o",
    apiType,
    invoker: openaiInvoker({ modelArgs: { api_base: provider.baseUrl, api_key: "k" } }),
  });
  agent.open("main").receive("Look");
  await agent.respond();
  provider.assertNoRejections();
  const body = provider.requests.at(-1)!.body!;
  return (body.messages ?? body.input) as JsonObject[];
}

Deno.test("an agent's model sees the image of a real server's tool, over both interfaces", async () => {
  const everything = npmServer("everything", ["stdio"], { hosted: false });
  const chat = await sentAfter(everything, "get-tiny-image", "completion");
  const [answer, shown] = chat.slice(-2) as [JsonObject, JsonObject];
  assert.match(String(answer.content), /---\nHere's the image you requested:\n\[image\/png\]\n/);
  assert.equal(shown.role, "user");
  const [picture] = shown.content as { image_url: { url: string } }[];
  assert.match(picture!.image_url.url, /^data:image\/png;base64,iVBORw0KGgo/);

  const [output] = (await sentAfter(everything, "get-tiny-image", "response")).slice(-1) as [JsonObject];
  const parts = output.output as JsonObject[];
  assert.deepEqual([output.type, parts.map(({ type }) => type)], [
    "function_call_output",
    ["input_text", "input_image"],
  ]);
});

/** Connects to a server whose only tool answers so. */
async function answering(
  content: JsonObject[],
  use: (server: McpServer) => Promise<void>,
  more: JsonObject = {},
) {
  await using server = startOddServer(({ method }) =>
    method === "tools/list" ? { tools: [plainTool("look")] } : { content, ...more }
  );
  await use(new McpServer({ label: "odd", url: server.url, requireApproval: "never", hosted: false }));
}

Deno.test("images are what their bytes say; what no model can see is a note in its place", async () => {
  const content = [
    { type: "text", text: "Before" },
    { type: "image", data: PNG, mimeType: "image/svg+xml" },
    { type: "image", data: btoa("<svg></svg>"), mimeType: "image/png" },
    { type: "image", data: "no base64!", mimeType: "image/png" },
    { type: "audio", data: btoa("sound"), mimeType: "audio/wav" },
    { type: "resource", resource: { uri: "file:///map.png", mimeType: "image/png", blob: PNG } },
    { type: "resource", resource: { uri: "file:///a.txt", text: "a text" } },
    { type: "resource_link", uri: "file:///b.txt", name: "b" },
    { type: "image", data: 5 },
  ];
  await answering(content, async (server) => {
    await using connection = await connectMcp(server);
    const look = connection.tools[0]!;
    const { result } = await look.call({ id: "1", name: "look", arguments: {} } as never);
    assert.ok(isToolContent(result));
    assert.deepEqual(result.parts.filter(({ type }) => type !== "text"), [
      { type: "image", mediaType: "image/png", data: PNG },
      { type: "image", mediaType: "image/png", data: PNG },
    ]);
    assert.deepEqual(result.parts.map((part) => part.type === "text" ? part.text : part.type), [
      "Before",
      "image",
      "[image image/png, 11 bytes]",
      "[image image/png, 7 bytes]",
      "[audio audio/wav, 5 bytes]",
      "[resource file:///map.png image/png, 70 bytes]",
      "image",
      "a text",
      "[resource b file:///b.txt]",
      "[image of unknown type, 0 bytes]",
    ]);
  });
});

Deno.test("an answer with more images than a request may have shows the first ones", async () => {
  await answering(
    Array.from({ length: 30 }, () => ({ type: "image", data: PNG, mimeType: "image/png" })),
    async (server) => {
      await using connection = await connectMcp(server);
      const { result } = await connection.tools[0]!.call(
        { id: "1", name: "look", arguments: {} } as never,
      );
      assert.ok(isToolContent(result));
      assert.equal(result.parts.filter(({ type }) => type === "image").length, 20);
      assert.equal(result.parts.length, 30);
    },
  );
});

Deno.test("a server whose images are not to be shown gives notes", async () => {
  const everything = npmServer("everything", ["stdio"], { showImages: false });
  const chat = await sentAfter(everything, "get-tiny-image", "completion");
  assert.equal(chat.at(-1)!.role, "tool");
  assert.match(String(chat.at(-1)!.content), /\[image image\/png, \d+ bytes\]/);
});

Deno.test("data beside an image is told, where no text says it", async () => {
  const image = [{ type: "image", data: PNG, mimeType: "image/png" }];
  await answering(image, async (server) => {
    const chat = await sentAfter(server, "look", "completion");
    assert.match(String(chat.at(-2)!.content), /\{"width":1\}\n\[image\/png\]/);
  }, { structuredContent: { width: 1 } });
});

for (const language of ["python", "typescript"] as const) {
  Deno.test(`a cell of ${language} gets an image of a real server as data, and can show it`, async () => {
    await using Everything = await mcpProxy(npmServer("everything", ["stdio"]));
    const proxies = new ProxyManager({ activateProxies: [] });
    proxies.register("everything", Everything);
    await using sandbox = await createSandbox({
      language,
      callApi: (path, params, { signal }) => proxies.call(path, params, { signal }),
    });
    const cell = await sandbox.runCell(
      language === "python"
        ? `import base64
part = next(p for p in CALL_API("everything/get-tiny-image") if p["type"] == "image")
display({part["mimeType"]: part["data"]}, raw=True)
base64.b64decode(part["data"])[1:4]`
        : `const parts = await CALL_API("everything/get-tiny-image");
const part = parts.find((p) => p.type === "image");
display({ [part.mimeType]: part.data });
atob(part.data).slice(1, 4)`,
    );
    assert.equal(cell.outcome, "ok", cell.toText());
    assert.match(cell.value!, /PNG/);
    assert.match(String(cell.displays[0]!["image/png"]), /^iVBORw0KGgo/);
  });
}

Deno.test("createMcpServer() serves a tool's images as images", async () => {
  const shot = tool({
    name: "shot",
    description: "A picture",
    parameters: { type: "object", properties: {} },
    execute: () =>
      toolContent([
        { type: "text", text: "Here" },
        { type: "image", mediaType: "image/png", data: PNG },
        { type: "image_url", url: `data:image/png;base64,${PNG}` },
        { type: "image_url", url: "https://example.org/a.png" },
        { type: "audio", format: "mp3", data: "AAAA" },
      ]),
  });
  await using served = createMcpServer([shot], { name: "s", version: "1" });
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, served.fetch);
  const url = `http://127.0.0.1:${http.addr.port}/`;
  await using client = await connectMcp(new McpServer({ label: "s", url, requireApproval: "never" }));
  assert.deepEqual((await client.callTool("shot")).content, [
    { type: "text", text: "Here" },
    { type: "image", data: PNG, mimeType: "image/png" },
    { type: "image", data: PNG, mimeType: "image/png" },
    { type: "resource_link", uri: "https://example.org/a.png", name: "image" },
    { type: "audio", data: "AAAA", mimeType: "audio/mpeg" },
  ]);
  await client.close();
  await served.close();
  await http.shutdown();
});
