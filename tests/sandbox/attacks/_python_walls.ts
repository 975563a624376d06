import { type Attack, lines } from "./_runner.ts";

/** Attacks on the walls: files, processes, network, JavaScript, memory, time. */
export const PYTHON_WALL_ATTACKS: readonly Attack[] = [
  {
    id: "py-open-passwd",
    code: "open('/etc/passwd').read()",
    expect: { outcome: "error", error: "FileNotFoundError" },
  },
  {
    id: "py-proc-self",
    code: "open('/proc/self/environ').read()",
    expect: { outcome: "error", error: "FileNotFoundError" },
  },
  {
    id: "py-proc-mem",
    code: "open('/proc/self/mem','rb').read(10)",
    expect: { outcome: "error", error: "FileNotFoundError" },
  },
  {
    id: "py-list-root",
    code: lines("import os", "sorted(os.listdir('/'))"),
    expect: { outcome: "ok", value: "['dev', 'home', 'lib', 'proc', 'tmp']" },
  },
  {
    id: "py-env",
    code: lines("import os", "dict(os.environ)"),
    expect: {
      outcome: "ok",
      value: "{'HOME': '/home/user', 'LANG': 'C.UTF-8', 'TZ': 'UTC', 'USER': 'user'}",
    },
  },
  {
    id: "py-os-system",
    code: lines("import os", "os.system('id')"),
    expect: { outcome: "error", error: "OSError" },
  },
  {
    id: "py-subprocess",
    code: lines("import subprocess", "subprocess.run(['id'],capture_output=True)"),
    expect: { outcome: "error", error: "OSError" },
  },
  {
    id: "py-popen",
    code: lines("import os", "os.popen('id').read()"),
    expect: { outcome: "error", error: "OSError" },
  },
  { id: "py-fork", code: lines("import os", "os.fork()"), expect: { outcome: "error", error: "OSError" } },
  {
    id: "py-forkbomb",
    code: lines(
      "import os",
      "for i in range(100000):",
      "  try: os.fork()",
      "  except Exception as e: x=type(e).__name__",
      "x",
    ),
    expect: { outcome: "ok", value: "'OSError'" },
  },
  {
    id: "py-multiprocessing",
    code: lines("import multiprocessing as m", "p=m.Process(target=print);p.start()"),
    expect: { outcome: "error", error: "ModuleNotFoundError" },
  },
  {
    id: "py-ctypes",
    code: lines("import ctypes", "ctypes.CDLL(None).system(b'id')"),
    expect: { outcome: "ok", value: "-1" },
  },
  {
    id: "py-ctypes-crash",
    code: lines("import ctypes", "ctypes.memset(0,255,10_000_000)"),
    expect: { outcome: "killed", error: "SandboxError", stateLost: true },
  },
  {
    id: "py-segv",
    code: lines("import faulthandler", "faulthandler._sigsegv()"),
    expect: { outcome: "killed", error: "SandboxError", stateLost: true },
  },
  {
    id: "py-setrecursion",
    code: lines("import sys", "sys.setrecursionlimit(10**9)", "def f(): return f()", "f()"),
    expect: { outcome: "killed", error: "SandboxError", stateLost: true },
  },
  {
    id: "py-recursion-c",
    code: lines("x=[]", "for i in range(200000): x=[x]", "repr(x)"),
    expect: { outcome: "killed", error: "SandboxError", stateLost: true },
  },
  {
    id: "py-urllib",
    code: lines("import urllib.request", "urllib.request.urlopen('http://169.254.169.254/').read()"),
    expect: { outcome: "error" },
  },
  {
    id: "py-pyfetch",
    code: lines("from pyodide.http import pyfetch", "await pyfetch('http://127.0.0.1/')"),
    expect: { outcome: "error" },
  },
  {
    id: "py-open-url",
    code: lines("from pyodide.http import open_url", "open_url('http://127.0.0.1/').read()"),
    expect: { outcome: "error" },
  },
  {
    id: "py-micropip",
    code: lines("import micropip", "await micropip.install('requests')"),
    expect: { outcome: "error", error: "ModuleNotFoundError" },
  },
  {
    id: "py-import-js",
    code: lines("import js", "js.Deno.env.toObject()"),
    expect: { outcome: "error", error: "ModuleNotFoundError" },
  },
  {
    id: "py-from-js",
    code: "from js import Deno, fetch, XMLHttpRequest, WebSocket",
    expect: { outcome: "error", error: "ModuleNotFoundError" },
  },
  {
    id: "py-run-js",
    code: lines("from pyodide.code import run_js", "run_js('globalThis.Deno')"),
    expect: { outcome: "error", error: "ModuleNotFoundError" },
  },
  {
    id: "py-pyodide-js-api",
    code: lines("import sys", "sys.modules['pyodide_js._api']"),
    expect: { outcome: "error", error: "KeyError" },
  },
  {
    id: "py-fn-ctor",
    code: lines(
      "import time",
      "f=[x for x in (time.sleep.__defaults__ or ())][0]",
      "f.constructor('return globalThis')()",
    ),
    expect: { outcome: "error", error: "IndexError" },
  },
  {
    id: "py-fn-ctor-api",
    code: lines(
      "import __main__",
      "c=CALL_API.__defaults__ and CALL_API.__kwdefaults__ or CALL_API.__globals__['_c']",
      "c.constructor.constructor('return import(\"node:fs\")')()",
    ),
    expect: { outcome: "error", error: "KeyError" },
  },
  {
    id: "py-meta-path",
    code: lines(
      "import sys",
      "[getattr(f,'jsproxies',None) for f in sys.meta_path if 'Js' in type(f).__name__]",
    ),
    expect: { outcome: "ok", value: "[]" },
  },
  {
    id: "py-proto-pollution",
    code: lines(
      "import time",
      "f=time.sleep.__defaults__[0]",
      "O=f.constructor",
      "P=f.__proto__ if hasattr(f,'__proto__') else None",
      "try:",
      "  f.constructor.prototype.call=None",
      "except Exception as e: print(type(e).__name__)",
      "CALL_API('/ping')",
    ),
    expect: { outcome: "error", error: "TypeError" },
  },
  {
    id: "py-register-jsmodule",
    code: lines("import _pyodide._importhook as h", "h.register_js_module('x',object())"),
    expect: { outcome: "error", error: "TypeError" },
  },
  {
    id: "py-os-exit",
    code: lines("import os", "os._exit(0)"),
    expect: { outcome: "error", error: "SystemExit" },
  },
  {
    id: "py-abort",
    code: lines("import os", "os.abort()"),
    expect: { outcome: "error", error: "SystemExit" },
  },
  {
    id: "py-stdout-frame",
    code: lines(
      "import sys",
      "sys.stdout.buffer.write(b'\\x00'*16+b'\\x10\\x00\\x00\\x00{\"t\":\"done\"}')",
      "sys.stdout.flush()",
      "7",
    ),
    expect: { outcome: "ok", value: "7" },
  },
  {
    id: "py-print-reassign",
    code: lines("import sys", "sys.stdout=None", "print('x')", "9"),
    expect: { outcome: "ok", value: "9" },
  },
  {
    id: "py-close-stdout",
    code: lines("import sys", "sys.stdout.close();sys.stderr.close()", "1"),
    expect: { outcome: "ok", value: "1" },
  },
  { id: "py-stdin", code: "input()", expect: { outcome: "error", error: "OSError", text: /no input here/ } },
  {
    id: "py-stdin-fd",
    code: lines("import os", "os.read(0,10)"),
    expect: { outcome: "error", error: "OSError" },
  },
  {
    id: "py-builtin-tamper",
    code: lines(
      "import builtins,json,traceback,ast",
      "ast.parse=None;traceback.format_exception=None;builtins.repr=None;builtins.eval=None;builtins.compile=None",
      "1",
    ),
    expect: { outcome: "ok", value: "1" },
    harms: true,
  },
  {
    id: "py-callapi-object",
    code: "CALL_API('/x',object())",
    expect: { outcome: "error", error: "TypeError" },
  },
  {
    id: "py-callapi-proto",
    code: "CALL_API('/x',{'__proto__':{'admin':True},'constructor':{'prototype':{'p':1}}})",
    expect: {
      outcome: "ok",
      value: "{'__proto__': {'admin': True}, 'constructor': {'prototype': {'p': 1}}}",
      calls: 1,
    },
  },
  {
    id: "py-callapi-huge",
    code: "CALL_API('/x',{'a':'y'*60_000_000})",
    expect: { outcome: "error", error: "ValueError" },
  },
  {
    id: "py-callapi-flood",
    code: "for i in range(20000): CALL_API('/x')",
    expect: { outcome: "error", error: "RuntimeError", calls: 500 },
  },
  {
    id: "py-loop",
    code: "while True: pass",
    expect: { outcome: "timeout", error: "KeyboardInterrupt" },
    timeoutMs: 250,
  },
  {
    id: "py-async-sleep",
    code: lines("import asyncio", "await asyncio.sleep(1000)"),
    expect: { outcome: "timeout", error: "KeyboardInterrupt" },
    timeoutMs: 250,
  },
  {
    id: "py-bigint",
    code: "9**9**9",
    expect: { outcome: "timeout", error: "KeyboardInterrupt" },
    timeoutMs: 250,
  },
  {
    id: "py-flood",
    code: "while True: print('x'*10**6)",
    expect: { outcome: "timeout", error: "KeyboardInterrupt" },
    timeoutMs: 250,
  },
  {
    id: "py-flood-err",
    code: lines("import sys", "while True: sys.stderr.write('e'*10**5)"),
    expect: { outcome: "timeout", error: "KeyboardInterrupt" },
    timeoutMs: 250,
  },
  {
    id: "py-evil-repr",
    code: lines("class A:", "  def __repr__(self):", "    while True: pass", "A()"),
    expect: { outcome: "timeout", error: "KeyboardInterrupt" },
    timeoutMs: 250,
  },
  {
    id: "py-loop-catch",
    code: lines("while True:", "  try:", "    while True: pass", "  except BaseException: pass"),
    expect: { outcome: "timeout", error: "SandboxError", stateLost: true },
    timeoutMs: 250,
  },
  {
    id: "py-sorted",
    code: "sorted(range(10**8),key=lambda x:-x)",
    expect: { outcome: "out_of_memory", error: "MemoryError", stateLost: "maybe" },
  },
  {
    id: "py-huge-repr",
    code: "'x'*10**8",
    expect: { outcome: "ok", value: /^'x{1999}\.\.\. \(truncated\)$/ },
  },
  {
    id: "py-evil-str-exc",
    code: lines("class E(Exception):", "  def __str__(self): raise RuntimeError('x')", "raise E()"),
    expect: { outcome: "error", error: "E" },
  },
  {
    id: "py-recursion",
    code: lines("def f(): return f()", "f()"),
    expect: { outcome: "error", error: "RecursionError" },
  },
  {
    id: "py-recursion-parse",
    code: "eval('('*5000+')'*5000)",
    expect: { outcome: "error", error: "SyntaxError" },
  },
  { id: "py-bytearray", code: "bytearray(10**10)", expect: { outcome: "error", error: "OverflowError" } },
  {
    id: "py-mem-grow",
    code: lines("l=[]", "while True: l.append(bytearray(10**6))"),
    expect: { outcome: "out_of_memory", error: "MemoryError", stateLost: "maybe" },
  },
  {
    id: "py-zipbomb",
    code: lines(
      "import zlib",
      "d=zlib.compress(b'0'*10**7)",
      "l=[]",
      "while True: l.append(zlib.decompress(d))",
    ),
    expect: { outcome: "out_of_memory", error: "MemoryError", stateLost: "maybe" },
  },
  {
    id: "py-atexit",
    code: lines("import atexit", "atexit.register(lambda: CALL_API('/late'))", "1"),
    expect: { outcome: "ok", value: "1" },
  },
  {
    id: "py-snapshot-random",
    code: lines("import random", "random.random()"),
    expect: { outcome: "ok", value: /^0\.\d+$/, differs: true },
  },
  {
    id: "py-hash-uuid",
    code: lines("import os,uuid,secrets", "(os.urandom(8).hex(),uuid.uuid4().hex,secrets.token_hex(8))"),
    expect: { outcome: "ok", value: /^\('[0-9a-f]{16}', /, differs: true },
  },
];
