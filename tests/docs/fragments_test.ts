import { dirname, fromFileUrl, join } from "@std/path";
import assert from "node:assert/strict";
import { findCommand, findFileName, findFragments, findPrinted, type Fragment } from "./_fragments.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const PAGES = [
  "README.md",
  ...[...Deno.readDirSync(join(ROOT, "docs"))].map(({ name }) => `docs/${name}`).filter((name) =>
    name.endsWith(".md")
  ).sort(),
];

for (const page of PAGES) {
  const fragments = findFragments(Deno.readTextFileSync(join(ROOT, page)));
  const programs = fragments.filter(isProgram);
  if (programs.length === 0) continue;
  Deno.test(`${page}: its programs run as they are printed (${programs.length})`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await saveFiles(folder, fragments);
      for (const fragment of programs) await runProgram(folder, page, fragment);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("every program of the pages has its types checked, and most are run", () => {
  const all = PAGES.flatMap((page) =>
    findFragments(Deno.readTextFileSync(join(ROOT, page))).filter(({ info }) => info[0] === "ts")
  );
  assert.deepEqual(all.filter(({ info }) => info.includes("ignore")), []); // `deno check --doc-only` would pass over them
  assert.ok(all.filter(isProgram).length >= 18);
});

/** `deno task check` reads the types of those that need a program or a service which is not there: they say `no_run`. */
function isProgram(fragment: Fragment): boolean {
  const { info } = fragment;
  return info[0] === "ts" && !info.includes("no_run") && findFileName(fragment) === undefined;
}

/** Saves the fragments that say which file they are, as a reader would. */
async function saveFiles(folder: string, fragments: readonly Fragment[]): Promise<void> {
  for (const fragment of fragments) {
    const name = findFileName(fragment);
    if (name === undefined) continue;
    const file = join(folder, name);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, fragment.code);
  }
}

async function runProgram(folder: string, page: string, fragment: Fragment): Promise<void> {
  const place = `${page}:${fragment.line}`;
  const file = join(folder, `line_${fragment.line}.ts`);
  await Deno.writeTextFile(file, fragment.code);
  const [verb, ...flags] = findCommand(fragment);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [verb!, "--no-prompt", "--no-check", `--config=${join(ROOT, "deno.json")}`, ...flags, file],
    cwd: folder,
    env: { NO_COLOR: "1", OPENAI_API_KEY: "", LLLM_CASSETTES: "", CI: "" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, `${place}\n${new TextDecoder().decode(stderr)}\n${text}`);
  let at = 0;
  for (const printed of findPrinted(fragment)) {
    const found = text.indexOf(printed, at);
    assert.ok(found >= 0, `${place}: expected it to print ${JSON.stringify(printed)}, found\n${text}`);
    at = found + printed.length;
  }
}
