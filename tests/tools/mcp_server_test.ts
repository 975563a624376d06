import assert from "node:assert/strict";
import { inspect } from "node:util";
import { McpServer, needsMcpApproval } from "../../src/tools/mod.ts";

Deno.test("McpServer keeps its fields, frozen", () => {
  const env = { TOKEN: "secret" };
  const server = new McpServer({ label: "s", command: "run", args: ["-x"], env, requireApproval: "never" });
  env.TOKEN = "other";
  assert.deepEqual([server.command, server.args, server.env, server.url], [
    "run",
    ["-x"],
    { TOKEN: "secret" },
    undefined,
  ]);
  assert.deepEqual([server.headers, server.allowedTools], [{}, undefined]);
  assert(McpServer.isInstance(server));
});

Deno.test("McpServer wants exactly one of url and command, a label, and a known approval", () => {
  const requireApproval = "always";
  assert.throws(() => new McpServer({ label: "s", requireApproval }), {
    name: "TypeError",
    message: /found neither/,
  });
  assert.throws(() => new McpServer({ label: "s", url: "u", command: "c", requireApproval }), /found both/);
  assert.throws(() => new McpServer({ label: "", url: "u", requireApproval }), TypeError);
  assert.throws(() => new McpServer({ label: "s", url: "u", requireApproval: "often" as never }), TypeError);
});

Deno.test("needsMcpApproval() says yes but for the words and the names that say no", () => {
  const asks = (requireApproval: unknown, tool = "pay") =>
    needsMcpApproval(
      new McpServer({ label: "s", url: "u", requireApproval: requireApproval as never }),
      tool,
    );
  assert.deepEqual(["always", "manual", "never", "auto"].map((word) => asks(word)), [
    true,
    true,
    false,
    false,
  ]);
  assert.deepEqual([asks({ never: ["see"] }), asks({ never: ["see"] }, "see")], [true, false]);
  for (const wrong of [{}, { never: "see" }, { never: [1] }, { always: ["pay"] }, null, ["see"]]) {
    assert.throws(() => asks(wrong), { name: "TypeError", message: /expected requireApproval to be one of/ });
  }
});

Deno.test("McpServer.toJSON() shows no secrets", () => {
  const server = new McpServer({
    label: "s",
    url: "https://example.org/mcp",
    headers: { authorization: "secret" },
    allowedTools: ["a"],
    requireApproval: "auto",
  });
  assert.deepEqual(server.toJSON(), {
    label: "s",
    url: "https://example.org/mcp",
    allowedTools: ["a"],
    requireApproval: "auto",
  });
});

Deno.test("McpServer shows no secrets when it is printed", () => {
  const server = new McpServer({
    label: "s",
    url: "https://ann:SECRET-1@example.org/mcp?api_key=SECRET-2&page=1",
    headers: { authorization: "Bearer SECRET-3" },
    env: { API_KEY: "SECRET-4" },
    requireApproval: "auto",
  });
  for (const shown of [Deno.inspect(server), Deno.inspect({ servers: [server] }), inspect(server)]) {
    assert(!shown.includes("SECRET"), shown);
    assert.match(shown, /McpServer \{/);
    assert.match(shown, /authorization: "?'?\[hidden\]/);
    assert.match(shown, /ann:\[hidden\]@example\.org\/mcp\?api_key=\[hidden\]&page=1/);
  }
  const args = ["--root", "/data", "--api-key", "SECRET-5-key"];
  const program = new McpServer({ label: "s", command: "run", args, requireApproval: "auto" });
  for (const shown of [Deno.inspect(program), JSON.stringify(program)]) {
    assert(!shown.includes("SECRET") && shown.includes("/data"), shown);
  }
});
