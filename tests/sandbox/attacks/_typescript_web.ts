/**
 * Attacks on the web's helpers in cells: `fetch` without a network, URLs, encodings, copies, signals.
 *
 * @module
 */
import { type Attack, type Expectation, lines } from "./_runner.ts";

const OWN: Expectation = { outcome: "ok", value: '"own"' };
const TIMES_OUT: Expectation = { outcome: "timeout", error: "TimeoutError" };

/** Tells which of the values that it is given, of their prototypes and constructors, are of another realm. */
export const FOREIGN_DEEP = lines(
  "const { getPrototypeOf, getOwnPropertyDescriptor, ownKeys, apply, defineProperty } = Reflect;",
  "const OwnFunction = Function.prototype, OwnObject = Object.prototype, realGlobal = globalThis;",
  "function isOwn(value: any): boolean {",
  "  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || value === realGlobal) return true;",
  "  for (let at = value; at !== null; at = getPrototypeOf(at)) if (at === OwnFunction || at === OwnObject) return true;",
  "  return getPrototypeOf(value) === null && typeof value === 'object';",
  "}",
  "function foreign(values: any[]): string {",
  "  for (let index = 0; index < values.length; index++) {",
  "    const value = values[index];",
  "    const parts = [value, value?.constructor, value === null || value === undefined ? null : getPrototypeOf(Object(value))];",
  "    for (let part = 0; part < parts.length; part++) if (!isOwn(parts[part])) return 'FOREIGN at ' + index;",
  "  }",
  "  return 'own';",
  "}",
);

/** Uses every helper once, in ways that work and in ways that do not. `url`: an expression. */
export function useAll(url: string): string {
  return lines(
    "const made: any[] = [];",
    "async function use(action: () => any): Promise<void> {",
    "  try { const value = action(); made[made.length] = value; made[made.length] = await value } catch (error) { made[made.length] = error }",
    "}",
    `const place = ${url};`,
    "await use(() => fetch(place)); await use(() => fetch(place, { method: 'POST', body: 'x', headers: [['a', 'b']] }));",
    "await use(() => fetch(1 as any, 2 as any)); await use(() => (fetch as any)()); await use(() => new Request(place, { signal: 1 } as any));",
    "await use(() => new Request(place, { method: 'PUT', body: new Uint8Array(3) }).bytes());",
    "await use(() => new Response('{}').json()); await use(() => new Response('{').json()); await use(() => new Response('a').arrayBuffer());",
    "await use(() => (new Response('a') as any).body); await use(() => Response.json({ a: 1 }).clone().text());",
    "await use(() => new Headers({ a: 'b' }).entries()); await use(() => new Headers({ a: '\\n\\0' })); await use(() => [...new Headers([['a', 'b']])]);",
    "await use(() => new URL('http://h/?a=1').searchParams); await use(() => new URL('none')); await use(() => [...new URLSearchParams('a=1')]);",
    "await use(() => new TextEncoder().encode('é')); await use(() => new TextDecoder('none')); await use(() => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])));",
    "await use(() => new TextDecoder().decode({} as any)); await use(() => atob('*')); await use(() => btoa('€')); await use(() => atob('YQ=='));",
    "await use(() => structuredClone({ a: [new Map([[1, new Set([new Date()])]]), new Error('e'), new Uint8Array(2), /x/] }));",
    "await use(() => structuredClone(() => {})); await use(() => crypto.getRandomValues(new Uint8Array(2))); await use(() => crypto.getRandomValues(1 as any));",
    "await use(() => crypto.randomUUID()); await use(() => new AbortController().signal); await use(() => AbortSignal.abort().reason);",
    "await use(() => AbortSignal.abort().throwIfAborted()); await use(() => AbortSignal.timeout(1)); await use(() => new (AbortSignal as any)());",
    "await use(() => new DOMException('a', 'b')); await use(() => performance.now());",
    "made.push(fetch, Headers, Request, Response, URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa, structuredClone, crypto,",
    "  crypto.randomUUID, AbortController, AbortSignal, DOMException);",
  );
}

/** Every function of the built-in objects is replaced by one that notes what it is given. */
export const SPY = lines(
  "const seen: any[] = [];",
  "const holders: any[] = [Object, Array, String, Number, Promise, JSON, Map, Set, RegExp, Date, Symbol, Error, Math, Uint8Array, ArrayBuffer,",
  "  getPrototypeOf(Uint8Array), Reflect, Function.prototype, getPrototypeOf([][Symbol.iterator]()), getPrototypeOf(getPrototypeOf((function* () {})())),",
  "  getPrototypeOf((async () => {})), URL, URLSearchParams, Headers, Request, Response, AbortSignal, TextDecoder, getPrototypeOf(Response)];",
  "for (let at = holders.length - 1; at >= 0; at--) { if (holders[at].prototype) holders[holders.length] = holders[at].prototype }",
  "for (let at = 0; at < holders.length; at++) {",
  "  const keys = ownKeys(holders[at]);",
  "  for (let key = 0; key < keys.length; key++) {",
  "    const descriptor: any = getOwnPropertyDescriptor(holders[at], keys[key]);",
  "    for (const kind of ['value', 'get', 'set']) {",
  "      const original = descriptor[kind];",
  "      if (typeof original !== 'function' || keys[key] === 'constructor' || keys[key] === 'isView') continue;",
  "      descriptor[kind] = function (this: any, ...args: any[]) {",
  "        seen[seen.length] = this; for (let arg = 0; arg < args.length; arg++) seen[seen.length] = args[arg];",
  "        const result = new.target ? (new (original as any)(...args)) : apply(original, this, args);",
  "        seen[seen.length] = result; return result;",
  "      };",
  "    }",
  "    try { defineProperty(holders[at], keys[key], descriptor) } catch {}",
  "  }",
  "}",
);

/** The attacks. */
export const TYPESCRIPT_WEB_ATTACKS: readonly Attack[] = [
  {
    id: "ts-web-objects",
    code: lines(FOREIGN_DEEP, useAll("'http://127.0.0.1/'"), "foreign(made)"),
    expect: OWN,
  },
  {
    id: "ts-web-constructors",
    code: lines(
      useAll("'http://127.0.0.1/'"),
      "const outcomes = new Set<string>();",
      "for (const value of made) {",
      "  try { value.constructor.constructor('return globalThis')(); outcomes.add('REACHED') } catch (error) { outcomes.add(error.name) }",
      "}",
      "[...outcomes].filter((name) => name !== 'EvalError' && name !== 'TypeError')",
    ),
    expect: { outcome: "ok", value: "[]" },
  },
  {
    id: "ts-web-spy",
    code: lines(FOREIGN_DEEP, SPY, useAll("'http://127.0.0.1/'"), "foreign(seen)"),
    expect: OWN,
    harms: true,
  },
  {
    id: "ts-web-overflow",
    code: lines(
      FOREIGN_DEEP,
      "const got: any[] = []; const url = new URL('http://h/?a=1'), headers = new Headers({ a: 'b' }), clean = {};",
      "const actions = [() => fetch('http://h/').catch((e) => { got[got.length] = e }), () => new URL('http://h'), () => { url.search = '?b' }, () => url.searchParams.append('a', 'b'),",
      "  () => new URLSearchParams('a=1'), () => headers.append('c', 'd'), () => new TextEncoder().encode('é'), () => new TextDecoder().decode(new Uint8Array(9)),",
      "  () => structuredClone({ a: [1] }), () => crypto.randomUUID(), () => AbortSignal.timeout(1), () => new AbortController().abort(), () => atob('YQ=='), () => new Response('x')];",
      "for (const action of actions) {",
      "  let left = 0;",
      "  (function deeper(): void {",
      "    try { deeper() } catch {}",
      "    if (left++ < 40) { try { action() } catch (error) { got[got.length] = error } }",
      "  })();",
      "}",
      "await null;",
      "foreign(got)",
    ),
    expect: OWN,
  },
  {
    id: "ts-web-hooks",
    code: lines(
      FOREIGN_DEEP,
      "const seen: any[] = [];",
      "const note = function (this: any, ...args: any[]) { seen.push(this, ...args); return 'x' };",
      "const odd: any = { toString: note, valueOf: note, [Symbol.toPrimitive]: note, toJSON: note, get then() { note.call(this); return undefined }, get method() { return note.call(this) },",
      "  get headers() { note.call(this); return odd }, get body() { note.call(this); return odd }, get signal() { note.call(this); return null }, get redirect() { note.call(this); return 'follow' } };",
      "const odds = [odd, new Proxy(odd, { get(...args) { seen.push(...args.slice(0, 2)); return (Reflect as any).get(...args) }, ownKeys(...args) { seen.push(...args); return [] } }),",
      "  new Proxy(new URL('http://h'), {}), new Proxy(new Headers(), {}), new Proxy(new Response(), {}), class extends URL { constructor() { super('http://h') } toString(): any { return odd } }];",
      "for (const value of odds) {",
      "  for (const action of [() => fetch(value), () => fetch('http://h/', value), () => new Request('http://h', value), () => new Response(value, value), () => new Headers(value),",
      "    () => new Headers([[value, value]]), () => new URL(value, value), () => new URLSearchParams(value), () => new TextEncoder().encode(value), () => new TextDecoder(value, value),",
      "    () => new TextDecoder().decode(value, value), () => atob(value), () => btoa(value), () => structuredClone(value), () => crypto.getRandomValues(value),",
      "    () => AbortSignal.any([value]), () => AbortSignal.timeout(value), () => new DOMException(value, value), () => { new URL('http://h').host = value }, () => console.log(value)]) {",
      "    try { seen.push(await action()) } catch (error) { seen.push(error) }",
      "  }",
      "}",
      "foreign(seen)",
    ),
    expect: { outcome: "ok", value: '"own"', text: /./ },
  },
  {
    id: "ts-web-pollution",
    code: lines(
      FOREIGN_DEEP,
      "const seen: any[] = [];",
      "const note = (value: any) => defineProperty(seen, seen.length, { __proto__: null, value, enumerable: true, configurable: true, writable: true } as any);",
      "const names = ['url', 'method', 'headers', 'body', 'redirect', 'signal', 'status', 'error', 'kind', 'message', 'base64', 'type', 'text', 'href', 'get', 'set', 'value', 'then', 'toJSON', '0', '1'];",
      "for (const name of names) defineProperty(Object.prototype, name, { __proto__: null, get() { note(this) }, set(value) { note(value) }, configurable: true } as any);",
      useAll("'http://127.0.0.1/'"),
      "for (const name of names) delete (Object.prototype as any)[name];",
      "foreign(seen)",
    ),
    expect: OWN,
    harms: true,
  },
  {
    id: "ts-pollution-at-end",
    code:
      "defineProperty(Object.prototype, 'get', { get() { for (;;) {} } });\nfunction defineProperty(...args: any[]) { (Object.defineProperty as any)(...args) }\nlet kept = 1; kept",
    expect: { outcome: "ok", value: "1" },
    harms: true,
  },
  {
    id: "ts-web-species",
    code: lines(
      FOREIGN_DEEP,
      "const seen: any[] = [];",
      "const evil = function (...args: any[]) { seen.push(...args); return Reflect.construct(Uint8Array, args) };",
      "for (const kind of [Promise, Array, Map, Set, RegExp, ArrayBuffer, Object.getPrototypeOf(Uint8Array)] as any[]) {",
      "  Object.defineProperty(kind, Symbol.species, { get() { seen.push(this); return kind === Object.getPrototypeOf(Uint8Array) ? evil : kind } });",
      "}",
      useAll("'http://127.0.0.1/'"),
      "foreign([...seen, ...made])",
    ),
    expect: OWN,
    harms: true,
  },
  {
    id: "ts-web-brands",
    code: lines(
      "const calls = [() => Headers.prototype.get.call({} as any, 'a'), () => URL.prototype.toString.call(Object.create(URL.prototype)), () => Response.prototype.clone.call(new Proxy(new Response(), {})),",
      "  () => URLSearchParams.prototype.append.call(new URL('http://h') as any, 'a', 'b'), () => Object.getOwnPropertyDescriptor(URL.prototype, 'href')!.get!.call({}),",
      "  () => AbortController.prototype.abort.call({} as any)];",
      "calls.map((call) => { try { call(); return 'took it' } catch (error) { return error instanceof TypeError } }).join()",
    ),
    expect: { outcome: "ok", value: '"true,true,true,true,true,true"' },
  },
  {
    id: "ts-web-shown",
    code: "(Array.prototype as any).toJSON = () => 'forged'; [new URL('http://h/'), new Headers({ a: 'b' })]",
    expect: { outcome: "ok", value: "[ URL {}, Headers {} ]" },
    harms: true,
  },
  {
    id: "ts-web-shown-loop",
    code: "(Array.prototype as any).toJSON = () => { for (;;) {} }; new URL('http://h/')",
    expect: TIMES_OUT,
    timeoutMs: 300,
    harms: true,
  },
  {
    id: "ts-web-loop",
    code: "new URL({ toString() { for (;;) {} } } as any)",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  {
    id: "ts-web-redeclare",
    code:
      "const fetch = 1, URL = 'http://h', crypto = null; class Response {} class Headers {} let atob, structuredClone;\n4",
    expect: { outcome: "ok", value: "4" },
    harms: true,
  },
  {
    id: "ts-web-late",
    code: lines(
      "AbortSignal.timeout(5).addEventListener('abort', () => CALL_API('/late'));",
      "setTimeout(() => fetch('http://127.0.0.1/').catch(() => CALL_API('/late')), 5); 1",
    ),
    expect: { outcome: "ok", value: "1" },
  },
  {
    id: "ts-web-timers",
    code: "for (;;) AbortSignal.timeout(1e6)",
    expect: { outcome: "error", error: "Error", text: /too many timers/ },
  },
  {
    id: "ts-web-clone-deep",
    code:
      "let deep: any = {}; for (let n = 0; n < 1e5; n++) deep = { deep };\nlet thrown: any; try { structuredClone(deep) } catch (error) { thrown = error }\n[thrown instanceof RangeError]",
    expect: { outcome: "ok", value: "[ true ]" },
  },
  {
    id: "ts-web-clone-proto",
    code:
      'const copy = structuredClone(JSON.parse(\'{"__proto__": { "admin": 1 }}\')); [copy.admin, ({} as any).admin, Object.keys(copy)]',
    expect: { outcome: "ok", value: '[ undefined, undefined, [ "__proto__" ] ]' },
  },
  {
    id: "ts-web-fetch-flood",
    code:
      "let refused = 0; for (let n = 0; n < 1e4; n++) await fetch('http://127.0.0.1/' + n).catch(() => refused++); refused",
    expect: { outcome: "ok", value: "10000" },
  },
];
