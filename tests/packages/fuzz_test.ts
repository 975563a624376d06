import assert from "node:assert/strict";
import { join } from "@std/path";
import fc from "fast-check";
import { LLLMError } from "../../src/errors.ts";
import { inspectPackage, scanModule } from "../../src/packages/mod.ts";
import { writeZip } from "../../src/util/write_zip.ts";
import { withFolder } from "./_fixtures.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("inspectPackage() takes an archive with wrong bytes as what it was, or refuses it", async () => {
  await withFolder({}, async (folder) => {
    const whole = await writeZip([
      { path: "desk/lllm.toml", bytes: encode('[package]\nname = "desk"\nversion = "1"\n') },
      { path: "desk/tools/t.ts", bytes: encode('Deno.env.get("KEY");\n'.repeat(20)) },
    ]);
    const zip = join(folder, "desk.zip");
    await Deno.writeFile(zip, whole);
    const facts = await inspectPackage(zip);
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    const damage = fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
      length: fc.oneof({ weight: 4, arbitrary: fc.constant(whole.length) }, fc.nat(whole.length)),
    });
    const property = fc.asyncProperty(damage, async ({ changes, length }) => {
      const bytes = whole.slice(0, length);
      for (const { at, to } of changes) if (at < length) bytes[at] = to;
      await Deno.writeFile(zip, bytes);
      try {
        assert.deepEqual(await inspectPackage(zip), facts);
      } catch (error) {
        assert(LLLMError.isInstance(error), String(error));
        assert(["package_unsafe", "manifest_invalid"].includes(error.code), error.message);
      }
    });
    await fc.assert(property, { numRuns: 1500 });
  });
});

Deno.test("scanModule() reads any text, and keeps nothing of comments and strings as code", () => {
  const pieces = [
    "`",
    "${",
    "}",
    "/",
    "*",
    "//",
    "/*",
    "*/",
    '"',
    "'",
    "\\",
    "\n",
    "(",
    ")",
    "import ",
    "from",
    "Deno",
    ".",
    "a",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 60 }), (parts) => {
      const text = JSON.stringify(parts.join(""));
      scanModule(parts.join("")); // whatever comes of it
      assert.deepEqual(scanModule(`const a = ${text};`).uses, []);
      assert.deepEqual(scanModule(`/* ${text.replaceAll("*", "")} */ Deno.kill(1);`).apis, ["Deno.kill"]);
    }),
    { numRuns: 500 },
  );
});
