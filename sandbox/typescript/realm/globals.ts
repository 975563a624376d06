/**
 * What cells find in their realm besides the language. This runs in the cells' own realm, before any cell: every object
 * that a cell can get hold of is one of that realm, and what the harness may throw at a call is never handed on. The
 * built-in functions that are used here are taken now, since cells may replace them.
 *
 * @module
 */
import { AbortController, AbortSignal, setTimer } from "./abort.ts";
import {
  apply,
  ask,
  defineProperty,
  deleteProperty,
  Error,
  forever,
  getOwnPropertyDescriptor,
  Object,
  parse,
  ReferenceError,
  setHarness,
  TypeError,
} from "./border.ts";
import { describeHelper } from "./describe.ts";
import { DOMException } from "./dom_exception.ts";
import { fetch, Request, Response } from "./fetch.ts";
import type { CellRealm, CellSide, DeclarationKind } from "./harness.ts";
import { Headers } from "./headers.ts";
import { crypto } from "./random.ts";
import { fixStacks } from "./stacks.ts";
import { structuredClone } from "./structured_clone.ts";
import { atob, btoa, TextDecoder, TextEncoder } from "./text.ts";
import { URL } from "./url.ts";
import { URLSearchParams } from "./url_params.ts";

/** All that the language itself defines, but for WebAssembly. */
const LANGUAGE =
  "Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp " +
  "Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError globalThis " +
  "JSON Math Intl Temporal ArrayBuffer SharedArrayBuffer Atomics DataView Uint8Array Int8Array Uint16Array Int16Array " +
  "Uint32Array Int32Array Float16Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array " +
  "BigInt Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator Proxy Reflect DisposableStack " +
  "AsyncDisposableStack decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval isFinite isNaN";

const CONSOLE_METHODS =
  "log info debug warn error trace dir table assert count countReset time timeLog timeEnd group " +
  "groupEnd";

/** Installs the globals; gives what the harness needs. */
export function installGlobals(harness: CellSide): CellRealm {
  setHarness(harness);
  const { hasOwnProperty } = Object.prototype;
  const scope = globalThis;
  const timers = { __proto__: null } as unknown as Record<number, (() => void) | undefined>;
  const pending = { __proto__: null } as unknown as Record<string, (() => never) | undefined>;

  function define(name: string, value: unknown, isWritable = true, isEnumerable = true): void {
    const descriptor = {
      __proto__: null,
      value,
      writable: isWritable,
      enumerable: isEnumerable,
      configurable: true,
    };
    if (!defineProperty(scope, name, descriptor as PropertyDescriptor)) {
      throw new TypeError(`Cannot declare "${name}" here`);
    }
  }

  /** The descriptor of a name that has a value, not a getter. */
  function valueOf(name: string): PropertyDescriptor | null {
    const descriptor = getOwnPropertyDescriptor(scope, name);
    return descriptor !== undefined && apply(hasOwnProperty, descriptor, ["value"]) ? descriptor : null;
  }

  function declare(name: string, kind: DeclarationKind): void {
    const existing = valueOf(name);
    if (kind === "function" || kind === "fresh var") define(name, undefined);
    else if (existing !== null) define(name, existing.value);
    else if (kind === "var") define(name, undefined);
    else declareLexical(name);
  }

  /** Until its declaration is reached a name has no value. */
  function declareLexical(name: string): void {
    const get = (): never => {
      throw new ReferenceError(`Cannot access '${name}' before initialization`);
    };
    const set = (value: unknown): void => define(name, value);
    pending[name] = get;
    const descriptor = { __proto__: null, get, set, enumerable: true, configurable: true };
    if (!defineProperty(scope, name, descriptor as PropertyDescriptor)) {
      throw new TypeError(`Cannot declare "${name}" here`);
    }
  }

  function forget(): void {
    for (const name in pending) {
      const descriptor = getOwnPropertyDescriptor(scope, name);
      const isPending = descriptor !== undefined && apply(hasOwnProperty, descriptor, ["get"]) &&
        descriptor.get === pending[name];
      if (isPending) deleteProperty(scope, name);
      delete pending[name];
    }
  }

  function makeConstant(...names: string[]): void {
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      const existing = valueOf(name);
      if (existing !== null) define(name, existing.value, false);
    }
  }

  // deno-lint-ignore require-await
  async function importModule(): Promise<never> {
    throw new TypeError("import() is not available in the sandbox");
  }

  async function CALL_API(path: unknown, params?: unknown): Promise<unknown> {
    const isCall = ask("CALL_API", () => harness.checkCall(path, params));
    const json = ask("CALL_API", () => harness.takeText());
    if (!isCall) throw new TypeError(json);
    // Jobs are terminated at the time limit; the call may wait for a person, while that limit's clock stands still.
    await undefined;
    const kind = ask("CALL_API", () => harness.call(path as string, json));
    const text = ask("CALL_API", () => harness.takeText());
    if (kind === 0) return parse(text);
    if (kind === 3) await forever();
    throw new Error(text);
  }

  function display(...values: unknown[]): void {
    for (let index = 0; index < values.length; index++) ask("display", () => harness.display(values[index]));
  }

  function startTimer(
    name: string,
    callback: unknown,
    ms: unknown,
    args: unknown[],
    repeats: boolean,
  ): number {
    if (typeof callback !== "function") throw new TypeError(`${name} expects a function`);
    const delay = ms === undefined ? 0 : +(ms as number);
    const id = ask(name, () => harness.startTimer(delay, repeats));
    if (id < 0) throw new Error(`${name} failed: too many timers`);
    timers[id] = () => {
      if (!repeats) delete timers[id];
      apply(callback, undefined, args);
    };
    return id;
  }

  function stopTimer(id: unknown): void {
    if (typeof id !== "number") return;
    delete timers[id];
    ask("clearTimeout", () => harness.stopTimer(id));
  }

  async function runLater(callback: () => unknown): Promise<void> {
    await undefined;
    apply(callback, undefined, []);
  }

  function queueMicrotask(callback: unknown): void {
    if (typeof callback !== "function") throw new TypeError("queueMicrotask expects a function");
    runLater(callback as () => unknown);
  }

  fixStacks();
  // Deno looks there for the function that makes stacks.
  const own = { __proto__: null, value: Error, writable: false, enumerable: false, configurable: false };
  defineProperty(scope, "Error", own as PropertyDescriptor);
  // It would wake code after its cell has ended.
  deleteProperty(Atomics, "waitAsync");
  const language = LANGUAGE.split(" ");
  for (const name of Object.getOwnPropertyNames(scope)) {
    if (!language.includes(name)) deleteProperty(scope, name);
  }

  const print = (method: string, args: unknown[]): void => ask("console", () => harness.print(method, args));
  const console: Record<string, unknown> = {};
  for (const method of CONSOLE_METHODS.split(" ")) {
    console[method] = { [method]: (...args: unknown[]): void => print(method, args) }[method];
  }

  setTimer((callback, ms) => startTimer("AbortSignal.timeout", callback, ms, [], false));
  const visible = {
    console,
    CALL_API,
    display,
    queueMicrotask,
    structuredClone,
    fetch,
    Headers,
    Request,
    Response,
    URL,
    URLSearchParams,
    AbortController,
    AbortSignal,
    DOMException,
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
    crypto,
    setTimeout: (callback: unknown, ms?: unknown, ...args: unknown[]): number =>
      startTimer("setTimeout", callback, ms, args, false),
    setInterval: (callback: unknown, ms?: unknown, ...args: unknown[]): number =>
      startTimer("setInterval", callback, ms, args, true),
    clearTimeout: (id?: unknown): void => stopTimer(id),
    clearInterval: (id?: unknown): void => stopTimer(id),
    performance: { now: (): number => ask("performance.now", () => harness.now()) },
  };
  for (const [name, value] of Object.entries(visible)) define(name, value, true, false);

  return {
    declare,
    forget,
    makeConstant,
    importModule,
    describeHelper,
    fireTimer: (id) => timers[id]?.(),
    clearTimers() {
      for (const id in timers) delete timers[id];
    },
  };
}
