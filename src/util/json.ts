/** Any value that JSON can carry. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object that JSON can carry. A key with the value `undefined` counts as absent. */
export interface JsonObject {
  /** The value under a key. */
  readonly [key: string]: JsonValue | undefined;
}

/**
 * Tells whether `value` is an object literal (or has no prototype): no array, no class instance, not `null`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert(isPlainObject({ a: 1 }));
 * assert(!isPlainObject([1]) && !isPlainObject(new Date()) && !isPlainObject(null));
 * ```
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return true;
  // An object of another realm has another Object.prototype, but that one too has nothing above it.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !Array.isArray(value));
}

/**
 * Freezes a JSON-like tree in place and returns it. Class instances, typed arrays and functions are left as they are.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const value = deepFreeze({ list: [{ a: 1 }] });
 * assert.throws(() => (value.list[0]!.a = 2), TypeError);
 * ```
 */
export function deepFreeze<T>(value: T): T {
  freezeTree(value, new Set());
  return value;
}

function freezeTree(value: unknown, seen: Set<unknown>): void {
  if (!isTree(value) || seen.has(value)) return;
  seen.add(Object.freeze(value)); // before its items: a cycle ends here
  for (const item of Object.values(value)) freezeTree(item, seen);
}

/**
 * Tells whether `value` is frozen down to its leaves, or is a primitive. What is no list and no plain object counts as a
 * leaf.
 */
export function isDeepFrozen(value: unknown): boolean {
  return isFrozenTree(value, 0);
}

// Looking is cheaper than remembering: a WeakSet of everything frozen costs the collector more than these walks.
function isFrozenTree(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (!Object.isFrozen(value)) return !isTree(value);
  if (depth > DEEP) return false; // maybe a cycle: whoever copies finds out
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isFrozenTree(value[i], depth + 1)) return false;
  } else if (isPlainObject(value)) {
    for (const key of Object.keys(value)) if (!isFrozenTree(value[key], depth + 1)) return false;
  }
  return true;
}

/** A tree this deep may be a cycle; from here on its branches are remembered. */
const DEEP = 100;

function isTree(value: unknown): value is object {
  return Array.isArray(value) || isPlainObject(value);
}

/**
 * Gives a deeply frozen copy of a JSON-like tree; the argument stays as it was. A tree (or subtree) that is deeply frozen
 * already is shared, not copied. Class instances, typed arrays and functions are kept by reference.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const mine = { list: [1] };
 * const copy = freezeCopy(mine);
 * mine.list.push(2);
 * assert.deepEqual(copy, { list: [1] });
 * assert.equal(freezeCopy(copy), copy);
 * ```
 *
 * @throws {TypeError} when the tree contains itself
 */
export function freezeCopy<T>(value: T): T {
  return copyOf(value, 0, undefined, true) as T;
}

/**
 * Gives a copy of a JSON-like tree that may be changed. Class instances, typed arrays and functions are kept by
 * reference.
 *
 * @throws {TypeError} when the tree contains itself
 */
export function mutableCopy<T>(value: T): T {
  return copyOf(value, 0, undefined, false) as T;
}

/**
 * Gives a JSON-like tree that was deeply frozen without its frozen lists, of which one alone makes `JSON.stringify` take its slow way for all
 * that is written with it. What has none is shared, not copied.
 */
export function thawLists<T>(value: T): T {
  return thaw(value) as T;
}

function thaw(value: unknown): unknown {
  if (Array.isArray(value)) return Object.isFrozen(value) ? value.map((item) => thaw(item)) : value;
  if (!isPlainObject(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const inner = value[key];
    if (typeof inner !== "object" || inner === null) continue;
    const thawed = thaw(inner);
    if (thawed === inner) continue;
    copy ??= { ...value };
    setOwn(copy, key, thawed);
  }
  return copy ?? value;
}

function copyOf(value: unknown, depth: number, ancestors: Set<object> | undefined, frozen: boolean): unknown {
  if (typeof value !== "object" || value === null) return value;
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) return value;
  if (frozen && Object.isFrozen(value) && isFrozenTree(value, 0)) return value;
  if (depth > DEEP) {
    ancestors ??= new Set();
    if (ancestors.has(value)) throw new TypeError("Cannot copy value: expected a tree, found a cycle");
    ancestors.add(value);
  }
  let copy: unknown[] | Record<string, unknown>;
  if (isArray) {
    copy = value.map((item) => copyOf(item, depth + 1, ancestors, frozen));
  } else {
    copy = {};
    for (const key of Object.keys(value)) {
      setOwn(copy, key, copyOf((value as Record<string, unknown>)[key], depth + 1, ancestors, frozen));
    }
  }
  ancestors?.delete(value);
  return frozen ? Object.freeze(copy) : copy;
}

/** Sets an own property, whatever its name: `__proto__` must not reach the prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/**
 * Writes a value as canonical JSON (JCS): keys sorted by UTF-16 units, no white space, numbers as ECMAScript writes
 * them. Two values that are equal as JSON give the same text.
 *
 * As in `JSON.stringify`, `toJSON` is honoured, a key with `undefined` is left out, and a lone surrogate is written as
 * an escape (RFC 8785 would refuse it; a hash of a model's reply must not end a run).
 *
 * Source: RFC 8785.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(canonicalJson({ b: [1e21, 0.5], a: "é" }), '{"a":"é","b":[1e+21,0.5]}');
 * ```
 *
 * @throws {TypeError} for what JSON cannot carry: NaN, an infinity, a bigint, a cycle
 */
export function canonicalJson(value: unknown): string {
  return canonical(value, "", new Set()) ?? "null";
}

function canonical(input: unknown, key: string, ancestors: Set<object>): string | undefined {
  const value = typeof input === "object" && input !== null && "toJSON" in input &&
      typeof input.toJSON === "function"
    ? input.toJSON(key)
    : input;
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) {
        throw new TypeError(`Cannot write "${key}" as JSON: expected a finite number, found ${value}`);
      }
      return JSON.stringify(value);
    case "object":
      break;
    case "bigint":
      throw new TypeError(`Cannot write "${key}" as JSON: expected a JSON value, found a bigint`);
    default:
      return undefined; // undefined, functions and symbols, as in JSON.stringify
  }
  if (ancestors.has(value)) {
    throw new TypeError(`Cannot write "${key}" as JSON: expected a tree, found a cycle`);
  }
  ancestors.add(value);
  let text: string;
  if (Array.isArray(value)) {
    text = `[${value.map((item, i) => canonical(item, String(i), ancestors) ?? "null").join(",")}]`;
  } else {
    const parts: string[] = [];
    for (const name of Object.keys(value).sort()) {
      const part = canonical((value as Record<string, unknown>)[name], name, ancestors);
      if (part !== undefined) parts.push(`${JSON.stringify(name)}:${part}`);
    }
    text = `{${parts.join(",")}}`;
  }
  ancestors.delete(value);
  return text;
}

/**
 * Tells whether two values are the same JSON: the order of keys does not matter, a key with `undefined` counts as
 * absent. Anything but arrays, plain objects and primitives is compared by identity.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert(deepEqual({ a: 1, b: [2] }, { b: [2], a: 1 }));
 * assert(!deepEqual({ a: 1 }, { a: "1" }));
 * ```
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b || (a !== a && b !== b)) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  if (keys.length !== Object.keys(b).filter((key) => b[key] !== undefined).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]));
}
