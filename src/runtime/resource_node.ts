import type { ResolvedResource } from "../run/mod.ts";

// Nodes are known by this brand: two copies of the library can meet in one program.
const BRAND = Symbol.for("lllm.ResourceNode");

/** What a {@linkcode ResourceNode} is told beside key and value. */
export interface ResourceNodeOptions {
  /** `<package>.<section>`, or a bare section. Default: none, so that the qualified key is the key. */
  namespace?: string;
  /** `prompt`, `tool`, `tactic`, `proxy`, `config`, `service`, `asset`, `context_manager`, or a section of your own. */
  resourceType: string;
  /** JSON-safe facts, such as `file_path`. Default: `{}`. */
  metadata?: Readonly<Record<string, unknown>>;
}

/** Gives the value of a lazy resource. */
export type ResourceLoader = () => unknown;

/**
 * One resource under one key: its value, or the way to get it.
 *
 * A lazy value is loaded at first use and kept; a load that fails is not kept, so that the next use tries again.
 *
 * @example
 * ```ts
 * import { ResourceNode } from "@lllm/lllm/runtime";
 * import assert from "node:assert/strict";
 *
 * const node = ResourceNode.lazy("limits", () => ({ max: 3 }), { namespace: "demo.configs", resourceType: "config" });
 * assert.equal(node.qualifiedKey, "demo.configs:limits");
 * assert.equal(node.loaded, false);
 * assert.deepEqual(node.value, { max: 3 });
 * assert.equal(node.loaded, true);
 * ```
 */
export class ResourceNode implements ResolvedResource {
  /** The path within the namespace. */
  readonly key: string;
  /** `<package>.<section>`, a bare section, or empty. */
  readonly namespace: string;
  /** `<namespace>:<key>`, or the key where there is no namespace. */
  readonly qualifiedKey: string;
  /** What sort of resource it is. */
  readonly resourceType: string;
  /** JSON-safe facts. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly #loader: ResourceLoader | undefined;
  #state: { value: unknown } | undefined;
  #pending: Promise<unknown> | undefined;

  private constructor(
    key: string,
    options: ResourceNodeOptions,
    source: { value: unknown } | ResourceLoader,
  ) {
    const { namespace = "", resourceType, metadata = {} } = options;
    if (typeof key !== "string" || key === "") {
      throw new TypeError(`Cannot name a resource: expected a key, found ${JSON.stringify(key)}`);
    }
    if (key.split("/").includes("..")) {
      throw new TypeError(`Cannot name resource "${key}": expected a path within its package, found ".."`);
    }
    Object.defineProperty(this, BRAND, { value: true });
    this.key = key;
    this.namespace = namespace;
    this.qualifiedKey = namespace === "" ? key : `${namespace}:${key}`;
    this.resourceType = resourceType;
    this.metadata = metadata;
    if (typeof source === "function") this.#loader = source;
    else this.#state = source;
  }

  /** Makes a node of a value that is there. */
  static eager(key: string, value: unknown, options: ResourceNodeOptions): ResourceNode {
    return new ResourceNode(key, options, { value });
  }

  /** Makes a node of a value that is loaded at first use; the loader may give a promise. */
  static lazy(key: string, loader: ResourceLoader, options: ResourceNodeOptions): ResourceNode {
    return new ResourceNode(key, options, loader);
  }

  /** Whether the value is there. */
  get loaded(): boolean {
    return this.#state !== undefined;
  }

  /**
   * The value; loads it first where that can be done at once.
   *
   * @throws {TypeError} when the loader gives a promise: await {@linkcode ResourceNode.load} first
   */
  get value(): unknown {
    if (this.#state !== undefined) return this.#state.value;
    if (this.#pending === undefined) {
      const loaded = this.#loader!();
      if (!isPromise(loaded)) return (this.#state = { value: loaded }).value;
      this.#keep(loaded);
      this.#pending!.catch(() => {}); // it is told to whoever awaits load()
    }
    throw new TypeError(
      `Cannot read resource "${this.qualifiedKey}": expected a loaded value, found one that is loaded asynchronously; await its load() first`,
    );
  }

  /** Gives the value, loading it first where needed; calls at the same time share one load. */
  load(): Promise<unknown> {
    if (this.#state !== undefined) return Promise.resolve(this.#state.value);
    if (this.#pending === undefined) this.#keep(Promise.resolve().then(() => this.#loader!()));
    return this.#pending!;
  }

  #keep(loading: PromiseLike<unknown>): void {
    const pending = Promise.resolve(loading).then((value) => {
      this.#state ??= { value };
      return this.#state.value;
    }).finally(() => {
      this.#pending = undefined;
    });
    this.#pending = pending;
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
