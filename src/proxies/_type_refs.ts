import { isPlainObject, type JsonSchema, resolveRef } from "../util/mod.ts";

/** How the references within a schema are used, by what they lead to. */
export interface RefUses {
  /** How many references lead there. */
  readonly count: ReadonlyMap<JsonSchema, number>;
  /** What contains itself. */
  readonly recursive: ReadonlySet<JsonSchema>;
}

/** Most values that are looked at: what is beyond is taken as used once. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 500;

/** Finds out how the references that can be reached from a schema's own content are used. */
export function countRefs(root: JsonSchema): RefUses {
  const count = new Map<JsonSchema, number>();
  const recursive = new Set<JsonSchema>();
  const seen = new Set<object>();
  const open = new Set<object>();
  let left = MAX_VALUES;
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value) || --left < 0) return;
    if (open.size > MAX_DEPTH) return;
    seen.add(value);
    open.add(value);
    for (const [key, inner] of Object.entries(value)) {
      // Definitions count where a reference leads to them.
      if (DEFINITIONS.has(key)) continue;
      if (key === "$ref" && isPlainObject(value)) follow(value, inner);
      else visit(inner);
    }
    open.delete(value);
  };
  const follow = (from: JsonSchema, ref: unknown): void => {
    const target = resolveRef(root, ref);
    if (target === undefined || target === from) return;
    count.set(target, (count.get(target) ?? 0) + 1);
    if (open.has(target)) recursive.add(target);
    visit(target);
  };
  visit(root);
  return { count, recursive };
}

const DEFINITIONS: ReadonlySet<string> = new Set(["$defs", "definitions", "components"]);
