import { type Clock, currentRun, getDefaultResolver, type OnApproval, type Resolver } from "../run/mod.ts";
import { mutableCopy } from "../util/mod.ts";
import { readProxies } from "./_activate.ts";
import { ActiveProxies } from "./_active_proxies.ts";
import { approve } from "./_approve.ts";
import { callEndpoint } from "./_call_endpoint.ts";
import { ApiDocs } from "./_docs.ts";
import { prepareArgs, validateArgs } from "./_prepare_args.ts";
import { readCutoffDate } from "./base_proxy.ts";
import { isProxyClass, type ProxyClass } from "./proxy.ts";
import type { ApiDirectory } from "./types.ts";

/** Options of the {@linkcode ProxyManager} constructor. */
export interface ProxyManagerOptions {
  /** Qualified keys, bare keys or paths of the proxies to use. Default, and if empty: every proxy of the runtime. */
  readonly activateProxies?: readonly string[];
  /**
   * Nothing later than this is told: a `Date`, or a date in ISO 8601 form (UTC without an offset). Default: no limit.
   */
  readonly cutoffDate?: string | Date;
  /** Whether the program serves real users, and does not run an experiment; endpoints are told. Default: false. */
  readonly deployMode?: boolean;
  /** Whether answers of endpoints with `cacheMs` may be kept, as long as this manager lives. Default: true. */
  readonly useCache?: boolean;
  /** Tells the proxies the time and waits for them. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Where the proxies are registered. Default: the current run's runtime, else the default one. */
  readonly runtime?: Resolver;
  /** Whose calls these are, for those who approve them. Default: `""`. */
  readonly agentName?: string;
  /** Decides about calls that need approval, where the current run says nothing of that. Default: they are denied. */
  readonly onApproval?: OnApproval;
  /** How long a decision may take, in milliseconds; then the call is refused. Default: what the run says, else no limit. */
  readonly approvalTimeoutMs?: number;
}

/** Options of {@linkcode ProxyManager.call}. */
export interface ProxyCallOptions {
  /** Aborts the call, which then rejects with its reason. Default: the current run's signal. */
  readonly signal?: AbortSignal;
}

/** Options of {@linkcode ProxyManager.retrieveApiDocs}. */
export interface ApiDocsOptions {
  /** Words to look for; endpoints that have none of them are left out. Default: every endpoint. */
  readonly query?: string;
  /** Which page, from 1. Default: 1. */
  readonly page?: number;
  /** How endpoints are described: their parameters one by one, or as TypeScript declarations. Default: `"text"`. */
  readonly form?: "text" | "typescript";
}

/**
 * Answers the API calls of one agent's code: finds the endpoint, checks the parameters, asks for approval where it is
 * needed, and runs the call as a step of the run. Each proxy class is instantiated once, when it is first needed.
 *
 * @example
 * ```ts
 * import { defineProxy, ProxyManager } from "@lllm/lllm/proxies";
 * import assert from "node:assert/strict";
 *
 * const manager = new ProxyManager();
 * manager.register(
 *   "clock",
 *   defineProxy({
 *     path: "clock",
 *     name: "Clock",
 *     description: "Tells the time",
 *     endpoints: { hour: { description: "The hour of the day", response: 12, handler: () => 12 } },
 *   }),
 * );
 * assert.deepEqual(manager.available(), ["clock"]);
 * assert.equal(await manager.call("clock/hour"), 12);
 * await assert.rejects(manager.call("clock/huor"), /did you mean "clock\/hour"/);
 * ```
 */
export class ProxyManager {
  /** Nothing later than this is told. */
  readonly cutoffDate: Date | undefined;
  /** Whether the program serves real users, and does not run an experiment. */
  readonly deployMode: boolean;
  readonly #agentName: string;
  readonly #options: ProxyManagerOptions;
  #calls = 0;
  readonly #proxies: ActiveProxies;
  readonly #docs = new ApiDocs();

  /**
   * Creates a manager of the activated proxies.
   *
   * @throws {LLLMError} `config_invalid` when an entry of `activateProxies` matches nothing, or `cutoffDate` is no date;
   * `resource_type_mismatch` when a resource that is registered as a proxy is none
   */
  constructor(options: ProxyManagerOptions = {}) {
    const { activateProxies = [], deployMode = false, useCache = true, agentName = "", clock } = options;
    const cutoffDate = readCutoffDate(options.cutoffDate);
    this.cutoffDate = cutoffDate;
    this.deployMode = deployMode;
    this.#agentName = agentName;
    this.#options = options;
    this.#proxies = new ActiveProxies((proxyClass) =>
      new proxyClass({
        activateProxies,
        deployMode,
        useCache,
        ...(cutoffDate === undefined ? {} : { cutoffDate }),
        ...(clock === undefined ? {} : { clock }),
      })
    );
    const runtime = options.runtime ?? currentRun()?.resolver ?? getDefaultResolver();
    for (const { keys, proxyClass } of readProxies(runtime, activateProxies)) {
      for (const key of keys) this.#proxies.add(key, proxyClass);
    }
  }

  /**
   * Adds a proxy under a name of its own, whatever `activateProxies` says; another one of that name is replaced.
   *
   * @throws {TypeError} when the name is empty, or the proxy is no proxy class
   */
  register(name: string, proxyClass: ProxyClass): void {
    if (typeof name !== "string" || name === "") {
      throw new TypeError(`Cannot register proxy: expected a name, found ${JSON.stringify(name)}`);
    }
    if (!isProxyClass(proxyClass)) {
      throw new TypeError(
        `Cannot register proxy "${name}": expected a subclass of BaseProxy, found ${typeof proxyClass}`,
      );
    }
    this.#proxies.add(name, proxyClass);
  }

  /** Lists the names of the proxies, sorted: the path, else the bare key; qualified keys where two collide. */
  available(): string[] {
    return this.#proxies.names();
  }

  /** Describes every proxy, by its name. */
  apiCatalog(): Record<string, ApiDirectory> {
    return Object.fromEntries(this.available().map((name) => [name, this.getApiDirectory(name)]));
  }

  /**
   * Describes one proxy; its `id` is the name that {@linkcode ProxyManager.available} lists.
   *
   * @throws {LLLMError} `endpoint_not_found` when there is no such proxy
   */
  getApiDirectory(name: string): ApiDirectory {
    const found = this.#proxies.proxy(name);
    return { ...found.instance.apiDirectory(), id: found.name };
  }

  /**
   * Writes the documentation of one proxy or endpoint, or without a name of all, as text, in pages of about 6,000 characters.
   * With a query it covers the best matches alone, at most 100. Without one, more than 200 endpoints are only listed.
   *
   * @throws {LLLMError} `endpoint_not_found` when `name` is neither a proxy nor an endpoint
   * @throws {RangeError} when there is no such page
   */
  retrieveApiDocs(name?: string, options: ApiDocsOptions = {}): string {
    if (name === undefined || name === "") {
      return this.#docs.render(Object.values(this.apiCatalog()), options);
    }
    const endpoint = this.#proxies.hasProxy(name) ? undefined : this.#proxies.findEndpoint(name);
    if (endpoint === undefined) return this.#docs.render([this.getApiDirectory(name)], options);
    const directory = this.getApiDirectory(endpoint.name);
    const { callable } = endpoint.declaration;
    const endpoints = directory.endpoints.filter((info) => info.callable === callable);
    return this.#docs.render([{ ...directory, endpoints }], options);
  }

  /**
   * Calls an endpoint: `proxy/method`, or `proxy.method`. The answer is JSON data. Inside a run the call is a step.
   *
   * @throws {LLLMError} `endpoint_not_found` or `endpoint_args_invalid`
   * @throws {DOMException} `NotAllowedError` when the call needs approval and does not get it
   * @throws the signal's reason on an abort, and whatever the endpoint throws
   */
  async call(
    path: string,
    params: Record<string, unknown> = {},
    options: ProxyCallOptions = {},
  ): Promise<unknown> {
    if (typeof path !== "string") {
      throw new TypeError(`Cannot call API: expected its path as a string, found ${typeof path}`);
    }
    const { name, instance, declaration } = this.#proxies.endpoint(path);
    const checked = prepareArgs(path, declaration, params, this.cutoffDate);
    const run = currentRun();
    const signal = eitherSignal(options.signal, run?.signal);
    signal?.throwIfAborted();
    const stepPath = run?.nextPath(`api:${path}`); // before anything waits: the order of calls is that of their paths
    await validateArgs(path, declaration, checked);
    const effect = async () => {
      if (declaration.options.needsApproval === true) {
        const toolName = `${name}/${declaration.callable}`;
        const request = {
          agentName: this.#agentName,
          toolName,
          callId: stepPath ?? `api:${path}#${this.#calls++}`,
          arguments: checked,
        };
        const { clock, onApproval, approvalTimeoutMs } = this.#options;
        await approve(request, {
          signal,
          clock,
          onApproval: run?.onApproval ?? onApproval,
          timeoutMs: run?.approvalTimeoutMs ?? approvalTimeoutMs,
        });
      }
      const context = {
        deployMode: this.deployMode,
        ...(signal === undefined ? {} : { signal }),
        ...(this.cutoffDate === undefined ? {} : { cutoffDate: new Date(this.cutoffDate) }),
      };
      return await callEndpoint(instance, declaration, { path, params: mutableCopy(checked), context });
    };
    if (run === undefined) return await effect();
    return await run.runStep({ kind: "api", name: path, path: stepPath!, input: checked }, effect);
  }
}

function eitherSignal(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  return AbortSignal.any([a, b]);
}
