import type { ErrorObject } from "ajv";
import { formatPath, type SchemaIssue } from "./json_schema_issue.ts";

/** How many values of an enumeration are told. */
const MAX_LISTED = 50;

/** Says in few words what a validator found. */
export function readErrors(errors: readonly ErrorObject[]): SchemaIssue[] {
  return readable(errors).map(toIssue);
}

/**
 * Leaves of the errors of a union only those of the alternative that was most likely meant: a value that is wrong in
 * one key would else be told that it is no string and no null either.
 */
function readable(errors: readonly ErrorObject[]): ErrorObject[] {
  const union = errors.find((error) => isUnion(error) && !insideUnion(error, errors));
  if (union === undefined) return [...errors];
  const prefix = `${union.schemaPath}/`;
  const outside = errors.filter((error) => error !== union && !error.schemaPath.startsWith(prefix));
  const branches = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    if (!error.schemaPath.startsWith(prefix)) continue;
    const index = error.schemaPath.slice(prefix.length).split("/")[0]!;
    branches.set(index, [...branches.get(index) ?? [], error]);
  }
  const meant = [...branches.values()]
    .filter((branch) => !branch.some((error) => mismatches(error, union)))
    .sort((a, b) => a.length - b.length)[0];
  const wrongTypes = [...branches.values()].flat().filter((error) =>
    error.keyword === "type" && error.instancePath === union.instancePath
  );
  let told: ErrorObject[] = [union];
  if (meant !== undefined) told = readable(meant);
  else if (wrongTypes.length > 0 && wrongTypes.length === branches.size) {
    const type = wrongTypes.flatMap((error) => error.params.type as string | string[]);
    told = [{ ...wrongTypes[0]!, params: { type } }];
  }
  return [...told, ...readable(outside)];
}

function isUnion(error: ErrorObject): boolean {
  return error.keyword === "anyOf" || error.keyword === "oneOf";
}

function insideUnion(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some((other) =>
    other !== error && isUnion(other) && error.schemaPath.startsWith(`${other.schemaPath}/`)
  );
}

/** An alternative of another type, or with another fixed value in a key, was not meant. */
function mismatches(error: ErrorObject, union: ErrorObject): boolean {
  if (error.instancePath === union.instancePath) return ["type", "const", "enum"].includes(error.keyword);
  return error.keyword === "const";
}

function toIssue(error: ErrorObject): SchemaIssue {
  const path: PropertyKey[] = error.instancePath.split("/").slice(1).map((part) => {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    return /^\d+$/.test(key) ? Number(key) : key;
  });
  const params = error.params as Record<string, unknown>;
  const extra = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty ??
    params.propertyName;
  if (typeof extra === "string") path.push(extra);
  return { path: formatPath(path), message: messageOf(error, params) };
}

function messageOf(error: ErrorObject, params: Record<string, unknown>): string {
  const found = `found ${describe(error.data)}`;
  switch (error.keyword) {
    case "required":
      return "expected a value, found none";
    case "additionalProperties":
    case "unevaluatedProperties":
      return "unexpected key";
    case "type":
      return `expected ${[params.type].flat().join(" or ")}, ${found}`;
    case "enum":
      return `expected one of ${listed(error.schema as unknown[])}, ${found}`;
    case "const":
      return `expected ${short(error.schema)}, ${found}`;
    case "pattern":
      return `expected text that matches ${error.schema}, ${found}`;
    case "anyOf":
    case "oneOf":
      return Array.isArray(params.passingSchemas)
        ? `expected exactly one of the alternatives to fit, ${found} that fits several`
        : `expected one of the alternatives to fit, ${found}`;
    default:
      return `${(error.message ?? error.keyword).replace(/^must /, "expected to ")}, ${found}`;
  }
}

function listed(values: readonly unknown[]): string {
  const more = values.length > MAX_LISTED ? ` and ${values.length - MAX_LISTED} more` : "";
  return `${values.slice(0, MAX_LISTED).map(short).join(", ")}${more}`;
}

function describe(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  return `${Array.isArray(value) ? "array" : typeof value} ${short(value)}`;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
