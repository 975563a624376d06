import { type FunctionTool, tool } from "../tools/mod.ts";
import type { ApiDocsOptions, ProxyManager } from "./proxy_manager.ts";

/**
 * Makes the tool `query_api_doc(proxy_name?, query?)`, by which a model reads the documentation of the APIs that its
 * code can call: with TypeScript declarations where `form` says so.
 *
 * @example
 * ```ts
 * import { defineProxy, ProxyManager, queryApiDocTool } from "@lllm/lllm/proxies";
 * import { FunctionCall } from "@lllm/lllm/message";
 * import assert from "node:assert/strict";
 *
 * const manager = new ProxyManager();
 * manager.register(
 *   "clock",
 *   defineProxy({
 *     path: "clock",
 *     name: "Clock",
 *     description: "Tells the time",
 *     endpoints: { hour: { description: "The hour of the day", handler: () => 12 } },
 *   }),
 * );
 * const call = new FunctionCall({ id: "1", name: "query_api_doc", arguments: { query: "hour" } });
 * const done = await queryApiDocTool(manager).call(call);
 * assert.match(done.resultText!, /clock\/hour\(\)/);
 * ```
 */
export function queryApiDocTool(
  manager: ProxyManager,
  options: Pick<ApiDocsOptions, "form"> = {},
): FunctionTool {
  return tool<QueryApiDocArgs, string>({
    name: "query_api_doc",
    description:
      "Reads the documentation of API endpoints: parameters with examples, and what they return. " +
      "Without arguments it covers all of them; narrow it with proxy_name or query. " +
      'Long answers come in pages: add "page:2" to the query for the second one.',
    parameters: {
      type: "object",
      properties: {
        proxy_name: { type: "string", description: 'A proxy ("market") or an endpoint ("market/search")' },
        query: {
          type: "string",
          description: 'Words to look for; the best matches come first; "page:2" for more',
        },
      },
      required: [],
      additionalProperties: false,
    },
    execute: ({ proxy_name, query = "" }) =>
      manager.retrieveApiDocs(proxy_name, { ...options, ...readQuery(query) }),
    processor: (text) => text,
  });
}

/** Takes the page out of a query. */
function readQuery(query: string): ApiDocsOptions {
  const [, page] = /\bpage\s*[:=]\s*(\d{1,6})\b/i.exec(query) ?? [];
  return page === undefined
    ? { query }
    : { query: query.replace(/\bpage\s*[:=]\s*\d{1,6}\b/gi, " "), page: Number(page) };
}

interface QueryApiDocArgs {
  proxy_name?: string;
  query?: string;
}
