import {
  defineProxy,
  type EndpointDefinition,
  type ProxyClass,
  ProxyManager,
  queryApiDocTool,
} from "@lllm/lllm/proxies";
import { FunctionCall } from "@lllm/lllm/message";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";
import { resolverOf } from "./_resolver.ts";
import { SearchProxy } from "./_search_proxy.ts";

function wide(path: string, count: number): ProxyClass {
  const endpoints: Record<string, EndpointDefinition> = {};
  for (let i = 0; i < count; i++) {
    endpoints[`method_${i}`] = {
      category: String(i).padStart(4, "0"),
      description: `Gives number ${i}. ${"It is described at some length. ".repeat(6)}`,
      handler: () => i,
    };
  }
  return defineProxy({ path, name: "Wide", description: "Many endpoints", endpoints });
}

function searchManager(): ProxyManager {
  return new ProxyManager({
    runtime: resolverOf({ "p.proxies:search": SearchProxy, "p.proxies:wide": wide("wide", 2) }),
  });
}

Deno.test("retrieveApiDocs() writes signature, parameters and an example answer of every endpoint", () => {
  const docs = searchManager().retrieveApiDocs();
  assert.match(docs, /^# search: Document search\nFinds documents by their words\n\n## search\/stats\(\)\n/);
  assert(docs.includes(
    "## search/search(query: string, limit?: integer)\n" +
      "Finds documents that contain words of the query, best first [query]\n" +
      '- query (string, required, e.g. "quick fox"): Words, in any order\n' +
      "- limit (integer, optional, e.g. 10)\n" +
      'Returns e.g. [{"id":"doc-1","text":"The quick brown fox","score":2}]',
  ));
  assert.match(docs, /# wide: Wide/);
});

Deno.test("retrieveApiDocs(name) covers one proxy, or one endpoint", () => {
  const manager = searchManager();
  assert.doesNotMatch(manager.retrieveApiDocs("search"), /wide/);
  const one = manager.retrieveApiDocs("search/index");
  assert.match(one, /## search\/add\(/);
  assert.doesNotMatch(one, /## search\/stats/);
});

Deno.test("retrieveApiDocs() tells near names of what it cannot find", () => {
  assert.throws(
    () => searchManager().retrieveApiDocs("serach"),
    (error) =>
      LLLMError.isInstance(error) && error.code === "endpoint_not_found" &&
      /did you mean "search"/.test(error.message),
  );
});

Deno.test("retrieveApiDocs() with a query gives the best matches first, and says so when there are none", () => {
  const manager = searchManager();
  const docs = manager.retrieveApiDocs(undefined, { query: "complete suggest" });
  const calls = [...docs.matchAll(/^## ([\w/]+)/gm)].map((match) => match[1]);
  assert.deepEqual(calls, ["search/suggest"]);
  assert.equal(
    manager.retrieveApiDocs(undefined, { query: "zebra" }),
    'No endpoint matches "zebra". Number of endpoints: search (4), wide (2)',
  );
});

Deno.test("retrieveApiDocs() pages long documentation without losing or repeating an endpoint", () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:wide": wide("wide", 100) }) });
  const first = manager.retrieveApiDocs("wide");
  const count = Number(/Page 1 of (\d+)\. Not on this page: wide\/method_/.exec(first)?.[1]);
  assert(count > 1);
  const calls = Array.from({ length: count }, (_, i) => manager.retrieveApiDocs("wide", { page: i + 1 }))
    .flatMap((page) => {
      assert(page.length < 9_000);
      assert.match(page, /^# wide/);
      return [...page.matchAll(/^## ([\w/]+)/gm)].map((match) => match[1]!);
    });
  assert.deepEqual(calls, Array.from({ length: 100 }, (_, i) => `wide/method_${i}`));
  for (const page of [0, 1.5, count + 1]) {
    assert.throws(() => manager.retrieveApiDocs("wide", { page }), RangeError);
  }
});

Deno.test("queryApiDocTool() is the tool query_api_doc with two optional arguments", () => {
  const tool = queryApiDocTool(searchManager());
  assert.equal(tool.name, "query_api_doc");
  assert.deepEqual(Object.keys(tool.parameters.properties as object), ["proxy_name", "query"]);
  assert.deepEqual(tool.required, []);
  assert.equal(tool.strict, true);
});

Deno.test("queryApiDocTool() answers with the text alone, and tells the model of a wrong name", async () => {
  const tool = queryApiDocTool(searchManager());
  const ask = (args: Record<string, unknown>) =>
    tool.call(new FunctionCall({ id: "1", name: "query_api_doc", arguments: args }));
  assert.match(
    (await ask({ proxy_name: "search", query: null })).resultText!,
    /^# search: Document search\n/,
  );
  assert.match((await ask({ proxy_name: "", query: "stats" })).resultText!, /## search\/stats\(\)/);
  const wrong = await ask({ proxy_name: "serach" });
  assert.equal(wrong.success, false);
  assert.match(wrong.errorMessage!, /did you mean "search"/);
});

/** Thousands of endpoints, of which some are about ships. */
function fleet(count: number): ProxyClass {
  const verbs = ["create", "list", "get", "update", "delete"];
  const things = ["ship", "harbour", "cargo", "captain", "route"];
  const endpoints: Record<string, EndpointDefinition> = {};
  for (let i = 0; i < count; i++) {
    const [verb, thing] = [verbs[i % 5]!, things[Math.floor(i / 5) % 5]!];
    endpoints[`${verb}_${thing}_${i}`] = {
      category: `${thing}s`,
      description: `${verb[0]!.toUpperCase()}${verb.slice(1)} a ${thing} of fleet ${i}\n${
        "A ship, a harbour, a route. ".repeat(20)
      }`,
      params: { "fleetId*": ["integer", i] },
      response: { text: "x".repeat(5_000) },
      handler: () => i,
    };
  }
  endpoints.weighAnchor = { category: "ships", description: "Leaves the harbour", handler: () => 0 };
  return defineProxy({ path: "fleet", name: "Fleet", description: "Many endpoints", endpoints });
}

const callsIn = (text: string) => [...text.matchAll(/^## ([\w/]+)/gm)].map((match) => match[1]!);

Deno.test("retrieveApiDocs() of thousands of endpoints lists groups and signatures, in pages", () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:fleet": fleet(3_000) }) });
  const first = manager.retrieveApiDocs("fleet");
  assert.match(first, /3001 endpoints, in groups: captains \(600\), cargos \(600\), harbours \(600\)/);
  const pages = Number(/Page 1 of (\d+)/.exec(first)![1]);
  const seen = new Set<string>();
  for (let page = 1; page <= pages; page++) {
    const text = manager.retrieveApiDocs("fleet", { page });
    assert(text.length < 12_000, `${text.length}`);
    for (const [, call] of text.matchAll(/^- ([\w/]+)\(/gm)) {
      assert(!seen.has(call!), call);
      seen.add(call!);
    }
  }
  assert.equal(seen.size, 3_001);
});

Deno.test("retrieveApiDocs() with a query finds what is meant among thousands, the same each time", () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:fleet": fleet(3_000) }) });
  const find = (query: string, page = 1) => callsIn(manager.retrieveApiDocs(undefined, { query, page }));
  const first = find("deleting? no: delete the captain of fleet 1219");
  assert.equal(first[0], "fleet/delete_captain_1219");
  assert.deepEqual(find("weigh anchor")[0], "fleet/weighAnchor");
  assert.deepEqual(find("anch")[0], "fleet/weighAnchor");
  assert.deepEqual(find("WEIGHANCHOR, anchors")[0], "fleet/weighAnchor");
  assert.deepEqual(find("anhcor")[0], "fleet/weighAnchor");
  assert.deepEqual(find("create ship"), find("create ship"));
  assert(find("create ship").every((call) => call.startsWith("fleet/create_ship_")));
  assert(find("create ship", 2).every((call) => call.startsWith("fleet/create_ship_")));
  assert(!find("create ship", 2).some((call) => find("create ship").includes(call)));
});

Deno.test("retrieveApiDocs() with a query gives pages of bounded size, and notices new endpoints", () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:fleet": fleet(500) }) });
  const text = manager.retrieveApiDocs(undefined, { query: "ship" });
  assert(text.length < 10_000, `${text.length}`);
  assert.match(text, /The next page: "page:2" in the query$/);
  assert.match(manager.retrieveApiDocs(undefined, { query: "zeppelin" }), /^No endpoint matches/);
  manager.register(
    "air",
    defineProxy({
      path: "air",
      name: "Air",
      description: "",
      endpoints: { zeppelin: { description: "Flies", handler: () => 1 } },
    }),
  );
  assert.deepEqual(callsIn(manager.retrieveApiDocs(undefined, { query: "zeppelin" })), ["air/zeppelin"]);
});

Deno.test("retrieveApiDocs() writes what is inside of objects and lists, from their schemas", () => {
  const manager = new ProxyManager({ runtime: resolverOf({}) });
  const item = {
    type: "object",
    properties: { sku: { type: "string" }, n: { type: "integer" } },
    required: ["sku"],
  };
  manager.register(
    "shop",
    defineProxy({
      path: "shop",
      name: "Shop",
      description: "",
      endpoints: {
        order: {
          description: "Orders",
          inputSchema: {
            type: "object",
            properties: {
              items: { type: "array", items: item },
              pay: { type: "string", enum: ["card", "cash"] },
            },
            required: ["items"],
          },
          outputSchema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
          handler: () => ({ id: "1" }),
        },
      },
    }),
  );
  const docs = manager.retrieveApiDocs("shop/order");
  assert.match(docs, /- items \(array, required\)\n {2}Array<\{[^]*sku: string;[^]*n\?: number/);
  assert.match(docs, /- pay \(string, optional, e.g. "card"\)\n {2}"card" \| "cash"/);
  assert.match(docs, /Returns \{ id: string;? \}/);
});

Deno.test("queryApiDocTool() turns pages by words in the query", async () => {
  const tool = queryApiDocTool(
    new ProxyManager({ runtime: resolverOf({ "p.proxies:wide": wide("wide", 100) }) }),
  );
  const ask = async (args: Record<string, unknown>) =>
    (await tool.call(new FunctionCall({ id: "1", name: "query_api_doc", arguments: args }))).resultText!;
  assert.match(await ask({ query: "page:2" }), /Page 2 of \d+/);
  assert.match(await ask({ proxy_name: "wide", query: "number page: 2" }), /Page 2 of \d+/);
  assert.match(await ask({ query: "page:999" }), /expected 1 to \d+/);
});

Deno.test("retrieveApiDocs() describes endpoints as TypeScript declarations where that is asked for", () => {
  const manager = searchManager();
  const docs = manager.retrieveApiDocs("search/search", { form: "typescript" });
  assert.equal(
    docs,
    `# search: Document search
Finds documents by their words

## search/search
Finds documents that contain words of the query, best first [query]
\`\`\`ts
/** Returns e.g. [{"id":"doc-1","text":"The quick brown fox","score":2}] */
declare function CALL_API(path: "search/search", params: {
  /** Words, in any order; e.g. "quick fox" */
  query: string;
  /** integer; e.g. 10 */
  limit?: number;
}): Promise<Array<{ id: string; text: string; score: number }>>;
\`\`\``,
  );
  const wideManager = new ProxyManager({ runtime: resolverOf({ "p.proxies:wide": wide("wide", 100) }) });
  assert(wideManager.retrieveApiDocs("wide", { form: "typescript" }).length < 9_000);
});

Deno.test("queryApiDocTool() with a form gives declarations, searched and in pages like the rest", async () => {
  const tool = queryApiDocTool(searchManager(), { form: "typescript" });
  const { resultText } = await tool.call(
    new FunctionCall({ id: "1", name: tool.name, arguments: { query: "complete suggest" } }),
  );
  assert.match(resultText!, /declare function CALL_API\(path: "search\/suggest", params: \{/);
  assert.doesNotMatch(resultText!, /search\/stats/);
});
