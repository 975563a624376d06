import type { JsonValue } from "../util/mod.ts";
import { brandProxyBase } from "./_brand.ts";
import { declareEndpoint } from "./_declaration.ts";
import { buildRequest } from "./_http/build_request.ts";
import { checkApi } from "./_http/check_api.ts";
import { HttpEngine } from "./_http/engine.ts";
import { MAX_PAGES, requestPages } from "./_http/pages.ts";
import { BaseProxy } from "./base_proxy.ts";
import type { HttpApi, HttpAuth, HttpCall, HttpEndpoint } from "./http_types.ts";
import type { EndpointContext, ProxyOptions } from "./types.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const IDEMPOTENT = new Set([...SAFE, "PUT", "DELETE"]);

/**
 * A REST service as a proxy: extend it, and say in a static `http` where the service is, how its keys are sent and which
 * endpoints it has. Methods with {@linkcode endpoint} may stand beside them and use {@linkcode HttpProxy.request}.
 *
 * Keys are read at the first call. They go to the service's own origin only, and are blanked out of answers and errors;
 * no error tells a URL. A call is one step, whatever it takes: pages, repetitions, redirects. Requests need the host's
 * permission `--allow-net`.
 *
 * @example
 * ```ts
 * import { HttpProxy, proxy, ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
 *   const { pathname, searchParams } = new URL(request.url);
 *   return Response.json({ pathname, limit: searchParams.get("limit"), key: request.headers.get("x-key") });
 * });
 *
 * @proxy({ path: "shop", name: "Shop", description: "Orders of a shop" })
 * class Shop extends HttpProxy {
 *   static override http = {
 *     baseUrl: `http://127.0.0.1:${server.addr.port}/v1`,
 *     auth: { type: "header", name: "x-key", value: () => "SECRET-123" },
 *     endpoints: {
 *       orders: {
 *         description: "Lists the orders of a customer",
 *         route: "/customers/{id}/orders",
 *         params: { "id*": ["string", "c-1"], limit: ["integer", 10] },
 *       },
 *     },
 *   } as const;
 * }
 *
 * const manager = new ProxyManager();
 * manager.register("shop", Shop);
 * assert.deepEqual(await manager.call("shop/orders", { id: "a/b", limit: 5 }), {
 *   pathname: "/v1/customers/a%2Fb/orders",
 *   limit: "5",
 *   key: "[redacted]",
 * });
 * await server.shutdown();
 * ```
 */
export class HttpProxy extends BaseProxy {
  static {
    brandProxyBase(this);
  }

  /** The service; subclasses override it, or hand it to the constructor. */
  static readonly http?: HttpApi;

  readonly #api: HttpApi;
  readonly #engine: HttpEngine;
  readonly #name: string;

  /**
   * Creates the proxy; no key is read and nothing is sent.
   *
   * @param api the service. Default: the class's static `http`
   * @throws {TypeError} when there is no service, or its declaration cannot be used
   */
  constructor(options: ProxyOptions = {}, api?: HttpApi) {
    super(options);
    const declared = api ?? (this.constructor as typeof HttpProxy).http;
    if (declared === undefined) {
      throw new TypeError(
        `Cannot create proxy "${this.constructor.name}": expected a static http that declares the service, found none`,
      );
    }
    checkApi(declared);
    this.#api = declared;
    this.#engine = new HttpEngine(declared, this.clock);
    this.#name = this.apiDirectory().id;
    for (const [name, endpoint] of Object.entries(declared.endpoints ?? {})) {
      const { route, in: _in, rename: _rename, query: _query, headers: _headers, ...rest } = endpoint;
      const { arrays: _arrays, send: _send, receive: _receive, pages: _pages, idempotent: _may, ...options } =
        rest;
      const method = (endpoint.method ?? "GET").toUpperCase();
      declareEndpoint(
        name,
        { endpoint: route, ...options, description: describe(endpoint), method },
        (params, context) => this.#call(`${this.#name}/${name}`, { ...endpoint, params }, context),
        { changesThings: !SAFE.has(method) },
      )(this);
    }
  }

  /**
   * Makes a request of the service, for methods that do more than one request declares. Hand the method's context on, so that
   * the request ends with the call.
   *
   * @throws {LLLMError} `missing_api_key`, `rate_limited`, `provider_error`, or `endpoint_args_invalid` for values that a path or
   * header cannot carry
   */
  protected request(call: HttpCall, context?: EndpointContext): Promise<JsonValue> {
    return this.#call(`${this.#name}: ${(call.method ?? "GET").toUpperCase()} ${call.route}`, call, context);
  }

  async #call(name: string, call: HttpCall, context?: EndpointContext): Promise<JsonValue> {
    const { params = {}, pages, receive = "auto" } = call;
    const parts = buildRequest(this.#api, call, params, name);
    const options = {
      api: name,
      idempotent: call.idempotent ?? IDEMPOTENT.has(parts.method),
      auths: authsOf(this.#api.auth),
      signal: context?.signal,
    };
    const engine = this.#engine;
    if (pages === undefined || asksForOnePage(call)) {
      return engine.read(await engine.request(parts, options), receive, name);
    }
    return await requestPages(engine, parts, pages, options, (answer) => engine.read(answer, receive, name));
  }
}

/** What a model reads: also how pages are joined. */
function describe({ description, pages, params = {}, rename = {} }: HttpEndpoint): string {
  if (pages === undefined || typeof description !== "string") return description;
  const names = Object.keys(params).map((name) => name.replace(/\*$/, ""));
  const param = names.find((name) => (rename[name] ?? name) === pages.param);
  const alone = param === undefined ? "" : `; with "${param}" you get one page`;
  return `${description}\nPages are joined, at most ${pages.maxPages ?? MAX_PAGES}${alone}.`;
}

function authsOf(auth: HttpApi["auth"]): readonly HttpAuth[] {
  if (auth === undefined) return [];
  return Array.isArray(auth) ? auth : [auth as HttpAuth];
}

/** Whether a call names the page that it wants. */
function asksForOnePage({ params = {}, pages, rename = {} }: HttpCall): boolean {
  const param = pages?.param;
  if (param === undefined) return false;
  return Object.entries(params).some(([name, value]) =>
    (rename[name] ?? name) === param && value !== undefined && value !== null
  );
}
