/** What cells may not learn: where on this machine they run, and as whom. */
import assert from "node:assert/strict";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { withPython } from "./_helpers.ts";

/** Searches all of the interpreter's memory; the needle comes backwards, so that the search does not find itself. */
const SEARCH = `
import ctypes

def search(needle_backwards):
    memory = ctypes.string_at(8, 31_457_000)[::-1]
    found = []
    for encoding in ("latin-1", "utf-16-be", "utf-32-be"):
        needle = needle_backwards.encode(encoding)
        at = memory.find(needle)
        while at >= 0:
            found.append(memory[max(0, at - 100) : at + 100][::-1])
            at = memory.find(needle, at + 1)
    return found
`;

const FAILING_CELLS = [
  "open('/nowhere')",
  "import subprocess\nsubprocess.run(['x'])",
  "import threading\nthreading.Thread(target=print).start()",
  "import js",
  "import _pyodide_core as core\ncore.to_js([1]).x.y",
  "bytearray(10**10)",
  "def f(): return f()\nf()",
];

function backwards(text: string): string {
  return JSON.stringify([...text].reverse().join(""));
}

Deno.test("Python's memory has no path of the host, nor has the snapshot that it starts from", async () => {
  const mark = `mark${crypto.randomUUID().slice(0, 8)}`;
  const cacheDir = await Deno.makeTempDir({ prefix: mark });
  try {
    await using sandbox = await createSandbox({ language: "python", cacheDir });
    for (const code of FAILING_CELLS) await sandbox.runCell(code);
    assert.equal((await sandbox.runCell(SEARCH)).outcome, "ok");
    assert.equal((await sandbox.runCell(`search(${backwards(mark)})`)).toText(), "=> []");
    const known = await sandbox.runCell(`len(search(${backwards("/usr/bin/python3")})) > 3`);
    assert.equal(known.toText(), "=> True");

    const [folder] = await Array.fromAsync(Deno.readDir(cacheDir), ({ name }) => name);
    const snapshot = new TextDecoder("latin1").decode(
      await Deno.readFile(`${cacheDir}/${folder}/python.snapshot`),
    );
    for (const text of [mark, "make_snapshot", "/.new-"]) {
      for (const zeros of ["", "\0", "\0\0\0"]) {
        assert.equal(snapshot.includes([...text].join(zeros)), false, text);
      }
    }
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
});

Deno.test("Python sees the same constants on every machine", async () => {
  await withPython(async (sandbox) => {
    const facts = {
      "import sys\n[sys.executable, sys._base_executable, *sys.orig_argv, *sys.argv]":
        "['/usr/bin/python3', '/usr/bin/python3', '/usr/bin/python3', '']",
      "import os\nsorted(os.environ.items())":
        "[('HOME', '/home/user'), ('LANG', 'C.UTF-8'), ('TZ', 'UTC'), ('USER', 'user')]",
      "import time\ntime.timezone": "0",
      "os.cpu_count()": "1",
    };
    for (const [code, value] of Object.entries(facts)) {
      const result = await sandbox.runCell(code);
      assert.equal(result.value, value, result.toText());
    }
  });
});

Deno.test("the stacks that a TypeScript cell reads have its own frames alone", async () => {
  await using sandbox = await createSandbox({ language: "typescript" });
  const stacks = {
    "new Error('x').stack": '"Error: x\\n    at <cell 1>:1:1"',
    "enum E { A }\nfunction f() { const o: any = {}; Error.captureStackTrace(o); return o.stack }\n[1].map(f)[0]":
      '"Error\\n    at f (<cell 2>:2:41)\\n    at <cell 2>:3:5"',
    "await CALL_API('/x').catch((error) => error.stack)":
      '"Error: No API is available here\\n    at async <cell 3>:1:1"',
  };
  for (const [code, value] of Object.entries(stacks)) {
    assert.equal((await sandbox.runCell(code)).value, value);
  }
  const endless = await sandbox.runCell("function again(): void { again() }\nagain()");
  assert.match(endless.error!.traceback, /^RangeError: [^\n]+(\n {4}at again \(<cell 4>(:1:\d+)?\)){20}\n$/);
});
