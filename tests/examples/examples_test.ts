import { basename, fromFileUrl, join } from "@std/path";
import assert from "node:assert/strict";
import { HAS_BROWSER } from "../computer/_browser.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const FOLDER = join(ROOT, "examples");
const FILES = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) =>
  /^\d\d_.*\.ts$/.test(name)
).sort();

/** What each example says, in part. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  "01_hello.ts": /^Good morning, Ann!\n$/,
  "02_tools.ts": /plums.*article[^]*apples.*: ok\nWe have 12 apples\./,
  "03_structured_output.ts": /^Pancakes: 20 minutes, flour, milk, eggs\n[^]*reask[^]*mend/,
  "04_streaming.ts":
    /^\[time_of_day: 11:55\]\nIt is 11:55: the bells ring in five minutes\.\n\[\d+ tokens\]\n$/,
  "05_sandbox.ts": /no files: \w+\n=> 0\.857/,
  "06_tactics.ts": /positive: 2, negative: 1, failed: 1[^]*agentCalls: 4, subTacticCalls: 4/,
  "07_fork.ts": /lamps go out[^]*sails come in[^]*shared messages: 3/,
  "08_by_hand.ts": /asking again: [^]*answer: \[ "42" \]/,
  "09_notebook.ts":
    /Code cell 2 failed:[^]*NameError[^]*=> 0\.86\n[^]*\[markdown\] # The week\n\[code\] week = [^]*\[code\] mean = sum\(week\) \/ len\(week\)\n/,
  "10_skills.ts":
    /^- release-notes: How [^]*Folder: .+\n[^]*- example\.md\n[^]*newest first[^]*\n- Read the whole/,
  "11_code_mode.ts":
    /low risk: paid 12\.5 to Ann\nhigh risk: [^]*denied by the rule[^]*approve by [^]*deny by /,
  "12_computer_use.ts":
    /"flower":"Tulips","count":"12","wrapped":"on"[^]*are ordered\.\n(computer:\w+ on \/\w*: image\/png, true\n){7}$/,
  "13_replay.ts":
    /^replayed: We have 12 apples\. 0 steps done, same: true\nforked: None left\. 2 steps from the record, 1 done\n[^]*\[-apples\?-\]\{\+pears\?\+\}/,
};

/** Examples that need a program which a plain machine does not have. */
const NEEDS: Readonly<Record<string, { what: string; isThere: boolean }>> = {
  "12_computer_use.ts": { what: "Chromium", isThere: HAS_BROWSER },
};

/** Finds the command that the example's comment states. */
async function readCommand(file: string): Promise<string[]> {
  const source = await Deno.readTextFile(join(FOLDER, file));
  const command = /^ \* {5}deno (run .*)$/m.exec(source)?.[1];
  assert.ok(command, `${file} states its command`);
  assert.ok(command.endsWith(`examples/${file}`), `${file} states its own name`);
  return command.split(" ");
}

Deno.test("examples are numbered without a gap, and each has an expected output", () => {
  assert.deepEqual(FILES, Object.keys(EXPECTED));
  assert.deepEqual(FILES.map((name) => Number(name.slice(0, 2))), FILES.map((_, index) => index + 1));
});

for (const file of FILES) {
  const { what, isThere } = NEEDS[file] ?? { what: "", isThere: true };
  const name = `example ${basename(file, ".ts")} runs offline with the command that it states`;
  Deno.test({
    name: isThere ? name : `${name} [skipped: needs ${what}]`,
    ignore: !isThere,
    fn: () => runExample(file),
  });
}

async function runExample(file: string): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...await readCommand(file)].toSpliced(1, 0, "--no-prompt"),
    cwd: ROOT,
    env: { NO_COLOR: "1", OPENAI_API_KEY: "" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, `${new TextDecoder().decode(stderr)}\n${text}`);
  assert.match(text, EXPECTED[file] ?? /./);
}
