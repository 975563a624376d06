import { LLLMError } from "../errors.ts";
import {
  isPlainObject,
  type JsonSchema,
  nearest,
  type SchemaIssue,
  validateForeignSchema,
  validateSchema,
} from "../util/mod.ts";
import { nameText } from "./_type_escape.ts";
import type { ParamDeclaration, ParamType } from "./types.ts";

/** One parameter, read from its declaration. */
export interface Param {
  readonly name: string;
  readonly type: ParamType;
  readonly required: boolean;
  /** Absent when the declaration has none. */
  readonly example?: unknown;
  readonly description?: string;
}

const CHECKS: Record<ParamType, (value: unknown) => boolean> = {
  string: (value) => typeof value === "string",
  integer: (value) => Number.isInteger(value),
  number: (value) => Number.isFinite(value),
  boolean: (value) => typeof value === "boolean",
  array: (value) => Array.isArray(value),
  object: isPlainObject,
  any: (value) => value !== undefined,
};

/**
 * Reads the declared parameters of an endpoint: a name that ends in `*` is required.
 *
 * @throws {TypeError} for a declaration that is no `[type, example?, description?]`
 */
export function readParams(declared: Readonly<Record<string, ParamDeclaration>>): Param[] {
  return Object.entries(declared).map(([key, declaration]) => {
    const name = key.replace(/\*$/, "");
    const [type, example, description] = Array.isArray(declaration) ? declaration as ParamDeclaration : [];
    if (name === "" || type === undefined || !Object.hasOwn(CHECKS, type)) {
      const types = Object.keys(CHECKS).join(", ");
      throw new TypeError(
        `Cannot declare parameter "${key}": expected [type, example?] with a type of ${types}, found ${
          JSON.stringify(declaration)
        }`,
      );
    }
    return {
      name,
      type,
      required: key.endsWith("*"),
      ...(example === undefined ? {} : { example }),
      ...(description === undefined ? {} : { description }),
    };
  });
}

/** Writes parameters as they are declared. */
export function declareParams(params: readonly Param[]): Record<string, ParamDeclaration> {
  return Object.fromEntries(params.map(({ name, required, type, example, description }) => {
    const rest = description !== undefined ? [example, description] : example !== undefined ? [example] : [];
    return [required ? `${name}*` : name, [type, ...rest] as unknown as ParamDeclaration];
  }));
}

/** Writes parameters as a signature: `query: string, limit?: integer`. */
export function signatureOf(params: readonly Param[]): string {
  return params.map(({ name, required, type }) => `${nameText(name)}${required ? "" : "?"}: ${type}`).join(
    ", ",
  );
}

/**
 * Checks the arguments of a call. A `null` for an optional parameter counts as left out.
 *
 * @param options `open`: parameters that are not declared are kept
 * @returns a copy with the declared parameters alone
 * @throws {LLLMError} `endpoint_args_invalid`, with all that is wrong
 */
export function checkArgs(
  path: string,
  params: readonly Param[],
  args: unknown,
  options: { open?: boolean } = {},
): Record<string, unknown> {
  if (!isPlainObject(args)) {
    throw argsError(path, params, [{ param: "", message: `expected an object, found ${describe(args)}` }]);
  }
  const issues: ArgIssue[] = [];
  let unknown = 0;
  const checked: [string, unknown][] = [];
  const names = new Set(params.map((param) => param.name));
  for (const name of Object.keys(args)) {
    if (names.has(name) || args[name] === undefined) continue;
    if (options.open === true) {
      checked.push([name, args[name]]);
      continue;
    }
    unknown++;
    if (unknown > MAX_TOLD) continue;
    const near = nearest(name, names, 1)[0];
    issues.push({
      param: name.length <= MAX_NAME_CHARS ? name : `${name.slice(0, MAX_NAME_CHARS)}…`,
      message: near === undefined ? "unknown parameter" : `unknown parameter, did you mean "${near}"?`,
    });
  }
  if (unknown > MAX_TOLD) {
    issues.push({ param: "", message: `${unknown - MAX_TOLD} more unknown parameters` });
  }
  for (const { name, type, required } of params) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    const absent = value === undefined || (value === null && !required && type !== "any");
    if (absent && !required) continue;
    if (CHECKS[type](value)) checked.push([name, value]);
    else issues.push({ param: name, message: `expected ${type}, found ${describe(value)}` });
  }
  if (issues.length > 0) throw argsError(path, params, issues);
  return Object.fromEntries(checked);
}

/** How many problems of one kind are told, and how much of a name: others may be as many and as long as they like. */
const MAX_TOLD = 10;
const MAX_NAME_CHARS = 100;

/**
 * Checks arguments against a schema, whose types were checked before; one that is foreign is checked as far as it can be.
 *
 * @throws {LLLMError} `endpoint_args_invalid`, with all that is wrong
 */
export async function checkArgsSchema(
  path: string,
  params: readonly Param[],
  schema: JsonSchema,
  args: Record<string, unknown>,
  isForeign: boolean,
): Promise<void> {
  const issues = isForeign ? await validateForeignSchema(schema, args) : await issuesOf(schema, args);
  if (issues.length === 0) return;
  throw argsError(
    path,
    params,
    issues.slice(0, MAX_TOLD).map((issue) => ({ param: issue.path, message: issue.message })),
  );
}

async function issuesOf(schema: JsonSchema, args: unknown): Promise<readonly SchemaIssue[]> {
  const result = await validateSchema(schema, args);
  return "issues" in result ? result.issues : [];
}

interface ArgIssue {
  param: string;
  message: string;
}

function argsError(path: string, params: readonly Param[], issues: ArgIssue[]): LLLMError {
  const found = issues.map(({ param, message }) => param === "" ? message : `"${param}": ${message}`).join(
    "; ",
  );
  const signature = signatureOf(params);
  return new LLLMError(
    `Cannot call API "${path}" with these parameters: ${found}. It takes ${
      signature === "" ? "no parameters" : `{ ${signature} }`
    }`,
    { code: "endpoint_args_invalid", data: { path, issues, signature } },
  );
}

function describe(value: unknown): string {
  if (value === undefined) return "none";
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") {
    return isPlainObject(value) ? "an object" : value.constructor?.name ?? "an object";
  }
  if (typeof value === "number") return `number ${value}`;
  const text = JSON.stringify(String(value));
  return `${typeof value} ${text.length <= 60 ? text : `${text.slice(0, 57)}..."`}`;
}
