/**
 * What a cell passes to its API calls: checked before it is sent.
 *
 * @module
 */
import { MAX_PATH_CHARS } from "./protocol.ts";

/** Says what is wrong with a path; undefined for nothing. */
export function checkPath(path: unknown): string | undefined {
  if (typeof path === "string" && path.length <= MAX_PATH_CHARS) return undefined;
  return `CALL_API path must be a string of at most ${MAX_PATH_CHARS} characters`;
}

/** Checks a value by the JSON that it was read from. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Refuses integers that numbers do not keep digit by digit: others would be sent in their place. */
const keepExact: Reviver = (_key, value, { source = "" }) => {
  if (typeof value !== "number" || !/^-?\d+$/.test(source) || String(value) === source) return value;
  const shown = source.length <= 40 ? source : `${source.slice(0, 39)}…`;
  throw new RangeError(`${shown} is too large to be sent as a number; send it as a string`);
};

/**
 * The largest integer that is safe has 16 digits. Those after a decimal point do not count: most fractions have as many,
 * and checking each value takes long.
 */
const LARGE_INTEGER = /(?<![.\d])\d{16}/;

/**
 * Reads the parameters of an API call.
 *
 * @throws {Error} for what is no JSON object, or has an integer that would be changed
 */
export function parseParams(json: string): Record<string, unknown> {
  return parseObject(json, LARGE_INTEGER.test(json) ? keepExact : undefined);
}

/**
 * Reads a JSON object.
 *
 * @throws {Error} for anything else
 */
export function parseObject(json: string, check?: Reviver): Record<string, unknown> {
  const value: unknown = JSON.parse(json, check as ((key: string, value: unknown) => unknown) | undefined);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("expected a JSON object");
  }
  return value as Record<string, unknown>;
}
