import { LLLMError } from "../errors.ts";
import { type Clock, systemClock } from "../run/mod.ts";
import type { JsonValue } from "../util/mod.ts";
import { tryEndpoints } from "./_try_endpoints.ts";
import { brandProxyBase, readProxyInfo } from "./_brand.ts";
import { parseIsoDate } from "./_dates.ts";
import { type EndpointDeclaration, endpointsOf } from "./_declaration.ts";
import { declareParams } from "./_params.ts";
import type { ApiDirectory, AutoTestResult, EndpointInfo, FinishedCall, ProxyOptions } from "./types.ts";

/**
 * An API surface for code that a model writes: extend it, name it with {@linkcode proxy}, and mark methods with
 * {@linkcode endpoint}. {@linkcode ProxyManager} creates one instance and calls it, at times concurrently.
 *
 * @example
 * ```ts
 * import { BaseProxy, endpoint, proxy, ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * @proxy({ path: "market", name: "Market data", description: "Daily prices of listed companies" })
 * class Market extends BaseProxy {
 *   @endpoint({
 *     category: "prices",
 *     endpoint: "close",
 *     description: "The last closing price",
 *     params: { "symbol*": ["string", "AAPL"] },
 *     response: { symbol: "AAPL", close: 187.2 },
 *   })
 *   close(params: { symbol: string }): { symbol: string; close: number } {
 *     return { symbol: params.symbol, close: 42 };
 *   }
 * }
 *
 * const manager = new ProxyManager();
 * manager.register("market", Market);
 * assert.deepEqual(await manager.call("market/close", { symbol: "ACME" }), { symbol: "ACME", close: 42 });
 * ```
 */
export class BaseProxy {
  static {
    brandProxyBase(this);
  }

  /** The names of the proxies that are active beside this one. */
  readonly activateProxies: readonly string[];
  /** Nothing later than this may be told. */
  readonly cutoffDate: Date | undefined;
  /** Whether the program serves real users, and does not run an experiment. */
  readonly deployMode: boolean;
  /** Whether answers of endpoints with `cacheMs` may be kept. */
  readonly useCache: boolean;
  /** Tells the time and waits. */
  readonly clock: Clock;

  /**
   * Creates a proxy. Constructors of subclasses take the same options and hand them on.
   *
   * @throws {LLLMError} `config_invalid` when `cutoffDate` is no date
   */
  constructor(options: ProxyOptions = {}) {
    const { activateProxies = [], cutoffDate, deployMode = false, useCache = true, clock = systemClock } =
      options;
    this.activateProxies = Object.freeze([...activateProxies]);
    this.cutoffDate = readCutoffDate(cutoffDate);
    this.deployMode = deployMode;
    this.useCache = useCache;
    this.clock = clock;
  }

  /** A hook that subclasses may add: changes every answer of every endpoint, after the endpoint's own `postCall`. */
  postCall?(answer: JsonValue, call: FinishedCall): unknown;

  /** Lists the endpoints, sorted by category, then by endpoint. */
  endpointDirectory(): EndpointInfo[] {
    const entries = [...endpointsOf(this).values()].map((declaration): EndpointInfo => {
      const { callable, options } = declaration;
      return withSchemas(declaration, {
        category: options.category ?? "general",
        subCategory: options.subCategory ?? "",
        endpoint: options.endpoint ?? callable,
        name: options.name ?? callable,
        description: options.description,
        callable,
        method: options.method ?? "GET",
        params: options.params ?? declareParams(declaration.params),
        response: options.response ?? null,
        removeKeys: options.removeKeys ?? [],
        dtCutoff: options.dtCutoff ?? null,
        needsApproval: options.needsApproval ?? false,
      });
    });
    return entries.sort((a, b) => compare(a.category, b.category) || compare(a.endpoint, b.endpoint));
  }

  /** Describes the proxy and its endpoints. */
  apiDirectory(): ApiDirectory {
    const { path, name, description } = readProxyInfo(this.constructor);
    return {
      id: path ?? this.constructor.name,
      displayName: name,
      description,
      endpoints: this.endpointDirectory(),
    };
  }

  /**
   * Calls each endpoint with its example parameters, one after the other, and reports how it went, by the name of the
   * method. Endpoints that need approval are skipped; so this is safe to the extent that the others are.
   */
  autoTest(options: { signal?: AbortSignal } = {}): Promise<Record<string, AutoTestResult>> {
    return tryEndpoints(this, options);
  }
}

/**
 * Reads a cutoff date.
 *
 * @throws {LLLMError} `config_invalid` when it is no date
 */
export function readCutoffDate(value: string | Date | null | undefined): Date | undefined {
  if (value === undefined || value === null) return undefined;
  const time = value instanceof Date ? value.getTime() : parseIsoDate(String(value));
  if (time !== undefined && !Number.isNaN(time)) return new Date(time);
  throw new LLLMError(
    `Cannot use cutoff date "${value}": expected a Date or an ISO 8601 date such as "2024-01-31"`,
    { code: "config_invalid", data: { key: "cutoffDate", value: String(value) } },
  );
}

/** Adds the schemas, which are made when they are read. */
function withSchemas(declaration: EndpointDeclaration, info: EndpointInfo): EndpointInfo {
  for (const name of ["inputSchema", "outputSchema"] as const) {
    const get = declaration[name];
    if (get !== undefined) Object.defineProperty(info, name, { get });
  }
  return info;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
