/**
 * Display forms of the language's own kinds of objects. A kind is told by its internals, which code cannot forge: the
 * methods of this realm work on objects of any realm.
 *
 * @module
 */
import { shortError, stackOf } from "./errors.ts";
import { dataOf, nameOf } from "./properties.ts";

/** The parts of a display form: `Name { entries }`. */
export interface Parts {
  /** What stands before the brackets, or instead of them where there are no entries. */
  readonly prefix: string;
  readonly brackets: "[]" | "{}" | null;
  readonly entries: string[];
  /** How many items a list has. Default: 0. */
  readonly items?: number;
  /** Own keys that are no entries of their own any more. */
  readonly shown?: (key: string | symbol) => boolean;
}

/** Shows nested values of the value that is being shown. */
export interface Inspector {
  /** The display form of a value inside another. */
  show(value: unknown): string;
  /** Shows at most as many of the values as a form has place for, and tells how many there are more. */
  list<T>(count: number, values: Iterable<T>, form: (value: T) => string): string[];
}

type Kind = (object: object, inspector: Inspector, isNested: boolean) => Parts;

function getter(prototype: object, key: string | symbol): (object: object) => unknown {
  const { get } = Reflect.getOwnPropertyDescriptor(prototype, key)!;
  return (object) => Reflect.apply(get!, object, []);
}

const mapSize = getter(Map.prototype, "size");
const setSize = getter(Set.prototype, "size");
const bufferSize = getter(ArrayBuffer.prototype, "byteLength");
const sharedSize = getter(SharedArrayBuffer.prototype, "byteLength");
const TypedArray = Reflect.getPrototypeOf(Uint8Array)!;
const TypedArrayPrototype = dataOf(TypedArray, "prototype") as object;
const arrayName = getter(TypedArrayPrototype, Symbol.toStringTag);
const arrayLength = getter(TypedArrayPrototype, "length");

/** A form without entries. */
function text(prefix: string): Parts {
  return { prefix, brackets: null, entries: [] };
}

/** The first kind whose method accepts the object is the object's. */
const KINDS: readonly Kind[] = [
  (object, { show, list }) => {
    const size = mapSize(object) as number;
    const entries = Map.prototype.entries.call(object);
    const form = ([key, value]: [unknown, unknown]) => `${show(key)} => ${show(value)}`;
    return { prefix: `${nameOf(object)}(${size})`, brackets: "{}", entries: list(size, entries, form) };
  },
  (object, { show, list }) => {
    const size = setSize(object) as number;
    const entries = list(size, Set.prototype.values.call(object), show);
    return { prefix: `${nameOf(object)}(${size})`, brackets: "{}", entries };
  },
  (object) => {
    const time = Date.prototype.getTime.call(object);
    return text(Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString());
  },
  (object) => {
    const flags = getter(RegExp.prototype, "flags")(object);
    return text(`/${getter(RegExp.prototype, "source")(object)}/${flags}`);
  },
  (object) => ({
    prefix: nameOf(object),
    brackets: "{}",
    entries: [`byteLength: ${bufferSize(object)}`],
  }),
  (object) => ({
    prefix: nameOf(object),
    brackets: "{}",
    entries: [`byteLength: ${sharedSize(object)}`],
  }),
  (object, { show }) => text(`[Number: ${show(Number.prototype.valueOf.call(object))}]`),
  (object, { show }) => ({
    ...text(`[String: ${show(String.prototype.valueOf.call(object))}]`),
    shown: (key) => key === "length" || (typeof key === "string" && /^\d+$/.test(key)),
  }),
  (object) => text(`[Boolean: ${Boolean.prototype.valueOf.call(object)}]`),
  (object) => text(`[Symbol: ${Symbol.prototype.toString.call(object)}]`),
  (object, { show }) => text(`[BigInt: ${show(BigInt.prototype.valueOf.call(object))}]`),
  ...temporalKinds(),
];

/** The form of an object of a built-in kind; null for any other. */
export function showBuiltin(object: object, inspector: Inspector, isNested: boolean): Parts | null {
  if (typeof object === "function") return showFunction(object);
  if (Error.isError(object)) return showError(object, isNested);
  if (ArrayBuffer.isView(object) && arrayName(object) !== undefined) return showTypedArray(object, inspector);
  for (const kind of KINDS) {
    try {
      return kind(object, inspector, isNested);
    } catch {
      // It is of another kind.
    }
  }
  return null;
}

function showFunction(object: object): Parts {
  const source = Function.prototype.toString.call(object);
  const given = dataOf(object, "name");
  const name = typeof given === "string" && given !== "" ? given : "";
  if (!/^class\b/.test(source)) {
    return text(`[${nameOf(object)}${name === "" ? " (anonymous)" : `: ${name}`}]`);
  }
  const parent = dataOf(Reflect.getPrototypeOf(object), "name");
  const extended = typeof parent === "string" && parent !== "" ? ` extends ${parent}` : "";
  return text(`[class${name === "" ? "" : ` ${name}`}${extended}]`);
}

function showError(error: Error, isNested: boolean): Parts {
  const own = new Set<string | symbol>(["stack", "message", "cause", "errors", "name"]);
  const prefix = isNested ? `[${shortError(error)}]` : stackOf(error);
  return { prefix, brackets: null, entries: [], shown: (key) => own.has(key) };
}

function showTypedArray(object: object, { show, list }: Inspector): Parts {
  const length = arrayLength(object) as number;
  const items = object as ArrayLike<number | bigint>;
  function* values(): Generator<{ readonly item: unknown }> {
    for (let index = 0; index < length; index++) yield { item: items[index] };
  }
  return {
    prefix: `${arrayName(object)}(${length})`,
    brackets: "[]",
    items: length,
    entries: list(length, values(), ({ item }) => show(item)),
    shown: (key) => typeof key === "string" && /^\d+$/.test(key),
  };
}

function temporalKinds(): Kind[] {
  const temporal = (globalThis as { Temporal?: Record<string, { prototype?: object }> }).Temporal;
  if (temporal === undefined) return [];
  return Reflect.ownKeys(temporal).flatMap((name) => {
    const toString = dataOf(dataOf(dataOf(temporal, name as string), "prototype"), "toString");
    if (typeof name !== "string" || typeof toString !== "function") return [];
    return [(object: object) => text(`Temporal.${name} ${Reflect.apply(toString, object, [])}`)];
  });
}
