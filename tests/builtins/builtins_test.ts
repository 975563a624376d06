/** The built-in proxies against local servers of their services' shape; nothing here was ever run live. */
import { exaProxy, financialModelingPrepProxy, fredProxy, wolframAlphaProxy } from "@lllm/lllm/builtins";
import { LLLMError } from "@lllm/lllm/errors";
import { ProxyManager } from "@lllm/lllm/proxies";
import assert from "node:assert/strict";
import { builtinService, KEY, queryOf } from "./_service.ts";

const fred = () =>
  builtinService(fredProxy, ({ query }) => query.api_key?.[0], {
    "GET /series/observations": () => ({
      realtime_start: "2024-01-31",
      observation_end: "9999-12-31",
      count: 2,
      observations: [
        { realtime_start: "2024-01-31", date: "2024-01-01", value: "3.7" },
        { realtime_start: "2024-01-31", date: "2024-02-01", value: "." },
      ],
    }),
    "GET /series/search": () => ({ count: 1, seriess: [{ id: "UNRATE" }] }),
  });

Deno.test("fredProxy() asks as the service wants: key in the query, JSON, its own names", async () => {
  await using service = fred();
  const answer = await service.manager().call("fred/observations", {
    series_id: "UNRATE",
    units: "pc1",
    limit: 5,
  }) as { observations: unknown[] };
  assert.equal(answer.observations.length, 2);
  assert.deepEqual(queryOf(service.server.seen[0]), {
    file_type: "json",
    series_id: "UNRATE",
    units: "pc1",
    limit: "5",
    api_key: KEY,
  });
  await service.manager().call("fred/search_series", { search_text: "unemployment rate" });
  assert.equal(service.server.seen[1]!.query.search_text![0], "unemployment rate");
});

Deno.test("fredProxy() with a cutoff date asks for values as known then, and tells none of later dates", async () => {
  await using service = fred();
  const manager = service.manager("2024-01-31");
  const answer = await manager.call("fred/observations", {
    series_id: "UNRATE",
    observation_end: "2025-01-01",
    realtime_end: "2030-01-01",
  });
  assert.deepEqual((answer as { observations: { date: string }[] }).observations.map(({ date }) => date), [
    "2024-01-01",
  ]);
  const { observation_end, realtime_start, realtime_end } = queryOf(service.server.seen[0]);
  assert.deepEqual([observation_end, realtime_start, realtime_end], [
    "2024-01-31",
    "2024-01-31",
    "2024-01-31",
  ]);
});

Deno.test("fredProxy() keeps what it read of a series for a while", async () => {
  await using service = fred();
  const manager = service.manager();
  for (let i = 0; i < 2; i++) await manager.call("fred/observations", { series_id: "UNRATE" });
  assert.equal(service.server.seen.length, 1);
});

const fmp = () =>
  builtinService(financialModelingPrepProxy, ({ query }) => query.apikey?.[0], {
    "GET /historical-price-eod/full": () => [{ symbol: "AAPL", date: "2024-02-01", close: 2 }, {
      symbol: "AAPL",
      date: "2024-01-31",
      close: 1,
    }],
    "GET /historical-chart/1hour":
      () => [{ date: "2024-02-01 10:30:00", close: 2 }, { date: "2024-01-30 15:30:00", close: 1 }],
    "GET /income-statement": () => [{ date: "2023-12-31", filingDate: "2024-02-02", revenue: 2 }, {
      date: "2023-09-30",
      filingDate: "2023-11-03",
      revenue: 1,
    }],
    "GET /quote": () => [{ symbol: "AAPL", price: 1 }],
    "GET /news/stock": () => [{ publishedDate: "2024-03-01 08:00:00", title: "later" }, {
      publishedDate: "2024-01-01 08:00:00",
      title: "before",
    }],
  });

Deno.test("financialModelingPrepProxy() asks as the service wants", async () => {
  await using service = fmp();
  const manager = service.manager();
  assert.deepEqual(await manager.call("fmp/quote", { symbol: "AAPL" }), [{ symbol: "AAPL", price: 1 }]);
  await manager.call("fmp/intraday_prices", { interval: "1hour", symbol: "AAPL", from: "2024-01-01" });
  assert.deepEqual(service.server.seen.map((request) => [request.path, queryOf(request)]), [
    ["/quote", { symbol: "AAPL", apikey: KEY }],
    ["/historical-chart/1hour", { symbol: "AAPL", from: "2024-01-01", apikey: KEY }],
  ]);
});

Deno.test("financialModelingPrepProxy() with a cutoff date tells statements from their filing on, and nothing of the present", async () => {
  await using service = fmp();
  const manager = service.manager("2024-01-31");
  const closes = async (name: string, params: Record<string, unknown>) =>
    (await manager.call(`fmp/${name}`, { symbol: "AAPL", ...params }) as { close: number }[]).map((
      { close },
    ) => close);
  assert.deepEqual(await closes("historical_prices", {}), [1]);
  assert.deepEqual(await closes("intraday_prices", { interval: "1hour" }), [1]);
  assert.equal(service.server.seen[0]!.query.to![0], "2024-01-31");
  assert.deepEqual(await manager.call("fmp/income_statement", { symbol: "AAPL" }), [{
    date: "2023-09-30",
    filingDate: "2023-11-03",
    revenue: 1,
  }]);
  assert.deepEqual(await manager.call("fmp/stock_news", { symbols: "AAPL" }), [{
    publishedDate: "2024-01-01 08:00:00",
    title: "before",
  }]);
  for (const name of ["quote", "profile"]) {
    await assert.rejects(
      manager.call(`fmp/${name}`, { symbol: "AAPL" }),
      (error) => LLLMError.isInstance(error) && error.code === "endpoint_not_found",
    );
  }
  assert.deepEqual(
    await service.manager("2024-01-31", { ignoreCutoff: true }).call("fmp/quote", { symbol: "AAPL" }),
    [{ symbol: "AAPL", price: 1 }],
  );
});

const exa = () =>
  builtinService(exaProxy, ({ headers }) => headers["x-api-key"], {
    "POST /search": () => ({
      requestId: "r",
      results: [{ title: "later", publishedDate: "2024-05-01T00:00:00.000Z" }, {
        title: "before",
        publishedDate: "2023-05-01T00:00:00.000Z",
      }],
      costDollars: { total: 0.005 },
    }),
    "POST /answer": () => ({ answer: "yes", citations: [] }),
    "POST /contents": () => ({ results: [] }),
    "POST /findSimilar": () => ({ results: [] }),
  });

Deno.test("exaProxy() asks as the service wants: key in a header, parameters in a JSON body", async () => {
  await using service = exa();
  const manager = service.manager();
  const contents = { text: { maxCharacters: 100 } };
  await manager.call("exa/search", { query: "fox", numResults: 3, includeDomains: ["arxiv.org"], contents });
  await manager.call("exa/contents", { urls: ["https://arxiv.org/abs/1"], text: true });
  await manager.call("exa/find_similar", { url: "https://arxiv.org/abs/1" });
  assert.deepEqual(await manager.call("exa/answer", { query: "really?" }), { answer: "yes", citations: [] });
  assert.deepEqual(service.server.seen.map(({ path, body }) => [path, JSON.parse(body)]), [
    ["/search", { query: "fox", numResults: 3, includeDomains: ["arxiv.org"], contents }],
    ["/contents", { urls: ["https://arxiv.org/abs/1"], text: true }],
    ["/findSimilar", { url: "https://arxiv.org/abs/1" }],
    ["/answer", { query: "really?" }],
  ]);
  assert(service.server.seen.every(({ query }) => Object.keys(query).length === 0));
});

Deno.test("exaProxy() with a cutoff date searches up to it, and does not know the web as it is now", async () => {
  await using service = exa();
  const manager = service.manager("2024-01-31");
  const answer = await manager.call("exa/search", { query: "fox", endPublishedDate: "2030-01-01T00:00:00Z" });
  assert.deepEqual((answer as { results: { title: string }[] }).results.map(({ title }) => title), [
    "before",
  ]);
  await manager.call("exa/find_similar", { url: "https://arxiv.org/abs/1" });
  for (const { body } of service.server.seen) {
    assert.equal(JSON.parse(body).endPublishedDate, "2024-01-31T00:00:00.000Z");
  }
  assert.deepEqual(manager.getApiDirectory("exa").endpoints.map(({ callable }) => callable), [
    "find_similar",
    "search",
  ]);
});

const wolfram = () =>
  builtinService(wolframAlphaProxy, ({ query }) => query.appid?.[0], {
    "GET /v2/query": () => ({ queryresult: { success: true, pods: [] } }),
    "GET /v1/result": ({ query }) =>
      query.i![0] === "why?"
        ? new Response("No short answer available", { status: 501 })
        : new Response("about 3940 kilometers", { headers: { "content-type": "text/plain;charset=utf-8" } }),
  });

Deno.test("wolframAlphaProxy() asks as the service wants, and tells when there is no short answer", async () => {
  await using service = wolfram();
  const manager = service.manager();
  assert.deepEqual(await manager.call("wolfram/query", { input: "2+2", reinterpret: true }), {
    queryresult: { success: true, pods: [] },
  });
  assert.equal(
    await manager.call("wolfram/short_answer", { question: "how far?", units: "metric" }),
    "about 3940 kilometers",
  );
  assert.deepEqual(service.server.seen.map(queryOf), [
    { output: "json", format: "plaintext", input: "2+2", reinterpret: "true", appid: KEY },
    { i: "how far?", units: "metric", appid: KEY },
  ]);
  await assert.rejects(
    manager.call("wolfram/short_answer", { question: "why?" }),
    /status 501 .*No short answer available/,
  );
  assert.equal(service.server.seen.length, 3);
});

Deno.test("wolframAlphaProxy() has no endpoints with a cutoff date, unless it may ignore it", async () => {
  await using service = wolfram();
  const manager = service.manager("2024-01-31");
  assert.deepEqual(manager.getApiDirectory("wolfram").endpoints, []);
  await assert.rejects(
    manager.call("wolfram/short_answer", { input: "1+1" }),
    /found that it has none under/,
  );
  assert.equal(
    service.manager("2024-01-31", { ignoreCutoff: true }).getApiDirectory("wolfram").endpoints.length,
    3,
  );
});

for (
  const [create, call, variable] of [
    [fredProxy, "fred/series", "FRED_API_KEY"],
    [financialModelingPrepProxy, "fmp/quote", "FMP_API_KEY"],
    [exaProxy, "exa/search", "EXA_API_KEY"],
    [wolframAlphaProxy, "wolfram/query", "WOLFRAM_APP_ID"],
  ] as const
) {
  Deno.test({
    name: `${create.name}() names ${variable} when it is missing, and has documentation without it`,
    ignore: Deno.env.has(variable), // else this would be a call
    fn: async () => {
      const manager = new ProxyManager();
      manager.register("proxy", create());
      const { endpoints } = manager.getApiDirectory(call.split("/")[0]!);
      assert(endpoints.length >= 3);
      for (const { params, response } of endpoints) {
        assert(response !== null);
        for (const [name, [, example]] of Object.entries(params)) {
          if (name.endsWith("*")) assert(example !== undefined, name);
        }
      }
      const info = endpoints.find(({ callable }) => call.endsWith(`/${callable}`))!;
      const args = Object.fromEntries(
        Object.entries(info.params).filter(([name]) => name.endsWith("*")).map((
          [name, [, example]],
        ) => [name.slice(0, -1), example]),
      );
      await assert.rejects(manager.call(call, args), (error) => {
        assert(LLLMError.isInstance(error) && error.code === "missing_api_key");
        assert.deepEqual(error.data.variable, variable);
        return true;
      });
    },
  });
}

for (const [create, service] of [[fredProxy, fred], [exaProxy, exa]] as const) {
  Deno.test(`${create.name}() tells the service's own words when the key is wrong, and not the key`, async () => {
    await using running = service();
    const manager = running.manager(undefined, { key: () => "wrong-key-456" });
    const [path, args] = create === fredProxy
      ? ["fred/observations", { series_id: "X" }] as const
      : ["exa/search", { query: "x" }] as const;
    await assert.rejects(manager.call(path, args), (error) => {
      assert.match((error as Error).message, /found status 401 Unauthorized: \{"error":"Invalid key"\}/);
      assert(!(error as Error).message.includes("wrong-key"));
      return true;
    });
  });
}
