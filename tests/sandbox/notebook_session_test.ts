import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { join } from "@std/path";
import { LLLMError } from "../../src/errors.ts";
import { recordingRunner, RunContext } from "../../src/run/mod.ts";
import { createSandbox, NotebookSession, type NotebookSessionOptions } from "../../src/sandbox/mod.ts";
import { joined, type NotebookFile, readNotebook } from "./_nbformat.ts";

/** Runs `body` with a session and a path to save it at; gives the file that it left there. */
async function write(
  body: (notebook: NotebookSession, path: string) => Promise<void>,
  options: NotebookSessionOptions = {},
): Promise<NotebookFile> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "book.ipynb");
    await using notebook = new NotebookSession(options);
    await body(notebook, path);
    await notebook.save(path);
    assert.equal(notebook.notebookPath, path);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["book.ipynb"]);
    return readNotebook(await Deno.readTextFile(path));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function outputsOf(file: NotebookFile, index: number) {
  const cell = file.cells[index];
  assert.equal(cell?.cell_type, "code");
  return cell.outputs;
}

Deno.test("NotebookSession keeps cells, outputs and counts in order", async () => {
  const file = await write(async (notebook) => {
    notebook.addMarkdownCell("# Sums\n\nOf *two* numbers");
    await notebook.runCell("import sys\na = 1\nprint('out')\nprint('err', file=sys.stderr)");
    await notebook.runCell("a + 1");
  });
  assert.deepEqual(file.cells.map((cell) => [cell.cell_type, joined(cell.source)]), [
    ["markdown", "# Sums\n\nOf *two* numbers"],
    ["code", "import sys\na = 1\nprint('out')\nprint('err', file=sys.stderr)"],
    ["code", "a + 1"],
  ]);
  assert.deepEqual(outputsOf(file, 1), [
    { output_type: "stream", name: "stdout", text: ["out\n"] },
    { output_type: "stream", name: "stderr", text: ["err\n"] },
  ]);
  assert.deepEqual(outputsOf(file, 2), [
    { output_type: "execute_result", execution_count: 2, metadata: {}, data: { "text/plain": ["2"] } },
  ]);
  assert.deepEqual(file.cells.map((cell) => cell.cell_type === "code" && cell.execution_count), [
    false,
    1,
    2,
  ]);
  const { kernelspec, language_info } = file.metadata;
  assert.deepEqual([kernelspec.name, language_info.name], ["python3", "python"]);
});

Deno.test("NotebookSession keeps what a cell writes and shows in its order, then the value or the error", async () => {
  const code = "import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\ndisplay(4)\nprint('d')\n";
  const file = await write(async (notebook) => {
    await notebook.runCell(`${code}5`);
    await notebook.runCell(`${code}1/0`);
  });
  const shown = (index: number) =>
    outputsOf(file, index).map((output) =>
      output.output_type === "stream" ? `${output.name} ${joined(output.text)}` : output.output_type
    );
  const written = ["stdout a\nb\n", "stderr c\n", "display_data", "stdout d\n"];
  assert.deepEqual(shown(0), [...written, "execute_result"]);
  assert.deepEqual(shown(1), [...written, "error"]);
});

Deno.test("NotebookSession keeps the order of a cell that is replayed from a record", async () => {
  const code = "import sys\nprint('c', file=sys.stderr)\ndisplay(4)\nprint('d')";
  const runs: unknown[] = [];
  const recorded: Record<string, unknown>[] = [];
  for (const cell of [code, "print(1)\ndisplay(2)"]) {
    await new RunContext({
      signal: new AbortController().signal,
      steps: {
        run: async (_step, effect) => {
          const data = JSON.parse(JSON.stringify(await effect()));
          recorded.push(data);
          return data;
        },
      },
    }).enter(async () => {
      await using notebook = new NotebookSession();
      runs.push((await notebook.runCell(cell)).outputs);
    });
  }
  assert.deepEqual(runs, [
    [
      { type: "stderr", text: "c\n" },
      { type: "display", data: { "text/plain": "4" } },
      { type: "stdout", text: "d\n" },
    ],
    [{ type: "stdout", text: "1\n" }, { type: "display", data: { "text/plain": "2" } }],
  ]);
  assert.deepEqual(
    recorded.map((data) => "outputs" in data),
    [true, false],
    "recorded where it tells something",
  );
});

Deno.test("NotebookSession keeps a failed cell with its traceback, and goes on", async () => {
  const file = await write(async (notebook, path) => {
    const { outcome } = await notebook.runCell("print('before')\n1 / 0");
    assert.equal(outcome, "error");
    assert.equal(notebook.hasFailed, true);
    await notebook.save(path);
    assert.equal(readNotebook(await Deno.readTextFile(path)).cells.length, 1);
    await notebook.runCell("'after'");
    assert.equal(notebook.hasFailed, false);
  });
  const [stream, error] = outputsOf(file, 0);
  assert.equal(stream?.output_type, "stream");
  assert.equal(error?.output_type, "error");
  assert.deepEqual([error.ename, error.evalue], ["ZeroDivisionError", "division by zero"]);
  assert.match(error.traceback.join("\n"), /^Traceback[^]*line 2[^]*ZeroDivisionError: division by zero$/);
  assert.equal(outputsOf(file, 1).length, 1);
});

/** A picture of 2 by 2 points, made by hand. */
const FIGURE = `
import struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
class Figure:
    def _repr_png_(self):
        rows = b"\\x00" + bytes([255, 0, 0, 0, 255, 0]) + b"\\x00" + bytes([0, 0, 255, 9, 9, 9])
        return (b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    def __repr__(self):
        return "<Figure 2x2>"
`;

/** Reads size and points of a PNG without filters, and checks its checksums on the way. */
function decodePng(bytes: Uint8Array): { width: number; height: number; rows: Uint8Array } {
  assert.deepEqual([...bytes.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Record<string, Uint8Array> = {};
  for (let at = 8; at < bytes.length;) {
    const length = view.getUint32(at);
    const kind = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    assert.equal(view.getUint32(at + 8 + length), crc32(bytes.subarray(at + 4, at + 8 + length)), kind);
    chunks[kind] = bytes.slice(at + 8, at + 8 + length);
    at += 12 + length;
  }
  assert.deepEqual(Object.keys(chunks), ["IHDR", "IDAT", "IEND"]);
  const header = new DataView(chunks.IHDR!.buffer);
  return {
    width: header.getUint32(0),
    height: header.getUint32(4),
    rows: new Uint8Array(inflateSync(chunks.IDAT!)),
  };
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

Deno.test("NotebookSession keeps figures as PNG, shown ones and values", async () => {
  const file = await write(async (notebook) => {
    await notebook.runCell(FIGURE);
    await notebook.runCell("display(Figure())");
    await notebook.runCell("Figure()");
  });
  const [shown, ...more] = outputsOf(file, 1);
  const [value, ...others] = outputsOf(file, 2);
  assert.deepEqual([...more, ...others], [], "a value with a picture is one output");
  assert.equal(shown?.output_type, "display_data");
  assert.equal(value?.output_type, "execute_result");
  for (const { data } of [shown, value]) {
    assert.deepEqual(data["text/plain"], ["<Figure 2x2>"]);
    const { width, height, rows } = decodePng(Uint8Array.fromBase64(data["image/png"] as string));
    assert.deepEqual([width, height], [2, 2]);
    assert.deepEqual([...rows], [0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 255, 9, 9, 9]);
  }
});

Deno.test("NotebookSession keeps HTML as lines, JSON as it is, and other data as text", async () => {
  const bundle = {
    "text/html": "<b>1</b>\n<i>2</i>",
    "application/json": { a: [1, null] },
    "application/geo+json": [1],
    "text/x-odd": 5,
  };
  const file = await write(async (notebook) => {
    await notebook.runCell(
      `import json\ndisplay(json.loads(${JSON.stringify(JSON.stringify(bundle))}), raw=True)`,
    );
  });
  const [shown] = outputsOf(file, 0);
  assert.equal(shown?.output_type, "display_data");
  assert.deepEqual(shown.data, {
    "text/html": ["<b>1</b>\n", "<i>2</i>"],
    "application/json": { a: [1, null] },
    "application/geo+json": [1],
    "text/x-odd": ["5"],
  });
});

Deno.test("NotebookSession writes what is no Unicode, and empty cells, in a form that is valid", async () => {
  const file = await write(async (notebook) => {
    notebook.addMarkdownCell("");
    await notebook.runCell("");
    await notebook.runCell("# \ud800\nchr(0xd800) + '\u{1f600}'");
  });
  assert.deepEqual(file.cells.map((cell) => cell.source), [[], [], [
    "# \ufffd\n",
    "chr(0xd800) + '\u{1f600}'",
  ]]);
  assert.equal(outputsOf(file, 2)[0]?.output_type, "execute_result");
});

Deno.test("NotebookSession.removeFailedCell() lets a corrected cell take the failed one's place", async () => {
  const file = await write(async (notebook) => {
    await notebook.runCell("x = 1");
    assert.equal(notebook.removeFailedCell(), false);
    await notebook.runCell("y");
    assert.equal(notebook.removeFailedCell(), true);
    assert.equal(notebook.removeFailedCell(), false);
    await notebook.runCell("x");
  });
  assert.deepEqual(file.cells.map((cell) => joined(cell.source)), ["x = 1", "x"]);
  assert.deepEqual(file.cells.map((cell) => cell.id), ["cell-1", "cell-3"], "ids are not used again");
});

Deno.test("NotebookSession notes that cells call CALL_API, and calls it", async () => {
  const file = await write(async (notebook) => {
    const { value } = await notebook.runCell("CALL_API('math/double', {'n': 4})");
    assert.equal(value, "8");
  }, { callApi: (_path, { n }) => (n as number) * 2 });
  assert.deepEqual(file.cells.map((cell) => cell.cell_type), ["markdown", "code"]);
  assert.match(joined(file.cells[0]!.source), /define `CALL_API\(path, params\)` first/);
});

Deno.test("NotebookSession with notebookPath saves after each cell, failed ones too, and on closing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const notebookPath = join(folder, "new/book.ipynb");
    const sources = async () =>
      readNotebook(await Deno.readTextFile(notebookPath)).cells.map((cell) => joined(cell.source));
    const notebook = new NotebookSession({ notebookPath });
    await notebook.runCell("1/0");
    assert.deepEqual(await sources(), ["1/0"]);
    await Promise.all([notebook.runCell("2"), notebook.runCell("3")]);
    assert.deepEqual(await sources(), ["1/0", "2", "3"]);
    notebook.addMarkdownCell("The end");
    await notebook.close();
    assert.deepEqual(await sources(), ["1/0", "2", "3", "The end"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("NotebookSession.save() leaves the old file and nothing else when it fails", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const notebook = new NotebookSession();
    await assert.rejects(notebook.save(), /Cannot save notebook: expected a path, found none/);
    await Deno.mkdir(join(folder, "taken/inside"), { recursive: true });
    await assert.rejects(notebook.save(join(folder, "taken")));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["taken"]);
    await notebook.save(join(folder, "free.ipynb"));
    assert.deepEqual(readNotebook(await Deno.readTextFile(join(folder, "free.ipynb"))).cells, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("NotebookSession uses a sandbox that it is given, and leaves it open", async () => {
  await using sandbox = await createSandbox({ language: "python" });
  await sandbox.runCell("x = 6");
  const notebook = new NotebookSession({ sandbox });
  assert.equal((await notebook.runCell("x * 7")).value, "42");
  await notebook.close();
  await notebook.close();
  await assert.rejects(
    notebook.runCell("x"),
    (error) => LLLMError.isInstance(error) && error.code === "sandbox_closed",
  );
  assert.throws(() => notebook.addMarkdownCell("x"), /the notebook is closed/);
  assert.equal(notebook.toJSON().cells.length, 1, "what was written can still be saved");
  assert.equal((await sandbox.runCell("x")).value, "6");
});

Deno.test("NotebookSession says when the state of earlier cells was lost", async () => {
  await using notebook = new NotebookSession({ timeoutMs: 200, graceMs: 100, memoryMb: 64 });
  const result = await notebook.runCell(
    "x = 1\nwhile True:\n  try:\n    while True: pass\n  except BaseException: pass",
  );
  assert.deepEqual([result.outcome, result.stateLost], ["timeout", true]);
  await notebook.runCell("x", { timeoutMs: 10_000 });
  const file = readNotebook(JSON.stringify(notebook.toJSON()));
  const [lost] = outputsOf(file, 0);
  assert.equal(lost?.output_type, "error");
  assert.match(lost.traceback.join("\n"), /State was lost/);
  const [missing] = outputsOf(file, 1);
  assert.equal(missing?.output_type === "error" && missing.ename, "NameError");
});

Deno.test("NotebookSession runs cells as steps of its own, and ends with the run", async () => {
  const runner = recordingRunner();
  const controller = new AbortController();
  const run = new RunContext({ signal: controller.signal, steps: runner });
  const reason = new Error("enough");
  await run.enter(async () => {
    await using first = new NotebookSession();
    await using second = new NotebookSession({ name: "notebook:ann" });
    await Promise.all([second.runCell("2"), first.runCell("1"), first.runCell("3")]);
    setTimeout(() => controller.abort(reason), 100);
    await assert.rejects(first.runCell("import time\ntime.sleep(60)"), (error) => error === reason);
    assert.equal(first.toJSON().cells.length, 3);
    readNotebook(JSON.stringify(first.toJSON()));
  });
  assert.deepEqual(runner.steps.map(({ path }) => path).sort(), [
    "notebook#0/cell#0",
    "notebook#0/cell#1",
    "notebook#0/cell#2",
    "notebook:ann#0/cell#0",
  ]);
});

Deno.test("NotebookSession.runCell() gives outcome cancelled for a signal of its own", async () => {
  await using notebook = new NotebookSession();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  const result = await notebook.runCell("import time\ntime.sleep(60)", { signal: controller.signal });
  assert.equal(result.outcome, "cancelled");
  assert.equal((await notebook.runCell("1 + 1")).value, "2");
});
