import { LLLMError } from "../errors.ts";
import type { Invoker } from "../invokers/mod.ts";
import type { ResolvedResource, Resolver } from "../run/mod.ts";
import type { SessionStore } from "../session/mod.ts";
import type { Tactic } from "./tactic.ts";

/** Options of {@linkcode instantiateTactic}. */
export interface InstantiateOptions {
  /** The config of its agents: an object, or a key. Default: the config of its own name in its package, else `default`. */
  config?: string | Record<string, unknown>;
  /** Finds resources. */
  runtime?: Resolver;
  /** Keeps the sessions. Default: they are not kept. */
  logStore?: SessionStore;
  /** Asks the models. Default: what the config names. */
  invoker?: Invoker;
  /** Asks the models where neither `invoker` nor the config names who does. Default: the `openai` invoker. */
  fallbackInvoker?: Invoker;
}

/**
 * Creates an instance of a registered tactic.
 *
 * @throws {LLLMError} `config_invalid`, when a native tactic has no config.
 */
export function instantiateTactic(
  node: ResolvedResource,
  options: InstantiateOptions = {},
): Tactic<unknown, unknown> {
  const { config = defaultConfig(node, options.runtime), ...rest } = options;
  const TacticClass = node.value as unknown as new (
    options: Record<string, unknown>,
  ) => Tactic<unknown, unknown>;
  if (config === undefined && isNative(node.value)) {
    throw new LLLMError(
      `Cannot build tactic "${node.qualifiedKey}": expected a config named after it, or "default", found none`,
      { code: "config_invalid", data: { tactic: node.qualifiedKey } },
    );
  }
  return new TacticClass({ ...rest, ...maxWorkersOf(config), ...(config === undefined ? {} : { config }) });
}

/** A native tactic reads its config itself; others are told of the one setting that concerns every tactic. */
function maxWorkersOf(config: unknown): { maxWorkers?: number } {
  const workers = (config as { max_workers?: unknown } | undefined)?.max_workers;
  return typeof workers === "number" ? { maxWorkers: workers } : {};
}

/** Marks the classes that need a config. */
export const NATIVE_BRAND: unique symbol = Symbol.for("lllm.NativeTactic");

function isNative(tacticClass: unknown): boolean {
  return typeof tacticClass === "function" && NATIVE_BRAND in tacticClass;
}

/** `<package>.tactics:<name>` is set up by `<package>.configs:<name>`, else by `<package>.configs:default`. */
function defaultConfig(node: ResolvedResource, resolver: Resolver | undefined): string | undefined {
  const [namespace = "", name = ""] = node.qualifiedKey.split(/:(.*)/s);
  const configs = namespace.replace(/(^|\.)tactics$/, "$1configs");
  return [`${configs}:${name}`, `${configs}:default`].find((key) => resolver?.has(key, "config"));
}
