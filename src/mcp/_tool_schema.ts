import { isPlainObject, isQuickPattern, type JsonSchema, resolveRef } from "../util/mod.ts";

const MAX_CHARS = 512 * 1024;
const MAX_DEPTH = 64;
const TYPES = new Set(["string", "number", "integer", "boolean", "array", "object", "null"]);
const ONE = ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];
const LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/**
 * Makes an object schema that can be used out of what a server says a tool takes. What is wrong in it is left out, so that it allows
 * more: the server checks its arguments anyway.
 *
 * @throws {TypeError} for what describes no object, or is too large
 */
export function toolSchema(given: unknown): JsonSchema {
  if (given === undefined || given === null) return { type: "object", properties: {} };
  if (!isPlainObject(given)) {
    const found = Array.isArray(given) ? "a list" : typeof given;
    throw new TypeError(`expected an object as its schema, found ${found}`);
  }
  const length = JSON.stringify(given).length;
  if (length > MAX_CHARS) {
    throw new TypeError(`expected a schema of at most ${MAX_CHARS} characters, found ${length}`);
  }
  const { type, ...schema } = mend(given, given, 0);
  const types = [type].flat().filter((name) => name !== undefined);
  if (types.length > 0 && !types.includes("object")) {
    throw new TypeError(`expected a schema of an object, found type ${JSON.stringify(type)}`);
  }
  // A reference at the root is put in its place: providers want to see an object there.
  const { $ref, ...rest } = schema;
  const target = $ref === undefined ? undefined : resolveRef(schema, $ref);
  const root: Record<string, unknown> = target === undefined ? rest : { ...target, ...rest };
  return { ...root, type: "object", properties: root.properties ?? {} };
}

function mend(schema: Record<string, unknown>, root: JsonSchema, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new TypeError(`expected a schema at most ${MAX_DEPTH} levels deep`);
  const copy: Record<string, unknown> = { ...schema };
  const inner = (value: unknown) =>
    isPlainObject(value) ? mend(value, root, depth + 1) : typeof value === "boolean" ? value : {};
  for (const keyword of ONE) {
    if (!(keyword in copy)) continue;
    const value = copy[keyword];
    if (keyword === "items" && Array.isArray(value)) copy[keyword] = value.map(inner);
    else copy[keyword] = inner(value);
  }
  for (const keyword of LISTS) {
    if (!(keyword in copy)) continue;
    const value = copy[keyword];
    if (Array.isArray(value) && value.length > 0) copy[keyword] = value.map(inner);
    else delete copy[keyword];
  }
  for (const keyword of NAMED) {
    if (!(keyword in copy)) continue;
    const value = copy[keyword];
    if (isPlainObject(value)) {
      copy[keyword] = Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, inner(sub)]));
    } else delete copy[keyword];
  }
  return mendKeywords(copy, root);
}

function mendKeywords(copy: Record<string, unknown>, root: JsonSchema): Record<string, unknown> {
  if ("$ref" in copy && resolveRef(root, copy.$ref) === undefined) delete copy.$ref;
  if ("$dynamicRef" in copy) delete copy.$dynamicRef;
  if ("type" in copy) {
    const known = [copy.type].flat().filter((name) => TYPES.has(name as string));
    if (known.length === 0) delete copy.type;
    else copy.type = Array.isArray(copy.type) ? known : known[0];
  }
  if ("required" in copy) {
    const names = Array.isArray(copy.required) ? copy.required : [];
    copy.required = [...new Set(names.filter((name) => typeof name === "string"))];
  }
  if ("enum" in copy && !(Array.isArray(copy.enum) && copy.enum.length > 0)) delete copy.enum;
  if ("pattern" in copy && !isQuick(copy.pattern)) delete copy.pattern;
  if (isPlainObject(copy.patternProperties) && !Object.keys(copy.patternProperties).every(isQuick)) {
    delete copy.patternProperties;
    // What else there may be cannot be told without the patterns.
    delete copy.additionalProperties;
    delete copy.unevaluatedProperties;
  }
  delete copy.$id;
  delete copy.$anchor;
  return copy;
}

function isQuick(pattern: unknown): boolean {
  return typeof pattern === "string" && isQuickPattern(pattern);
}
