import { isPlainObject } from "../../util/mod.ts";
import { textOf } from "../_http/build_request.ts";
import { checkBaseUrl } from "../_http/check_api.ts";
import { Unusable } from "./refs.ts";

/** What servers are read with. */
export interface ServerOptions {
  /** Values of the variables in the servers' URLs. */
  readonly variables: Readonly<Record<string, string>>;
  /** What relative URLs are relative to. */
  readonly documentUrl: URL | undefined;
}

/**
 * Reads the first server of a list.
 *
 * @returns nothing where there is none
 * @throws {Unusable} when it cannot be used
 */
export function firstServer(servers: unknown, options: ServerOptions): URL | undefined {
  return Array.isArray(servers) && servers.length > 0 ? readServer(servers[0], options) : undefined;
}

function readServer(server: unknown, { variables, documentUrl }: ServerOptions): URL {
  if (!isPlainObject(server) || typeof server.url !== "string") {
    throw new Unusable("expected a server with a URL");
  }
  const declared = isPlainObject(server.variables) ? server.variables : {};
  const text = server.url.replace(/\{([^{}]*)\}/g, (_slot, name: string) => {
    const variable = Object.hasOwn(declared, name) && isPlainObject(declared[name]) ? declared[name] : {};
    const value = Object.hasOwn(variables, name) ? variables[name] : variable.default;
    if (typeof value !== "string" && typeof value !== "number") {
      throw new Unusable(`expected a value of the variable "${name}" of its server, found none`);
    }
    if (Array.isArray(variable.enum) && !variable.enum.includes(value)) {
      throw new Unusable(
        `expected the variable "${name}" of its server to be one of ${
          variable.enum.map((item) => textOf(item)).join(", ")
        }`,
      );
    }
    return String(value);
  });
  const url = URL.parse(text, documentUrl);
  if (url === null) {
    throw new Unusable(
      `its server ${JSON.stringify(text.slice(0, 100))} is no absolute URL; set the option "baseUrl"`,
    );
  }
  try {
    return checkBaseUrl(url);
  } catch {
    throw new Unusable(
      `its server is at "${url.protocol}//${url.host}${url.pathname}", expected http or https without user and query`,
    );
  }
}
