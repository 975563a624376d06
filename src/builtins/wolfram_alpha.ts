import type { HttpEndpoint, ProxyClass } from "../proxies/mod.ts";
import { builtinProxy, type BuiltinProxyOptions } from "./_builtin_proxy.ts";

const ENDPOINTS: Record<string, HttpEndpoint> = {
  query: {
    category: "answers",
    description: "Computes an answer in full: pods (parts) with a title and plain text each",
    route: "/v2/query",
    query: { output: "json", format: "plaintext" },
    params: {
      "input*": ["string", "integrate x^2 sin(x)", "A question or a formula, in English"],
      podstate: ["string", "Step-by-step solution", "Changes a pod, for example to show the steps"],
      includepodid: ["string", "Result", "Only the pod of this id"],
      excludepodid: ["string", "Plot", "All but the pod of this id"],
      assumption: ["string", "*C.pi-_*Movie-", "What an ambiguous word means, as an earlier answer said"],
      units: ["string", "metric", "metric or nonmetric"],
      location: ["string", "Berlin, Germany", "Where the question is asked"],
      reinterpret: [
        "boolean",
        true,
        "Whether a question that is not understood may be changed to one that is",
      ],
      totaltimeout: ["number", 20, "Most seconds"],
    },
    response: {
      queryresult: {
        success: true,
        pods: [{
          title: "Result",
          id: "Result",
          subpods: [{ title: "", plaintext: "2 x sin(x) - (x^2 - 2) cos(x)" }],
        }],
      },
    },
  },
  short_answer: {
    category: "answers",
    description: "Answers a question in one line; there is not always such an answer",
    route: "/v1/result",
    receive: "text",
    params: {
      "question*": ["string", "How far is Los Angeles from New York?"],
      units: ["string", "metric", "metric or imperial"],
      timeout: ["integer", 5, "Most seconds"],
    },
    rename: { question: "i" },
    response: "about 3940 kilometers",
  },
  spoken_answer: {
    category: "answers",
    description: "Answers a question in one sentence; there is not always such an answer",
    route: "/v1/spoken",
    receive: "text",
    params: {
      "question*": ["string", "How far is Los Angeles from New York?"],
      units: ["string", "metric", "metric or imperial"],
    },
    rename: { question: "i" },
    response: "The distance from Los Angeles to New York is about 3940 kilometers",
  },
};

/**
 * Makes a proxy of Wolfram Alpha, which computes answers to questions and formulas, under the path `wolfram`. It knows the
 * world as it is now: with a cutoff date it has no endpoints, unless `ignoreCutoff` says otherwise.
 *
 * Written from the vendor's public documentation and tested against a local server of that shape: never run live here.
 *
 * Source: the documentation of the Wolfram|Alpha Full Results, Short Answers and Spoken Results APIs.
 *
 * @example
 * ```ts
 * import { wolframAlphaProxy } from "@lllm/lllm/builtins";
 * import { ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const manager = new ProxyManager();
 * manager.register("wolfram", wolframAlphaProxy());
 * assert.match(manager.retrieveApiDocs("wolfram/short_answer"), /question: string/);
 * ```
 *
 * @param options the key is in `WOLFRAM_APP_ID`, unless it is given
 */
export function wolframAlphaProxy(options: BuiltinProxyOptions = {}): ProxyClass {
  return builtinProxy({
    info: {
      path: "wolfram",
      name: "Wolfram Alpha",
      description: "Computes answers: mathematics, science, units, facts",
    },
    api: {
      baseUrl: "https://api.wolframalpha.com",
      auth: { type: "query", name: "appid", value: options.key ?? { env: "WOLFRAM_APP_ID" } },
      rateLimit: { requests: 5, perMs: 1_000 },
      timeoutMs: 60_000,
    },
    endpoints: ENDPOINTS,
    presentOnly: Object.keys(ENDPOINTS),
  }, options);
}
