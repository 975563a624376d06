import { checkInfo, setProxyInfo } from "./_brand.ts";
import { checkApi } from "./_http/check_api.ts";
import { HttpProxy } from "./http_proxy.ts";
import type { HttpApi, HttpEndpoint } from "./http_types.ts";
import type { ProxyClass } from "./proxy.ts";
import type { ProxyInfo, ProxyOptions } from "./types.ts";

/** What {@linkcode defineHttpProxy} takes. */
export interface HttpProxyDefinition extends ProxyInfo, HttpApi {
  /** The endpoints, by the name that calls use. */
  readonly endpoints: Readonly<Record<string, HttpEndpoint>>;
}

/**
 * Makes a proxy class of a REST service: the same as extending {@linkcode HttpProxy}.
 *
 * @example
 * ```ts
 * import { defineHttpProxy, ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const Rates = defineHttpProxy({
 *   path: "rates",
 *   name: "Exchange rates",
 *   description: "Daily rates of currencies",
 *   baseUrl: "https://rates.example/v2",
 *   auth: { type: "query", name: "api_key", value: { env: "RATES_API_KEY" } },
 *   rateLimit: { requests: 60, perMs: 60_000 },
 *   endpoints: {
 *     daily: {
 *       description: "The rates of a day",
 *       route: "/daily",
 *       params: { "base*": ["string", "EUR"], to: ["string", "2024-01-31"] },
 *       dateParams: { to: { fill: true } },
 *       dtCutoff: ["date"],
 *       pages: { type: "cursor", param: "cursor", next: "next", items: "rates" },
 *     },
 *   },
 * });
 *
 * const manager = new ProxyManager();
 * manager.register("rates", Rates);
 * assert.match(manager.retrieveApiDocs("rates/daily"), /rates\/daily\(base: string, to\?: string\)/);
 * ```
 *
 * @throws {TypeError} when the definition cannot be used
 */
export function defineHttpProxy(definition: HttpProxyDefinition): ProxyClass {
  const info = checkInfo(definition);
  checkApi(definition);
  const Defined = class extends HttpProxy {
    constructor(options?: ProxyOptions) {
      super(options, definition);
    }
  };
  Object.defineProperty(Defined, "name", { value: info.path ?? info.name, configurable: true });
  setProxyInfo(Defined, info);
  new Defined(); // what its endpoints do wrong shows here
  return Defined;
}
