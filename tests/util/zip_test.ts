import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readZip } from "../../src/util/read_zip.ts";
import { writeZip } from "../../src/util/write_zip.ts";

const LIMITS = { maxBytes: 1_000_000, maxEntries: 100 };
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("writeZip() and readZip() give files back, whatever they hold", async () => {
  const files = [
    { path: "a/empty.txt", bytes: new Uint8Array(0) },
    { path: "a/long.txt", bytes: encode("abc".repeat(10_000)) },
    { path: "é/日本.bin", bytes: crypto.getRandomValues(new Uint8Array(1000)) },
  ];
  const read = await readZip(await writeZip(files), LIMITS);
  assert.deepEqual(read.map(({ path }) => path), files.map(({ path }) => path));
  for (const [index, { bytes }] of read.entries()) {
    assert.equal(Buffer.compare(bytes, files[index]!.bytes), 0);
  }
});

Deno.test("writeZip() gives the same bytes for the same files, in whatever order they come", async () => {
  const files = [{ path: "b", bytes: encode("B") }, { path: "a", bytes: encode("A".repeat(100)) }];
  assert.deepEqual(await writeZip(files), await writeZip(files.toReversed()));
});

Deno.test("readZip() takes checksums and sizes that follow the content", async () => {
  // One stored file "a" with the content "hi", its sizes behind it, as programs write that cannot go back.
  const hex = "504b0304140008000000000021000000000000000000000000000100000061" + "6869" +
    "504b0708ac2a93d80200000002000000" +
    "504b0102140014000800000000002100ac2a93d802000000020000000100000000000000000000000000000000006" + "1" +
    "504b050600000000010001002f0000003100000000" + "00";
  const archive = Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
  const [file] = await readZip(archive, LIMITS);
  assert.equal(new TextDecoder().decode(file!.bytes), "hi");
});

Deno.test("readZip() looks at all paths before it unpacks anything", async () => {
  const archive = await writeZip([{ path: "a", bytes: encode("A") }]);
  await assert.rejects(
    readZip(archive, {
      ...LIMITS,
      checkPaths: (paths) => {
        throw new Error(`no ${paths}`);
      },
    }),
    /^Error: no a$/,
  );
});
