import { parse } from "@std/toml";
import fc from "fast-check";
import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { findLineIssue } from "../../src/runtime/_manifest_lines.ts";
import { describeTomlError, lineOfKey } from "../../src/runtime/_toml_error.ts";
import { loadPackage, parseManifest, Runtime } from "../../src/runtime/mod.ts";
import { withFolder } from "./_fixtures.ts";

/** Manifests that are none, with the line that is named and what was expected there. */
const MALFORMED: readonly [manifest: string, line: number | undefined, expected: RegExp][] = [
  // what is no TOML
  ["[package\nname = 'x'", 1, /a \] after the table's name/],
  ["[package]\nname = demo", 2, /a text in quotes/],
  ['[package]\nname = "demo', 2, /a quote at the end/],
  ['[package]\nname "demo"', 2, /key = value/],
  ["[package]\n\n# a comment\nname =\n", 4, /a value after =/],
  ["[package]\nname = # none\n", 2, /a value after =/],
  ["[package]\n= 'x'", 2, /a key before =/],
  ["[package]\nname = 'a'\nname = 'b'", 3, /each key once/],
  ["[package]\nname = 'a'\n[package]\n", 3, /each table once/],
  ["[prompts]\npaths = ['a', 'b'", 2, /commas .* a \] at its end/],
  ["[prompts]\npaths = ['a' 'b']", 2, /commas/],
  ["[prompts]\npaths = [{ path = 'a' ]", 2, /commas/],
  ["[a]\nb = { c = 1", 2, /a \} at its end/],
  ["name: demo", 1, /key = value/],
  ['{"package": {"name": "x"}}', 1, /TOML/],
  ["[package]\nname = 'a' version = '1'", 2, /one key = value in a line/],
  ["[package]\nmy name = 'a'", 2, /one key before =/],
  ['[package]\r\nname = "C:\\dir"', 2, /single quotes/],
  ["[package]\nversion = 1.2.3", 2, /a text in quotes/],
  ["[package]\nname = True", 2, /a text in quotes/],
  ["[package]\nname = 'a'\n\u0000", 3, /TOML/],
  ["<<<<<<< HEAD\n[package]", 1, /TOML/],
  [`a = ${"[".repeat(30_000)}`, 1, /a \] at its end/],
  // what is TOML and no manifest
  ["package = 'x'", 1, /a table as package/],
  ["[[package]]\nname = 'x'", 1, /a table as package/],
  ["[package]\nname = ['x']", 2, /a text as package\.name/],
  ["[package]\nname = 5", 2, /a text in quotes as package\.name/],
  ["[package]\nname = 2024-01-01 # a day", 2, /a text in quotes as package\.name/],
  ["package = { name = true }", 1, /a text in quotes as package\.name/],
  ["[package]\nname = 'a/b'", 2, /without spaces, slashes/],
  ["[package]\nname = ''", 2, /a name/],
  ["[package]\nname = 'x'\ndescription = true", 3, /a text as package\.description/],
  ["package.name = 'x'\npackage.version = []", 2, /a text as package\.version/],
  ["[package]\nname = 'x'\n\n[prompts]\npaths = 'prompts'", 5, /a list as prompts\.paths/],
  ["[prompts]\npaths = [1]", 2, /a path.* as prompts\.paths\[0\]/],
  ["[prompts]\npaths = ['']", 2, /a path as prompts\.paths\[0\]/],
  ["[assets]\npaths = ['x under ../up']", 2, /within the package/],
  ["[assets]\npaths = ['x', { under = 'y' }]", 2, /a path as assets\.paths\[1\]\.path/],
  ["[dependencies]\npackages = './x'", 2, /a list as dependencies\.packages/],
  ["[dependencies]\npackages = ['./x as a.b/c']", 2, /an alias/],
  ["[dependencies]\npackages = [{ path = './x', alias = 3.5 }, 7]", 2, /a path, or a table/],
  ["dependencies = []", 1, /a table as dependencies/],
  ["[schemas]\npaths = { path = 'x' }", 2, /a list as schemas\.paths/],
];

Deno.test("loadPackage() of a malformed manifest is one error: file, line, what was expected, what was found", async () => {
  for (const [manifest, line, expected] of MALFORMED) {
    await withFolder({ "lllm.toml": manifest, "prompts/one.md": "One" }, async (folder) => {
      const runtime = new Runtime();
      const error = await loadPackage(folder, { runtime }).then(() => null, (error) => error);
      const about = JSON.stringify(manifest.slice(0, 60));
      assert(LLLMError.isInstance(error), about);
      assert.equal(error.code, "manifest_invalid", about);
      assert.equal(error.data.file, `${folder}/lllm.toml`);
      assert.equal(error.data.line, line, about);
      assert.match(error.message, expected, about);
      assert.match(error.message, /^Cannot read .*lllm\.toml: expected .* found /, about);
      assert(!/[\n\r]|\.$/.test(error.message), about);
      assert(error.message.length < 400, about);
      assert.match(String(error.data.expected), /\w/);
      assert.deepEqual([runtime.keys(), runtime.packages.size], [[], 0]);
    });
  }
  assert(MALFORMED.length >= 20);
});

Deno.test("loadPackage() takes a manifest with a byte order mark and Windows line ends", () =>
  withFolder({ "lllm.toml": "\uFEFF[package]\r\nname = 'x'\r\nversion = 2\r\n" }, async (folder) => {
    const info = await loadPackage(folder, { runtime: new Runtime() });
    assert.deepEqual([info.name, info.version], ["x", "2"]);
  }));

Deno.test("describeTomlError() reads the errors of either parser", () => {
  const text = "[package]\nname = demo\n";
  const withFields = Object.assign(new Error("Invalid TOML document: invalid value\n\n1:  …\n"), {
    line: 2,
    column: 8,
  });
  assert.deepEqual(describeTomlError(withFields, text), {
    reason: "invalid value",
    expected: "a text in quotes",
    found: "name = demo",
    line: 2,
    column: 8,
  });
  const written = new SyntaxError("Parse error on line 2, column 7: Invalid value.");
  assert.deepEqual(describeTomlError(written, text), {
    reason: "Invalid value",
    expected: "a text in quotes",
    found: "name = demo",
    line: 2,
    column: 7,
  });
  assert.deepEqual(describeTomlError(new Error("Parse error on line 9, column 0: Unexpected end"), text), {
    reason: "Unexpected end",
    expected: "TOML",
    line: 9,
  });
  const inner = "Parse error on line 2, column 7: ";
  const wrapped = new SyntaxError(`${inner}${inner}Unexpected character: "d"`);
  assert.equal(describeTomlError(wrapped, text).reason, 'Unexpected character: "d"');
  const open = new SyntaxError(`${inner}Single-line string is not closed:\nrest\nof the file`);
  assert.equal(describeTomlError(open, text).reason, "Single-line string is not closed");
  for (const odd of [new Error("Cannot parse the key"), "Cannot parse the key"]) {
    assert.deepEqual(describeTomlError(odd, text), { reason: "Cannot parse the key", expected: "TOML" });
  }
  assert.equal(describeTomlError(undefined, text).expected, "TOML");
  assert.equal(describeTomlError(new Error(""), text).reason, "no TOML");
});

Deno.test("describeTomlError() guesses from the line alone, whatever a parser calls it", () => {
  for (const [manifest, line, expected] of MALFORMED.slice(0, 22)) {
    if (/once/.test(expected.source)) continue; // that needs the parser's word
    const error = new Error(`Parse error on line ${line}, column 1: Something is wrong`);
    assert.match(describeTomlError(error, manifest).expected, expected, manifest);
  }
});

Deno.test("findLineIssue() finds what some parsers let pass", () => {
  const cases: [manifest: string, line: number, expected: RegExp][] = [
    ["[package]\nname = 'a'\nname = 'b'", 3, /each key once/],
    ["[package]\n'name' = 'a'\nname = 'b'", 3, /each key once/],
    ["[package]\nname = 'a'\n[prompts]\n[package]", 4, /each table once/],
    ["[package]\nversion = 1.2.3", 2, /a text in quotes/],
    ["[package]\nversion = v1", 2, /a text in quotes/],
    ["[package]\nname = 'a' version = '1'", 2, /one key = value in a line/],
    ["[package]\nname = 'a', version = '1'", 2, /one key = value in a line/],
    ["[prompts] paths = ['a']", 1, /a line of its own/],
    ["[prompts]\npaths = ['a'] # fine\nother = ['b'] more", 3, /one key = value in a line/],
    ["[prompts]\npaths = [\n  'a', # ]\n]\npaths = []", 5, /each key once/],
  ];
  for (const [manifest, line, expected] of cases) {
    const issue = findLineIssue(manifest);
    assert.equal(issue?.line, line, manifest);
    assert.match(issue!.expected, expected, manifest);
  }
});

Deno.test("findLineIssue() finds nothing in what is TOML", () => {
  const value = fc.oneof(
    fc.constantFrom("'a # b'", '"a \\" ] b"', "1", "-1.5", "1_000", "0xff", "1e6", "inf", "true"),
    fc.constantFrom("2024-01-01", "2024-01-01 10:00:00Z", "10:00:00", "2024-01-01T10:00:00.5+01:00"),
    fc.constantFrom("[]", "['a', 'b']", "[\n  'a', # ]\n  { path = 'b' },\n]", "{ a = 1, b = [1, 2] }"),
  );
  const key = fc.constantFrom("a", "b-c", "'d e'", '"f"', "g.h", "g . 'i j'");
  const line = fc.tuple(key, value, fc.constantFrom("", " # comment", "\t")).map(([key, value, rest]) =>
    `${key} = ${value}${rest}`
  );
  const header = fc.constantFrom(
    "[x]",
    "[ y ]",
    "['z z']",
    "[[list]]",
    "[x.y] # nested",
    "# only a comment",
    "",
  );
  const manifest = fc.array(fc.oneof(line, header), { maxLength: 12 }).map((lines) => lines.join("\n"));
  let valid = 0;
  fc.assert(
    fc.property(manifest, (text) => {
      try {
        parse(text);
      } catch {
        return;
      }
      valid++;
      assert.equal(findLineIssue(text), undefined, text);
    }),
    { numRuns: 2000 },
  );
  assert(valid > 200);
  assert.equal(findLineIssue('a = """\n[x\ny = = """'), undefined);
});

Deno.test("lineOfKey() finds keys in tables, dotted keys and lists, else the table", () => {
  const text =
    "name = 1\n[package]\nname = 'x' # name = 2\n\n[ prompts ]\npaths = [\n  'a',\n]\n['odd one']\na.b = 1";
  assert.equal(lineOfKey(text, "package.name"), 3);
  assert.equal(lineOfKey(text, "prompts.paths[0].path"), 6);
  assert.equal(lineOfKey(text, "prompts.path"), 5);
  assert.equal(lineOfKey(text, "tools.paths"), undefined);
  assert.equal(lineOfKey("package.name = 3", "package.name"), 1);
  assert.equal(lineOfKey("package = { name = 3 }", "package.name"), 1);
});

Deno.test("parseManifest() names the lines of keys that look misspelled, where it has the text", () => {
  const text = "[package]\nname = 'x'\nversoin = '1'\n";
  const { warnings } = parseManifest({ package: { name: "x", versoin: "1" } }, {
    file: "lllm.toml",
    folderName: "x",
    text,
  });
  assert.equal(warnings[0]!.data.line, 3);
  assert.match(warnings[0]!.message, /"package\.versoin" in lllm\.toml at line 3; did you mean "version"/);
});

Deno.test("loadPackage() reads a version without quotes as it was written, and says what to write", async () => {
  for (
    const [line, version, expected] of [
      ["version = 1.0", "1.0", 'version = "1.0"'],
      ["version = 2 # the second", "2", 'version = "2"'],
      ["version = 2024-01-01", "2024-01-01", 'version = "2024-01-01"'],
      ["description = 5", "", 'description = "5"'],
      ["'version' = 1e3", "1e3", 'version = "1e3"'],
    ] as const
  ) {
    await withFolder({ "lllm.toml": `[package]\nname = "desk"\n${line}\n` }, async (folder) => {
      const runtime = new Runtime();
      assert.equal((await loadPackage(folder, { runtime })).version, version);
      const [warning, ...others] = runtime.warnings;
      assert.deepEqual(others, []);
      assert.equal(warning!.code, "unquoted_text");
      assert(
        warning!.message.includes(`${folder}/lllm.toml at line 3 is no text: write ${expected}`),
        warning!.message,
      );
    });
  }
});

Deno.test("loadPackage() does not take what is in quotes or a comment for a version without quotes", async () => {
  for (
    const manifest of [
      '[package]\nname = "a"\nversion = "1.0" # not version = 1.0',
      'package = { name = "a", description = "version = 1", version = \'1.0\' }',
      '[package]\nname = "a"\nversion = "1.0"\n[other]\nversion = 1.0\n',
      '[package]\nname = "a"\ndescription = """\nversion = 3\n"""\nversion = "1.0"\n',
    ]
  ) {
    await withFolder({ "lllm.toml": manifest }, async (folder) => {
      const runtime = new Runtime();
      assert.equal((await loadPackage(folder, { runtime })).version, "1.0");
      assert.deepEqual(runtime.warnings, []);
    });
  }
});
