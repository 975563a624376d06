import type { HttpEndpoint, ProxyClass } from "../proxies/mod.ts";
import { builtinProxy, type BuiltinProxyOptions } from "./_builtin_proxy.ts";

const FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ";
const PUBLISHED = {
  startPublishedDate: { format: FORMAT },
  endPublishedDate: { format: FORMAT, fill: true },
  startCrawlDate: { format: FORMAT },
  endCrawlDate: { format: FORMAT },
} as const;
const RESULTS = {
  requestId: "b5947044c4b78efa9552a7c89b306d95",
  results: [{
    title: "A Comprehensive Overview of Large Language Models",
    url: "https://arxiv.org/abs/2307.06435",
    publishedDate: "2023-07-12T00:00:00.000Z",
    author: "Humza Naveed",
    text: "…",
  }],
};
const FILTERS = {
  numResults: ["integer", 10, "Up to 100"],
  includeDomains: ["array", ["arxiv.org"], "Only results from these"],
  excludeDomains: ["array", ["example.com"], "No results from these"],
  startPublishedDate: ["string", "2023-01-01T00:00:00.000Z"],
  endPublishedDate: ["string", "2023-12-31T00:00:00.000Z"],
  startCrawlDate: ["string", "2023-01-01T00:00:00.000Z"],
  endCrawlDate: ["string", "2023-12-31T00:00:00.000Z"],
  includeText: ["array", ["large language model"], "A phrase that the page must have: one, of up to 5 words"],
  excludeText: ["array", ["course"], "A phrase that the page must not have: one, of up to 5 words"],
  contents: [
    "object",
    { text: { maxCharacters: 1000 } },
    "What of each page is given: text, highlights, summary",
  ],
} as const;

/** These only read, though they are POST: they may be repeated, and tested. */
const READS = { method: "POST", idempotent: true } as const;

const ENDPOINTS: Record<string, HttpEndpoint> = {
  search: {
    category: "search",
    description: "Searches the web by meaning or by words, and gives pages, with their contents if asked",
    route: "/search",
    ...READS,
    params: {
      "query*": ["string", "Latest developments in large language models"],
      type: ["string", "auto", "auto, neural, keyword, fast or deep"],
      category: [
        "string",
        "research paper",
        "company, research paper, news, pdf, github, personal site, financial report, …",
      ],
      userLocation: ["string", "US", "A country by its two letters"],
      ...FILTERS,
    },
    response: RESULTS,
    dateParams: PUBLISHED,
    dtCutoff: ["publishedDate"],
  },
  find_similar: {
    category: "search",
    description: "Finds pages that are like a page",
    route: "/findSimilar",
    ...READS,
    params: {
      "url*": ["string", "https://arxiv.org/abs/2307.06435"],
      excludeSourceDomain: ["boolean", true, "Leaves out pages of the same site"],
      ...FILTERS,
    },
    response: RESULTS,
    dateParams: PUBLISHED,
    dtCutoff: ["publishedDate"],
  },
  contents: {
    category: "pages",
    description: "The contents of pages: text, highlights, summaries",
    route: "/contents",
    ...READS,
    params: {
      "urls*": ["array", ["https://arxiv.org/abs/2307.06435"]],
      text: ["any", { maxCharacters: 1000 }, "true, or an object with maxCharacters and includeHtmlTags"],
      highlights: ["object", { numSentences: 3, highlightsPerUrl: 2, query: "Key advancements" }],
      summary: ["object", { query: "Main developments" }],
    },
    response: RESULTS,
    dtCutoff: ["publishedDate"],
  },
  answer: {
    category: "search",
    description: "Answers a question from pages of the web, and tells which",
    route: "/answer",
    ...READS,
    params: {
      "query*": ["string", "What is the latest valuation of SpaceX?"],
      text: ["boolean", false, "Whether the text of the pages is given too"],
    },
    response: {
      answer: "…",
      citations: [{ title: "…", url: "https://…", publishedDate: "2023-11-16T01:36:32.547Z" }],
    },
  },
};

/**
 * Makes a proxy of Exa, a search engine of the web, under the path `exa`. With a cutoff date searches end there, and pages that
 * are dated later are not told; `contents` and `answer`, which know the web as it is now, are not there. A page that was
 * published before may have been changed since.
 *
 * Written from the vendor's public documentation and tested against a local server of that shape: never run live here.
 *
 * Source: the documentation and the OpenAPI document of the Exa API.
 *
 * @example
 * ```ts
 * import { exaProxy } from "@lllm/lllm/builtins";
 * import { ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const manager = new ProxyManager();
 * manager.register("exa", exaProxy());
 * assert.match(manager.retrieveApiDocs("exa/search"), /query: string/);
 * ```
 *
 * @param options the key is in `EXA_API_KEY`, unless it is given
 */
export function exaProxy(options: BuiltinProxyOptions = {}): ProxyClass {
  return builtinProxy({
    info: { path: "exa", name: "Exa", description: "Searches the web, and gives the contents of pages" },
    api: {
      baseUrl: "https://api.exa.ai",
      auth: { type: "header", name: "x-api-key", value: options.key ?? { env: "EXA_API_KEY" } },
      rateLimit: { requests: 5, perMs: 1_000 },
      timeoutMs: 60_000,
    },
    endpoints: ENDPOINTS,
    presentOnly: ["contents", "answer"],
  }, options);
}
