import assert from "node:assert/strict";
import { connectMcp, type McpConnection, McpServer } from "../../src/mcp/mod.ts";
import { fetchingEnv, npmServer, npmServerArgs } from "./_servers.ts";

/** Starts the real server in one of its modes over HTTP, and waits until it answers. */
async function startHttp(mode: "sse" | "streamableHttp"): Promise<AsyncDisposable & { origin: string }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const started = await tryHttp(mode);
    if (started !== undefined) return started;
  }
  throw new Error("The server ended each time");
}

/** The server cannot choose its port: it is given one that was free a moment ago, and ends where it is not any more. */
async function tryHttp(mode: string): Promise<AsyncDisposable & { origin: string } | undefined> {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const child = new Deno.Command(Deno.execPath(), {
    args: npmServerArgs("everything", mode),
    env: { ...fetchingEnv(), PORT: String(port) },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  child.status.then(() => ended = true);
  const origin = `http://127.0.0.1:${port}`;
  while (true) {
    const response = await fetch(origin).catch(() => undefined);
    await response?.body?.cancel();
    if (ended) return undefined;
    if (response !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return {
    origin,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

const connect = (url: string): Promise<McpConnection> =>
  connectMcp(new McpServer({ label: "everything", url, requireApproval: "never" }));

async function useTools(everything: McpConnection): Promise<void> {
  assert.equal((await everything.callTool("echo", { message: "hi" })).text, "Echo: hi");
  const steps: number[] = [];
  const operation = { duration: 0.05, steps: 2 };
  await everything.callTool("trigger-long-running-operation", operation, {
    onProgress: ({ progress }) => steps.push(progress),
  });
  assert.deepEqual(steps, [1, 2]);
}

Deno.test("connectMcp() uses all that a real server offers, over its process", async () => {
  await using everything = await connectMcp(npmServer("everything", ["stdio"]));
  assert.equal(everything.transport, "stdio");
  assert.equal(everything.info!.name, "mcp-servers/everything");
  await useTools(everything);

  const image = await everything.callTool("get-tiny-image");
  assert.equal(image.images[0]!.mediaType, "image/png");
  assert.match(image.text, /\[image image\/png, \d+ bytes\]/);
  const weather = await everything.callTool("get-structured-content", { location: "Chicago" });
  assert.deepEqual(JSON.parse(weather.text), weather.structuredContent);
  const links = await everything.callTool("get-resource-links", { count: 2 });
  assert.match(links.text, /\[resource .*demo:\/\/resource/);
  const wrong = await everything.callTool("get-sum", { a: "x" });
  assert.equal(wrong.isError, true);

  const resources = await everything.listResources();
  const [content] = await everything.readResource(resources[0]!.uri);
  assert.equal(typeof content!.text, "string");
  const [template] = await everything.listResourceTemplates();
  const [made] = await everything.readResource(template!.uriTemplate.replace("{resourceId}", "1"));
  assert.equal(made!.mimeType, "text/plain");
  const prompt = (await everything.listPrompts()).find(({ name }) => name === "args-prompt")!;
  assert.deepEqual(prompt.arguments.map(({ name, required }) => [name, required]), [["city", true], [
    "state",
    false,
  ]]);
  const { messages } = await everything.getPrompt("args-prompt", { city: "Rome" });
  assert.match((messages[0]!.content as { text: string }).text, /Rome/);
  await everything.ping();
});

Deno.test("connectMcp() speaks streamable HTTP with a real server, and the older HTTP where the server knows no other", async () => {
  await using newer = await startHttp("streamableHttp");
  await using http = await connect(`${newer.origin}/mcp`);
  assert.equal(http.transport, "http");
  await useTools(http);

  await using older = await startHttp("sse");
  await using sse = await connect(`${older.origin}/sse`);
  assert.equal(sse.transport, "sse");
  await useTools(sse);
});
