import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";

/** The page, row by row. */
interface Row {
  /** `<file> <class> <test>` of the original. */
  readonly original: string;
  readonly cell: string;
}

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(fromFileUrl(new URL(path, ROOT)));

function readRows(page: string): Row[] {
  const rows: Row[] = [];
  let file = "";
  for (const line of page.split("\n")) {
    file = /^## .*`(test_\w+\.py)`$/.exec(line)?.[1] ?? file;
    const row = /^\|\s*`(Test\w+)\.(test_\w+)`\s*\|\s*(.*?)\s*\|$/.exec(line);
    if (row !== null) rows.push({ original: `${file} ${row[1]} ${row[2]}`, cell: row[3]! });
  }
  return rows;
}

/** The tests that a cell names. */
function readTests(cell: string): { file: string; name: string }[] {
  return cell.split("<br>").flatMap((part) => {
    const [, file, name] = /^`(tests\/[\w/]+_test\.ts)` › (.+)$/.exec(part) ?? [];
    return file === undefined ? [] : [{ file, name: name!.replaceAll("\\|", "|") }];
  });
}

/** The names that a file gives its tests; those of a table are patterns. */
function namesOfTests(source: string): (string | RegExp)[] {
  const written = source.matchAll(/^\s*Deno\.test\(\s*(?:("(?:[^"\\]|\\.)+")|`([^`]+)`)/gm);
  return [...written].map(([, text, template]) => {
    if (text !== undefined) return JSON.parse(text);
    return new RegExp(`^${template!.split(/\$\{[^}]*\}/).map((part) => RegExp.escape(part)).join(".+")}$`);
  });
}

function hasTest(names: readonly (string | RegExp)[], name: string): boolean {
  return names.some((known) => typeof known === "string" ? known === name : known.test(name));
}

const page = read("docs/parity.md");
const rows = readRows(page);

Deno.test("docs/parity.md names every behaviour of the original once", () => {
  const listed = read("tests/parity/original_tests.txt").trim().split("\n");
  assert.deepEqual(rows.map(({ original }) => original).sort(), listed.sort());
});

Deno.test("docs/parity.md names tests that are there, or says why a behaviour differs", () => {
  const known = new Map<string, (string | RegExp)[]>();
  for (const { original, cell } of rows) {
    const tests = readTests(cell);
    const differs = cell.startsWith("differs: ");
    assert(tests.length === cell.split("<br>").length - (differs ? 1 : 0), `${original}: ${cell}`);
    assert(differs ? cell.split("<br>")[0]!.length > 40 : tests.length > 0, `${original} has no test`);
    for (const { file, name } of tests) {
      if (!known.has(file)) known.set(file, namesOfTests(read(file)));
      assert(hasTest(known.get(file)!, name), `${original}: ${file} has no test "${name}"`);
    }
  }
});

Deno.test("docs/parity.md counts its rows", () => {
  const differ = rows.filter(({ cell }) => cell.startsWith("differs: ")).length;
  const [, total, hold, differing] = /checks (\d+) behaviours[\s\S]*?(\d+) hold; (\d+) differ/.exec(page) ??
    [];
  assert.deepEqual([total, hold, differing].map(Number), [rows.length, rows.length - differ, differ]);
});
