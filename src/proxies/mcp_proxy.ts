import {
  connectMcp,
  type ConnectMcpOptions,
  type McpConnection,
  type McpServer,
  type McpToolInfo,
} from "../mcp/mod.ts";
import { currentRun } from "../run/mod.ts";
import { needsMcpApproval } from "../tools/mod.ts";
import { emitWarning, type JsonValue } from "../util/mod.ts";
import { checkInfo, setProxyInfo } from "./_brand.ts";
import { declareEndpoint, endpointsOf } from "./_declaration.ts";
import { BaseProxy } from "./base_proxy.ts";
import type { ProxyClass } from "./proxy.ts";
import type { EndpointContext } from "./types.ts";

/** Options of {@linkcode mcpProxy}. */
export interface McpProxyOptions extends ConnectMcpOptions {
  /** The name in calls. Default: the server's label, with `_` for slashes and white space. */
  readonly path?: string;
  /** What the server offers, in a sentence. Default: the beginning of what the server says of its use. */
  readonly description?: string;
  /** As of {@linkcode ConnectMcpOptions}; default here: false, so that a proxy does not keep the program from ending. */
  readonly listen?: boolean;
}

/** A proxy class whose endpoints are the tools of an MCP server; its instances share one connection. */
export interface McpProxyClass extends ProxyClass, AsyncDisposable {
  /** The connection. */
  readonly connection: McpConnection;
  /** Ends the connection, and the server's process if there is one; calls fail from then on. */
  close(): Promise<void>;
}

const MAX_DESCRIPTION_CHARS = 500;
const MAX_NAME_CHARS = 100;

/**
 * Connects to an MCP server and makes a proxy of it: a model programs against the server's tools by `CALL_API("label/tool", {…})`, and
 * reads about them by `query_api_doc`, where it would else be sent the schema of every tool with every request.
 *
 * An answer is the tool's data (`structuredContent`), else its text, else its parts as a list; a tool's failure is the call's error.
 * `requireApproval` "always" and "manual" make each call need approval. The endpoints follow the server's list when it changes.
 *
 * @example
 * ```ts
 * import { mcpProxy, ProxyManager } from "@lllm/lllm/proxies";
 * import { McpServer } from "@lllm/lllm/tools";
 * import assert from "node:assert/strict";
 *
 * const program = `for await (const line of (await import("node:readline")).createInterface({ input: process.stdin })) {
 *   const { id, method, params } = JSON.parse(line);
 *   const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
 *   const result = {
 *     "initialize": { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "time", version: "1" } },
 *     "tools/list": { tools: [{ name: "hour", description: "The hour in a city", inputSchema: schema }] },
 *     "tools/call": { content: [{ type: "text", text: "noon in " + params?.arguments?.city }] },
 *   }[method];
 *   if (result) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
 * }`;
 * await using Time = await mcpProxy(
 *   new McpServer({ label: "time", command: Deno.execPath(), args: ["eval", program], requireApproval: "never" }),
 * );
 * const manager = new ProxyManager();
 * manager.register("time", Time);
 * assert.match(manager.retrieveApiDocs("time"), /time\/hour\(city: string\)/);
 * assert.equal(await manager.call("time/hour", { city: "Rome" }), "noon in Rome");
 * ```
 *
 * @throws {LLLMError} `config_invalid` when the server may not be reached or started; `mcp_failed` when it does not answer as it should
 */
export async function mcpProxy(server: McpServer, options: McpProxyOptions = {}): Promise<McpProxyClass> {
  const { path, description, ...connecting } = options;
  const connection = await connectMcp(server, {
    listen: false,
    ...connecting,
    onListChanged: (list) => {
      if (list === "tools") declareTools().catch(() => {}); // the connection has warned already
      connecting.onListChanged?.(list);
    },
  });

  const Defined = class extends BaseProxy {
    static readonly connection = connection;

    static async close(): Promise<void> {
      await connection.close();
    }

    static async [Symbol.asyncDispose](): Promise<void> {
      await connection.close();
    }
  };

  /** Declares the endpoints where all instances find them. */
  async function declareTools(): Promise<void> {
    const declarations = await toDeclarations(connection);
    (endpointsOf(Defined.prototype) as Map<string, unknown>).clear();
    for (const declare of declarations) declare(Defined.prototype);
  }

  await declareTools();
  const info = checkInfo({
    path: path ?? callable(server.label),
    name: connection.info?.name.slice(0, MAX_NAME_CHARS) || server.label,
    description: description ?? describe(connection),
  });
  Object.defineProperty(Defined, "name", { value: info.path, configurable: true });
  setProxyInfo(Defined, info);
  return Defined;
}

/** What puts a tool's endpoint on an instance. */
type Declaration = (instance: object) => void;

async function toDeclarations(connection: McpConnection): Promise<Declaration[]> {
  const taken = new Set<string>();
  return (await connection.listTools()).flatMap((tool) => {
    let name = callable(tool.name);
    while (taken.has(name)) name += "_";
    taken.add(name);
    try {
      return [declareTool(connection, tool, name)];
    } catch (error) {
      const { label } = connection.server;
      emitWarning({
        code: "mcp_tool_skipped",
        message: `Tool "${tool.name}" of MCP server "${label}" is left out: ${(error as Error).message}`,
        data: { server: label, tool: tool.name },
      });
      return [];
    }
  });
}

function declareTool(connection: McpConnection, tool: McpToolInfo, name: string): Declaration {
  const { server } = connection;
  const { annotations, title, description = title ?? tool.name, inputSchema, outputSchema } = tool;
  const options = {
    category: "tools",
    endpoint: tool.name,
    name: title ?? tool.name,
    description,
    method: "CALL",
    inputSchema,
    needsApproval: needsMcpApproval(server, tool.name),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  };
  const answer = async (params: Record<string, unknown>, { signal }: EndpointContext): Promise<JsonValue> => {
    const run = currentRun();
    const result = await connection.callTool(tool.name, params, {
      ...(signal === undefined ? {} : { signal }),
      ...(run?.hasListener
        ? {
          onProgress: (progress) => {
            const place = {
              type: "tool_progress",
              server: server.label,
              toolName: tool.name,
              callId: run.path,
            };
            run.emit({ ...progress, ...place });
          },
        }
        : {}),
    });
    if (result.isError) throw new Error(result.text === "" ? `Tool "${tool.name}" failed` : result.text);
    return result.value;
  };
  return declareEndpoint(name, options, answer, {
    changesThings: annotations?.readOnlyHint !== true,
    isForeign: true,
  });
}

function callable(name: string): string {
  return name.replaceAll(/[\s/]+/g, "_");
}

function describe({ info, server }: McpConnection): string {
  const said = info?.instructions?.replaceAll(/\s+/g, " ").trim() ?? "";
  if (said === "") {
    return `The tools of the MCP server ${info?.name.slice(0, MAX_NAME_CHARS) || server.label}`;
  }
  return said.length <= MAX_DESCRIPTION_CHARS ? said : `${said.slice(0, MAX_DESCRIPTION_CHARS).trimEnd()} …`;
}
