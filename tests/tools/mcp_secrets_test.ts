import assert from "node:assert/strict";
import { mcpSecrets, McpServer } from "../../src/tools/mod.ts";

const KEY = "sk-live-SECRET4567890abcdefghijKLMNOP";
const HEX = "0123456789abcdef0123456789abcdef";
const UUID = "01234567-89ab-cdef-0123-456789abcdef";

const ARGS: Record<string, [args: string[], secrets: string[]]> = {
  "after its name": [["--api-key", "SECRET-123"], ["SECRET-123"]],
  "with its name": [["--token=SECRET-123"], ["SECRET-123"]],
  "as a variable": [["-e", "API_KEY=SECRET-123"], ["SECRET-123"]],
  "in a header": [["--header", "Authorization: Bearer SECRET-123"], ["Bearer SECRET-123", "SECRET-123"]],
  "in a header without space": [["--header", "X-Api-Key:SECRET-123"], ["SECRET-123"]],
  "in an address": [["postgres://ann:SECRET-123@host/db"], ["SECRET-123"]],
  "in the path of an address": [[`https://host/mcp/${KEY}/sse`], [KEY]],
  "by its look": [[KEY, HEX, UUID], [KEY, HEX, UUID]],
  "nowhere": [
    [
      "-y",
      "@modelcontextprotocol/server-filesystem@2025.11.25",
      "/data/Project-2025-of-the-year",
      "--project=my-project-123456",
      "--key-file",
      "/home/ann/key.pem",
      "https://example.org/docs/page-2025-11-25-about-things",
      "--private",
      "--author",
      "Jane Smith-Jones",
      "--session-name=production-db",
      "C:\\Users\\ann",
    ],
    [],
  ],
};
for (const [where, [args, secrets]] of Object.entries(ARGS)) {
  Deno.test(`mcpSecrets() finds the keys in arguments: ${where}`, () => {
    const server = new McpServer({ label: "s", command: "run", args, requireApproval: "never" });
    assert.deepEqual(mcpSecrets(server), secrets);
  });
}

Deno.test("mcpSecrets() finds the keys in an address, named or not", () => {
  const at = (url: string) => mcpSecrets(new McpServer({ label: "s", url, requireApproval: "never" }));
  assert.deepEqual(at(`https://host/api/mcp/s/${KEY}/mcp`), [KEY]);
  assert.deepEqual(at(`https://host/mcp?profile=${KEY}`), [KEY]);
  assert.deepEqual(at(`https://${KEY}@host/mcp`), [KEY]);
  assert.deepEqual(at("https://host/mcp?api_key=SECRET-123"), ["SECRET-123"]);
  assert.deepEqual(at("https://api.example.org/v1/mcp?page=frontpage"), []);
});
