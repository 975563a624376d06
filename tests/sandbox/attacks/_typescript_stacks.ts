/**
 * Attacks by way of `error.stack`: what it tells of the host's files and of frames that are not the cell's.
 *
 * @module
 */
import { type Attack, lines } from "./_runner.ts";

/** `look(text)` notes a stack that names a file; `probe(depth)` reads stacks where little of the stack is left. */
const LOOK = lines(
  "const found: string[] = []; let looks = 0;",
  "function look(stack: unknown) {",
  "  looks++;",
  "  if (typeof stack !== 'string' || /file:|ext:|realms|\\.js\\b|vm\\.|\\.cache/.test(stack)) found.push(String(stack));",
  "}",
  "function atEnd(..._: unknown[]) { look(new Error('x').stack); look((() => { try { null.x } catch (e) { return e } })().stack) }",
  "function probe() {",
  "  let [low, high] = [0, 300_000];",
  "  while (high - low > 8) {",
  "    const middle = (low + high) >> 1;",
  "    try { atEnd.apply(null, new Array(middle)); low = middle } catch { high = middle }",
  "  }",
  "  for (let count = low - 800; count < high + 200; count += 8) {",
  "    try { atEnd.apply(null, new Array(count)) } catch (error) { look(error.stack) }",
  "  }",
  "}",
);

function looksAt(...code: string[]): string {
  return lines(LOOK, ...code, ";[found, looks > 0]");
}

const CLEAN = { outcome: "ok", value: "[ [], true ]" } as const;

/** The attacks. */
export const TYPESCRIPT_STACK_ATTACKS: readonly Attack[] = [
  {
    id: "ts-stack",
    code: lines(
      "const plain: any = {}; Error.captureStackTrace(plain);",
      "const called = await CALL_API(1 as any).catch((error) => error.stack);",
      "[new Error('x').stack, plain.stack, called]",
    ),
    expect: {
      outcome: "ok",
      value:
        /^\[\n {2}"Error: x\\n {4}at <cell \d+>:3:2",\n {2}"Error\\n {4}at <cell \d+>:1:30",\n {2}"TypeError: [^\\]*\\n {4}at <cell \d+>:2:22"\n\]$/,
    },
  },
  { id: "ts-stack-near-its-end", code: looksAt("probe()"), expect: CLEAN },
  {
    id: "ts-stack-native-recursion",
    code: looksAt(
      "for (let depth = 500; depth < 12_000; depth += 211) {",
      "  let deep: unknown = { toJSON() { look(new Error('x').stack); return 1 } };",
      "  for (let level = 0; level < depth; level++) deep = [deep];",
      "  try { JSON.stringify(deep) } catch (error) { look(error.stack) }",
      "}",
    ),
    expect: CLEAN,
  },
  {
    id: "ts-stack-recursion",
    code: looksAt(
      "let left = 200;",
      "function again(): void {",
      "  try { again() } catch (error) {",
      "    if (left > 0) try { look(error.stack); look(new Error('x').stack); left-- } catch {}",
      "    throw error;",
      "  }",
      "}",
      "try { again() } catch {}",
    ),
    expect: CLEAN,
  },
  {
    id: "ts-stack-while-formatting",
    code: looksAt(
      "class Odd extends Error { get name(): string { look(new Error('in').stack); probe(); return 'Odd' } }",
      "look(new Odd('x').stack);",
      "const error = new Error('y');",
      "Object.setPrototypeOf(error, new Proxy({}, { get() { look(new Error('in').stack); return 'p' } }));",
      "look(error.stack);",
    ),
    expect: CLEAN,
  },
  {
    id: "ts-stack-callbacks",
    code: looksAt(
      "setTimeout(probe, 1); await new Promise((resolve) => setTimeout(resolve, 300));",
      "await { then(resolve: () => void) { probe(); resolve() } };",
      "console.log(new Proxy({}, { ownKeys() { probe(); return [] } }));",
      "display({ [Symbol.for('Jupyter.display')]() { probe(); return {} } });",
      "try { await CALL_API('/x'.repeat(9999), { toJSON() { probe() } }) } catch (error) { look(error.stack) }",
    ),
    expect: { ...CLEAN, text: /./ },
    timeoutMs: 20_000,
  },
  {
    id: "ts-stack-from-below",
    code: looksAt(
      "function lowest() {",
      "  for (const from of [lowest, CALL_API, setTimeout, Array.prototype.map, Reflect.apply, Error.prepareStackTrace]) {",
      "    const at: any = {}; Error.captureStackTrace(at, from as Function); look(at.stack);",
      "  }",
      "}",
      "lowest(); setTimeout(lowest, 0); await new Promise((resolve) => setTimeout(resolve, 20));",
    ),
    expect: CLEAN,
  },
  {
    id: "ts-stack-limit",
    code: looksAt(
      "let refused = 0;",
      "const changes: (() => unknown)[] = [",
      "  () => (Error as any).stackTraceLimit = 100,",
      "  () => Object.defineProperty(Error, 'stackTraceLimit', { value: 100 }),",
      "  () => delete (Error as any).stackTraceLimit,",
      "  () => (TypeError as any).stackTraceLimit = 100,",
      "];",
      "for (const change of changes) { try { change() } catch { refused++ } }",
      "if (refused < changes.length) throw new Error('changed');",
      "class Long extends Error { static stackTraceLimit = 100 }",
      "look(new Long('x').stack); probe();",
    ),
    expect: CLEAN,
  },
  {
    id: "ts-stack-sites",
    code: lines(
      "const seen: any = Object.create(null); let count = 0; const note = (value: unknown) => { seen[`k${count++}`] = value };",
      "const names = ['0', '1', 'get', 'set', 'getThis', 'getFunction'];",
      "const prototypes: any[] = [Object.prototype, Array.prototype, String.prototype, Function.prototype];",
      "for (const prototype of prototypes) for (const name of names) {",
      "  try { Object.defineProperty(prototype, name, { configurable: true, get() { note(this) }, set(v) { note(this); note(v) } }) } catch {}",
      "}",
      "const replaced: any[] = [[Error.prototype, 'toString'], [Array.prototype, 'join'], [Array.prototype, Symbol.iterator],",
      "  [String.prototype, 'concat'], [Reflect, 'apply']];",
      "for (let n = 0; n < replaced.length; n++) replaced[n][0][replaced[n][1]] = function (...args: any[]) { note(this); for (let at = 0; at < args.length; at++) note(args[at]) };",
      "new Error('x').stack; try { null.x } catch (error) { error.stack }",
      "for (let n = 0; n < prototypes.length; n++) for (let m = 0; m < names.length; m++) delete prototypes[n][names[m]];",
      "let foreign = 0;",
      "for (const name in seen) { const value = seen[name];",
      "  if (typeof value === 'function' ? !(value instanceof Function) : typeof value === 'object' && value !== null &&",
      "    value !== Object.prototype && !(value instanceof Object)) foreign++ }",
      "foreign",
    ),
    expect: { outcome: "ok", value: "0" },
    harms: true,
  },
  {
    id: "ts-stack-function",
    code: lines(
      "const make = (Error as any).prepareStackTrace;",
      "const odd = new Proxy([{ toString() { throw 1 } }, 7], { get: (target: any, key) => target[key] });",
      "[make(null, odd), make({ toString() { throw 2 } }), make(new Error('y'), { length: 1e9, 0: '<cell 9>:1:1' })]",
    ),
    expect: { outcome: "ok", value: '[ "Error", "Error", "Error: y\\n    at <cell 9>:1:1" ]' },
  },
];
