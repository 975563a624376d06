import type { JsonSchema } from "./json_schema.ts";

/** References can double the work each time that they are followed; a pattern can go back without end. */
const REFERENCE = /"\$(?:ref|dynamicRef|recursiveRef)":/;
const COSTLY = /"(?:pattern|patternProperties|propertyNames|uniqueItems)":/;

const found = new WeakMap<JsonSchema, { readonly hasReference: boolean; readonly hasCostly: boolean }>();

/** Tells whether to walk along a schema can take far longer than its size and that of the value let expect. */
export function canMultiply(schema: JsonSchema): boolean {
  return look(schema).hasReference;
}

/** Tells whether to validate by a schema can. */
export function canTakeLong(schema: JsonSchema): boolean {
  const { hasReference, hasCostly } = look(schema);
  return hasReference || hasCostly;
}

function look(schema: JsonSchema): { readonly hasReference: boolean; readonly hasCostly: boolean } {
  let facts = found.get(schema);
  if (facts === undefined) {
    const text = JSON.stringify(schema);
    found.set(schema, facts = { hasReference: REFERENCE.test(text), hasCostly: COSTLY.test(text) });
  }
  return facts;
}
