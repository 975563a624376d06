import { isPlainObject, isQuickPattern, type JsonSchema } from "../../util/mod.ts";
import type { Part } from "./document.ts";
import { type Refs, Unusable } from "./refs.ts";

const TYPES = new Set(["string", "integer", "number", "boolean", "array", "object", "null"]);
const NUMBERS = new Set(["multipleOf", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"]);
const COUNTS = new Set([
  "maxLength",
  "minLength",
  "maxItems",
  "minItems",
  "maxProperties",
  "minProperties",
  "minContains",
  "maxContains",
]);
const TEXTS = new Set(["title", "description", "format"]);
const SUBSCHEMAS = new Set(["items", "additionalProperties", "not", "contains", "if", "then", "else"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const MAPS = new Set(["properties", "patternProperties", "dependentSchemas"]);
const MAX_TEXT = 300;
const NONE: ReadonlySet<string> = new Set();
/** How far what a schema is put together from is looked through for what is read only. */
const MAX_PARTS_DEPTH = 3;
const MAX_PARTS = 20;
/** Parts of one schema. Where a document shares its parts without references, a few are written as millions. */
const MAX_WRITTEN = 50_000;

/** How schemas are turned into JSON Schema. */
export interface SchemaOptions {
  /** Whether the document is OpenAPI 3.0, with its own dialect. */
  readonly is30: boolean;
  /** Whether values are sent: what only the service may set is not asked for. */
  readonly sent: boolean;
}

/**
 * Turns schemas of a document into one JSON Schema of an object with these as properties. What they refer to is in
 * `$defs`, so that circles stay circles. Only keywords of the right form are taken; `oneOf` becomes `anyOf`, for few
 * documents keep their alternatives apart, and patterns that could take for ever are left to the service.
 */
export function objectSchema(
  properties: Readonly<Record<string, unknown>>,
  required: readonly string[],
  refs: Refs,
  options: SchemaOptions,
): JsonSchema {
  const writer = new SchemaWriter(refs, options);
  const written = Object.entries(properties).map(([name, schema]) => [name, writer.write(schema)] as const);
  const defs = writer.definitions();
  return {
    type: "object",
    properties: Object.fromEntries(written),
    required,
    additionalProperties: false,
    ...(defs === undefined ? {} : { $defs: defs }),
  };
}

/** Turns one schema of a document into JSON Schema. */
export function rootSchema(schema: unknown, refs: Refs, options: SchemaOptions): JsonSchema {
  const writer = new SchemaWriter(refs, options);
  const written = writer.write(schema);
  const defs = writer.definitions();
  const root = typeof written === "boolean" ? {} : written;
  return defs === undefined ? root : { ...root, $defs: defs };
}

class SchemaWriter {
  readonly #refs: Refs;
  readonly #options: SchemaOptions;
  readonly #names = new Map<string, string>();
  readonly #taken = new Set(["__proto__"]);
  /** How many references end in a name. */
  readonly #counts = new Map<string, number>();
  readonly #waiting: [name: string, schema: unknown][] = [];
  #written = 0;

  constructor(refs: Refs, options: SchemaOptions) {
    this.#refs = refs;
    this.#options = options;
  }

  /** Writes what was referred to, and what that refers to; nothing where there is nothing. */
  definitions(): Record<string, JsonSchema | boolean> | undefined {
    if (this.#names.size === 0) return undefined;
    const written: [string, JsonSchema | boolean][] = [];
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      written.push([next[0], this.write(next[1])]);
    }
    return Object.fromEntries(written.sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** Writes a schema; `readOnly` has the names that what it is a part of keeps for the service. */
  write(schema: unknown, readOnly: ReadonlySet<string> = NONE): JsonSchema | boolean {
    if (typeof schema === "boolean") return schema;
    if (!isPlainObject(schema) || ++this.#written > MAX_WRITTEN) return {};
    const { is30 } = this.#options;
    if (typeof schema.$ref === "string") {
      const ref = { $ref: this.#reference(schema.$ref) };
      if (is30) return ref;
      const { $ref: _ref, ...siblings } = schema;
      return { ...this.write(siblings) as JsonSchema, ...ref };
    }
    const result: Record<string, unknown> = {};
    const names = this.#options.sent ? new Set([...readOnly, ...this.#readOnlyNames(schema)]) : NONE;
    for (const [keyword, value] of Object.entries(schema)) this.#keyword(result, keyword, value, names);
    this.#type(result, schema);
    return result;
  }

  #keyword(
    result: Record<string, unknown>,
    keyword: string,
    value: unknown,
    readOnly: ReadonlySet<string>,
  ): void {
    if (NUMBERS.has(keyword)) {
      if (typeof value === "number" && Number.isFinite(value) && (keyword !== "multipleOf" || value > 0)) {
        result[keyword] = value;
      }
    } else if (COUNTS.has(keyword)) {
      if (Number.isInteger(value) && (value as number) >= 0) result[keyword] = value;
    } else if (TEXTS.has(keyword)) {
      if (typeof value === "string") result[keyword] = value.slice(0, MAX_TEXT).toWellFormed();
    } else if (keyword === "pattern") {
      if (typeof value === "string" && isQuickPattern(value)) result.pattern = value;
    } else if (keyword === "enum") {
      if (Array.isArray(value) && value.length > 0) result.enum = value;
    } else if (keyword === "const" || keyword === "default") result[keyword] = value;
    else if (keyword === "uniqueItems") {
      if (value === true) result.uniqueItems = true;
    } else if (keyword === "required") {
      if (Array.isArray(value)) {
        result.required = [
          ...new Set(value.filter((name) => typeof name === "string" && !readOnly.has(name))),
        ];
      }
    } else if (SUBSCHEMAS.has(keyword)) {
      if (typeof value === "boolean" || isPlainObject(value)) result[keyword] = this.write(value);
    } else if (LISTS.has(keyword)) {
      this.#list(result, keyword, value, keyword === "prefixItems" ? NONE : readOnly);
    } else if (MAPS.has(keyword) && isPlainObject(value)) {
      const entries = Object.entries(value).filter(([name]) =>
        keyword !== "patternProperties" || isQuickPattern(name)
      );
      result[keyword] = Object.fromEntries(entries.map(([name, sub]) => [name, this.write(sub)]));
    }
  }

  #list(
    result: Record<string, unknown>,
    keyword: string,
    value: unknown,
    readOnly: ReadonlySet<string>,
  ): void {
    if (!Array.isArray(value) || value.length === 0) return;
    const written = value.map((sub) => this.write(sub, readOnly));
    if (keyword !== "oneOf") result[keyword] = written;
    else if (result.anyOf === undefined) result.anyOf = written;
    else result.allOf = [...result.allOf as unknown[] ?? [], { anyOf: written }];
  }

  /** Types, what OpenAPI 3.0 says about null, and its limits that are exclusive. */
  #type(result: Record<string, unknown>, schema: Part): void {
    const types = [schema.type].flat().filter((type) => TYPES.has(type as string)) as string[];
    const isNullable = this.#options.is30 && schema.nullable === true;
    if (types.length > 0) {
      const all = isNullable && !types.includes("null") ? [...types, "null"] : types;
      result.type = all.length === 1 ? all[0] : [...new Set(all)];
      if (isNullable && Array.isArray(result.enum) && !result.enum.includes(null)) {
        result.enum = [...result.enum, null];
      }
    } else if (isNullable && (result.allOf !== undefined || result.anyOf !== undefined)) {
      const { title, description, ...rest } = result;
      for (const key of Object.keys(rest)) delete result[key];
      void title, description;
      result.anyOf = [rest, { type: "null" }];
    }
    for (
      const [limit, exclusive] of [["minimum", "exclusiveMinimum"], ["maximum", "exclusiveMaximum"]] as const
    ) {
      if (schema[exclusive] === true && result[limit] !== undefined) {
        result[exclusive] = result[limit];
        delete result[limit];
      }
    }
  }

  /** The properties that only the service may set: a schema's own, and those of what it is put together from. */
  #readOnlyNames(schema: Part, depth = 0): string[] {
    const own = isPlainObject(schema.properties) ? Object.entries(schema.properties) : [];
    const names = own.flatMap(([name, sub]) => isPlainObject(sub) && sub.readOnly === true ? [name] : []);
    if (depth === MAX_PARTS_DEPTH) return names;
    const parts = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) =>
      Array.isArray(list) ? list.slice(0, MAX_PARTS) : []
    );
    return [
      ...names,
      ...parts.flatMap((part) => {
        const target = isPlainObject(part) && typeof part.$ref === "string" ? this.#target(part.$ref) : part;
        return isPlainObject(target) ? this.#readOnlyNames(target, depth + 1) : [];
      }),
    ];
  }

  #reference(ref: string): string {
    let name = this.#names.get(ref);
    if (name === undefined) {
      const base = ref.slice(ref.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9_.-]/g, "_") || "root";
      let count = this.#counts.get(base) ?? 1;
      for (name = base; this.#taken.has(name); name = `${base}_${count}`) count++;
      this.#counts.set(base, count);
      this.#taken.add(name);
      this.#names.set(ref, name);
      this.#waiting.push([name, this.#target(ref)]);
    }
    return `#/$defs/${name}`;
  }

  /** What a reference leads to; what leads nowhere may be anything. */
  #target(ref: string): unknown {
    try {
      return this.#refs.follow({ $ref: ref });
    } catch (error) {
      if (error instanceof Unusable) return {};
      throw error;
    }
  }
}
