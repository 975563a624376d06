import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { lllm, withFolder } from "./_command.ts";
import { HAS_TERMINAL, startAtTerminal } from "./_terminal.ts";

const PROJECT = fromFileUrl(new URL("./_approval_project", import.meta.url));
const run = (...args: string[]) => lllm(["run", "pay", "Pay", "--project", PROJECT, ...args]);
const atTerminal = { ignore: !HAS_TERMINAL };

Deno.test("lllm run without a terminal refuses calls that need an approval, and says how to let them through", async () => {
  const { code, stdout, stderr } = await run();
  assert.equal(code, 0);
  const line = "deny | answer | lllm | there is no terminal to ask at; --approve all approves every call";
  assert.equal(stdout, `${[line, line, line].join("\n")}\n`);
  assert.match(
    stderr,
    /^not approved: clerk: pay \{"to":"Ada","amount":5\}: there is no terminal to ask at; --approve all approves every call$/m,
  );
  const piped = await lllm(["run", "pay", "-", "--project", PROJECT], { stdin: "Pay" });
  assert.match(piped.stdout, /stdin is the input; --approve all/);
});

Deno.test("lllm run --approve all approves, --approve none refuses, and both say so", async () => {
  const all = await run("--approve", "all");
  assert.equal(all.stdout, "approve | answer | --approve all\n".repeat(3));
  assert.match(all.stderr, /^approved by --approve all: clerk: pay \{"to":"Cem","amount":9\}$/m);
  const none = await run("--approve", "none");
  assert.equal(none.stdout, "deny | answer | lllm | --approve none was given\n".repeat(3));
});

Deno.test("lllm log show and tree say who decided about a call, and why", async () => {
  await withFolder(async (folder) => {
    const log = join(folder, "log.db");
    await run("--approve", "none", "--log", log);
    for (const command of ["show", "tree"]) {
      const { stdout } = await lllm(["log", command, "last", "--log", log]);
      assert.equal(stdout.match(/approval .*deny by lllm: --approve none was given$/gm)?.length, 3, stdout);
    }
  });
});

Deno.test("lllm run shows nothing of a call that a terminal would obey", async () => {
  const { stderr } = await run("--approve", "all");
  assert.match(stderr, /\{"to":"Bob \\u001b\[2J\\u202e","amount":7\}/);
});

Deno.test("lllm run --approve takes three words, and asks only at a terminal", async () => {
  const wrong = await run("--approve", "yes");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /error: Cannot use --approve: expected all, none or ask, found "yes"/);
  const ask = await run("--approve", "ask");
  assert.equal(ask.code, 2);
  assert.match(ask.stderr, /error: Cannot use --approve ask: expected a terminal to ask at, found none/);
});

Deno.test("lllm run --batch decides for all its runs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/tasks.jsonl`, '"a"\n"b"\n');
    const out = `${folder}/out.jsonl`;
    const args = ["run", "pay", "--project", PROJECT, "--batch", `${folder}/tasks.jsonl`, "--out", out];
    assert.equal((await lllm([...args, "--approve", "all"])).code, 0);
    const lines = (await Deno.readTextFile(out)).trim().split("\n").map((line) => JSON.parse(line).result);
    assert.deepEqual(lines, Array(2).fill("approve | answer | --approve all\n".repeat(3).trim()));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "lllm run asks at a terminal about one call after the other, whole, and takes yes and no",
  ...atTerminal,
  fn: async () => {
    const terminal = startAtTerminal(["run", "pay", "Pay", "--project", PROJECT]);
    await terminal.answer('clerk wants to call pay with\r\n{\r\n  "to": "Ada",', "y");
    await terminal.answer('"to": "Bob \\u001b[2J\\u202e",', "what?");
    await terminal.answer("", "NO");
    await terminal.answer('"to": "Cem"', "yes");
    const { code, shown } = await terminal.outcome;
    assert.equal(code, 0, shown);
    assert.match(
      shown,
      /approve \| answer \| the terminal\ndeny \| answer \| the terminal\napprove \| answer \| the terminal\n/,
    );
  },
});

Deno.test({
  name: "lllm run asks no more about a tool whose calls are approved for the run",
  ...atTerminal,
  fn: async () => {
    const terminal = startAtTerminal(["run", "pay", "Pay", "--project", PROJECT, "--approve", "ask"]);
    await terminal.answer("Ada", "a");
    const { code, shown } = await terminal.outcome;
    assert.equal(code, 0, shown);
    assert.equal(shown.match(/Approve\?/g)?.length, 1);
    assert.equal(shown.match(/approve \| answer \| the terminal, for all such calls/g)?.length, 2);
  },
});

Deno.test({
  name: "lllm run takes no answer that was typed before its question, and Ctrl-D for a no",
  ...atTerminal,
  fn: async () => {
    const terminal = startAtTerminal(["run", "pay", "Pay", "--project", PROJECT]);
    await terminal.type("a");
    await terminal.untilShown("That was typed before the question was there");
    await terminal.untilShown("Approve?");
    await terminal.press("d");
    const { code, shown } = await terminal.outcome;
    assert.equal(code, 0, shown);
    assert.equal(shown.match(/deny \| answer \| lllm \| the terminal was closed/g)?.length, 3);
  },
});

Deno.test({
  name: "lllm run ends by Ctrl-C while it asks",
  ...atTerminal,
  fn: async () => {
    const terminal = startAtTerminal(["run", "pay", "Pay", "--project", PROJECT]);
    await terminal.untilShown("Approve?");
    await terminal.press("c");
    const { code, shown } = await terminal.outcome;
    assert.equal(code, 130, shown);
    assert.match(shown, /error: Interrupted/);
  },
});

Deno.test("lllm log fork decides about calls as lllm run does, lllm log replay by the record alone", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    await run("--approve", "none", ...place);
    const log = (...args: string[]) => lllm(["log", ...args, ...place]);
    const refused = await log("fork", "last", "--at", "0");
    assert.equal(refused.code, 0, refused.stderr);
    assert.match(refused.stdout, /^(deny \| answer \| lllm \| there is no terminal to ask at.*\n){3}$/);
    assert.match(
      refused.stderr,
      /^not approved: clerk: pay \{"to":"Ada","amount":5\}: there is no terminal/m,
    );
    const approved = await log("fork", "last", "--at", "0", "--approve", "all");
    assert.equal(approved.stdout, "approve | answer | --approve all\n".repeat(3));
    assert.equal((await log("fork", "last", "--at", "0", "--approve", "ask")).code, 2);
    assert.equal((await log("fork", "last", "--at", "0", "--approve", "yes")).code, 2);
    const strict = await log("replay", "last", "--approve", "all");
    assert.equal(strict.code, 2);
    assert.match(strict.stderr, /Cannot use --approve with lllm log replay: expected --continue with it/);
  });
});

Deno.test({
  name: "lllm log replay --continue asks at a terminal about calls that nobody decided about",
  ...atTerminal,
  fn: async () => {
    await withFolder(async (folder) => {
      const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
      const first = startAtTerminal(["run", "pay", "Pay", ...place]);
      await first.answer("Ada", "y");
      await first.untilShown("Approve?");
      await first.press("c");
      assert.equal((await first.outcome).code, 130);
      const second = startAtTerminal(["log", "replay", "last", "--continue", ...place]);
      await second.answer('"to": "Bob', "a");
      const { code, shown } = await second.outcome;
      assert.equal(code, 0, shown);
      assert.equal(shown.match(/Approve\?/g)?.length, 1); // Ada's is in the record
      assert.match(shown, /approve \| answer \| the terminal[^]* · the recorded run came to no result · /);
    });
  },
});

const cell = "CALL_API('bank/pay', {'to': 'Ada'})";

Deno.test("lllm sandbox decides about calls of cells as --approve says", async () => {
  const sandbox = (...more: string[]) => lllm(["sandbox", "--project", PROJECT, ...more], { stdin: cell });
  const refused = await sandbox();
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /RuntimeError: Cannot call API "bank\/pay".*there is no terminal to ask at; --approve all approves every call/,
  );
  const approved = await sandbox("--approve", "all");
  assert.deepEqual([approved.code, approved.stdout], [0, "'paid Ada'\n"]);
  assert.equal((await sandbox("--approve", "maybe")).code, 2);
});

Deno.test({
  name: "lllm sandbox asks at the terminal that its cells come from",
  ...atTerminal,
  fn: async () => {
    const terminal = startAtTerminal(["sandbox", "--project", PROJECT]);
    await terminal.untilShown(">>> ");
    await terminal.type(`${cell}\n`);
    await terminal.answer("The code wants to call bank/pay with", "y");
    await terminal.untilShown("'paid Ada'");
    await terminal.untilShown(">>> ");
    await terminal.type(`${cell}\n`);
    await terminal.untilShown("Approve?");
    await terminal.press("c"); // stops the cell, not the session
    await terminal.untilShown(">>> ");
    await terminal.type("1 + 1\n");
    await terminal.untilShown("2");
    await terminal.untilShown(">>> ");
    await terminal.press("d");
    const { code, shown } = await terminal.outcome;
    assert.equal(code, 0, shown);
  },
});
