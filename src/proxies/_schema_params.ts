import { isPlainObject, type JsonSchema, resolveRef } from "../util/mod.ts";
import type { ParamDeclaration, ParamType } from "./types.ts";

const TYPES: readonly string[] = ["string", "integer", "number", "boolean", "array", "object"];

/** Lists the properties of a schema as parameters; names of required ones end in `*`. */
export function paramsOfSchema(schema: JsonSchema): Record<string, ParamDeclaration> {
  const root = resolveRef(schema, schema.$ref) ?? schema;
  const required = Array.isArray(root.required) ? root.required : [];
  const properties = isPlainObject(root.properties) ? root.properties : {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      required.includes(name) ? `${name}*` : name,
      paramOfSchema(isPlainObject(property) ? property : {}, schema),
    ]),
  );
}

/** Describes a value as a parameter: its type where it has one only, its first example, its description. */
export function paramOfSchema(schema: JsonSchema, root: JsonSchema): ParamDeclaration {
  const target = resolveRef(root, schema.$ref);
  const whole = target === undefined ? schema : { ...target, ...schema };
  const { type, examples, example, description } = whole;
  const shown = Array.isArray(examples) && examples.length > 0
    ? examples[0]
    : example ?? whole.default ?? whole.const ?? (Array.isArray(whole.enum) ? whole.enum[0] : undefined);
  return [
    typeof type === "string" && TYPES.includes(type) && whole.nullable !== true ? type as ParamType : "any",
    shown ?? undefined,
    ...(typeof description === "string" ? [description] : []),
  ] as unknown as ParamDeclaration;
}
