import assert from "node:assert/strict";
import { lllm, PROJECT, startLllm, withFolder } from "./_command.ts";

const run = (...args: string[]) => lllm(["run", ...args, "--project", PROJECT]);

function assertOneErrorLine(stderr: string, pattern: RegExp): void {
  const lines = stderr.split("\n").filter((line) => line.startsWith("error:"));
  assert.equal(lines.length, 1, stderr);
  assert.match(lines[0]!, pattern);
  assert.doesNotMatch(stderr, /^\s+at /m, "no stack trace");
}

Deno.test("lllm run writes a text result to stdout and nothing else, whatever a package logs", async () => {
  const { code, stdout, stderr } = await run("echo", "good morning");
  assert.equal(stdout, "GOOD MORNING\n");
  assert.equal(code, 0);
  assert.match(stderr, /echo is called/);
  assert.match(stderr, /0 agent calls · 0 tokens · \$0\.0000 · \d+\.\d s · session \d{8}_\d{6}_[0-9a-f]{8}/);
});

Deno.test("lllm run --json writes one object with session, result and summary", async () => {
  const { code, stdout } = await run("add", '{"a": 1, "b": 2}', "--json");
  assert.equal(code, 0);
  const { ok, sessionId, result, summary } = JSON.parse(stdout);
  assert.equal(ok, true);
  assert.match(sessionId, /^\d{8}_\d{6}_[0-9a-f]{8}$/);
  assert.deepEqual(result, { sum: 3 });
  assert.equal(summary.tactic, "add");
  assert.equal(summary.state, "success");
});

Deno.test("lllm run reads its input from stdin and from files", async () => {
  const piped = await lllm(["run", "echo", "-", "--project", PROJECT], { stdin: "from stdin\n" });
  assert.equal(piped.stdout, "FROM STDIN\n");
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/task.json`, '{"a": 20, "b": 22}\n');
    const { stdout } = await run("add", `@${folder}/task.json`);
    assert.deepEqual(JSON.parse(stdout), { sum: 42 });
  });
});

Deno.test("lllm run plays a script of the package in place of a model", async () => {
  const { code, stdout, stderr } = await run("cli_project:greet", "Ann", "--model", "scripted/hello");
  assert.equal(stdout, "Hello, Ann\n");
  assert.match(stderr, /1 agent call · 10 tokens/);
  assert.equal(code, 0);
});

Deno.test("lllm run --config chooses the config, --model overrides it", async () => {
  const { code, stdout } = await run(
    "greet",
    "Ann",
    "--config",
    "polite",
    "--model",
    "scripted/hello",
    "--json",
  );
  assert.equal(code, 0, stdout);
  assert.equal(JSON.parse(stdout).result, "Hello, Ann");
});

Deno.test("lllm run ends with 1 and one line when the run fails", async () => {
  const { code, stdout, stderr } = await run("echo", "fail");
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assertOneErrorLine(stderr, /^error: This task fails \(session .*--verbose/);
});

Deno.test("lllm run --json tells a failure as an object, with the session", async () => {
  const { code, stdout } = await run("echo", "fail", "--json");
  assert.equal(code, 1);
  const { sessionId, ...rest } = JSON.parse(stdout);
  assert.deepEqual(rest, { ok: false, error: { code: "tactic_failed", message: "This task fails" } });
  assert.match(sessionId, /^\d{8}_/);
});

Deno.test("lllm run --verbose shows the trace of an error", async () => {
  const { stderr } = await run("echo", "fail", "--verbose");
  assert.match(stderr, /caused by: Error: This task/);
  assert.match(stderr, /echo\.ts:\d+/);
});

const MISUSES: readonly [what: string, args: string[], error: RegExp][] = [
  ["an unknown tactic", ["ecko", "x"], /tactic "ecko".*did you mean/],
  ["an unknown option", ["echo", "x", "--jsn"], /did you mean --json/],
  ["an unknown config", ["greet", "x", "--config", "rude"], /config "rude"/],
  ["an unknown script", ["greet", "x", "--model", "scripted/helo"], /did you mean scripted\/hello/],
  ["a model without a provider", ["greet", "x", "--model", "gpt"], /provider\/name/],
  ["a missing input file", ["echo", "@/no/such/file"], /no such file/],
  ["an input that is no JSON", ["add", "one and two"], /expected JSON/],
  ["an input that does not fit", ["add", '{"a": 1}'], /does not fit/],
  ["two inputs", ["echo", "a", "b"], /one input/],
  ["a missing project", ["echo", "x", "--project", "/no/such/folder"], /\/no\/such\/folder/],
  ["--resume without --batch", ["echo", "x", "--resume"], /--batch/],
];
for (const [what, args, error] of MISUSES) {
  Deno.test(`lllm run ends with 2 for ${what}`, async () => {
    const { code, stdout, stderr } = await lllm(["run", "--project", PROJECT, ...args]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assertOneErrorLine(stderr, error);
  });
}

Deno.test("lllm run ends with 3 without a key, and names the variable", async () => {
  const { code, stderr } = await run("greet", "Ann");
  assert.equal(code, 3, stderr);
  assertOneErrorLine(stderr, /OPENAI_API_KEY/);
});

Deno.test("lllm run ends with 3 when the provider refuses", async () => {
  const { code, stderr } = await run("greet", "nobody", "--model", "scripted/hello");
  assert.equal(code, 3, stderr);
  assertOneErrorLine(stderr, /nobody is here/);
});

Deno.test("lllm run ends with 4 when the budget is spent", async () => {
  const { code, stdout } = await run("echo", "spend", "--json");
  assert.equal(code, 4);
  assert.equal(JSON.parse(stdout).error.code, "budget_exceeded");
});

Deno.test({
  name: "lllm run ends with 130 at Ctrl-C",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const command = startLllm(["run", "echo", "wait for /no/such/file", "--project", PROJECT, "--json"]);
    await command.untilTold("waiting");
    command.interrupt();
    const { code, stdout, stderr } = await command.outcome;
    assert.equal(code, 130, stderr);
    assert.equal(JSON.parse(stdout).error.code, "interrupted");
    assertOneErrorLine(stderr, /Interrupted/);
  },
});
