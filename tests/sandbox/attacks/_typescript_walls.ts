/**
 * Attacks on what stands around the cells: the host's files and network, other realms, code from outside, memory, time.
 *
 * @module
 */
import { type Attack, type Expectation, lines } from "./_runner.ts";

function raises(...names: string[]): Expectation {
  return { outcome: "error", error: names };
}

const TIMES_OUT: Expectation = { outcome: "timeout", error: "TimeoutError" };
const IS_KILLED: Expectation = { outcome: "timeout", stateLost: true };
const NOT_DEFINED = raises("ReferenceError");
const NO_CODE = raises("EvalError");

/** Tells which of the values that it is given are of another realm. */
const FOREIGN = lines(
  "function foreign(values: unknown[]): string {",
  "  const found = values.filter((value) => (typeof value === 'function' && !(value instanceof Function) && value !== Function.prototype) ||",
  "    (typeof value === 'object' && value !== null && !(value instanceof Object) && value !== globalThis &&",
  "      Object.getPrototypeOf(value) !== null));",
  "  return found.length === 0 ? 'own' : 'FOREIGN ' + found.map((value) => typeof value).join();",
  "}",
);

/** Shows, calls with, and gives as value whatever `trap` makes, and tells what the traps were given. */
function trapped(...uses: string[]): string {
  return lines(
    FOREIGN,
    "const seen: unknown[] = [];",
    "const handler: any = new Proxy({}, { get(_: unknown, name: string) {",
    "  return (...args: unknown[]) => { seen.push(...args); return (Reflect as any)[name](...args); };",
    "} });",
    "const trap: any = (target: any) => new Proxy(target, handler);",
    ...uses,
    "foreign(seen)",
  );
}

/** The attacks. */
export const TYPESCRIPT_WALL_ATTACKS: readonly Attack[] = [
  { id: "ts-deno", code: "Deno.readTextFileSync('/etc/passwd')", expect: NOT_DEFINED },
  {
    id: "ts-fetch",
    code: "await fetch('http://127.0.0.1')",
    expect: { outcome: "error", error: "TypeError", text: /Cannot fetch: this sandbox has no network/ },
  },
  { id: "ts-process", code: "process.exit(0)", expect: NOT_DEFINED },
  { id: "ts-localstorage", code: "localStorage.setItem('a','b')", expect: NOT_DEFINED },
  { id: "ts-worker", code: "new Worker('data:text/javascript,while(1);')", expect: NOT_DEFINED },
  { id: "ts-postmessage", code: "(globalThis as any).postMessage({t:'done'})", expect: raises("TypeError") },
  {
    id: "ts-env",
    code: "typeof process+typeof (globalThis as any).Deno+typeof (globalThis as any).require",
    expect: { outcome: "ok", value: '"undefinedundefinedundefined"' },
  },
  {
    id: "ts-globals",
    code: lines(
      "const all = new Set<string>(); let at: object = globalThis;",
      "while (at) { for (const name of Reflect.ownKeys(at)) all.add(String(name)); at = Object.getPrototypeOf(at) }",
      "['Deno','process','Buffer','require','WebSocket','Worker','caches','postMessage','close','WebAssembly',",
      " 'navigator','localStorage','BroadcastChannel','EventTarget','__bootstrap'].filter((name) => all.has(name))",
    ),
    expect: { outcome: "ok", value: "[]" },
  },
  // Code from outside.
  {
    id: "ts-import-fs",
    code: "const fs=await import('node:fs'); fs.writeSync(1,'forged')",
    expect: raises("TypeError"),
  },
  {
    id: "ts-import-data",
    code: "await import('data:text/javascript,export default 1')",
    expect: raises("TypeError"),
  },
  { id: "ts-import-remote", code: "await import('https://example.com/x.js')", expect: raises("TypeError") },
  {
    id: "ts-static-import",
    code: "import {writeSync} from 'node:fs'; writeSync(1,'x')",
    expect: raises("SyntaxError"),
  },
  { id: "ts-import-unused", code: "import {x} from 'y';\nenum A { B }", expect: raises("SyntaxError") },
  { id: "ts-import-meta", code: "import.meta.url", expect: raises("SyntaxError") },
  { id: "ts-export-from", code: "export * from 'node:fs'", expect: raises("SyntaxError") },
  {
    id: "ts-import-nested",
    code:
      "class A { static async x(f = () => import('node:fs')) { return `${(await f()).writeSync}` } }\nawait A.x()",
    expect: raises("TypeError"),
  },
  {
    id: "ts-import-hidden",
    code: "0 <!-- /*\nawait import('node:fs')\n/* */",
    expect: raises("SyntaxError", "TypeError"),
  },
  { id: "ts-import-hidden-end", code: "0 /*\n*/ --> x\n", expect: raises("SyntaxError") },
  { id: "ts-fn-ctor", code: "({}).constructor.constructor('return globalThis')()", expect: NO_CODE },
  { id: "ts-eval", code: "(0, eval)('1')", expect: NO_CODE },
  {
    id: "ts-async-fn-ctor",
    code: "(async function*(){}).constructor('return import(\"node:fs\")')()",
    expect: NO_CODE,
  },
  {
    id: "ts-timer-string",
    code: "setTimeout('CALL_API(1)' as any, 0)",
    expect: raises("TypeError"),
  },
  {
    id: "ts-wasm",
    code: "new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0]))",
    expect: NOT_DEFINED,
  },
  // Other realms.
  {
    id: "ts-global-ctor",
    code: "(globalThis as any).constructor.constructor('return process')()",
    expect: NO_CODE,
  },
  { id: "ts-caller", code: "function f(){return (f as any).caller}; f()", expect: raises("TypeError") },
  {
    id: "ts-preparestack",
    code:
      "(Error as any).prepareStackTrace=(_:any,s:any)=>s; const e:any=new Error(); e.stack.map((c:any)=>{const f=c.getFunction&&c.getFunction(); const t=c.getThis&&c.getThis(); return (typeof f==='function'&&!(f instanceof Function)) || (t&&typeof t==='object'&&!(t instanceof Object)&&t!==globalThis) ? 'FOREIGN' : 'own'})",
    expect: raises("TypeError"),
  },
  {
    id: "ts-preparestack-throw",
    code: "(Error as any).prepareStackTrace=()=>{throw 1}; null.x",
    expect: raises("TypeError"),
  },
  {
    id: "ts-preparestack-global",
    code: lines(
      "try { delete (globalThis as any).Error; (globalThis as any).Error = { prepareStackTrace: (_: any, s: any) => s } } catch {}",
      "try { Object.defineProperty(globalThis, 'Error', { value: { prepareStackTrace: (_: any, s: any) => s } }) } catch {}",
      "try { null.x } catch (error) { typeof error.stack }",
      "try { null.x } catch (error) { console.log(typeof error.stack) }",
    ),
    expect: { outcome: "ok", text: /^string$/ },
  },
  {
    id: "ts-stack-overflow-realm",
    code:
      "let got:any; function f(){ try{ f() }catch(e){ try{ CALL_API('/x') }catch(x:any){ if(!(x instanceof Error)) got=x } try{ console.log('y') }catch(x:any){ if(!(x instanceof Error)) got=x } try{ setTimeout(()=>{},1) }catch(x:any){ if(!(x instanceof Error)) got=x } } } f(); got? 'FOREIGN '+got.constructor.constructor('return typeof Deno')() : 'clean'",
    expect: { outcome: "ok", value: '"clean"' },
  },
  {
    id: "ts-proxy-console",
    code: trapped(
      "console.log(trap({ a: trap([1]) }), trap(() => 1), trap(new Map()), trap(new Error('x')))",
    ),
    expect: { outcome: "ok", value: '"own"' },
  },
  {
    id: "ts-proxy-display",
    code: trapped("display(trap({ 'text/plain': trap([1]) })); display(trap({}));"),
    expect: { outcome: "ok", value: '"own"' },
  },
  {
    id: "ts-proxy-params",
    code: trapped("try { await CALL_API(1 as any, trap({ a: trap([1]), toJSON: trap(() => 1) })) } catch {}"),
    expect: { outcome: "ok", value: '"own"' },
  },
  {
    id: "ts-hooks",
    code: lines(
      FOREIGN,
      "const seen: unknown[] = [];",
      "const note = function (this: unknown, ...args: unknown[]) { seen.push(this, ...args); return undefined };",
      "const odd = { toJSON: note, toString: note, valueOf: note, [Symbol.toPrimitive]: note, [Symbol.iterator]: note,",
      "  [Symbol.for('Jupyter.display')]: note, [Symbol.for('Deno.customInspect')]: note, get then() { return undefined },",
      "  [Symbol.for('nodejs.util.inspect.custom')]: note, get [Symbol.toStringTag]() { return note() as any } };",
      "console.log(odd, '%s %d %o', odd, odd); console.error(odd); display(odd);",
      "try { await CALL_API('/x'.repeat(9999), { odd }) } catch (error) { seen.push(error, error.constructor) }",
      "try { await CALL_API(odd as any) } catch (error) { seen.push(error, error.constructor) }",
      "try { setTimeout(odd as any) } catch (error) { seen.push(error, error.constructor) }",
      "foreign(seen)",
    ),
    expect: { outcome: "ok", value: '"own"' },
  },
  {
    id: "ts-api-objects",
    code: lines(
      FOREIGN,
      "const promise = CALL_API('/echo', { a: [{}] }); const answer = await promise;",
      "const parts = [CALL_API, display, setTimeout, console, console.log, performance, performance.now, promise, answer,",
      "  answer.a, answer.a[0], await CALL_API(1 as any).catch((error) => error), import('x').catch((error) => error)];",
      "foreign(parts.flatMap((part: any) => [part, part.constructor, Object.getPrototypeOf(part)].filter(Boolean)))",
    ),
    expect: { outcome: "ok", value: '"own"', calls: 1 },
  },
  {
    id: "ts-promise-hooks",
    code: lines(
      FOREIGN,
      "const seen: unknown[] = [];",
      "const then = Promise.prototype.then;",
      "Promise.prototype.then = function (this: any, ...args: any[]) { seen.push(...args); return then.apply(this, args as any) };",
      "Object.defineProperty(Promise.prototype, 'constructor', { get() { seen.push(this); return Promise } });",
      "setTimeout(() => {}, 1); await CALL_API(1 as any).catch(() => {});",
      "foreign(seen)",
    ),
    expect: { outcome: "ok", value: '"own"' },
    harms: true,
  },
  // Time.
  { id: "ts-loop", code: "while(true){}", expect: TIMES_OUT, timeoutMs: 300 },
  { id: "ts-loop-async", code: "await null; while(true){}", expect: IS_KILLED, timeoutMs: 300 },
  {
    id: "ts-microtask-flood",
    code: "(async()=>{for(;;)await null})(); 1",
    expect: IS_KILLED,
    timeoutMs: 300,
  },
  {
    id: "ts-timer-loop",
    code: "setTimeout(() => { while (true) {} }, 1); await new Promise(() => {})",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  {
    id: "ts-timer-chain",
    code: "(function again() { setTimeout(again, 0) })(); await new Promise(() => {})",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  { id: "ts-timers-many", code: "for (;;) setTimeout(() => {}, 1e6)", expect: raises("Error") },
  { id: "ts-regex", code: "/(a+)+$/.test('a'.repeat(40)+'b')", expect: TIMES_OUT, timeoutMs: 300 },
  {
    id: "ts-atomics-wait",
    code: "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  { id: "ts-thenable", code: "({then(r:any){ /* never */ }})", expect: TIMES_OUT, timeoutMs: 300 },
  { id: "ts-never", code: "await new Promise(() => {})", expect: TIMES_OUT, timeoutMs: 300 },
  {
    id: "ts-display-loop",
    code: "({ [Symbol.for('Jupyter.display')]() { while (true) {} } })",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  {
    id: "ts-proxy-loop",
    code: "new Proxy({}, { ownKeys() { while (true) {} } })",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  {
    id: "ts-catch-loop",
    code: "for (;;) { try { while (true) {} } catch {} finally { while (true) {} } }",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  {
    id: "ts-output-flood",
    code: "for (;;) console.log('x'.repeat(1e6))",
    expect: TIMES_OUT,
    timeoutMs: 300,
  },
  // Memory.
  {
    id: "ts-arraybuffer",
    code: "const b:any[]=[]; for(;;) b.push(new Uint8Array(1e8).fill(1))",
    expect: { outcome: "out_of_memory", stateLost: true },
  },
  {
    id: "ts-heap",
    code:
      "const kept: any[] = []; for (;;) kept.push({ a: new Array(10_000).fill(0.5), b: String(kept.length) })",
    expect: { outcome: "out_of_memory", stateLost: true },
    timeoutMs: 60_000,
  },
  {
    id: "ts-strings",
    code: "const kept: string[] = []; for (let n = 0;; n++) kept.push(('x' + n).repeat(1e6).toUpperCase())",
    expect: { outcome: "out_of_memory", stateLost: true },
  },
  {
    id: "ts-sab",
    code: "new SharedArrayBuffer(1e9).byteLength",
    expect: { outcome: "ok", value: "1000000000" },
  },
  { id: "ts-string-huge", code: "'x'.repeat(2**29)", expect: raises("RangeError") },
  {
    id: "ts-string-large",
    code: "'x'.repeat(2**24)",
    expect: { outcome: "ok", value: /^"x{1999}\.\.\. \(truncated\)$/ },
  },
];
