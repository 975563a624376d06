import {
  type HttpApi,
  type HttpEndpoint,
  HttpProxy,
  proxy,
  type ProxyClass,
  type ProxyInfo,
  type ProxyOptions,
  type Secret,
} from "../proxies/mod.ts";

/** Options of every built-in proxy. */
export interface BuiltinProxyOptions {
  /** Where the service is. Default: the vendor's address. */
  readonly baseUrl?: string | URL;
  /** The key. Default: the environment variable that the proxy names, read at the first call. */
  readonly key?: Secret;
  /**
   * Whether endpoints that know only the present stay when there is a cutoff date. What they tell may be later than it.
   * Default: false.
   */
  readonly ignoreCutoff?: boolean;
}

/** What a built-in proxy is made of. */
export interface BuiltinProxy {
  readonly info: ProxyInfo;
  readonly api: Omit<HttpApi, "endpoints">;
  readonly endpoints: Readonly<Record<string, HttpEndpoint>>;
  /** Endpoints that cannot tell the past from what came later: with a cutoff date they are not there. */
  readonly presentOnly: readonly string[];
}

/** Makes the class of a built-in proxy. */
export function builtinProxy(
  { info, api, endpoints, presentOnly }: BuiltinProxy,
  { baseUrl = api.baseUrl, ignoreCutoff = false }: BuiltinProxyOptions,
): ProxyClass {
  const all: HttpApi = { ...api, baseUrl, endpoints };
  const past: HttpApi = {
    ...all,
    endpoints: Object.fromEntries(Object.entries(endpoints).filter(([name]) => !presentOnly.includes(name))),
  };
  @proxy(info)
  class Builtin extends HttpProxy {
    constructor(options: ProxyOptions = {}) {
      super(options, ignoreCutoff || options.cutoffDate === undefined ? all : past);
    }
  }
  Object.defineProperty(Builtin, "name", { value: info.path, configurable: true });
  return Builtin;
}
