/**
 * `structuredClone`: copies of data, also of what is in it twice or in a circle.
 *
 * @module
 */
import { Array, ArrayBuffer, DataView, Date, defineProperty, Error, isView, Map, Object } from "./border.ts";
import { Promise, RegExp, Set, SharedArrayBuffer, typedArrays, WeakMap, WeakRef, WeakSet } from "./border.ts";
import { describeHelper } from "./describe.ts";
import { DOMException } from "./dom_exception.ts";

const UNCLONABLE = [Promise, WeakMap, WeakRef, WeakSet, SharedArrayBuffer];

/** Copies a value. Throws a `DataCloneError` for functions and the like. */
export function structuredClone(value: unknown): unknown {
  const copies = new Map<object, object>();

  function copy(inner: unknown): unknown {
    if (typeof inner === "symbol" || typeof inner === "function") throw notClonable(`a ${typeof inner}`);
    if (typeof inner !== "object" || inner === null) return inner;
    return copies.get(inner) ?? copyObject(inner);
  }

  function remember<T extends object>(inner: object, made: T): T {
    copies.set(inner, made);
    return made;
  }

  function copyObject(inner: object): object {
    if (inner instanceof Date) return remember(inner, new Date(inner.getTime()));
    if (inner instanceof RegExp) return remember(inner, new RegExp(inner.source, inner.flags));
    if (inner instanceof ArrayBuffer) return remember(inner, inner.slice(0));
    if (isView(inner)) return remember(inner, copyView(inner));
    if (inner instanceof Map) {
      const map = remember(inner, new Map());
      for (const [key, item] of [...inner]) map.set(copy(key), copy(item));
      return map;
    }
    if (inner instanceof Set) {
      const set = remember(inner, new Set());
      for (const item of [...inner]) set.add(copy(item));
      return set;
    }
    if (Error.isError(inner)) return copyError(inner);
    if (UNCLONABLE.some((kind) => inner instanceof kind) || describeHelper(inner) !== "") {
      throw notClonable("an object that is not data");
    }
    return copyProperties(inner, remember(inner, Array.isArray(inner) ? new Array(inner.length) : {}));
  }

  function copyView(view: ArrayBufferView): ArrayBufferView {
    const buffer = copy(view.buffer) as ArrayBuffer;
    if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
    const Kind = typedArrays.find((kind) => view instanceof kind)!;
    return new Kind(buffer, view.byteOffset, (view as Uint8Array).length);
  }

  function copyError(error: Error): Error {
    const made = remember(error, new Error(error.message));
    for (const key of ["name", "stack", "cause"] as const) {
      if (key in error) define(made, key, copy(error[key]), false);
    }
    return made;
  }

  function copyProperties(from: object, to: object): object {
    for (const key of Object.keys(from)) define(to, key, copy((from as Record<string, unknown>)[key]), true);
    return to;
  }

  return copy(value);
}

function define(object: object, key: string, value: unknown, enumerable: boolean): void {
  const descriptor = { __proto__: null, value, writable: true, enumerable, configurable: true };
  defineProperty(object, key, descriptor as PropertyDescriptor);
}

function notClonable(what: string): DOMException {
  return new DOMException(`Cannot clone: expected data, found ${what}`, "DataCloneError");
}
