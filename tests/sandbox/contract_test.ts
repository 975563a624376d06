/** Both languages are held to one contract. */
import { type Dialect, testSandboxContract } from "../_contract/sandbox_contract.ts";

const python: Dialect = {
  language: "python",
  printBoth: "import sys\nprint('out')\nprint('err', file=sys.stderr)",
  print: (text) => `print('${text}')`,
  define: (name, value) => `${name} = ${value}`,
  noValue: "None",
  defineFailing: "def fail(n):\n    raise ValueError('no')",
  callFailing: "\nfail(1)",
  failure: {
    name: "ValueError",
    message: "no",
    frames: ['File "<cell 2>", line 2', 'File "<cell 1>", line 2, in fail'],
  },
  undefinedName: "NameError",
  syntaxError: "x = (",
  awaited: "import asyncio\nawait asyncio.sleep(0.1)\n7",
  displayHtml: "display({'text/html': '<b>x</b>'}, raw=True)",
  interleave: "import sys\nprint('a')\nprint('b', file=sys.stderr)\n" +
    "display({'text/html': 'c'}, raw=True)\nprint('d', file=sys.stderr)\nprint('e')",
  alternate: (times) =>
    `import os\nfor _ in range(${times}):\n    for byte in b'a\\n': os.write(1, bytes([byte]))\n    os.write(2, b'b\\n')`,
  raiseNamedMemoryError: "class MemoryError(Exception): pass\nraise MemoryError('no')",
  displayMany: "for n in range(25): display(n)",
  displayLarge: "for n in range(3): display({'text/plain': 'x' * 5_000_000}, raw=True)",
  call: (path, params) => `CALL_API('${path}'${params === undefined ? "" : `, ${params}`})`,
  badCalls: [
    "CALL_API(1)",
    "CALL_API('x', [1])",
    "CALL_API('x', 'y')",
    "CALL_API('x', None)",
    "CALL_API('x', object())",
    "CALL_API('x', {'a': print})",
    "CALL_API('x', {'a': float('nan')})",
  ],
  callWith: (path, chars) => `CALL_API('${path}', {'a': 'y' * ${chars}})`,
  callCaught: (path) =>
    `try:\n    CALL_API('${path}')\nexcept Exception as error:\n    print('caught', error)`,
  loop: "while True: pass",
  stubbornLoop: "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
  wait: "import time\ntime.sleep(60)",
  callLate: "import asyncio\nasync def late():\n    await asyncio.sleep(0.02)\n    CALL_API('late')\n" +
    "task = asyncio.ensure_future(late())\nawait asyncio.sleep(0)",
  printForever: "while True: print('x' * 10**5)",
  euros: (count) => `'€' * ${count}`,
  raise: (count) => `raise ValueError('z' * ${count})`,
  printBroken: "print('a\\ud800b')",
  fillMemory: "l = []\nwhile True: l.append(bytearray(10**6))",
};

const typescript: Dialect = {
  language: "typescript",
  printBoth: "console.log('out');\nconsole.error('err');",
  print: (text) => `console.log('${text}');`,
  define: (name, value) => `let ${name}: number = ${value};`,
  noValue: "undefined",
  defineFailing: "function fail(n: number): never {\n  throw new RangeError('no');\n}",
  callFailing: "\nfail(1)",
  failure: {
    name: "RangeError",
    message: "no",
    frames: ["at <cell 2>:2:1", "at fail (<cell 1>:2:9)"],
  },
  undefinedName: "ReferenceError",
  syntaxError: "const x = (;",
  awaited: "await new Promise((resolve) => setTimeout(resolve, 100));\n7",
  displayHtml: "display({ 'text/html': '<b>x</b>' })",
  interleave: "console.log('a'); console.error('b'); display({ 'text/html': 'c' }); " +
    "console.error('d'); console.log('e');",
  alternate: (times) => `for (let n = 0; n < ${times}; n++) { console.log('a'); console.error('b') }`,
  raiseNamedMemoryError:
    "class MemoryError extends Error { name = 'MemoryError' }; throw new MemoryError('no')",
  displayMany: "for (let n = 0; n < 25; n++) display(n)",
  displayLarge: "for (let n = 0; n < 3; n++) display({ 'text/plain': 'x'.repeat(5_000_000) })",
  call: (path, params) =>
    `await CALL_API('${path}'${
      params === undefined ? "" : `, JSON.parse(${JSON.stringify(params)})`
    }) ?? undefined`,
  badCalls: [
    "await CALL_API(1)",
    "await CALL_API('x', [1])",
    "await CALL_API('x', 'y')",
    "await CALL_API('x', new Map())",
    "await CALL_API('x', null)",
    "await CALL_API('x', { a: () => 1 })",
    "await CALL_API('x', { a: 1n })",
    "await CALL_API('x', { a: NaN })",
    "const a = {}; a.a = a; await CALL_API('x', a)",
    "await CALL_API('x', { toJSON: () => [1] })",
    "await CALL_API('x', { get a() { throw new Error('no') } })",
  ],
  callWith: (path, chars) => `await CALL_API('${path}', { a: 'y'.repeat(${chars}) })`,
  callCaught: (path) =>
    `try { await CALL_API('${path}') } catch (error) { console.log('caught', (error as Error).message) }`,
  loop: "while (true) {}",
  stubbornLoop: "await null; while (true) {}",
  wait: "await new Promise(() => {})",
  callLate: "setTimeout(() => CALL_API('late'), 20); 1",
  printForever: "while (true) console.log('x'.repeat(100_000))",
  euros: (count) => `'€'.repeat(${count})`,
  raise: (count) => `throw new Error('z'.repeat(${count}))`,
  printBroken: "console.log('a\\ud800b')",
  fillMemory: "const kept: unknown[] = []; while (true) kept.push(new Array(10_000).fill(1.5))",
};

for (const dialect of [python, typescript]) testSandboxContract(dialect);
