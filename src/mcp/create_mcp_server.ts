import type { FunctionTool } from "../tools/mod.ts";
import { HttpSessions } from "./_http_sessions.ts";
import { createSession } from "./_server_session.ts";
import { StreamTransport } from "./_stream_transport.ts";
import { type ServedTool, toServedTool } from "./served_tool.ts";

/** Options of {@linkcode createMcpServer}. */
export interface McpServerOptions {
  /** The server's name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** How its tools are used, for the clients' models. Default: not said. */
  readonly instructions?: string;
  /**
   * Names by which clients may address it over HTTP. Requests to other names, and from pages of other names, are refused, so that a
   * page on the web cannot reach it through a browser. Default: those of this machine alone (`localhost`, `127.0.0.1`, `[::1]`).
   */
  readonly hosts?: readonly string[];
  /** Clients over HTTP at once; others are answered 503 until there is room. Default: 1,000. */
  readonly maxSessions?: number;
  /** When a client over HTTP that says nothing, and waits for nothing, has to greet again. Milliseconds. Default: 30 minutes. */
  readonly sessionIdleMs?: number;
}

/** A server of tools; see {@linkcode createMcpServer}. */
export interface ToolServer extends AsyncDisposable {
  /** Answers one client over two streams, a message a line; resolves when the client has left. */
  serve(input: ReadableStream<Uint8Array>, output: WritableStream<Uint8Array>): Promise<void>;
  /** Answers an HTTP request of any client (streamable HTTP), as `Deno.serve` wants it. */
  fetch(request: Request): Promise<Response>;
  /** Ends the sessions, and aborts the calls under way. */
  close(): Promise<void>;
}

/**
 * Makes an MCP server of a plain list of tools.
 *
 * A call whose arguments do not fit, that throws or is denied, is told to the client as a failed call, for its model to read. A call
 * that the client cancels is aborted by its signal.
 *
 * @example
 * ```ts
 * import { connectMcp, createMcpServer, McpServer } from "@lllm/lllm/mcp";
 * import { tool } from "@lllm/lllm/tools";
 * import assert from "node:assert/strict";
 *
 * const add = tool<{ a: number; b: number }>({
 *   name: "add",
 *   description: "Adds two numbers",
 *   parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
 *   execute: ({ a, b }) => `${a + b}`,
 * });
 * const server = createMcpServer([add], { name: "sums", version: "1.0.0" });
 * const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, server.fetch);
 * const url = `http://127.0.0.1:${http.addr.port}/`;
 *
 * const sums = await connectMcp(new McpServer({ label: "sums", url, requireApproval: "never" }));
 * assert.equal((await sums.callTool("add", { a: 1, b: 2 })).text, "3");
 * await sums.close();
 * await server.close();
 * await http.shutdown();
 * ```
 *
 * @throws {TypeError} when two tools have one name, or a name is none
 * @throws {RangeError} when a limit is no positive number
 */
export function createMcpServer(
  tools: Iterable<ServedTool | FunctionTool>,
  options: McpServerOptions,
): ToolServer {
  const served = byName(tools);
  const create = () => createSession(served, options);
  const sessions = new HttpSessions(create, options);
  const streams = new Set<StreamTransport>();
  const close = async () => {
    await Promise.all([sessions.close(), ...[...streams].map((stream) => stream.close())]);
  };
  return {
    fetch: (request) => sessions.fetch(request),
    close,
    [Symbol.asyncDispose]: close,
    serve: async (input, output) => {
      const stream = new StreamTransport(input, output);
      streams.add(stream);
      try {
        const session = await create();
        await session.connect(stream);
        await stream.ended;
        await session.close();
      } finally {
        streams.delete(stream);
      }
    },
  };
}

function byName(tools: Iterable<ServedTool | FunctionTool>): Map<string, ServedTool> {
  const served = new Map<string, ServedTool>();
  for (const tool of tools) {
    const { name } = tool;
    if (!/^[A-Za-z0-9_.-]{1,128}$/.test(name)) {
      throw new TypeError(
        `Cannot serve tool "${name}": expected a name of 1 to 128 letters, digits, "_", "-" or "."`,
      );
    }
    if (served.has(name)) {
      throw new TypeError(`Cannot serve tools: expected different names, found "${name}" twice`);
    }
    served.set(name, toServedTool(tool));
  }
  return served;
}
