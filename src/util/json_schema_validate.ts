import { outsideRun } from "./outside_run.ts";
import type { ValidateFunction } from "ajv";
import type { JsonSchema } from "./json_schema.ts";
import { readErrors } from "./json_schema_errors.ts";
import type { SchemaIssue } from "./json_schema_issue.ts";
import { canTakeLong } from "./multiplying_schema.ts";
import { isQuickPattern } from "./quick_pattern.ts";
import { TimeUp, withinTime } from "./within_time.ts";

/** The part of a validator class that is used here. */
interface Validator {
  opts: { unicodeRegExp?: boolean };
  compile(schema: object): ValidateFunction;
  removeSchema(schema: object): unknown;
}

const validators: Map<string, Promise<Validator>> = new Map();
const compiled: WeakMap<JsonSchema, ValidateFunction> = new WeakMap();
const compiledForeign: WeakMap<JsonSchema, ValidateFunction> = new WeakMap();
/** Alternatives that double with every reference, and large values, can take for ever. */
const VALIDATION_MS = 1_000;
const COMPILATION_MS = 2_000;
/** A value that is not to blame for the time that its validation takes. */
const MAX_SMALL_CHARS = 10_000;
/** Longer texts are matched with no pattern of a schema that others wrote. */
const MAX_MATCHED_CHARS = 100_000;

/**
 * Validates a value against a plain JSON Schema; an empty list means that it is valid. Each schema object is compiled
 * once; the validator is loaded at the first use. A value that cannot be checked within a second is not valid.
 *
 * @throws {TypeError} when the schema itself is wrong, such as a reference that leads nowhere
 */
export async function validateJsonSchema(schema: JsonSchema, value: unknown): Promise<SchemaIssue[]> {
  const validate = await compiledIn(compiled, schema, false);
  if (!canTakeLong(schema, value)) return issuesOf(validate, value); // a time limit costs more than most validations
  try {
    return withinTime(VALIDATION_MS, () => issuesOf(validate, value));
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error;
    return [{
      path: "",
      message: `expected a value that can be checked within ${VALIDATION_MS / 1000} s, found a larger one`,
    }];
  }
}

/**
 * The same for a schema that someone else wrote, who checks the value again: what is wrong in it, or could take very
 * long, is left to them. An empty list means that nothing was found, be it that nothing could be checked.
 */
export async function validateForeignSchema(schema: JsonSchema, value: unknown): Promise<SchemaIssue[]> {
  const validate = await compiledIn(compiledForeign, schema, true).catch(() => ANYTHING);
  try {
    if (validate !== ANYTHING && !canTakeLong(schema, value)) return issuesOf(validate, value);
    if (validate !== ANYTHING) return withinTime(VALIDATION_MS, () => issuesOf(validate, value));
    compiledForeign.set(schema, ANYTHING); // nobody waits twice for a schema that takes too long
  } catch (error) {
    const isSmall = error instanceof TimeUp && JSON.stringify(value).length < MAX_SMALL_CHARS;
    if (isSmall) compiledForeign.set(schema, ANYTHING);
  }
  return [];
}

/** In place of what cannot be compiled, or takes too long. */
const ANYTHING = (() => true) as unknown as ValidateFunction;

function issuesOf(validate: ValidateFunction, value: unknown): SchemaIssue[] {
  return validate(value) ? [] : readErrors(validate.errors ?? []);
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
  const compileIn = async (unicode: boolean): Promise<ValidateFunction> => {
    const validator = await loaded(dialect, unicode, foreign);
    if (!foreign) return compileWith(validator, rest);
    try {
      return withinTime(COMPILATION_MS, () => compileWith(validator, rest));
    } catch (error) {
      if (error instanceof TimeUp) validators.delete(keyOf(dialect, unicode, foreign)); // it may be broken
      throw error;
    }
  };
  try {
    return await compileIn(true);
  } catch (error) {
    // A pattern such as [\w-.] is wrong only by the rules of Unicode mode.
    if (error instanceof SyntaxError) return await compileIn(false);
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
  const key = keyOf(dialect, unicodeRegExp, foreign);
  let loading = validators.get(key);
  if (loading === undefined) validators.set(key, loading = load(dialect, unicodeRegExp, foreign));
  return loading;
}

function keyOf(dialect: string, unicodeRegExp: boolean, foreign: boolean): string {
  return `${dialect} ${unicodeRegExp} ${foreign}`;
}

async function load(dialect: string, unicodeRegExp: boolean, foreign: boolean): Promise<Validator> {
  const options = {
    strict: false,
    allErrors: true,
    verbose: true,
    ownProperties: true,
    validateSchema: false,
    validateFormats: false,
    multipleOfPrecision: 9, // 0.3 is a multiple of 0.1, though its quotient is 2.9999999999999996
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
