import { McpServer } from "../tools/mod.ts";
import type { ConnectMcpOptions } from "./connect_options.ts";
import { McpConnection } from "./mcp_connection.ts";

/**
 * Connects to an MCP server, and reads its list of tools: by starting its program (`command`), or over HTTP (`url`): streamable HTTP, or
 * the older form with a stream of events where the server knows no other.
 *
 * The server's program gets `PATH`, `HOME` and a few like them, and what `env` says; nothing else of the environment. It ends with the
 * connection, or with this program.
 *
 * @example
 * ```ts
 * import { connectMcp } from "@lllm/lllm/mcp";
 * import { McpServer } from "@lllm/lllm/tools";
 * import assert from "node:assert/strict";
 *
 * // A server in one line; others are programs of their own, such as npm:@modelcontextprotocol/server-filesystem.
 * const program = `for await (const line of (await import("node:readline")).createInterface({ input: process.stdin })) {
 *   const { id, method } = JSON.parse(line);
 *   const result = {
 *     "initialize": { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "time", version: "1" } },
 *     "tools/list": { tools: [{ name: "hour", inputSchema: { type: "object" } }] },
 *     "tools/call": { content: [{ type: "text", text: "noon" }] },
 *   }[method];
 *   if (result) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
 * }`;
 * await using time = await connectMcp(
 *   new McpServer({ label: "time", command: Deno.execPath(), args: ["eval", program], requireApproval: "never" }),
 * );
 * assert.equal(time.tools[0]?.name, "hour");
 * assert.equal((await time.callTool("hour")).text, "noon");
 * ```
 *
 * @throws {TypeError} when it is handed something else than an {@linkcode McpServer}
 * @throws {LLLMError} `config_invalid` when the server may not be reached or started; `mcp_failed` when it does not answer as it should
 */
export async function connectMcp(server: McpServer, options: ConnectMcpOptions = {}): Promise<McpConnection> {
  if (!McpServer.isInstance(server)) {
    throw new TypeError(`Cannot connect: expected an McpServer, found ${typeof server}`);
  }
  const connection = new McpConnection(server, options);
  try {
    await connection.open(options.signal === undefined ? {} : { signal: options.signal });
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
