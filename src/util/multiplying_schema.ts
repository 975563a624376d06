import type { JsonSchema } from "./json_schema.ts";

/** References can double the work each time that they are followed; a pattern can go back without end. */
const REFERENCE = /"\$(?:ref|dynamicRef|recursiveRef)":/;
const COSTLY = /"(?:pattern|patternProperties|propertyNames|uniqueItems)":/;

const found = new WeakMap<JsonSchema, { readonly hasReference: boolean; readonly hasCostly: boolean }>();

/** The work on a larger value can take long by any schema: the problems of its parts are told apart from each other. */
const MAX_SMALL_PARTS = 1_000;

/** Tells whether to walk along a schema with a value can take far longer than their sizes let expect. */
export function canMultiply(schema: JsonSchema, value: unknown): boolean {
  return look(schema).hasReference || isLarge(value);
}

/** Tells whether to validate a value by a schema can. */
export function canTakeLong(schema: JsonSchema, value: unknown): boolean {
  const { hasReference, hasCostly } = look(schema);
  return hasReference || hasCostly || isLarge(value);
}

function isLarge(value: unknown): boolean {
  const open = [value];
  for (let parts = 0; open.length > 0; parts++) {
    if (parts + open.length > MAX_SMALL_PARTS) return true;
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    if (Array.isArray(next) && next.length > MAX_SMALL_PARTS) return true;
    for (const key in next) open.push((next as Record<string, unknown>)[key]);
  }
  return false;
}

function look(schema: JsonSchema): { readonly hasReference: boolean; readonly hasCostly: boolean } {
  let facts = found.get(schema);
  if (facts === undefined) {
    const text = JSON.stringify(schema);
    found.set(schema, facts = { hasReference: REFERENCE.test(text), hasCostly: COSTLY.test(text) });
  }
  return facts;
}
