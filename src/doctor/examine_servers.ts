import type { AgentSpec } from "../config/mod.ts";
import { McpServer } from "../mcp/mod.ts";
import type { ResourceNode, Runtime } from "../runtime/mod.ts";
import type { Findings } from "./findings.ts";

/** What is known of MCP servers, so that it need not be guessed from code. */
export interface ExaminedServers {
  /** The files whose prompts and proxies have servers. */
  readonly files: ReadonlySet<string>;
  /** Hosts that providers ask, and this program does not. */
  readonly hostedHosts: ReadonlySet<string>;
}

/** Options of {@linkcode examineServers}. */
export interface ExamineServersOptions {
  readonly runtime: Runtime;
  readonly findings: Findings;
  /** The agents that there are. */
  readonly specs: readonly AgentSpec[];
  /** Tells whether anything uses a resource. */
  readonly isUsed: (node: ResourceNode) => boolean;
}

/** Variables without which few programs find what they need. */
const PLACES = ["PATH", "HOME"];

/** Finds out what the MCP servers of prompts and proxies need: a program to start, or a host to ask. */
export function examineServers({ runtime, findings, specs, isUsed }: ExamineServersOptions): ExaminedServers {
  const files = new Set<string>();
  const hostedHosts = new Set<string>();
  // A provider uses a server only for agents that speak Responses.
  const mayBeHosted = specs.length > 0 && specs.every(({ apiType }) => apiType === "response");
  for (const node of [...runtime.nodes("prompt"), ...runtime.nodes("proxy")].filter(isUsed)) {
    for (const server of serversOf(node)) {
      if (typeof node.metadata.file_path === "string") files.add(node.metadata.file_path);
      const by = `MCP server "${server.label}" of ${node.qualifiedKey}`;
      if (server.command !== undefined) addProgram(server.command, by, findings);
      const host = server.url === undefined ? undefined : URL.parse(server.url)?.host;
      if (host === undefined) continue;
      if (node.resourceType === "prompt" && server.hosted && mayBeHosted) hostedHosts.add(host);
      else findings.needs.add("net", host, by);
    }
  }
  return { files, hostedHosts };
}

function addProgram(command: string, by: string, { needs, optional }: Findings): void {
  needs.add("run", command, by);
  for (const name of PLACES) optional.add("env", name, by);
  if (Deno.build.os === "linux") {
    optional.add("run", "setpriv", `${by}: it ends with the program, killed or not`);
  }
}

function serversOf(node: ResourceNode): McpServer[] {
  let value: { mcpServers?: unknown; connection?: { server?: unknown } } | null;
  try {
    value = node.value as typeof value;
  } catch {
    return []; // it was told when it was loaded
  }
  const servers = value?.mcpServers instanceof Map
    ? [...value.mcpServers.values()]
    : [value?.connection?.server];
  return servers.filter(McpServer.isInstance);
}
