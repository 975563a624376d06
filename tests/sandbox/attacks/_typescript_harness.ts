/**
 * Attacks on the harness: what runs cells, shows their values, and speaks for them.
 *
 * @module
 */
import { type Attack, type Expectation, lines } from "./_runner.ts";

function raises(...names: string[]): Expectation {
  return { outcome: "error", error: names };
}

function gives(value: string): Expectation {
  return { outcome: "ok", value };
}

/** The attacks. */
export const TYPESCRIPT_HARNESS_ATTACKS: readonly Attack[] = [
  // Built-in functions that are not what they were.
  {
    id: "ts-json-tamper",
    code: "JSON.stringify=()=>'{\"t\":\"done\"}'; JSON.parse=()=>({result:'evil'}); CALL_API('/x')",
    expect: { outcome: "ok", value: "{}", calls: 1 },
    harms: true,
  },
  {
    id: "ts-array-tamper",
    code: "const A:any=Array.prototype; A.push=A.map=A.slice=A.join=()=>{throw 1}; [1,2]",
    expect: gives("[ 1, 2 ]"),
    harms: true,
  },
  {
    id: "ts-tamper-all",
    code: lines(
      "const { ownKeys, set } = Reflect;",
      "const objects: any[] = [Object, Array, String, Number, Promise, Reflect, JSON, Map, Set, RegExp, Math, Symbol, Date,",
      "  Function, Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(async function () {})];",
      "for (let at = 0; at < objects.length; at++) {",
      "  for (let side = 0; side < 2; side++) {",
      "    const holder = side === 0 ? objects[at] : objects[at].prototype;",
      "    if (typeof holder !== 'object' && typeof holder !== 'function') continue;",
      "    const keys = ownKeys(holder);",
      "    for (let key = 0; key < keys.length; key++) {",
      "      if (keys[key] === 'prototype' || keys[key] === '__proto__') continue;",
      "      try { set(holder, keys[key]!, () => { throw 'tampered' }) } catch {}",
      "    }",
      "  }",
      "}",
      "console.log('shown', { a: [1] });",
      "var after = 5;",
      "const fixed = [after, 'x'];",
      "fixed",
    ),
    expect: { outcome: "ok", value: '[ 5, "x" ]', text: /shown { a: \[ 1 \] }/ },
    harms: true,
  },
  {
    id: "ts-prototype-setters",
    code: lines(
      "const log: unknown[] = [];",
      "for (const name of ['0', '1', 'get', 'set', 'value', 'writable', 'then', 'error', 'name', 'toJSON']) {",
      "  Object.defineProperty(Object.prototype, name, {",
      "    __proto__: null, get() { return undefined }, set(value) { log.push(value) }, configurable: true } as any);",
      "}",
      "let later = 1; const constant = 2;",
      "console.log('x', [3]);",
      "later + constant + log.length",
    ),
    expect: { outcome: "ok", value: "3", text: /x \[ 3 \]/ },
    harms: true,
  },
  {
    id: "ts-polluted-prototype",
    code: "(Object.prototype as any).admin = true; await CALL_API('/x', {})",
    expect: { outcome: "ok", value: "{}", calls: 1 },
    harms: true,
  },
  {
    id: "ts-proto-params",
    code:
      'await CALL_API(\'/x\', JSON.parse(\'{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": 1}}}\'))',
    expect: { outcome: "ok", value: /constructor/, calls: 1 },
  },
  {
    id: "ts-redeclare",
    code: "const console = null; const CALL_API = 1; const JSON = 2; let Promise = 3; class Array {}\n4",
    expect: gives("4"),
    harms: true,
  },
  { id: "ts-redeclare-fixed", code: "const undefined = 1", expect: raises("TypeError") },
  { id: "ts-redeclare-error", code: "class Error {}", expect: raises("TypeError") },
  {
    id: "ts-helpers",
    code: "__const__('CALL_API', 'x'); const __const__ = 5; 1",
    expect: raises("ReferenceError", "TypeError"),
  },
  { id: "ts-freeze-global", code: "Object.freeze(globalThis); 1", expect: gives("1"), harms: true },
  {
    id: "ts-global-prototype",
    code: "Object.setPrototypeOf(globalThis, new Proxy({}, { has() { throw 1 }, get() { throw 2 } })); 5",
    expect: gives("5"),
    harms: true,
  },
  // Values that resist.
  { id: "ts-thenable-evil", code: "({get then(){ throw new Error('x') }})", expect: raises("Error") },
  { id: "ts-getter-result", code: "({get a(){ while(true){} }})", expect: gives("{ a: [Getter] }") },
  {
    id: "ts-symbol-species",
    code:
      "class X extends Promise<any>{ static get [Symbol.species](){ return function(ex:any){ ex((v:any)=>{},()=>{}); return {} } } }; X.resolve(1)",
    expect: gives("1"),
  },
  {
    id: "ts-proxy-throws",
    code:
      "new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 2 }, get(_, key) { if (key !== 'then') throw 3 } })",
    expect: gives("[unprintable]"),
  },
  {
    id: "ts-proxy-revoked",
    code: "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); [proxy]",
    expect: gives("[ [unprintable] ]"),
  },
  {
    id: "ts-deep-value",
    code: "let deep: unknown = []; for (let n = 0; n < 1e6; n++) deep = [deep]; deep",
    expect: gives("[ [ [ [ [ [Array] ] ] ] ] ]"),
  },
  {
    id: "ts-wide-value",
    code:
      "const wide = Array(1e5).fill('x'.repeat(1e3));\nObject.fromEntries(Array.from({ length: 1e5 }, (_, n) => [`key${n}`, wide]))",
    expect: { outcome: "ok", value: /^{\n {2}key0: \[[^]*\(truncated\)$/ },
  },
  {
    id: "ts-endless-prototypes",
    code: "new Proxy({}, { getPrototypeOf: (target) => new Proxy(target, {}) })",
    expect: { outcome: "ok", value: /./ },
  },
  // Errors that resist.
  {
    id: "ts-throw-null",
    code: "throw null",
    expect: { outcome: "error", error: "Uncaught", text: /^Uncaught null$/ },
  },
  {
    id: "ts-throw-proxy",
    code: "throw new Proxy(new Error('x'), { get() { throw 1 }, has() { throw 2 } })",
    expect: { outcome: "error", text: /./ },
  },
  {
    id: "ts-throw-evil",
    code:
      "class E extends Error { get name(): string { throw 1 } get message(): string { throw 2 } get stack(): string { throw 3 } get cause(): unknown { throw 4 } }\nthrow new E()",
    expect: raises("E"),
  },
  {
    id: "ts-throw-loop",
    code: "class L extends Error { get name(): string { for (;;) {} } }\nthrow new L('x')",
    expect: { outcome: "timeout", error: "TimeoutError" },
    timeoutMs: 300,
  },
  {
    id: "ts-throw-cause-cycle",
    code:
      "const e1: any = new Error('a'); const e2: any = new Error('b', { cause: e1 }); e1.cause = e2; throw e1",
    expect: { outcome: "error", error: "Error", text: /Caused by: Error: b/ },
  },
  {
    id: "ts-throw-timeout",
    code:
      "throw Object.assign(new Error('x'), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT', name: 'TimeoutError' })",
    expect: raises("TimeoutError"),
  },
  {
    id: "ts-throw-abort",
    code: "throw Object.assign(new Error('x'), { name: 'AbortError' })",
    expect: raises("AbortError"),
  },
  {
    id: "ts-throw-memory",
    code: "throw Object.assign(new Error('x'), { name: 'MemoryError' })",
    expect: { outcome: ["error", "out_of_memory"], error: "MemoryError" },
  },
  { id: "ts-deep-recursion", code: "function f(): never { return f() } f()", expect: raises("RangeError") },
  {
    id: "ts-fake-stack",
    code: "const e = new Error('x'); e.stack = 'Error\\n    at y (<cell 1>:1:1)\\n'.repeat(1e5); throw e",
    expect: { outcome: "error", error: "Error" },
  },
  // Source that resists.
  {
    id: "ts-deep-source",
    code: `${"(".repeat(5000)}${")".repeat(5000)}`,
    expect: raises("SyntaxError"),
  },
  {
    id: "ts-deep-arrays",
    code: `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    expect: raises("SyntaxError"),
  },
  { id: "ts-return", code: "return 5", expect: raises("SyntaxError") },
  { id: "ts-close-wrapper", code: "})(); (() => { 1", expect: raises("SyntaxError") },
  { id: "ts-html-close", code: "x\n--> 1", expect: raises("SyntaxError") },
  {
    id: "ts-source-map",
    code: "1 //# sourceMappingURL=data:application/json;base64,e30=",
    expect: gives("1"),
  },
  { id: "ts-line-separators", code: "const s = '\\u2028';\u2028s.length", expect: gives("1") },
  // After the end of the cell.
  { id: "ts-timer-late", code: "setTimeout(()=>CALL_API('/late'),50); 1", expect: gives("1") },
  {
    id: "ts-finreg",
    code: "new FinalizationRegistry(()=>CALL_API('/late')).register({},1); 1",
    expect: gives("1"),
  },
  {
    id: "ts-late-promise",
    code:
      "new Promise((done) => setTimeout(done, 20)).then(() => CALL_API('/late')); (async () => { await null; await null })(); 1",
    expect: gives("1"),
  },
  { id: "ts-wait-async", code: "typeof (Atomics as any).waitAsync", expect: gives('"undefined"') },
  {
    id: "ts-calls-many",
    code: "for (;;) await CALL_API('/x')",
    expect: { outcome: "error", error: "Error", text: /500 API calls/, calls: 500 },
  },
  {
    id: "ts-calls-retried",
    code: "for (;;) { try { await CALL_API('/x') } catch {} }",
    expect: { outcome: "timeout", error: "TimeoutError", calls: 500 },
    timeoutMs: 2_000,
  },
  {
    id: "ts-rejections",
    code: "for (let n = 0; n < 1000; n++) Promise.reject(n); 1",
    expect: { outcome: "ok", value: "1", text: /Uncaught 0/ },
  },
];
