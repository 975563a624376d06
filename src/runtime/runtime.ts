import { LLLMError, ResourceNotFoundError } from "../errors.ts";
import { emitWarning, type OnWarning, type Warning } from "../config/mod.ts";
import type { Prompt } from "../prompt/mod.ts";
import type { ProxyClass } from "../proxies/mod.ts";
import type { Resolver } from "../run/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import { nearest } from "../util/mod.ts";
import { checkResource } from "./_check_resource.ts";
import { nameOfContextManager } from "./_code_resources.ts";
import { methodToolNodes } from "./_method_tools.ts";
import { candidateKeys } from "./_resolve_key.ts";
import { sectionOf } from "./_sections.ts";
import { createPackageInfo, type PackageInfo, type PackageInfoInit } from "./package_info.ts";
import type { ContextManagerClass, TacticClass } from "./resource_classes.ts";
import { type ResourceLoader, ResourceNode } from "./resource_node.ts";

/** Options of the {@linkcode Runtime} constructor. */
export interface RuntimeOptions {
  /** Hears of warnings, beside {@linkcode Runtime.warnings}. Default: nobody. */
  onWarning?: OnWarning;
}

/** Options of the `register…` methods. */
export interface RegisterOptions {
  /** `<package>.<section>`. Default: that section of the default namespace, else the bare section. */
  namespace?: string;
  /** Whether a resource of the same key is replaced; if not, it is an error. Default: `true`. */
  overwrite?: boolean;
}

/**
 * A registry of resources: prompts, tools, tactics, proxies, configs, …, each under a key such as
 * `my_pkg.prompts:research/system`. Creating one reads and starts nothing.
 *
 * A key is looked up in this order: exact; without `:` in the default namespace; `pkg:path` in the section of the wanted
 * type; `section:path` in the default package.
 *
 * @example
 * ```ts
 * import { Runtime } from "@lllm/lllm/runtime";
 * import { Prompt } from "@lllm/lllm/prompt";
 * import assert from "node:assert/strict";
 *
 * const runtime = new Runtime();
 * const system = new Prompt({ path: "writer/system", prompt: "You write about {topic}." });
 * runtime.registerPrompt(system, { namespace: "desk.prompts" });
 * assert.equal(runtime.getPrompt("desk:writer/system"), system);
 * assert.deepEqual(runtime.keys("prompt"), ["desk.prompts:writer/system"]);
 * ```
 */
export class Runtime implements Resolver {
  /** The packages by the name that they are registered under; an alias is an entry of its own. */
  readonly packages: Map<string, PackageInfo> = new Map();
  /** What was worth a look, in the order in which it came up, each message once. */
  readonly warnings: Warning[] = [];
  /** The package whose resources need no package in their key: the first one, unless it is set. */
  defaultNamespace: string | undefined;
  /** The folder of the package that the runtime was loaded for, where skills are looked for; absent for the working folder. */
  projectDir: string | undefined;
  readonly #nodes = new Map<string, ResourceNode>();
  #packageOf = new WeakMap<object, string>();
  readonly #onWarning: OnWarning | undefined;

  /** Creates an empty runtime. */
  constructor(options: RuntimeOptions = {}) {
    this.#onWarning = options.onWarning;
  }

  /**
   * Registers a node under its qualified key; with a tactic, its methods that are tools too.
   *
   * @throws {LLLMError} `resource_exists`, when there is one already and `overwrite` is false
   * @throws {TypeError} when it is no node, as the other `register…` methods do for what is not what they register
   */
  register(node: ResourceNode, options: { overwrite?: boolean } = {}): void {
    checkResource("resource", node);
    this.#put(node.qualifiedKey, node, options.overwrite ?? true);
    for (const tool of methodToolNodes(node, this)) this.#put(tool.qualifiedKey, tool, true);
  }

  /**
   * Gives the value under a key, loading it where that can be done at once.
   *
   * @throws {ResourceNotFoundError} `resource_not_found`, with up to five near keys
   * @throws {LLLMError} `resource_type_mismatch`, when the key leads to a resource of another type
   */
  get(key: string, type?: string): unknown {
    return this.getNode(key, type).value;
  }

  /**
   * Gives the node under a key; its value need not be loaded.
   *
   * @throws what {@linkcode Runtime.get} throws
   */
  getNode(key: string, type?: string): ResourceNode {
    const node = this.#find(key, type);
    if (node === undefined) throw this.#notFound(key, type);
    if (type !== undefined && node.resourceType !== type) {
      throw new LLLMError(
        `Cannot use "${key}" as a ${type}: expected a ${type}, found the ${node.resourceType} ${node.qualifiedKey}`,
        {
          code: "resource_type_mismatch",
          data: { key, qualifiedKey: node.qualifiedKey, expected: type, actual: node.resourceType },
        },
      );
    }
    return node;
  }

  /** Tells whether a key leads to a resource (of the type, where one is wanted). */
  has(key: string, type?: string): boolean {
    const node = this.#find(key, type);
    return node !== undefined && (type === undefined || node.resourceType === type);
  }

  /** Lists the qualified keys, those of aliases too, sorted. */
  keys(type?: string): string[] {
    const keys: string[] = [];
    for (const [key, node] of this.#nodes) {
      if (type === undefined || node.resourceType === type) keys.push(key);
    }
    return keys.sort();
  }

  /** Lists the nodes, each once, in the order of their keys. */
  nodes(type?: string): ResourceNode[] {
    return [...new Set(this.keys(type).map((key) => this.#nodes.get(key)!))];
  }

  /** Names the package that a value (a prompt, a tool, a class, …) was first registered by. */
  packageOf(value: unknown): string | undefined {
    const isKept = (typeof value === "object" && value !== null) || typeof value === "function";
    return isKept ? this.#packageOf.get(value) : undefined;
  }

  /** Registers a prompt under its path. */
  registerPrompt(prompt: Prompt, options: RegisterOptions = {}): ResourceNode {
    checkResource("prompt", prompt);
    return this.#registerEager("prompt", prompt.path, prompt, options);
  }

  /** Registers a tool. */
  registerTool(name: string, tool: FunctionTool, options: RegisterOptions = {}): ResourceNode {
    checkResource("tool", tool, name);
    return this.#registerEager("tool", name, tool, options);
  }

  /** Registers the class of a tactic. */
  registerTactic(name: string, tactic: TacticClass, options: RegisterOptions = {}): ResourceNode {
    checkResource("tactic", tactic, name);
    return this.#registerEager("tactic", name, tactic, options);
  }

  /** Registers the class of a proxy, or what `defineProxy` gave. */
  registerProxy(name: string, proxy: ProxyClass, options: RegisterOptions = {}): ResourceNode {
    checkResource("proxy", proxy, name);
    return this.#registerEager("proxy", name, proxy, options);
  }

  /**
   * Registers a config: its data, or `{ loader }` that gives them at first use.
   *
   * @throws {TypeError} when it is no object
   */
  registerConfig(
    name: string,
    config: Readonly<Record<string, unknown>> | { loader: ResourceLoader },
    options: RegisterOptions = {},
  ): ResourceNode {
    checkResource("config", config, name);
    if (!isLoader(config)) return this.#registerEager("config", name, config, options);
    const node = ResourceNode.lazy(name, config.loader, this.#describe("config", options));
    this.register(node, options);
    return node;
  }

  /** Registers a service: anything that the program wants to find by key. */
  registerService(name: string, service: unknown, options: RegisterOptions = {}): ResourceNode {
    return this.#registerEager("service", name, service, options);
  }

  /** Registers an asset: bytes, text, or data. */
  registerAsset(name: string, asset: unknown, options: RegisterOptions = {}): ResourceNode {
    return this.#registerEager("asset", name, asset, options);
  }

  /**
   * Registers the class of a context manager, under its static `managerName`, else the name that an instance says.
   *
   * @throws {TypeError} when it has no name
   */
  registerContextManager(manager: ContextManagerClass, options: RegisterOptions = {}): ResourceNode {
    checkResource("context manager", manager);
    return this.#registerEager("context_manager", nameOfContextManager(manager), manager, options);
  }

  /** The prompt under a key; throws as {@linkcode Runtime.get} does. */
  getPrompt(key: string): Prompt {
    return this.get(key, "prompt") as Prompt;
  }

  /** The tool under a key; throws as {@linkcode Runtime.get} does. */
  getTool(key: string): FunctionTool {
    return this.get(key, "tool") as FunctionTool;
  }

  /** The class of the tactic under a key; throws as {@linkcode Runtime.get} does. */
  getTactic(key: string): TacticClass {
    return this.get(key, "tactic") as TacticClass;
  }

  /** The class of the proxy under a key; throws as {@linkcode Runtime.get} does. */
  getProxy(key: string): ProxyClass {
    return this.get(key, "proxy") as ProxyClass;
  }

  /** The config under a key as it was written, `base` included; throws as {@linkcode Runtime.get} does. */
  getConfig(key: string): Record<string, unknown> {
    return this.get(key, "config") as Record<string, unknown>;
  }

  /** The service under a key; throws as {@linkcode Runtime.get} does. */
  getService(key: string): unknown {
    return this.get(key, "service");
  }

  /** The asset under a key; throws as {@linkcode Runtime.get} does. */
  getAsset(key: string): unknown {
    return this.get(key, "asset");
  }

  /** The class of the context manager under a key; throws as {@linkcode Runtime.get} does. */
  getContextManager(key: string): ContextManagerClass {
    return this.get(key, "context_manager") as ContextManagerClass;
  }

  /** Registers a package, without any resources; the first one gives the default namespace. */
  registerPackage(info: PackageInfoInit): PackageInfo {
    const created = createPackageInfo(info);
    this.packages.set(created.effectiveName, created);
    this.defaultNamespace ??= created.name;
    return created;
  }

  /** Gives a package a second name: every resource that it has now is found under both, as the same node. */
  registerAlias(name: string, alias: string): PackageInfo {
    const info = this.packages.get(name);
    if (info === undefined) {
      throw new ResourceNotFoundError({ key: name, type: "package", near: this.#near(name) });
    }
    for (const [key, node] of [...this.#nodes]) {
      if (key.startsWith(`${name}.`) && this.#ownerOf(key) === name) {
        this.#put(`${alias}${key.slice(name.length)}`, node, true);
      }
    }
    const aliased = createPackageInfo({ ...info, alias, effectiveName: alias });
    this.packages.set(alias, aliased);
    return aliased;
  }

  /**
   * Forgets a package, its second names and all resources registered under them; the default namespace too, if it was
   * this one. Given a second name, forgets that name alone.
   *
   * @returns whether there was such a package
   */
  unregisterPackage(name: string): boolean {
    const info = this.packages.get(name);
    if (info === undefined) return false;
    const names = info.alias === name
      ? [name]
      : [...this.packages].filter(([, other]) => other.name === info.name).map(([key]) => key);
    for (const key of [...this.#nodes.keys()]) {
      if (names.includes(this.#ownerOf(key) ?? "")) this.#nodes.delete(key);
    }
    for (const key of names) this.packages.delete(key);
    if (names.includes(this.defaultNamespace ?? "")) this.defaultNamespace = undefined;
    return true;
  }

  /** Collects a warning; one that says the same as an earlier one is dropped. */
  warn(warning: Warning): void {
    if (this.warnings.some((known) => known.code === warning.code && known.message === warning.message)) {
      return;
    }
    this.warnings.push(warning);
    if (this.#onWarning !== undefined) emitWarning(warning, { onWarning: this.#onWarning });
  }

  /** Forgets everything: resources, packages, the default namespace, warnings. */
  reset(): void {
    this.#nodes.clear();
    this.#packageOf = new WeakMap();
    this.packages.clear();
    this.warnings.length = 0;
    this.defaultNamespace = undefined;
    this.projectDir = undefined;
  }

  #registerEager(resourceType: string, name: string, value: unknown, options: RegisterOptions): ResourceNode {
    const node = ResourceNode.eager(name, value, this.#describe(resourceType, options));
    this.register(node, options);
    return node;
  }

  #describe(resourceType: string, options: RegisterOptions): { namespace: string; resourceType: string } {
    const section = sectionOf(resourceType);
    const fallback = this.defaultNamespace === undefined ? section : `${this.defaultNamespace}.${section}`;
    return { namespace: options.namespace ?? fallback, resourceType };
  }

  #put(qualifiedKey: string, node: ResourceNode, overwrite: boolean): void {
    if (!overwrite && this.#nodes.has(qualifiedKey)) {
      throw new LLLMError(
        `Cannot register "${qualifiedKey}": expected a key that is free, found a resource there`,
        {
          code: "resource_exists",
          data: { key: qualifiedKey },
        },
      );
    }
    this.#nodes.set(qualifiedKey, node);
    const dot = node.namespace.lastIndexOf(".");
    if (dot <= 0 || !node.loaded) return;
    const value = node.value;
    const isKept = (typeof value === "object" && value !== null) || typeof value === "function";
    if (isKept && !this.#packageOf.has(value)) this.#packageOf.set(value, node.namespace.slice(0, dot));
  }

  #find(key: string, type?: string): ResourceNode | undefined {
    const exact = this.#nodes.get(key);
    if (exact !== undefined) return exact;
    for (const candidate of candidateKeys(key, type, this.defaultNamespace)) {
      const node = this.#nodes.get(candidate);
      if (node !== undefined) return node;
    }
    return undefined;
  }

  /** The package, among those registered, that a qualified key belongs to; names may have dots, so the longest. */
  #ownerOf(qualifiedKey: string): string | undefined {
    const namespace = qualifiedKey.slice(0, qualifiedKey.indexOf(":"));
    for (let dot = namespace.lastIndexOf("."); dot > 0; dot = namespace.lastIndexOf(".", dot - 1)) {
      if (this.packages.has(namespace.slice(0, dot))) return namespace.slice(0, dot);
    }
    return undefined;
  }

  #notFound(key: string, type: string | undefined): ResourceNotFoundError {
    const near = nearest(key, this.keys(type));
    const data = {
      key,
      ...(type === undefined ? {} : { type }),
      near: near.length > 0 ? near : nearest(key, this.keys()),
    };
    if (this.#nodes.size > 0 || this.packages.size > 0) return new ResourceNotFoundError(data);
    return new ResourceNotFoundError(data, {
      message: `Cannot find ${type ?? "resource"} "${key}": expected one that is registered, ` +
        'found a runtime in which nothing is; await loadRuntime("<folder of lllm.toml>") loads a project',
    });
  }

  #near(name: string): string[] {
    return nearest(name, this.packages.keys());
  }
}

function isLoader(config: object): config is { loader: ResourceLoader } {
  return Object.keys(config).length === 1 && "loader" in config && typeof config.loader === "function";
}
