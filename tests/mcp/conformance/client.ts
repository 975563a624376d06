/**
 * Our client, as the conformance suite runs it: it does what the scenario wants of the server whose address comes last.
 *
 * @module
 */
import { connectMcp, McpServer } from "../../../src/mcp/mod.ts";
import { oauthFetch } from "./_oauth.ts";

const url = Deno.args.at(-1)!;
const scenario = Deno.env.get("MCP_CONFORMANCE_SCENARIO") ?? "";
const context = { name: scenario, ...JSON.parse(Deno.env.get("MCP_CONFORMANCE_CONTEXT") ?? "{}") };

await using connection = await connectMcp(
  new McpServer({ label: "conformance", url, requireApproval: "never" }),
  {
    timeoutMs: 20_000,
    ...(scenario.startsWith("auth/") ? { fetch: oauthFetch(url, context) } : {}),
    ...(scenario.startsWith("elicitation")
      ? { onElicitation: () => ({ action: "accept", content: {} }) }
      : {}),
  },
);
const ARGUMENTS: Record<string, Record<string, unknown>> = { add_numbers: { a: 5, b: 3 } };
for (const { name } of await connection.listTools()) await connection.callTool(name, ARGUMENTS[name] ?? {});
