import { deepFreeze, freezeCopy, isPlainObject } from "./json.ts";
import { type JsonSchema, resolveRef } from "./json_schema.ts";
import { formatPath, type SchemaIssue } from "./json_schema_issue.ts";
import { stripNulls } from "./json_schema_match.ts";
import { canMultiply } from "./multiplying_schema.ts";
import { TimeUp, withinTime } from "./within_time.ts";
import { validateJsonSchema } from "./json_schema_validate.ts";

/** A schema that follows Standard Schema: zod 4 and others fit. `T` is what a validated value is. */
export interface Schema<T> {
  /** The properties of the standard; a library that fits it also carries `jsonSchema` here. */
  readonly "~standard": {
    /** The version of the standard. */
    readonly version: 1;
    /** The library that the schema comes from. */
    readonly vendor: string;
    /** Validates a value: gives `{ value }` or `{ issues }`, at once or later. */
    readonly validate: (value: unknown) => unknown;
    /** The types, for inference only: nothing is there at run time. */
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** What every schema option takes: a Standard Schema, or a plain JSON Schema object. */
export type SchemaInput<T> = Schema<T> | JsonSchema;

/** What {@linkcode validateSchema} gives. */
export type SchemaResult<T> = { readonly value: T } | { readonly issues: readonly SchemaIssue[] };

interface StandardIssue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[];
  /** zod: the issues of each alternative of a union. */
  errors?: readonly (readonly StandardIssue[])[];
}

/** Tells whether a value is a Standard Schema. */
export function isStandardSchema(value: unknown): value is Schema<unknown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as Record<string, unknown>)["~standard"] as { validate?: unknown } | undefined;
  return typeof standard === "object" && standard !== null && typeof standard.validate === "function";
}

const jsonSchemas: WeakMap<object, JsonSchema> = new WeakMap();

/**
 * Gives the JSON Schema (2020-12) of what a schema takes as input: deeply frozen, made once per schema object. A plain
 * JSON Schema object is taken as it is at the first use.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * assert.deepEqual(toJsonSchema(z.object({ a: z.string() })), {
 *   type: "object",
 *   properties: { a: { type: "string" } },
 *   required: ["a"],
 * });
 * ```
 *
 * @throws {TypeError} for a schema without a JSON Schema (dates, input transforms), and for what is no schema
 */
export function toJsonSchema(schema: SchemaInput<unknown>): JsonSchema {
  let result = jsonSchemas.get(schema);
  if (result === undefined) {
    result = freezeCopy(readJsonSchema(schema));
    jsonSchemas.set(schema, result);
  }
  return result;
}

function readJsonSchema(schema: SchemaInput<unknown>): JsonSchema {
  if (!isStandardSchema(schema)) {
    if (isPlainObject(schema)) return schema;
    throw new TypeError(
      `Cannot use schema: expected a Standard Schema or a JSON Schema object, found ${typeof schema}`,
    );
  }
  const standard = schema["~standard"] as Schema<unknown>["~standard"] & {
    jsonSchema?: { input?: (options: { target: string }) => JsonSchema };
  };
  if (typeof standard.jsonSchema?.input !== "function") {
    throw new TypeError(
      `Cannot use schema: expected one that carries its JSON Schema, found a schema of "${standard.vendor}" without it`,
    );
  }
  try {
    const { $schema: _dialect, ...rest } = standard.jsonSchema.input({ target: "draft-2020-12" });
    return rest;
  } catch (error) {
    throw new TypeError(
      `Cannot use schema: expected one that JSON Schema can express, found: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/**
 * Gives the JSON Schema of a schema whose values are objects, as arguments of tools and structured replies are.
 * `{}` counts as an object without keys.
 *
 * @param schema the schema
 * @param action the beginning of the error message, such as `Cannot create tool "search"`
 * @throws {TypeError} when the schema has no JSON Schema, or its values are no objects
 */
export function toObjectSchema(schema: SchemaInput<unknown>, action: string): JsonSchema {
  let json: JsonSchema;
  try {
    json = toJsonSchema(schema);
  } catch (error) {
    throw new TypeError(`${action}: ${(error as Error).message}`, { cause: error });
  }
  const root = resolveRef(json, json.$ref) ?? json;
  if (root.type === "object") return json;
  if (root.type === undefined && !ALTERNATIVES.some((keyword) => keyword in root)) {
    let named = objectSchemas.get(json);
    if (named === undefined) {
      named = deepFreeze({ type: "object", properties: {}, ...json });
      objectSchemas.set(json, named);
    }
    return named;
  }
  const found = typeof root.type === "string" ? `type "${root.type}"` : "alternatives";
  throw new TypeError(`${action}: expected a schema with an object at its root, found ${found}`);
}

const objectSchemas: WeakMap<JsonSchema, JsonSchema> = new WeakMap();
const ALTERNATIVES = ["anyOf", "oneOf", "allOf", "enum", "const", "not", "if"];

/**
 * Validates a value against a schema. A Standard Schema may change it (defaults, transforms); a plain JSON Schema gives
 * the value as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
 * assert.deepEqual(await validateSchema(schema, { n: 1 }), { value: { n: 1 } });
 * assert.deepEqual(await validateSchema(schema, { n: "1" }), {
 *   issues: [{ path: "n", message: 'expected number, found string "1"' }],
 * });
 * ```
 *
 * @throws {TypeError} when the schema itself cannot be used
 */
export async function validateSchema<T>(schema: SchemaInput<T>, value: unknown): Promise<SchemaResult<T>> {
  if (!isStandardSchema(schema)) {
    const issues = await validateJsonSchema(toJsonSchema(schema), value);
    return issues.length === 0 ? { value: value as T } : { issues };
  }
  const result = await schema["~standard"].validate(value) as { value: T } | { issues?: StandardIssue[] };
  if (!("issues" in result) || result.issues === undefined) return { value: (result as { value: T }).value };
  return { issues: result.issues.flatMap((issue) => flatten(issue, [])) };
}

/** Alternatives that double with every reference can take for ever. */
const STRIP_MS = 1_000;

/**
 * Removes each `null` that a model wrote for an optional key that does not accept `null`; strict mode makes it name
 * every key. Done before validation. A value for which that takes longer than a second stays as it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const schema = z.object({ a: z.string().nullable(), b: z.string().optional() });
 * assert.deepEqual(stripOptionalNulls(schema, { a: null, b: null }), { a: null });
 * ```
 */
export function stripOptionalNulls(schema: SchemaInput<unknown>, value: unknown): unknown {
  const json = toJsonSchema(schema);
  if (!canMultiply(json, value)) return stripNulls(json, value); // a time limit costs more than most walks
  try {
    return withinTime(STRIP_MS, () => stripNulls(json, value));
  } catch (error) {
    if (error instanceof TimeUp) return value;
    throw error;
  }
}

/** One issue, or those of the alternative that came closest, with paths from the root. */
function flatten(issue: StandardIssue, above: readonly PropertyKey[]): SchemaIssue[] {
  const own = (issue.path ?? []).map((part) => typeof part === "object" ? part.key : part);
  const path = [...above, ...own];
  const closest = issue.errors?.filter((errors) => errors.some((error) => (error.path ?? []).length > 0))
    .sort((a, b) => a.length - b.length)[0];
  if (closest !== undefined) return closest.flatMap((error) => flatten(error, path));
  const inner = issue.errors?.flat().map((error) => error.message) ?? [];
  const message = inner.length === 0 ? issue.message : [...new Set(inner)].join(", or ");
  return [{ path: formatPath(path), message }];
}
