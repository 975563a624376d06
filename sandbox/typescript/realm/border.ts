/**
 * What the helpers in the cells' realm stand on: the way to the harness, and built-in functions as they were before any
 * cell.
 *
 * Nothing but strings and numbers comes from the harness. Its functions are called by name alone: given to a built-in
 * function that a cell has replaced, they would be objects of another realm in the cell's hands.
 *
 * @module
 */
import type { CellSide } from "./harness.ts";

export const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } =
  Reflect;
export const { parse, stringify } = JSON;
export const { Array, ArrayBuffer, DataView, Date, Error, Map, Object, Promise, RangeError, ReferenceError } =
  globalThis;
export const { RegExp, Set, SharedArrayBuffer, String, TypeError, Uint8Array, WeakMap, WeakRef, WeakSet } =
  globalThis;
export const { isView } = ArrayBuffer;
export const typedArrays = [
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
  BigUint64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  BigInt64Array,
  Float16Array,
  Float32Array,
  Float64Array,
] as unknown as readonly (typeof Uint8Array)[];
const { fromBase64, fromHex } = Uint8Array;
const { toBase64 } = Uint8Array.prototype;

/** The harness. */
export let harness: CellSide;

/** Sets the harness; before any helper is used. */
export function setHarness(given: CellSide): void {
  harness = given;
}

/** Calls the harness; its errors would be objects of another realm. */
export function ask<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch {
    throw new Error(`${what} failed`);
  }
}

/**
 * What code waits for that is about to be ended: its event loop is free to end it, where an error would let it go on, in a
 * loop perhaps.
 */
export function forever(): Promise<never> {
  return new Promise(() => {});
}

/** The bytes of a buffer or of a view of one, in place; null for anything else. */
export function bytesOf(value: unknown): Uint8Array | null {
  if (isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer ? new Uint8Array(value) : null;
}

/** Bytes as text that can pass to the harness. */
export function encodeBase64(bytes: Uint8Array): string {
  return apply(toBase64, bytes, []);
}

/** The bytes of text in base64. Throws a `SyntaxError`. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text);
}

/** The bytes that hexadecimal digits stand for. */
export function decodeHex(text: string): Uint8Array {
  return fromHex(text);
}

/** Writes a text as UTF-8, in base64. */
export function encodeText(text: string): string {
  return ask("Encoding", () => harness.encodeText(text));
}

/** The text that bytes in base64 stand for; null: they are no such text. */
export function decodeText(
  base64: string,
  encoding = "utf-8",
  isFatal = false,
  keepsMark = false,
): string | null {
  const text = ask("Decoding", () => harness.decodeText(base64, encoding, isFatal, keepsMark));
  return text[0] === "0" ? text.slice(1) : null;
}
