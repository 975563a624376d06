import type { EndpointOptions } from "./types.ts";

/**
 * A key, by where it is: the name of an environment variable, which is read at the first call, or a function, which is
 * asked at each request. Keys are no plain texts here, so that nothing that prints a declaration shows one.
 */
export type Secret = { readonly env: string } | (() => string | Promise<string>);

/** How requests show who makes them. */
export type HttpAuth =
  | {
    /** An `Authorization: Bearer` header. */
    readonly type: "bearer";
    /** The token. */
    readonly token: Secret;
  }
  | {
    /** An `Authorization: Basic` header. */
    readonly type: "basic";
    /** The user; a plain text is no secret. */
    readonly username: Secret | string;
    /** The password. */
    readonly password: Secret;
  }
  | {
    /** A header, a parameter of the query, or a cookie, of its own name. */
    readonly type: "header" | "query" | "cookie";
    /** The name. */
    readonly name: string;
    /** The key. */
    readonly value: Secret;
    /** What comes before the key, such as `"Token "`. Default: nothing. */
    readonly prefix?: string;
  };

/** How many requests may be made. Further ones wait for their turn. */
export interface HttpRateLimit {
  /** How many in each span of time. */
  readonly requests: number;
  /** The span. Milliseconds. */
  readonly perMs: number;
  /** How many of them at once. Default: `requests`. */
  readonly burst?: number;
}

/** The bounds of requests. */
export interface HttpLimits {
  /** How long one request may take, its answer included. Milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
  /** How large an answer may be, all of its pages together. Bytes. Default: 10 MiB. */
  readonly maxResponseBytes?: number;
  /** How often a request that may be repeated is repeated, after 429, 500, 502, 503, 504 and lost connections. Default: 2. */
  readonly retries?: number;
  /** How long to wait at most before a repetition, whatever `Retry-After` asks for. Milliseconds. Default: 30,000. */
  readonly maxRetryDelayMs?: number;
  /** How many requests may be made by all instances of the proxy together. Default: no limit. */
  readonly rateLimit?: HttpRateLimit;
}

/** Where a parameter goes. */
export type HttpPlace = "path" | "query" | "header" | "cookie" | "body";

/** How an answer is read: by its content type, or as the endpoint says. */
export type HttpAnswerForm = "auto" | "json" | "text" | "csv" | "bytes";

/**
 * How the pages of an answer are joined into one. A call that sets `param` itself gets that page alone.
 *
 * `items` is the place of the rows in each page: keys with dots between them, `""` for a page that is a list. What is
 * around them is that of the last page.
 */
export type HttpPages =
  & {
    /** The place of the rows in a page. Default: `""`. */
    readonly items?: string;
    /** How many pages are read at most. Default: 10. */
    readonly maxPages?: number;
  }
  & (
    | {
      /** Pages have numbers: until one without rows, or with fewer than `size`. */
      readonly type: "page";
      /** The parameter of the query. */
      readonly param: string;
      /** The number of the first page. Default: 1. */
      readonly first?: number;
      /** How many rows a full page has. Default: pages are read until one is empty. */
      readonly size?: number;
    }
    | {
      /** Pages begin at a row: until one without rows, or with fewer than `size`. */
      readonly type: "offset";
      /** The parameter of the query. */
      readonly param: string;
      /** How many rows a full page has. Default: pages are read until one is empty. */
      readonly size?: number;
    }
    | {
      /** Each page names what the next one is asked for by. */
      readonly type: "cursor";
      /** The parameter of the query. */
      readonly param: string;
      /** The place of the cursor in a page, such as `meta.next`; null, `""` or none at the end. */
      readonly next: string;
    }
    | {
      /** A `Link` header names the next page (RFC 8288), or a place in the page does. */
      readonly type: "link";
      /** The place of the next page's URL in a page. Default: the `Link` header. */
      readonly next?: string;
      /** The parameter of the query by which a call asks for one page. Default: none. */
      readonly param?: string;
    }
  );

/** How a request is made of parameters. */
export interface HttpRoute {
  /** The path below the base URL; `{name}` stands for a parameter, which then is required. */
  readonly route: string;
  /** The HTTP method. Default: `"GET"`. */
  readonly method?: string;
  /**
   * Where parameters go. Default: those in `route` into the path, others into the query of GET, HEAD and DELETE and into
   * the body else.
   */
  readonly in?: Readonly<Record<string, HttpPlace>>;
  /** Names of parameters at the service, where they differ. Default: the same names. */
  readonly rename?: Readonly<Record<string, string>>;
  /** What every request has in its query. Default: nothing. */
  readonly query?: Readonly<Record<string, string>>;
  /** What every request has in its headers. Default: nothing. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How lists are written into a query: `a=1&a=2`, `a=1,2` or `a[]=1&a[]=2`. Default: `"repeat"`. */
  readonly arrays?: "repeat" | "comma" | "brackets";
  /** How a body is written. Default: `"json"`. */
  readonly send?: "json" | "form";
  /** How an answer is read. Default: `"auto"`. */
  readonly receive?: HttpAnswerForm;
  /** How pages are joined. Default: they are not. */
  readonly pages?: HttpPages;
  /** Whether a request may be repeated. Default: GET, HEAD, OPTIONS, PUT and DELETE may. */
  readonly idempotent?: boolean;
}

/** A REST endpoint: what a model reads about it, and how its requests are made. */
export interface HttpEndpoint extends Omit<EndpointOptions, "method">, HttpRoute {}

/** A REST service, as {@linkcode HttpProxy} needs to know it. */
export interface HttpApi extends HttpLimits {
  /** What all routes are below: http or https, without query. */
  readonly baseUrl: string | URL;
  /** How requests show who makes them. Default: they do not. */
  readonly auth?: HttpAuth | readonly HttpAuth[];
  /** What every request has in its headers. Default: nothing. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What every request has in its query. Default: nothing. */
  readonly query?: Readonly<Record<string, string>>;
  /** The endpoints, by the name that calls use. Default: none but decorated methods. */
  readonly endpoints?: Readonly<Record<string, HttpEndpoint>>;
}

/** One request of a method of an {@linkcode HttpProxy}. */
export interface HttpCall extends HttpRoute {
  /** The parameters. Default: none. */
  readonly params?: Readonly<Record<string, unknown>>;
}
