import { outsideRun } from "./outside_run.ts";
import type { ErrorObject, ValidateFunction } from "ajv";
import type { JsonSchema } from "./json_schema.ts";
import { formatPath, type SchemaIssue } from "./json_schema_issue.ts";
import { isQuickPattern } from "./quick_pattern.ts";

/** The part of a validator class that is used here. */
interface Validator {
  opts: { unicodeRegExp?: boolean };
  compile(schema: object): ValidateFunction;
  removeSchema(schema: object): unknown;
}

const validators: Map<string, Promise<Validator>> = new Map();
const compiled: WeakMap<JsonSchema, ValidateFunction> = new WeakMap();
const compiledForeign: WeakMap<JsonSchema, ValidateFunction> = new WeakMap();
/** Longer texts are matched with no pattern of a schema that others wrote. */
const MAX_MATCHED_CHARS = 100_000;

/**
 * Validates a value against a plain JSON Schema; an empty list means that it is valid. Each schema object is compiled
 * once; the validator is loaded at the first use.
 *
 * @throws {TypeError} when the schema itself is wrong, such as a reference that leads nowhere
 */
export async function validateJsonSchema(schema: JsonSchema, value: unknown): Promise<SchemaIssue[]> {
  return issuesOf(await compiledIn(compiled, schema, false), value);
}

/**
 * The same for a schema that someone else wrote, who checks the value again: what is wrong in it, or could take very
 * long, is left to them. An empty list means that nothing was found, be it that nothing could be checked.
 */
export async function validateForeignSchema(schema: JsonSchema, value: unknown): Promise<SchemaIssue[]> {
  try {
    return issuesOf(await compiledIn(compiledForeign, schema, true), value);
  } catch {
    return [];
  }
}

function issuesOf(validate: ValidateFunction, value: unknown): SchemaIssue[] {
  return validate(value) ? [] : readable(validate.errors ?? []).map(toIssue);
}

async function compiledIn(
  known: WeakMap<JsonSchema, ValidateFunction>,
  schema: JsonSchema,
  foreign: boolean,
): Promise<ValidateFunction> {
  let validate = known.get(schema);
  if (validate === undefined) known.set(schema, validate = await compile(schema, foreign));
  return validate;
}

async function compile(schema: JsonSchema, foreign: boolean): Promise<ValidateFunction> {
  // An older `$schema` has other rules for tuples and references; without one, 2020-12 holds.
  const { $schema = "", ...rest } = schema;
  const dialect = /draft-0[3-7]/.test(String($schema))
    ? "07"
    : /2019-09/.test(String($schema))
    ? "2019"
    : "2020";
  try {
    return compileWith(await loaded(dialect, true, foreign), rest);
  } catch (error) {
    // A pattern such as [\w-.] is wrong only by the rules of Unicode mode.
    if (error instanceof SyntaxError) return compileWith(await loaded(dialect, false, foreign), rest);
    throw error;
  }
}

function compileWith(validator: Validator, given: JsonSchema): ValidateFunction {
  const schema = isMeta(given.$id) ? { ...given, $id: undefined } : given;
  try {
    return validator.compile(schema);
  } catch (error) {
    if (error instanceof SyntaxError && validator.opts.unicodeRegExp) throw error;
    throw new TypeError(`Cannot use JSON Schema: ${(error as Error).message}`, { cause: error });
  } finally {
    validator.removeSchema(schema); // its cache would keep every schema alive, and ids may be used again
  }
}

/** Whether an id is that of a schema of schemas, which the validator has itself. */
function isMeta(id: unknown): boolean {
  return typeof id === "string" && /^https?:\/\/json-schema\.org\//.test(id);
}

function loaded(dialect: string, unicodeRegExp: boolean, foreign: boolean): Promise<Validator> {
  const key = `${dialect} ${unicodeRegExp} ${foreign}`;
  let loading = validators.get(key);
  if (loading === undefined) validators.set(key, loading = load(dialect, unicodeRegExp, foreign));
  return loading;
}

async function load(dialect: string, unicodeRegExp: boolean, foreign: boolean): Promise<Validator> {
  const options = {
    strict: false,
    allErrors: true,
    verbose: true,
    ownProperties: true,
    validateSchema: false,
    validateFormats: false,
    logger: false,
    unicodeRegExp,
    ...(foreign ? { code: { regExp: quickRegExp } } : {}),
  } as const;
  if (dialect === "07") return new (await outsideRun(() => import("ajv"))).Ajv(options);
  if (dialect === "2019") return new (await outsideRun(() => import("ajv/dist/2019.js"))).Ajv2019(options);
  return new (await outsideRun(() => import("ajv/dist/2020.js"))).Ajv2020(options);
}

/** Matches with patterns that are quick alone, and texts that are not too long. */
const quickRegExp = Object.assign((pattern: string, flags: string) => {
  const expression = new RegExp(pattern, flags);
  if (!isQuickPattern(pattern)) throw new TypeError(`pattern ${pattern} could take very long`);
  return {
    test(text: string): boolean {
      if (text.length > MAX_MATCHED_CHARS) throw new RangeError("text too long to be matched");
      return expression.test(text);
    },
    toString: () => String(expression),
  };
}, { code: "quickRegExp" });

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
      return `expected one of ${(error.schema as unknown[]).map(short).join(", ")}, ${found}`;
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

function describe(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  return `${Array.isArray(value) ? "array" : typeof value} ${short(value)}`;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
