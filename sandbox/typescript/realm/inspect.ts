/**
 * Display forms of values, as consoles print them. Properties are looked at and getters are not called, so that what
 * runs of the cell's code are proxies alone.
 *
 * @module
 */
import { type Parts, showBuiltin } from "./inspect_builtins.ts";
import { joinEntries } from "./inspect_layout.ts";
import { nameOf } from "./properties.ts";
import { quote } from "./quote.ts";

const MAX_DEPTH = 4;
const MAX_ENTRIES = 100;
/** Lists with more items than this are not looked at for properties beside their items: listing all keys takes long. */
const MAX_KEYED_ITEMS = 10_000;
/** So many items may be missing one after the other before the array is asked which it has. */
const MAX_STEPS = 1000;

let describeHelper: (object: object) => string = () => "";

/** Sets what tells of objects whose state is private. */
export function setDescriber(describe: typeof describeHelper): void {
  describeHelper = describe;
}

/** The display form of a value, not much longer than `maxChars`. */
export function inspect(value: unknown, maxChars: number): string {
  let room = maxChars + 1;
  const path: object[] = [];
  const circular: object[] = [];

  function spend(text: string): string {
    room -= text.length;
    return text;
  }

  function show(inner: unknown): string {
    if (room <= 0) return "...";
    switch (typeof inner) {
      case "string":
        return spend(quote(inner, room));
      case "bigint":
        return spend(`${inner}n`);
      case "number":
        return spend(Object.is(inner, -0) ? "-0" : `${inner}`);
      case "object":
      case "function":
        return inner === null ? spend("null") : showObject(inner);
      default:
        return spend(String(inner));
    }
  }

  function showObject(object: object): string {
    if (path.includes(object)) {
      if (!circular.includes(object)) circular.push(object);
      return spend(`[Circular *${circular.indexOf(object) + 1}]`);
    }
    path.push(object);
    try {
      const text = describe(object);
      return circular.includes(object) ? `<ref *${circular.indexOf(object) + 1}> ${text}` : text;
    } catch {
      return spend("[unprintable]");
    } finally {
      path.pop();
    }
  }

  function describe(object: object): string {
    if (path.length > MAX_DEPTH + 1) return spend(Array.isArray(object) ? "[Array]" : `[${nameOf(object)}]`);
    const { prefix, brackets, entries, shown, items = 0 } = partsOf(object);
    spend(prefix);
    const all = items > MAX_KEYED_ITEMS ? [] : Reflect.ownKeys(object);
    const keys = all.filter((key) =>
      shown?.(key) !== true && Reflect.getOwnPropertyDescriptor(object, key)?.enumerable === true
    );
    entries.push(...list(keys.length, keys, (key) => `${keyOf(key)}: ${showProperty(object, key)}`));
    if (brackets === null && entries.length === 0) return prefix;
    return joinEntries(prefix, brackets ?? "{}", entries);
  }

  function partsOf(object: object): Parts {
    if (Array.isArray(object)) return showArray(object);
    const known = isPlain(object)
      ? null
      : showHelper(object) ?? showBuiltin(object, { show, list }, path.length > 1);
    return known ?? { prefix: objectPrefix(object), brackets: "{}", entries: [] };
  }

  function showHelper(object: object): Parts | null {
    const fields: unknown = JSON.parse(describeHelper(object) || "null");
    if (!Array.isArray(fields)) return null;
    const entries = list(fields.length, fields, ([key, value]) => `${keyOf(String(key))}: ${show(value)}`);
    return { prefix: objectPrefix(object), brackets: "{}", entries, shown: () => true };
  }

  function showArray(array: readonly unknown[]): Parts {
    const { length } = array;
    const name = nameOf(array, "Array");
    return {
      prefix: name === "Array" ? "" : `${name}(${length})`,
      brackets: "[]",
      items: length,
      entries: list(length, holesOf(array, length), (item) => {
        return typeof item === "string" ? showProperty(array, item) : spend(holes(item));
      }),
      shown: (key) => key === "length" || (typeof key === "string" && /^(0|[1-9]\d*)$/.test(key)),
    };
  }

  function showProperty(object: object, key: string | symbol): string {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined) return spend("undefined");
    if ("value" in descriptor) return show(descriptor.value);
    if (descriptor.get === undefined) return spend("[Setter]");
    return spend(descriptor.set === undefined ? "[Getter]" : "[Getter/Setter]");
  }

  function list<T>(count: number, values: Iterable<T>, form: (value: T) => string): string[] {
    const texts: string[] = [];
    let left = count;
    for (const inner of values) {
      if (texts.length >= MAX_ENTRIES || room <= 0) break;
      texts.push(form(inner));
      left -= typeof inner === "number" ? inner : 1;
    }
    if (left > 0) texts.push(`... ${left} more item${left === 1 ? "" : "s"}`);
    return texts;
  }

  return show(value);
}

/** The indices of an array as strings; where some are missing, how many, as a number. */
function* holesOf(array: readonly unknown[], length: number): Generator<string | number> {
  const farIndex = farIndices(array, length);
  for (let index = 0; index < length; index++) {
    const near = Math.min(index + MAX_STEPS, length);
    let next = index;
    while (next < near && Reflect.getOwnPropertyDescriptor(array, `${next}`) === undefined) next++;
    if (next === near && near < length) next = farIndex(near);
    if (next > index) yield next - index;
    if (next < length) yield `${next}`;
    index = next;
  }
}

/**
 * What finds the first index from `start` on that the array has; its length for none. The array's keys are listed once,
 * when they are first needed, as that takes long; each `start` must be larger than the one before.
 */
function farIndices(array: readonly unknown[], length: number): (start: number) => number {
  let keys: readonly (string | symbol)[] | undefined;
  let at = 0;
  return (start) => {
    keys ??= Reflect.ownKeys(array);
    for (; at < keys.length; at++) { // indices come first, in order
      const key = keys[at];
      const index = typeof key === "string" ? Number(key) : NaN;
      if (index >= start && index < length && `${index}` === key) return index;
    }
    return length;
  };
}

function holes(count: number): string {
  return `<${count} empty item${count === 1 ? "" : "s"}>`;
}

function isPlain(object: object): boolean {
  if (typeof object === "function") return false;
  const prototype = Reflect.getPrototypeOf(object);
  return prototype === null || Reflect.getPrototypeOf(prototype) === null;
}

function objectPrefix(object: object): string {
  const name = nameOf(object);
  return name === "Object" ? "" : name;
}

function keyOf(key: string | symbol): string {
  if (typeof key === "symbol") return `[${String(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key, 200);
}
