import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What both TOML parsers that the library may run on read alike: tables, and keys with simple values in them. */
const STRING = String.raw`(?:"[^"\\]*"|'[^']*')`;
const SIMPLE = String.raw`(?:${STRING}|-?\d+(?:\.\d+)?|true|false)`;
const ENTRY = String.raw`(?:${STRING}|\{\s*(?:\w+\s*=\s*${STRING}\s*,?\s*)+\})`;
const LIST = String.raw`\[\s*(?:${ENTRY}\s*,\s*)*(?:${ENTRY}\s*)?\]`;
const MANIFEST = new RegExp(
  String.raw`^(?:\[[\w-]+\][ \t]*\n|[\w-]+[ \t]*=[ \t]*(?:${SIMPLE}|${LIST})[ \t]*\n|[ \t]*\n)*$`,
);

function withoutComments(text: string): string {
  return text.replaceAll(/^((?:[^"'#\n]|"[^"\n]*"|'[^'\n]*')*)#.*$/gm, "$1");
}

Deno.test("manifests of the project use what every TOML parser reads alike", () => {
  const manifests = ["examples", "tests/_fixtures", "tests/cli"].flatMap((folder) =>
    walkAll(`${ROOT}${folder}`)
  )
    .filter((path) => /\.?lllm\.toml$/i.test(path) && !/broken_toml|packages\/bad/.test(path))
    .map((path): [string, string] => [path, Deno.readTextFileSync(path)]);
  for (const page of ["README.md", "docs/packages.md"]) {
    for (const [, code] of Deno.readTextFileSync(ROOT + page).matchAll(/```toml\n([\s\S]*?)```/g)) {
      manifests.push([page, code!]);
    }
  }
  assert(manifests.length > 20);
  for (const [where, text] of manifests) {
    assert.match(`${withoutComments(text).trimEnd()}\n`, MANIFEST, where);
  }
});

Deno.test("the check of manifests refuses what parsers read differently", () => {
  const odd = [
    "a = 2024-01-01\n",
    "a = 1_000\n",
    'a = """x"""\n',
    'a = "\\u00e9"\n',
    "a.b = 'x'\n",
    "['a b']\n",
    "a = [\n  # none\n 1979-05-27 ]\n",
    "a = 0x1f\n",
  ];
  for (const text of odd) assert.doesNotMatch(text, MANIFEST, text);
});

/** All files, those in folders that begin with `_` too. */
function walkAll(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory ? walkAll(path) : entry.isFile ? [path] : [];
  });
}
