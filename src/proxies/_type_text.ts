import { isPlainObject, type JsonSchema, resolveRef } from "../util/mod.ts";
import { commentText, literalText, propertyName, typeName } from "./_type_escape.ts";
import { countRefs, type RefUses } from "./_type_refs.ts";

/** How much of a schema is written. */
export interface TypeLimits {
  /** Deeper objects and arrays are written as `Record<string, unknown>` and `unknown[]`. */
  readonly maxDepth: number;
  /** Beyond so many types, the rest is `unknown`. */
  readonly maxTypes: number;
  /** Most properties of an object, and members of a union, that are written. */
  readonly maxMembers: number;
  /** Most characters of a property's comment; 0: no comments. */
  readonly commentChars: number;
}

/** A property of an object type, with what is said of it. */
export interface TypeMember {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly comment: string;
}

const LINE_CHARS = 90;
/** Schemas within schemas, whether or not each is an object or an array. */
const MAX_NESTING = 60;
const SCALARS: Readonly<Record<string, string>> = {
  string: "string",
  integer: "number",
  number: "number",
  boolean: "boolean",
  null: "null",
};

/**
 * Writes JSON Schemas as TypeScript types. What a `$ref` leads to is written in place, unless it contains itself or is
 * used more than once: then it becomes a type with a name.
 */
export class TypeWriter {
  /** The types with names: their text by name, in the order in which they are complete. */
  readonly named: Map<string, string>;
  /** How much is written. */
  readonly limits: TypeLimits;
  readonly #names = new Map<JsonSchema, string>();
  readonly #uses = new Map<JsonSchema, RefUses>();
  readonly #taken: Set<string>;
  #types = 0;
  #nesting = 0;

  /** Creates a writer; `taken` are names that it does not use. */
  constructor(limits: TypeLimits, taken: Iterable<string> = []) {
    this.limits = limits;
    this.#taken = new Set(taken);
    this.named = new Map();
  }

  /** Writes a schema; `root` is what its references start from. */
  type(schema: unknown, root: JsonSchema, depth = 0): string {
    if (schema === false) return "never";
    if (!isPlainObject(schema)) return "unknown";
    if (++this.#types > this.limits.maxTypes || this.#nesting >= MAX_NESTING) return "unknown";
    this.#nesting++;
    const text = this.#whole(schema, root, depth);
    this.#nesting--;
    return text;
  }

  #whole(schema: JsonSchema, root: JsonSchema, depth: number): string {
    const parts = [
      ...this.#ref(schema, root, depth),
      ...this.#own(schema, root, depth),
      ...this.#unions(schema, root, depth),
      ...list(schema.allOf).map((part) => this.type(part, root, depth)),
    ].filter((part) => part !== "unknown");
    const whole = [...new Set(parts)].map((part, _, all) => all.length > 1 ? grouped(part, "|") : part);
    const text = whole.length === 0 ? "unknown" : whole.join(" & ");
    return schema.nullable === true && text !== "unknown" ? union([text, "null"]) : text;
  }

  /** Lists the properties of an object schema as members of a type. */
  members(schema: JsonSchema, root: JsonSchema, depth = 0): TypeMember[] {
    const required = list(schema.required);
    const properties = isPlainObject(schema.properties) ? Object.entries(schema.properties) : [];
    return properties.slice(0, this.limits.maxMembers).map(([name, property]) => ({
      name,
      type: this.type(property, root, depth + 1),
      optional: !required.includes(name),
      comment: isPlainObject(property) ? this.#commentOf(property, root) : "",
    }));
  }

  #ref(schema: JsonSchema, root: JsonSchema, depth: number): string[] {
    if (schema.$ref === undefined) return [];
    const target = resolveRef(root, schema.$ref);
    if (target === undefined) return [];
    const uses = this.#usesIn(root);
    if (!uses.recursive.has(target) && (uses.count.get(target) ?? 0) < 2) {
      return [this.type(target, root, depth)];
    }
    const known = this.#names.get(target);
    if (known !== undefined) return [known];
    const name = typeName(String(schema.$ref).split("/").at(-1)!, this.#taken);
    this.#taken.add(name);
    this.#names.set(target, name);
    this.named.set(name, this.type(target, root, 0));
    return [name];
  }

  #usesIn(root: JsonSchema): RefUses {
    let uses = this.#uses.get(root);
    if (uses === undefined) this.#uses.set(root, uses = countRefs(root));
    return uses;
  }

  #own(schema: JsonSchema, root: JsonSchema, depth: number): string[] {
    if ("const" in schema) return [literalText(schema.const)];
    const values = schema.enum;
    if (Array.isArray(values) && values.length > 0) return [this.#enum(values)];
    const { type } = schema;
    const types = Array.isArray(type) ? type : type === undefined ? [impliedType(schema)] : [type];
    return [union(types.map((name) => this.#typed(name, schema, root, depth)))];
  }

  #enum(values: readonly unknown[]): string {
    const { maxMembers } = this.limits;
    const shown = values.slice(0, maxMembers).map(literalText);
    const kinds = new Set(values.slice(maxMembers).map((value) => SCALARS[typeof value] ?? "unknown"));
    return union([...shown, ...kinds]);
  }

  #typed(type: unknown, schema: JsonSchema, root: JsonSchema, depth: number): string {
    if (type === "array") return this.#array(schema, root, depth);
    if (type === "object") return this.#object(schema, root, depth);
    return typeof type === "string" && Object.hasOwn(SCALARS, type) ? SCALARS[type]! : "unknown";
  }

  #array(schema: JsonSchema, root: JsonSchema, depth: number): string {
    if (depth >= this.limits.maxDepth) return "unknown[]";
    const tuple = list(schema.prefixItems ?? (Array.isArray(schema.items) ? schema.items : undefined));
    if (tuple.length > 0) {
      const items = tuple.slice(0, this.limits.maxMembers).map((item) => this.type(item, root, depth + 1));
      const more = schema.items === false || schema.additionalItems === false ? "" : ", ...unknown[]";
      return `[${items.join(", ")}${more}]`;
    }
    const item = this.type(schema.items, root, depth + 1);
    return /^[\w$.]+$/.test(item) ? `${item}[]` : `Array<${item}>`;
  }

  #object(schema: JsonSchema, root: JsonSchema, depth: number): string {
    if (depth >= this.limits.maxDepth) return "Record<string, unknown>";
    const { additionalProperties: rest, properties } = schema;
    const members = this.members(schema, root, depth);
    const total = isPlainObject(properties) ? Object.keys(properties).length : 0;
    const open = isPlainObject(rest) && Object.keys(rest).length > 0;
    const restType = open ? this.type(rest, root, depth + 1) : "unknown";
    if (total === 0) return rest === false ? "Record<string, never>" : `Record<string, ${restType}>`;
    const text = objectText(members, total - members.length);
    return open || rest === true ? `${text} & Record<string, ${restType}>` : text;
  }

  #unions(schema: JsonSchema, root: JsonSchema, depth: number): string[] {
    const { maxMembers } = this.limits;
    return [schema.anyOf, schema.oneOf].map((alternatives) => {
      const all = list(alternatives);
      const shown = all.slice(0, maxMembers).map((one) => this.type(one, root, depth));
      return all.length === 0 ? "unknown" : union(all.length > maxMembers ? [...shown, "unknown"] : shown);
    });
  }

  #commentOf(property: JsonSchema, root: JsonSchema): string {
    const whole = { ...resolveRef(root, property.$ref), ...property };
    const { description, format, minimum, maximum, examples, example } = whole;
    const shown = Array.isArray(examples) ? examples[0] : example;
    const facts = [
      ...(typeof description === "string" ? [description] : []),
      ...(whole.type === "integer" ? ["integer"] : []),
      ...(typeof format === "string" ? [format] : []),
      ...(typeof minimum === "number" ? [`at least ${minimum}`] : []),
      ...(typeof maximum === "number" ? [`at most ${maximum}`] : []),
      ...(whole.default === undefined ? [] : [`default ${JSON.stringify(whole.default)}`]),
      ...(shown === undefined ? [] : [`e.g. ${JSON.stringify(shown)}`]),
      ...(whole.deprecated === true ? ["deprecated"] : []),
    ];
    return commentText(facts.join("; "), this.limits.commentChars);
  }
}

/** Writes an object type: in one line where it is short and nothing is said of its members. */
export function objectText(members: readonly TypeMember[], left = 0): string {
  const fields = members.map(({ name, type, optional }) =>
    `${propertyName(name)}${optional ? "?" : ""}: ${type}`
  );
  const line = `{ ${fields.join("; ")} }`;
  const plain = left === 0 && members.every(({ comment }) => comment === "");
  if (plain && line.length <= LINE_CHARS && !line.includes("\n")) return line;
  const lines = fields.flatMap((field, i) => {
    const { comment } = members[i]!;
    return [...(comment === "" ? [] : [`/** ${comment} */`]), `${field};`];
  });
  if (left > 0) lines.push(`/** ${left} more */`, "[name: string]: unknown;");
  return `{\n${lines.map((text) => text.replaceAll(/^/gm, "  ")).join("\n")}\n}`;
}

/** Joins types that a value may have, each once. */
export function union(types: readonly string[]): string {
  const all = [...new Set(types)];
  if (all.length === 0 || all.includes("unknown")) return "unknown";
  return all.map((type) => all.length > 1 ? grouped(type, "&") : type).join(" | ");
}

/** Puts a type into brackets where an operator at its outer level would bind differently. */
function grouped(type: string, operator: "|" | "&"): string {
  let depth = 0;
  for (const char of type.replaceAll(/"(?:[^"\\]|\\.)*"|\/\*.*?\*\//gs, "")) {
    if ("{[(<".includes(char)) depth++;
    else if ("}])>".includes(char)) depth--;
    else if (char === operator && depth === 0) return `(${type})`;
  }
  return type;
}

function impliedType(schema: JsonSchema): string {
  if (schema.properties !== undefined || isPlainObject(schema.additionalProperties)) return "object";
  return schema.items !== undefined || schema.prefixItems !== undefined ? "array" : "any";
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
