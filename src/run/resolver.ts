/** A registered resource, as the layers below the runtime see it. */
export interface ResolvedResource {
  /** `<package>.<section>:<path>`. */
  readonly qualifiedKey: string;
  /** `prompt`, `tool`, `tactic`, … */
  readonly resourceType: string;
  /** JSON-safe facts, such as `file_path`. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The value; throws for a lazy resource with an asynchronous loader that was not loaded yet. */
  readonly value: unknown;
  /** Gives the value, loading it first where needed. */
  load(): Promise<unknown>;
}

/**
 * Finds resources by key. The runtime implements it; whatever needs a resource is handed one.
 *
 * Contract: `get` and `getNode` throw `resource_not_found` or `resource_type_mismatch`; all but `load` of a node are
 * synchronous.
 */
export interface Resolver {
  /** The value under a key. */
  get(key: string, type?: string): unknown;
  /** The node under a key. */
  getNode(key: string, type?: string): ResolvedResource;
  /** Tells whether a key resolves. */
  has(key: string, type?: string): boolean;
  /** Every qualified key of a type, sorted. */
  keys(type?: string): string[];
  /** The folder of the first package, where skills are looked for. Default: the working folder. */
  readonly projectDir?: string | undefined;
  /** The name of the package that a value was registered by, if any. */
  packageOf(value: unknown): string | undefined;
}

let defaultResolver: (() => Resolver) | undefined;

/** Names the resolver that is used where none is given. The runtime layer fills this slot. */
export function setDefaultResolver(get: () => Resolver): void {
  defaultResolver = get;
}

/** Gives the default resolver, or `undefined` where the runtime layer was never loaded. */
export function getDefaultResolver(): Resolver | undefined {
  return defaultResolver?.();
}
