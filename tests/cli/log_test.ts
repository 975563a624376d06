import assert from "node:assert/strict";
import { join } from "@std/path";
import { lllm, PROJECT, withFolder } from "./_command.ts";

/** Runs greetings of a scripted model into a log of the test's own. */
async function withLog(
  names: readonly string[],
  body: (log: (...args: string[]) => ReturnType<typeof lllm>, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    for (const name of names) {
      const { code, stderr } = await lllm(["run", "greet", name, "--model", "scripted/hello", ...place]);
      assert.equal(code, 0, stderr);
    }
    await body((...args) => lllm(["log", ...args, ...place]), folder);
  });
}

const json = (outcome: { stdout: string }) => JSON.parse(outcome.stdout);

Deno.test("lllm run keeps its session, lllm log list and show find it", async () => {
  await withLog(["Ann", "Bob"], async (log) => {
    const { stdout, code } = await log("list", "--tactic", "greet");
    assert.equal(code, 0);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    assert.match(head!, /^SESSION\s+TACTIC\s+STATE/);
    assert.equal(rows.length, 2);
    assert.match(rows[0]!, /^\d{8}_\d{6}_[0-9a-f]{8} {2}cli_project::greet\s+success .* 1\s+10\s+\$0\.0000/);
    assert(!stdout.includes("\x1b"));
    const { result } = json(await log("list", "--limit", "1", "--json"));
    assert.equal(result.length, 1);
    assert.equal((await log("list", "--limit", "2")).stderr, "");
    const [, cursor] = /^more: --cursor (\S+)$/m.exec((await log("list", "--limit", "1")).stderr)!;
    const rest = await log("list", "--limit", "1", "--cursor", cursor!);
    assert.deepEqual([rest.stdout.trimEnd().split("\n").length, rest.stderr], [2, ""]);
    const shown = await log("show", result[0].id);
    assert.match(shown.stdout, /Bob[\s\S]*Hello, Bob[\s\S]*model +scripted\/hello/);
    const step = json(await log("show", "last", "--step", "0", "--json")).result;
    assert.equal(step.kind, "model");
    assert.match(
      (await log("tree", result[0].id.slice(-8))).stdout,
      /greet[\s\S]*\n {2}model scripted\/hello/,
    );
  });
});

Deno.test("lllm log cost, export, diff, delete and gc do what they say", async () => {
  await withLog(["Ann", "Bob"], async (log, folder) => {
    assert.equal(json(await log("cost", "--json")).result.totalTokens, 20);
    assert.match((await log("cost")).stdout, /2 sessions · 20 tokens[\s\S]*TACTIC[\s\S]*MODEL/);
    const [bob, ann] = json(await log("list", "--json")).result.map(({ id }: { id: string }) => id);
    const diff = (await log("diff", ann, bob)).stdout;
    assert.match(diff, /0 steps alike, 1 not/);
    assert.match(diff, /result: Hello, \[-Ann-\]\{\+Bob\+\}/);
    const file = join(folder, "ann.json");
    assert.equal((await log("export", ann, "--out", file)).code, 0);
    assert.equal(JSON.parse(await Deno.readTextFile(file)).id, ann);
    const again = await log("export", bob, "--out", file);
    assert.equal(again.code, 2);
    assert.match(
      again.stderr,
      /^error: Cannot write ".*ann\.json": expected no such file yet, or --force to replace it/m,
    );
    assert.equal(JSON.parse(await Deno.readTextFile(file)).id, ann);
    assert.equal((await log("export", bob, "--out", file, "--force")).code, 0);
    assert.equal(JSON.parse(await Deno.readTextFile(file)).id, bob);
    assert.match((await log("export", ann, "--format", "markdown")).stdout, /^# Session/);
    assert.equal((await log("delete", ann)).stdout, `deleted ${ann}\n`);
    const gone = await log("show", ann);
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /found none; lllm log list shows what there is$/m);
    assert.deepEqual(json(await log("gc", "--before", "2999-01-01", "--json")).result, { deleted: 1 });
    assert.deepEqual(json(await log("list", "--json")).result, []);
  });
});

Deno.test("lllm log says what is wrong with what it was given", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["lst"], /did you mean "list"/],
    [["list", "--log", "/no/such/log.db"], /expected the file \/no\/such\/log\.db, found none/],
    [["show"], /expected a session, found none/],
    [["list", "--step", "1"], /Cannot use --step with lllm log list/],
    [["list", "--state", "good"], /expected one of running/],
    [["list", "extra"], /expected options only, found also "extra"/],
    [["show", "one", "two"], /expected a session, found also "two"/],
    [["diff", "one"], /expected two sessions, found "one"/],
    [["diff", "--batch", "one"], /expected two batches, found "one"/],
    [["list", "--after", "1"], /expected a date such as 2026-01-31 .*found "1"/],
    [["list", "--after", "yesterday"], /expected a date such as 2026-01-31 .*found "yesterday"/],
    [["list", "--after", "2026-02-01", "--before", "2026-01-01"], /nothing is in between/],
    [["list", "--tag", "a=1", "--tag", "a=2"], /found a twice/],
    [["export", "last", "--force"], /Cannot use --force here: expected it with --out/],
    [["list", "--log", "off"], /found off: nothing is kept; --log names one/],
    [["list", "--log", ""], /expected a file, a folder or a URL as --log, found ""/],
    [["list", "--log", "/no/such/folder/"], /expected the folder \/no\/such\/folder\/, found none/],
    [
      ["list", "--log", join(PROJECT, "lllm.toml")],
      /expected a file of SQLite at ".*", found a file of another/,
    ],
    [["list", "--log", join(PROJECT, "lllm.toml", "log.db")], /expected the file .*log\.db, found none/],
    [["list", "--log", "postgres://127.0.0.1:1/none"], /expected the database "127\.0\.0\.1:1\/none", found/],
  ];
  for (const [args, pattern] of cases) {
    const { code, stderr } = await lllm(["log", ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, pattern);
  }
});

Deno.test("lllm log says which names come near those of a filter that finds nothing", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    await Deno.writeTextFile(join(folder, "tasks.jsonl"), '"a"');
    const files = ["--batch", join(folder, "tasks.jsonl"), "--out", join(folder, "monday.jsonl")];
    assert.equal((await lllm(["run", "echo", ...files, ...place])).code, 0);
    const list = await lllm(["log", "list", "--tactic", "eco", "--tag", "batch=munday", ...place]);
    assert.deepEqual([list.code, list.stdout], [0, ""]);
    assert.match(list.stderr, /^no session of tactic "eco" is known; did you mean cli_project::echo\?$/m);
    assert.match(
      list.stderr,
      /^no session with the tag batch=munday is known; did you mean batch=monday\?$/m,
    );
    const cases: [string[], RegExp][] = [
      [["list", "--tactic", "cli_project.tactics:echo", "--json"], /did you mean cli_project::echo\?/],
      [["cost", "--tactic", "quite_another"], /is known; there are cli_project::echo$/m],
      [["gc", "--tag", "bach=monday"], /no session with a tag "bach" is known; did you mean batch\?/],
      [["diff", "--batch", "monday", "mondays"], /batch=mondays, found none; did you mean monday\?/],
      [["list", "--state", "failure"], /^there are no such sessions$/m],
    ];
    for (const [args, pattern] of cases) {
      assert.match((await lllm(["log", ...args, ...place])).stderr, pattern);
    }
    const known = await lllm(["log", "list", "--tactic", "echo", "--state", "failure", ...place]);
    assert(!known.stderr.includes("did you mean"));
  });
});

Deno.test("lllm log says what is wrong with a session, a step, a cursor or a file to write", async () => {
  await withLog(["Ann"], async (log, folder) => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [
        ["show", "20200101_000000_00000000"],
        /Cannot find session "20200101_000000_00000000": .*lllm log list/,
      ],
      [["show", "nope"], /expected the id of a session, a part of one, or last, found none; lllm log list/],
      [["show", "last", "--step", "7"], /Cannot show step "7": .*found indexes from 0 to 0; lllm log show/],
      [["show", "last", "--step", "greeter/main#9"], /did you mean "greeter\/main#0"\?/],
      [["fork", "last", "--at", "7"], /Cannot fork at step "7": .*found indexes from 0 to 0/],
      [["fork", "last"], /Cannot fork: expected --at <path or index>, found none/],
      [["list", "--cursor", "nonsense"], /expected the cursor of a session of this store, found "nonsense"/],
      [["export", "last", "--out", join(folder, "none", "run.json")], /there is no such folder/],
      [["export", "last", "--out", folder], /Cannot write ".*": it is a folder/],
      [["delete", "last", "nope"], /Cannot find session "nope"/],
    ];
    for (const [args, pattern] of cases) {
      const { code, stdout, stderr } = await log(...args);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, pattern);
    }
    const [{ id }] = json(await log("list", "--json")).result; // nothing was deleted
    assert.equal((await log("delete", "last", id, id.slice(0, 8))).stdout, `deleted ${id}\n`);
    assert.equal((await log("list")).stderr, "there are no sessions; lllm run writes them\n");
    const { code, stderr } = await log("show", "last");
    assert.equal(code, 2);
    assert.match(stderr, /expected a session in the log, found none; lllm run writes them$/m);
  });
});

Deno.test("lllm run says what is wrong with the log that it is to write", async () => {
  for (
    const place of [PROJECT, join(PROJECT, "lllm.toml")].map((path) => join(path, "lllm.toml", "log.db"))
  ) {
    const { code, stderr } = await lllm(["run", "echo", "hi", "--project", PROJECT, "--log", place]);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /error: Cannot open a log: expected a file of SQLite at ".*", found that ".*" is no folder/,
    );
  }
});

Deno.test("lllm log gc forgets by age, number and size", async () => {
  await withLog(["Ann", "Bob", "Cid"], async (log) => {
    const gc = async (...args: string[]) => json(await log("gc", ...args, "--json")).result;
    assert.deepEqual(await gc("--max-age-days", "1", "--max-bytes", "500MB"), { deleted: 0 });
    assert.deepEqual(await gc("--keep", "2"), { deleted: 1 });
    assert.deepEqual(await gc("--max-bytes", "1kb"), { deleted: 2 });
    for (const args of [["--max-bytes", "1 kb"], ["--max-age-days", "1", "--state", "success"], []]) {
      assert.equal((await log("gc", ...args)).code, 2);
    }
  });
});

Deno.test("lllm log fork gives a step another outcome, without doing it", async () => {
  await withLog(["Ann"], async (log) => {
    const { code, stdout, stderr } = await log(
      "fork",
      "last",
      "--at",
      "0",
      "--output",
      "Good night",
      "--save",
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "Good night\n");
    assert.match(stderr, /1 step from the record, 0 done.*the result is another.*against the recorded run/);
    assert.equal(json(await log("list", "--json")).result.length, 2);
  });
});

Deno.test("lllm log fork --save names the session that it kept, also of a run that failed", async () => {
  await withLog(["Ann"], async (log) => {
    const fork = (...args: string[]) => log("fork", "last", "--at", "0", ...args);
    const newest = async () => json(await log("list", "--limit", "1", "--json")).result[0];
    const saved = await fork("--output", "Good night", "--save");
    assert.match(saved.stderr, new RegExp(` · session ${(await newest()).id}\n$`));
    const broken = ["--model", "openai/gpt-4o-mini"]; // there is no key
    const failed = await fork(...broken, "--save");
    assert.equal(failed.code, 3);
    const kept = await newest();
    assert.equal(kept.state, "failure");
    assert.match(failed.stderr, new RegExp(`^error: .* \\(session ${kept.id}\\)`, "m"));
    const again = await fork(...broken, "--save", "--json");
    assert.equal(json(again).sessionId, (await newest()).id);
    assert(!(await fork(...broken)).stderr.includes("session"));
  });
});

Deno.test("lllm log diff --batch compares what two batches came to, task by task", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    const batches = { monday: ['"a"', '"b"'], tuesday: ['"b"', '"c"'] };
    for (const [name, tasks] of Object.entries(batches)) {
      const file = join(folder, `${name}.tasks.jsonl`);
      await Deno.writeTextFile(file, tasks.join("\n"));
      const { code, stderr } = await lllm(
        ["run", "echo", "--batch", file, "--out", join(folder, `${name}.jsonl`), ...place],
      );
      assert.equal(code, 0, stderr);
    }
    const { stdout } = await lllm(["log", "diff", "--batch", "monday", "tuesday", ...place]);
    assert.match(
      stdout,
      /- monday {2}2 of 2 ok[^]*\+ tuesday {2}2 of 2 ok[^]*1 task alike, 0 not, 1 and 1 in one alone/,
    );
    const missing = await lllm(["log", "diff", "--batch", "monday", "sunday", ...place]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /batch=sunday, found none/);
  });
});

Deno.test("lllm log diff --batch compares equal tasks one by one, and a task that was run again once", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    const file = join(folder, "tasks.jsonl");
    await Deno.writeTextFile(file, ['"a"', '"fail"', '"a"'].join("\n"));
    const run = (name: string, ...rest: string[]) =>
      lllm(["run", "echo", "--batch", file, "--out", join(folder, `${name}.jsonl`), ...rest, ...place]);
    assert.equal((await run("monday")).code, 1);
    assert.equal((await run("monday", "--resume")).code, 1);
    await Deno.writeTextFile(file, ['"fail"', '"a"', '"a"'].join("\n"));
    assert.equal((await run("tuesday")).code, 1);
    const { stdout } = await lllm(["log", "diff", "--batch", "monday", "tuesday", ...place]);
    assert.match(
      stdout,
      /- monday {2}2 of 3 ok[^]*\+ tuesday {2}2 of 3 ok[^]*3 tasks alike, 0 not, 0 and 0 in/,
    );
  });
});

Deno.test("lllm run and lllm log take a folder for JSON files", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", `${join(folder, "sessions")}/`, "--project", PROJECT];
    assert.equal((await lllm(["run", "echo", "hi", ...place])).code, 0);
    const [session] = json(await lllm(["log", "list", "--json", ...place])).result;
    const shown = await lllm(["log", "show", session.id, "--log", join(folder, "sessions")]);
    assert.match(shown.stdout, /echo +success/);
    await Deno.stat(join(folder, "sessions", "default", session.id, "session.json"));
  });
});

Deno.test("lllm run --no-log keeps nothing", async () => {
  await withFolder(async (folder) => {
    const log = join(folder, "log.db");
    await lllm(["run", "echo", "hi", "--project", PROJECT, "--log", log, "--no-log"]);
    await assert.rejects(Deno.stat(log), Deno.errors.NotFound);
  });
});

Deno.test("lllm log delete forgets a session that is damaged, and tells of one that is not there", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", `${join(folder, "sessions")}/`, "--project", PROJECT];
    assert.equal((await lllm(["run", "echo", "hi", ...place])).code, 0);
    const [{ id }] = json(await lllm(["log", "list", "--json", ...place])).result;
    await Deno.writeTextFile(join(folder, "sessions", "default", id, "end.json"), '{"resu');
    assert.notEqual((await lllm(["log", "show", id, ...place])).code, 0);
    const missing = await lllm(["log", "delete", id, "20200101_000000_00000000", ...place]);
    assert.equal(missing.code, 2); // and nothing is deleted
    const deleted = await lllm(["log", "delete", id, ...place]);
    assert.deepEqual([deleted.code, deleted.stdout], [0, `deleted ${id}\n`], deleted.stderr);
    assert.deepEqual(json(await lllm(["log", "list", "--json", ...place])).result, []);
  });
});

Deno.test({
  name: "lllm log export writes to what is no file, and replaces a file whole or not at all",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await withLog(["Ann"], async (log, folder) => {
      const piped = await log("export", "last", "--out", "/dev/stdout");
      assert.equal(piped.code, 0, piped.stderr);
      assert.equal(JSON.parse(piped.stdout).task, "Ann");
      const full = await log("export", "last", "--out", "/dev/full");
      assert.equal(full.code, 2);
      assert.match(full.stderr, /^error: Cannot write "\/dev\/full": .*space/m);
      const file = join(folder, "real.json");
      const link = join(folder, "link.json");
      await Deno.writeTextFile(file, "old");
      await Deno.symlink(file, link);
      using before = await Deno.open(file);
      assert.equal((await log("export", "last", "--out", link)).code, 2);
      assert.equal((await log("export", "last", "--out", link, "--force")).code, 0);
      assert((await Deno.lstat(link)).isSymlink);
      assert.equal(JSON.parse(await Deno.readTextFile(file)).task, "Ann");
      const bytes = new Uint8Array(10);
      assert.equal(await before.read(bytes), 3); // the old file was not written into
      const left = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".tmp"));
      assert.deepEqual(left, []);
    });
  },
});
