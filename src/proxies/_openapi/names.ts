import type { Operation } from "./operations.ts";

const MAX_CHARS = 100;

/**
 * Gives each operation a name for calls: its `operationId`, else its method and path. Operations that would have the same
 * name are called by method and path, all of them, so that no name depends on their order.
 */
export function nameOperations(operations: readonly Operation[]): string[] {
  const ids = operations.map(({ id }) => id === undefined ? "" : clean(id));
  const count = new Map<string, number>();
  for (const id of ids) count.set(id, (count.get(id) ?? 0) + 1);
  const names = operations.map(({ method, route }, i) => {
    const id = ids[i]!;
    return id !== "" && count.get(id) === 1 ? id : byRoute(method, route);
  });
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
    taken.add(free);
    return free;
  });
}

function byRoute(method: string, route: string): string {
  const parts = route.split("/").filter((part) => part !== "")
    .map((part) => part.replace(/^\{(.*)\}$/, "by_$1"));
  return clean([method.toLowerCase(), ...parts].join("_"));
}

/** Letters, digits and underscores alone. */
export function clean(text: string): string {
  return text.normalize("NFKC").replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, MAX_CHARS);
}
