import type { BuiltinProxyOptions } from "@lllm/lllm/builtins";
import { type ProxyClass, ProxyManager } from "@lllm/lllm/proxies";
import { type RestServer, restServer, type SeenRequest } from "../proxies/_rest_server.ts";

/** The key of every service here. */
export const KEY = "builtin-key-123";

/** A built-in proxy that talks to a local server of its service's shape. */
export interface BuiltinService extends AsyncDisposable {
  readonly server: RestServer;
  /** A manager of the proxy, with a cutoff date if one is given. */
  manager(cutoffDate?: string, options?: BuiltinProxyOptions): ProxyManager;
}

/** Starts a server that answers by `answers`, and refuses requests whose key `keyOf` does not find. */
export function builtinService(
  create: (options: BuiltinProxyOptions) => ProxyClass,
  keyOf: (request: SeenRequest) => string | undefined,
  answers: Record<string, (request: SeenRequest) => unknown>,
): BuiltinService {
  const server = restServer((request) => {
    if (keyOf(request) !== KEY) return Response.json({ error: "Invalid key" }, { status: 401 });
    const answer = answers[`${request.method} ${request.path}`];
    if (answer === undefined) return Response.json({ error: "Not found" }, { status: 404 });
    const body = answer(request);
    return body instanceof Response ? body : Response.json(body);
  });
  return {
    server,
    manager: (cutoffDate, options = {}) => {
      const manager = new ProxyManager(cutoffDate === undefined ? {} : { cutoffDate });
      const path = new URL(server.url);
      manager.register("proxy", create({ baseUrl: path, key: () => KEY, ...options }));
      return manager;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The query of a request without lists. */
export function queryOf(request: SeenRequest | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request?.query ?? {}).map(([name, values]) => [name, values.join("|")]),
  );
}
