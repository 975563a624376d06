/**
 * Our server with the tools that the conformance suite wants to call; it says where it listens.
 *
 * @module
 */
import { createMcpServer, McpAnswer, type ServedTool } from "../../../src/mcp/mod.ts";
import type { JsonObject } from "../../../src/util/mod.ts";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";
const NONE = { type: "object", properties: {} };

const text = (value: string): JsonObject => ({ type: "text", text: value });
const image: JsonObject = { type: "image", data: PIXEL, mimeType: "image/png" };
const resource = (uri: string, mimeType: string, value: string): JsonObject => ({
  type: "resource",
  resource: { uri, mimeType, text: value },
});
const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

function served(
  name: string,
  call: ServedTool["call"],
  inputSchema: ServedTool["inputSchema"] = NONE,
): ServedTool {
  return { name, description: `For the scenario of ${name}`, inputSchema, call };
}

/** A tool that asks the person at the client. */
function asking(name: string, properties: Record<string, unknown>, inputSchema = NONE): ServedTool {
  return served(name, async ({ message = "Please answer" }, { ask }) => {
    const { action, content } = await ask(String(message), { type: "object", properties });
    return `User response: action=${action}, content=${JSON.stringify(content ?? {})}`;
  }, inputSchema);
}

const OPTIONS = ["option1", "option2", "option3"];
const TITLED = [
  { const: "value1", title: "First" },
  { const: "value2", title: "Second" },
  { const: "value3", title: "Third" },
];

const TOOLS: ServedTool[] = [
  served("test_simple_text", () => "This is a simple text response for testing."),
  served("test_image_content", () => new McpAnswer([image])),
  served(
    "test_audio_content",
    () => new McpAnswer([{ type: "audio", data: SILENCE, mimeType: "audio/wav" }]),
  ),
  served(
    "test_embedded_resource",
    () =>
      new McpAnswer([
        resource("test://embedded-resource", "text/plain", "This is an embedded resource content."),
      ]),
  ),
  served("test_multiple_content_types", () =>
    new McpAnswer([
      text("Multiple content types test:"),
      image,
      resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ])),
  served("test_tool_with_logging", async (_args, { log }) => {
    log("info", "Tool execution started");
    await wait();
    log("info", "Tool processing data");
    await wait();
    log("info", "Tool execution completed");
    return "done";
  }),
  served("test_error_handling", () => {
    throw new Error("This tool intentionally returns an error for testing");
  }),
  served("test_tool_with_progress", async (_args, { onProgress }) => {
    for (const progress of [0, 50, 100]) {
      onProgress({ progress, total: 100 });
      await wait();
    }
    return "done";
  }),
  asking("test_elicitation", {
    username: { type: "string", description: "User's response" },
    email: { type: "string", description: "User's email address" },
  }, { type: "object", properties: { message: { type: "string" } } }),
  asking("test_elicitation_sep1034_defaults", {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  }),
  asking("test_elicitation_sep1330_enums", {
    untitledSingle: { type: "string", enum: OPTIONS },
    titledSingle: { type: "string", oneOf: TITLED },
    legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["One", "Two", "Three"] },
    untitledMulti: { type: "array", items: { type: "string", enum: OPTIONS } },
    titledMulti: { type: "array", items: { anyOf: TITLED } },
  }),
  served("json_schema_2020_12_tool", () => "done", {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: {
      address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
    },
    properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
    additionalProperties: false,
  }),
];

/** Starts the server on a free port. */
export function startConformanceServer(): { readonly url: string; close(): Promise<void> } {
  const server = createMcpServer(TOOLS, { name: "lllm", version: "0.1.0" });
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, server.fetch);
  return {
    url: `http://localhost:${http.addr.port}/mcp`,
    close: async () => {
      await server.close();
      await http.shutdown();
    },
  };
}
