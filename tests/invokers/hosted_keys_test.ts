import assert from "node:assert/strict";
import { Dialog } from "../../src/dialog/mod.ts";
import { LLLMError } from "../../src/errors.ts";
import { openaiInvoker } from "../../src/invokers/mod.ts";
import { Prompt } from "../../src/prompt/mod.ts";
import { McpServer } from "../../src/tools/mod.ts";
import { startProviderServer } from "../provider_server/mod.ts";

const KEY = "SECRET-0123456789";

const bank = new McpServer({
  label: "bank",
  url: `https://bank.example/mcp?api_key=${KEY}`,
  requireApproval: "never",
  headers: { authorization: `Bearer ${KEY}` },
});

function ask(baseUrl: string, streamed = false): Promise<unknown> {
  const dialog = new Dialog({ owner: "ann" });
  dialog.putText("Pay");
  return openaiInvoker({ modelArgs: { api_base: baseUrl, api_key: "k", max_retries: 0 } }).call({
    dialog,
    model: "gpt-4o",
    apiType: "response",
    prompt: new Prompt({ path: "p", prompt: "You pay.", mcpServers: [bank] }),
    ...(streamed ? { streamHandler: { handleChunk: () => {} } } : {}),
  } as never);
}

for (const streamed of [false, true]) {
  Deno.test(`a provider is told the keys of a server that it uses; its reply has none (${streamed ? "streamed" : "whole"})`, async () => {
    const call = { server: "bank", name: "pay", arguments: {}, output: `paid with Bearer ${KEY}` };
    await using provider = await startProviderServer({
      script: [{ mcpCalls: [call], text: `Paid by ${KEY}` }],
    });
    const result = await ask(provider.baseUrl, streamed);
    assert(JSON.stringify(provider.requests.at(-1)!.body).includes(KEY));
    const told = JSON.stringify(result);
    assert(!told.includes(KEY) && told.includes("paid with [redacted]"), told);
  });
}

Deno.test("an error of a provider that tells a key of a server has none, and keeps its code", async () => {
  await using provider = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) =>
      Response.json({ error: { message: `bad tool: ${await request.text()}` } }, { status: 400 }),
  );
  await assert.rejects(ask(`http://127.0.0.1:${provider.addr.port}/v1`), (error) => {
    assert(LLLMError.isInstance(error) && error.code === "provider_error");
    assert(!Deno.inspect(error, { depth: 9, strAbbreviateSize: Infinity }).includes(KEY));
    return true;
  });
});
