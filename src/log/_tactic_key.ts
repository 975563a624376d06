import { currentRun, getDefaultResolver, type Resolver } from "../run/mod.ts";

/** What a filter by tactic means: one tactic, or all of a name. */
export interface TacticKey {
  /** `<package>::<name>`. */
  readonly tacticPath?: string;
  /** The name alone. */
  readonly tacticName?: string;
}

/**
 * Resolves any form of a tactic's key (`pkg::name`, `pkg.tactics:folder/name`, `alias:name`, `name`) to the one that records
 * have. A name that no runtime knows means the tactics of that name, whatever their package.
 */
export function resolveTacticKey(key: string, resolver: Resolver | undefined): TacticKey {
  if (key.includes("::")) return { tacticPath: key };
  const runtime = resolver ?? currentRun()?.resolver ?? getDefaultResolver();
  const found = runtime === undefined ? undefined : stableKey(key, runtime);
  if (found !== undefined) return { tacticPath: found };
  return key.includes(":") ? { tacticPath: key } : { tacticName: key };
}

function stableKey(key: string, runtime: Resolver): string | undefined {
  if (!runtime.has(key, "tactic")) return undefined;
  const node = runtime.getNode(key, "tactic");
  const [namespace = "", path = ""] = node.qualifiedKey.split(/:(.*)/s);
  const value = valueOf(node);
  const packageName = runtime.packageOf(value) ?? namespace.replace(/\.?tactics$/, "");
  const name = nameOf(value) ?? path.slice(path.lastIndexOf("/") + 1);
  return packageName === "" ? name : `${packageName}::${name}`;
}

function valueOf(node: { readonly value: unknown }): unknown {
  try {
    return node.value;
  } catch {
    return undefined; // not loaded yet: its key tells enough
  }
}

function nameOf(value: unknown): string | undefined {
  const name = (value as { tacticName?: unknown } | undefined)?.tacticName;
  return typeof name === "string" ? name : undefined;
}
