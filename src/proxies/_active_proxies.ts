import { LLLMError } from "../errors.ts";
import { type EndpointDeclaration, endpointsOf } from "./_declaration.ts";
import { endpointNotFound, splitPath, splitsOf } from "./_endpoint_lookup.ts";
import { type ProxyEntry, ProxyTable } from "./_proxy_table.ts";
import type { BaseProxy } from "./base_proxy.ts";
import type { ProxyClass } from "./proxy.ts";

/** A proxy that was found, under the name that is shown for it. */
export interface FoundProxy {
  readonly name: string;
  readonly instance: BaseProxy;
}

/** An endpoint that was found, with its proxy. */
export interface FoundEndpoint extends FoundProxy {
  readonly declaration: EndpointDeclaration;
}

/** The proxies of one manager: names, lookups that explain why they fail, and one instance of each class. */
export class ActiveProxies {
  readonly #table = new ProxyTable();
  readonly #instances = new Map<ProxyClass, BaseProxy>();
  readonly #create: (proxyClass: ProxyClass) => BaseProxy;

  constructor(create: (proxyClass: ProxyClass) => BaseProxy) {
    this.#create = create;
  }

  /** Adds a proxy under a key; another one that had the key loses it. */
  add(key: string, proxyClass: ProxyClass): void {
    this.#table.add(key, proxyClass);
  }

  /** The names that are shown, sorted. */
  names(): string[] {
    return [...this.#table.names.keys()];
  }

  /** Tells whether a name means a proxy. */
  hasProxy(name: string): boolean {
    return this.#table.find(name).length > 0;
  }

  /** Finds a proxy by any of its names. */
  proxy(name: string): FoundProxy {
    const entries = this.#table.find(name);
    if (entries.length === 1) return this.#found(entries[0]!);
    if (entries.length > 1) throw this.#ambiguous(name, entries, "");
    const known = this.names();
    throw endpointNotFound({ path: name, expected: "a proxy", known, instead: known });
  }

  /** Finds an endpoint by the path of a call: the method's name, then the declared endpoint. */
  endpoint(path: string): FoundEndpoint {
    return this.findEndpoint(path) ?? this.#refuse(path);
  }

  /** Finds an endpoint by the path of a call; `undefined` when there is none. */
  findEndpoint(path: string): FoundEndpoint | undefined {
    for (const { proxyName, endpointName } of splitsOf(path)) {
      const entries = this.#table.find(proxyName);
      if (entries.length !== 1) continue;
      const found = this.#found(entries[0]!);
      const endpoints = endpointsOf(found.instance);
      const wanted = endpointName.replace(/^\/+/, "");
      const declaration = endpoints.get(endpointName) ??
        [...endpoints.values()].find(({ options }) => options.endpoint?.replace(/^\/+/, "") === wanted);
      if (declaration !== undefined) return { ...found, declaration };
    }
    return undefined;
  }

  #refuse(path: string): never {
    const parts = splitsOf(path).find(({ proxyName }) => this.#table.find(proxyName).length > 0) ??
      splitPath(path);
    if (parts === undefined) {
      throw endpointNotFound({
        path,
        expected: '"<proxy>/<endpoint>"',
        found: "no such parts",
        known: this.names().flatMap((name) => this.#calls(name)),
        instead: this.names(),
      });
    }
    const { proxyName, endpointName } = parts;
    const entries = this.#table.find(proxyName);
    if (entries.length > 1) throw this.#ambiguous(path, entries, `/${endpointName}`);
    if (entries.length === 0) {
      throw endpointNotFound({
        path,
        expected: `a proxy "${proxyName}"`,
        known: this.names().flatMap((name) => this.#calls(name)),
        instead: this.names(),
      });
    }
    const { name } = this.#found(entries[0]!);
    const known = this.#calls(name);
    const wrong = `${name}/${endpointName}`;
    const expected = `an endpoint of "${name}"`;
    const found = known.length === 0 ? "that it has none under these settings" : "none of that name";
    throw endpointNotFound({ path, wrong, expected, found, known, instead: known });
  }

  #ambiguous(path: string, entries: readonly ProxyEntry[], suffix: string): LLLMError {
    const near = entries.map((entry) => `${this.#shownName(entry)}${suffix}`);
    const list = near.map((name) => `"${name}"`).join(" or ");
    return new LLLMError(`Cannot find API "${path}": expected one proxy, found several; write ${list}`, {
      code: "endpoint_not_found",
      data: { path, near: near.slice(0, 5) },
    });
  }

  #calls(name: string): string[] {
    return [...endpointsOf(this.proxy(name).instance).keys()].map((callable) => `${name}/${callable}`);
  }

  #found(entry: ProxyEntry): FoundProxy {
    let instance = this.#instances.get(entry.proxyClass);
    if (instance === undefined) {
      instance = this.#create(entry.proxyClass);
      this.#instances.set(entry.proxyClass, instance);
    }
    return { name: this.#shownName(entry), instance };
  }

  #shownName({ proxyClass, keys }: ProxyEntry): string {
    for (const [name, entry] of this.#table.names) if (entry.proxyClass === proxyClass) return name;
    return keys[0]!;
  }
}
