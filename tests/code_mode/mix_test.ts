import assert from "node:assert/strict";
import { defineProxy, mcpProxy, openApiProxy } from "../../src/proxies/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import type { TacticCallSession } from "../../src/session/mod.ts";
import { NativeTactic, tacticProxy } from "../../src/tactic/mod.ts";
import { npmServer } from "../mcp/_servers.ts";
import { startProviderServer } from "../provider_server/mod.ts";
import { type InBoth, LANGUAGES } from "./_code_mode.ts";

/** One agent, whose config is all that differs between the tactics here. */
class OneAgent extends NativeTactic<string, string> {
  name: string;
  override description = "Writes a line about a city";
  agentGroup: readonly string[] = ["main"];
  constructor(name: string, agent: Record<string, unknown>, runtime: Runtime) {
    super({ runtime, config: { agent_configs: [{ name: "main", model_name: "gpt-4o-mini", ...agent }] } });
    this.name = name;
  }
  async call(task: string): Promise<string> {
    const agent = this.agent("main").open("main");
    agent.receive(task);
    return String((await agent.respond()).content);
  }
}

const CODE: InBoth = {
  python: `cities = CALL_API("atlas/cities", {"country": "NO"})
forecasts = {c: CALL_API("weather/getForecast", {"city": c, "days": 2})["high"] for c in cities}
warmest = max(forecasts, key=forecasts.get)
line = CALL_API("describe/run", {"task": f"{warmest}: {forecasts[warmest]}"})
CALL_API("memory/create_entities", {"entities": [{"name": warmest, "entityType": "city", "observations": [line]}]})
CALL_API("atlas/publish", {"text": line})`,
  typescript: `const cities = await CALL_API("atlas/cities", { country: "NO" });
const forecasts = {};
for (const city of cities) forecasts[city] = (await CALL_API("weather/getForecast", { city, days: 2 })).high;
const warmest = cities.reduce((a, b) => (forecasts[a] > forecasts[b] ? a : b));
const line = await CALL_API("describe/run", { task: warmest + ": " + forecasts[warmest] });
await CALL_API("memory/create_entities", { entities: [{ name: warmest, entityType: "city", observations: [line] }] });
await CALL_API("atlas/publish", { text: line });`,
};
const RECALL: InBoth = {
  python: 'CALL_API("memory/search_nodes", {"query": warmest})["entities"][0]["observations"][0]',
  typescript: '(await CALL_API("memory/search_nodes", { query: warmest })).entities[0].observations[0]',
};

for (const language of LANGUAGES) {
  Deno.test(`one agent programs in ${language} against functions, an OpenAPI service, an MCP server and a tactic`, async () => {
    const folder = await Deno.makeTempDir();
    const seen: string[] = [];
    await using service = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      const url = new URL(request.url);
      seen.push(`${url.pathname}${url.search} ${request.headers.get("x-key")}`);
      const high = { Oslo: 4, Bergen: 9 }[decodeURIComponent(url.pathname.split("/")[2]!)] ?? 0;
      return Response.json({ high });
    });
    await using Memory = await mcpProxy(
      npmServer("memory", [], { env: { MEMORY_FILE_PATH: `${folder}/memory.json` } }),
    );
    const published: unknown[] = [];
    const runtime = new Runtime();
    runtime.registerProxy(
      "atlas",
      defineProxy({
        path: "atlas",
        name: "Atlas",
        description: "Cities",
        endpoints: {
          cities: {
            description: "The cities of a country",
            params: { "country*": ["string", "SE"] },
            response: ["Malmö"],
            handler: () => ["Oslo", "Bergen"],
          },
          publish: {
            description: "Publishes a line",
            params: { "text*": ["string", "Sunny"] },
            needsApproval: true,
            handler: ({ text }: { text: string }) => `line ${published.push(text)}`,
          },
        },
      }),
    );
    runtime.registerProxy(
      "weather",
      openApiProxy(weatherDocument(service.addr.port), { auth: { key: () => "SECRET-123" } }),
    );
    runtime.registerProxy("memory", Memory);
    await using provider = await startProviderServer({
      script: (request) => {
        const messages = request.body.messages as { role: string; content: string }[];
        const last = messages.at(-1)!;
        if (messages[0]!.content.startsWith("You describe")) return { text: `It is warm in ${last.content}` };
        const round = messages.filter(({ role }) => role === "tool").length;
        const run = (code: string) => ({ toolCalls: [{ name: `run_${language}`, arguments: { code } }] });
        if (round === 0) return { toolCalls: [{ name: "query_api_doc", arguments: { query: "forecast" } }] };
        if (round === 1) return run(CODE[language]);
        if (round === 2) return run(RECALL[language]);
        return { text: "Published." };
      },
    });
    const model_args = { api_base: provider.baseUrl, api_key: "none" };
    const describe = new OneAgent(
      "describe",
      { system_prompt: "You describe weather.", model_args },
      runtime,
    );
    runtime.registerProxy("describe", tacticProxy(describe));
    const desk = new OneAgent("desk", {
      system_prompt: "You publish the weather.",
      model_args,
      proxy: { exec_env: language === "python" ? "interpreter" : "typescript" },
    }, runtime);
    try {
      const session: TacticCallSession<string> = await desk.run("Where is it warmest?", {
        returnSession: true,
        onApproval: ({ toolName, arguments: args }) => {
          assert.deepEqual([toolName, args], ["atlas/publish", { text: "It is warm in Bergen: 9" }]);
          return { decision: "approve", by: "editor" };
        },
      });
      provider.assertNoRejections();
      assert.equal(session.delivery, "Published.");
      assert.deepEqual(published, ["It is warm in Bergen: 9"]);
      assert.deepEqual(seen, ["/forecast/Oslo?days=2 SECRET-123", "/forecast/Bergen?days=2 SECRET-123"]);
      const own = session.agentSessions["main"]![0]!;
      const [docs, ran, recalled] = Object.values(own.interrupts).flat().map((call) => call.resultText!);
      assert.match(docs!, /weather\/getForecast/);
      assert.equal(
        docs!.includes('declare function CALL_API(path: "weather/getForecast"'),
        language === "typescript",
      );
      assert.match(ran!, /line 1/);
      assert.match(recalled!, /It is warm in Bergen: 9/);
      assert.deepEqual(own.approvals[1]!.map(({ decision, by }) => [decision, by]), [["approve", "editor"]]);
      assert.equal(session.subTacticSessions["describe"]!.length, 1);
      assert(session.totalCost.totalTokens > session.agentCost.totalTokens);

      const [{ content: system }] = provider.requests[0]!.body!.messages as [{ content: string }];
      for (const name of ["atlas/cities", "weather/getForecast", "memory/create_entities", "describe/run"]) {
        assert(system.includes(name), name);
      }
      assert.equal(system.includes("declare function CALL_API"), language === "typescript");
      assert(!JSON.stringify(provider.requests).includes("SECRET-123"));
      assert(!JSON.stringify(session).includes("SECRET-123"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function weatherDocument(port: number): object {
  return {
    openapi: "3.1.0",
    info: { title: "Weather", version: "1", summary: "Forecasts" },
    servers: [{ url: `http://127.0.0.1:${port}` }],
    security: [{ key: [] }],
    components: { securitySchemes: { key: { type: "apiKey", in: "header", name: "x-key" } } },
    paths: {
      "/forecast/{city}": {
        get: {
          operationId: "getForecast",
          summary: "The forecast for a city",
          parameters: [
            { name: "city", in: "path", required: true, schema: { type: "string" } },
            { name: "days", in: "query", schema: { type: "integer", minimum: 1, maximum: 7 } },
          ],
          responses: {
            200: {
              description: "ok",
              content: {
                "application/json": {
                  schema: { type: "object", properties: { high: { type: "number" } }, required: ["high"] },
                },
              },
            },
          },
        },
      },
    },
  };
}
