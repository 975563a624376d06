import type { OnWarning } from "../util/mod.ts";
import type { HttpAuth, HttpLimits, Secret } from "./http_types.ts";
import type { EndpointOptions } from "./types.ts";

/** An operation as the options of `openApiProxy` see it. */
export interface OpenApiOperation {
  /** The name in calls. */
  readonly name: string;
  /** The HTTP method, in upper case. */
  readonly method: string;
  /** The path, with its parameters in braces. */
  readonly route: string;
  /** The document's own name, where it has one. */
  readonly operationId?: string;
  /** The document's tags. */
  readonly tags: readonly string[];
}

/** A key, or user and password, of a security scheme. */
export type OpenApiKey = Secret | { readonly username: Secret | string; readonly password: Secret };

/** Options of `openApiProxy`. */
export interface OpenApiProxyOptions extends HttpLimits {
  /** The name in calls. Default: the document's title, in lower case. */
  readonly path?: string;
  /** What all paths are below, in place of every server of the document. Default: the servers of the document. */
  readonly baseUrl?: string | URL;
  /** Values of variables in the URLs of servers. Default: the document's. */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Keys by the name of their security scheme; or how every request shows who makes it, whatever the document says.
   * Default: a scheme's key is in the environment variable `LLLM_API_<PATH>_<SCHEME>`.
   */
  readonly auth?: HttpAuth | readonly HttpAuth[] | Readonly<Record<string, OpenApiKey>>;
  /**
   * Origins that operations may be at beside that of the document's first server, without keys and `headers`. Default: none; an
   * operation with a server elsewhere is left out.
   */
  readonly origins?: readonly string[];
  /** Origins that operations may be at with keys and `headers`, beside that of the document's first server. Default: none. */
  readonly keyOrigins?: readonly string[];
  /** What every request has in its headers. Default: nothing. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Which operations there are: names, ids or tags, the beginning of a path (with its `/`), or patterns for texts such as
   * `GET /users/{id}`. Default: all.
   */
  readonly include?: readonly (string | RegExp)[];
  /** Which operations there are not. Default: none. */
  readonly exclude?: readonly (string | RegExp)[];
  /** Which operations need approval. Default: none. */
  readonly needsApproval?: boolean | ((operation: OpenApiOperation) => boolean);
  /** More about an endpoint: `dtCutoff`, `removeKeys`, `cacheMs`, `postCall`, … Default: nothing. */
  readonly extend?: (operation: OpenApiOperation) => Partial<EndpointOptions> | undefined;
  /** Other documents that this one refers to, by what its references call them. Default: none; nothing is fetched. */
  readonly documents?: Readonly<Record<string, unknown>>;
  /** Hears of operations that are left out since they cannot be used. Default: the console. */
  readonly onWarning?: OnWarning;
  /** Aborts the reading of a document. Default: nothing does. */
  readonly signal?: AbortSignal;
}
