import type { Clock } from "../run/mod.ts";
import type { JsonSchema, JsonValue } from "../util/mod.ts";

/** What a parameter of an endpoint may be. `any` takes every JSON value. */
export type ParamType = "string" | "integer" | "number" | "boolean" | "array" | "object" | "any";

/** A parameter's type, an example value, and what it means. */
export type ParamDeclaration = readonly [type: ParamType, example?: unknown, description?: string];

/** Describes an endpoint: what a model reads about it, and what is done with its answers. */
export interface EndpointOptions {
  /** Groups endpoints in the directory. Default: `"general"`. */
  readonly category?: string;
  /** The endpoint's name at its service; calls may use it like the method's name. Default: the method's name. */
  readonly endpoint?: string;
  /** A readable name. Default: the method's name. */
  readonly name?: string;
  /** What it does, in a sentence. */
  readonly description: string;
  /** Groups endpoints within a category. Default: `""`. */
  readonly subCategory?: string;
  /**
   * The parameters by name: `[type, example?, description?]`. A name that ends in `*` is required. Default: none.
   */
  readonly params?: Readonly<Record<string, ParamDeclaration>>;
  /** An example of the answer, JSON-safe. Default: none. */
  readonly response?: unknown;
  /** The HTTP method, for the documentation. Default: `"GET"`. */
  readonly method?: string;
  /** Keys that are dropped from answers, at any depth. Default: none. */
  readonly removeKeys?: readonly string[];
  /**
   * The field that dates a row, and its format: `%Y-%m-%d` as in `strptime`, or `YYYY-MM-DD`; ISO 8601 texts and Unix
   * times are read too. Rows dated after the cutoff date are dropped from answers; a month or a year without a day counts
   * as its last day. Default: nothing is dropped.
   */
  readonly dtCutoff?: readonly [field: string, format?: string];
  /**
   * Parameters that are dates, by name: with a cutoff date, a later one is replaced by the cutoff date, and one that
   * cannot be read is refused. Default: none.
   */
  readonly dateParams?: Readonly<Record<string, DateParam>>;
  /** Whether each call needs the approval of the run's `onApproval`. Default: false. */
  readonly needsApproval?: boolean;
  /**
   * A JSON Schema of all parameters as one object, or what makes it at its first use. Arguments must satisfy it too; without
   * `params`, its properties are the parameters. Default: none.
   */
  readonly inputSchema?: JsonSchema | (() => JsonSchema);
  /** A JSON Schema of the answer, or what makes it at its first use; for the documentation. Default: none. */
  readonly outputSchema?: JsonSchema | (() => JsonSchema);
  /**
   * Changes each answer before the caller gets it; may be asynchronous. What it throws fails the call. Rows after the cutoff
   * date are dropped both before and after it. Default: answers stay as they are.
   */
  readonly postCall?: PostCall;
  /** How long an answer is kept and given again to the same parameters, by proxies with `useCache`. Milliseconds. Default: 0. */
  readonly cacheMs?: number;
}

/** A parameter that is a date. */
export interface DateParam {
  /** How it is written: as in `dtCutoff`. Default: an ISO 8601 date, or Unix seconds where a number is given. */
  readonly format?: string;
  /** Whether the cutoff date is sent where the parameter is left out. Default: false. */
  readonly fill?: boolean;
}

/** Changes the answer of a call: is given it as JSON data, gives what takes its place. */
export type PostCall = (answer: JsonValue, call: FinishedCall) => unknown;

/** A call that was answered, as post-call hooks see it. */
export interface FinishedCall {
  /** The name of the endpoint's method. */
  readonly callable: string;
  /** The checked parameters. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What the endpoint was given beside them. */
  readonly context: EndpointContext;
}

/** What an endpoint's method is given beside its parameters. */
export interface EndpointContext {
  /** Aborted when the caller no longer wants the answer. Hand it to whatever can wait. */
  readonly signal?: AbortSignal;
  /** Nothing later than this may be told. */
  readonly cutoffDate?: Date;
  /** Whether the program serves real users, and does not run an experiment. */
  readonly deployMode: boolean;
}

/** Describes a proxy. */
export interface ProxyInfo {
  /** The name in calls, such as `market` or `finance/market`; also the last part of its key in a package. */
  readonly path?: string;
  /** A readable name. */
  readonly name: string;
  /** What it offers, in a sentence. */
  readonly description: string;
}

/** Options of the {@linkcode BaseProxy} constructor. */
export interface ProxyOptions {
  /** The names of the proxies that are active beside this one. Default: none are told. */
  readonly activateProxies?: readonly string[];
  /** Nothing later than this may be told: a `Date`, or a date in ISO 8601 form (UTC without an offset). Default: none. */
  readonly cutoffDate?: string | Date;
  /** Whether the program serves real users, and does not run an experiment. Default: false. */
  readonly deployMode?: boolean;
  /** Whether answers of endpoints with `cacheMs` may be kept. Default: true. */
  readonly useCache?: boolean;
  /** Tells the time and waits. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** One endpoint as the directory lists it: JSON-safe. */
export interface EndpointInfo {
  /** Groups endpoints. */
  readonly category: string;
  /** Groups endpoints within a category. */
  readonly subCategory: string;
  /** The endpoint's name at its service. */
  readonly endpoint: string;
  /** A readable name. */
  readonly name: string;
  /** What it does. */
  readonly description: string;
  /** The name in calls. */
  readonly callable: string;
  /** The HTTP method. */
  readonly method: string;
  /** The parameters as declared: names of required ones end in `*`. */
  readonly params: Readonly<Record<string, ParamDeclaration>>;
  /** An example of the answer, or null. */
  readonly response: unknown;
  /** Keys that are dropped from answers. */
  readonly removeKeys: readonly string[];
  /** The field, and its format, by which rows after the cutoff date are dropped, or null. */
  readonly dtCutoff: readonly [field: string, format?: string] | null;
  /** Whether each call needs approval. */
  readonly needsApproval: boolean;
  /** The JSON Schema of the parameters, where one was declared; made when it is read, and left out of JSON. */
  readonly inputSchema?: JsonSchema;
  /** The JSON Schema of the answer, where one was declared; made when it is read, and left out of JSON. */
  readonly outputSchema?: JsonSchema;
}

/** What a proxy offers: JSON-safe. */
export interface ApiDirectory {
  /** The name in calls: the proxy's path, else the name of its class. */
  readonly id: string;
  /** A readable name. */
  readonly displayName: string;
  /** What it offers. */
  readonly description: string;
  /** Its endpoints, by category, then by endpoint. */
  readonly endpoints: readonly EndpointInfo[];
}

/** How an endpoint answered to its example parameters. */
export interface AutoTestResult {
  /**
   * `error`: it threw, or an example is missing or wrong. `skipped`: it was not called, since it needs approval, or is one
   * of an `HttpProxy` that changes something at its service.
   */
  readonly status: "ok" | "error" | "skipped";
  /** What went wrong. */
  readonly error?: string;
  /** The required parameters that have no example. */
  readonly missing: readonly string[];
  /** How long the call took, in milliseconds. */
  readonly durationMs: number;
}
