import type { OpenAI } from "openai";
import { outsideRun } from "../util/mod.ts";
import type { Connection } from "./_connection.ts";

/** Creates a client of the SDK that leaves retries, deadlines and the environment to its user. */
export async function createClient(
  connection: Connection,
  fetch: typeof globalThis.fetch | undefined,
): Promise<OpenAI> {
  const { OpenAI } = await outsideRun(() => import("openai"));
  const client = new OpenAI({
    baseURL: connection.baseUrl,
    apiKey: connection.apiKey ?? "none",
    defaultHeaders: connection.headers,
    defaultQuery: connection.query,
    // What is null here is not looked for in the environment.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logLevel: "off",
  });
  // The SDK would set a timer and join the request's signal with one of its own, which costs more than all the rest of a
  // request's preparation. The deadline of a request is our own: it covers the body too.
  client.fetchWithTimeout = (url, init) =>
    fetch === undefined
      ? globalThis.fetch(url, { ...init, method: "POST" })
      : fetch(url, { ...init, method: "POST", headers: new Headers(init?.headers) });
  if (typeof connection.apiKey !== "function") rememberRequests(client);
  return client;
}

/**
 * Makes a client build address and headers once for all requests that differ in their bodies only. The headers are plain pairs of names
 * and values: of a `Headers`, `fetch` and the SDK would make lists each time, which takes five times as long as all else about them.
 */
function rememberRequests(client: OpenAI): void {
  const build = client.buildRequest.bind(client);
  const known = new Map<string, { url: string; timeout: number; headers: Headers }>();
  client.buildRequest = async (options, attempt) => {
    const { path, body, signal, headers, query } = options;
    if (headers !== undefined || query !== undefined) return await build(options, attempt);
    const like = known.get(path);
    if (like === undefined) {
      const built = await build(options, attempt);
      const headers = Object.freeze(Object.fromEntries(built.req.headers)) as unknown as Headers;
      known.set(path, { url: built.url, timeout: built.timeout, headers });
      return built;
    }
    return {
      url: like.url,
      timeout: like.timeout,
      req: {
        headers: like.headers,
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      },
    };
  };
}
