import assert from "node:assert/strict";
import { lllm, PROJECT, withFolder } from "./_command.ts";

const greet = (...args: string[]) =>
  lllm(["run", "greet", "Ann", "--project", PROJECT, "--model", "scripted/hello", ...args]);

Deno.test("lllm run --budget ends the run with 4 when a limit is reached, and says which", async () => {
  const tokens = await greet("--budget", "tokens=5", "--json");
  assert.equal(tokens.code, 4, tokens.stderr);
  const { ok, error, sessionId } = JSON.parse(tokens.stdout);
  assert.deepEqual([ok, error.code], [false, "budget_exceeded"]);
  assert.match(error.message, /expected to stay within the budget of 5 tokens/);
  assert.match(sessionId, /^\d{8}_/);

  const usd = await greet("--budget", "usd=1");
  assert.equal(usd.code, 4);
  assert.match(usd.stderr, /^error: Cannot call model .*budget of \$1: expected a known price/m);

  const wall = await lllm(
    ["run", "echo", "wait for /no/such/file", "--project", PROJECT, "--budget", "wall=300ms"],
  );
  assert.equal(wall.code, 4, wall.stderr);
  assert.match(wall.stderr, /^error: .*budget of 300 ms/m);
});

Deno.test("lllm run --budget lets a run through that stays within it", async () => {
  const { code, stdout } = await greet("--budget", "tokens=200k, steps=1_000,wall=10m");
  assert.deepEqual([code, stdout], [0, "Hello, Ann\n"]);
});

Deno.test("lllm run --batch --budget holds for the whole batch; --resume does the rest", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/tasks.jsonl`, '"a"\n"b"\n"c"\n"d"\n');
    const out = `${folder}/results.jsonl`;
    const batch = (...args: string[]) =>
      lllm(
        ["run", "greet", "--project", PROJECT, "--model", "scripted/hello", "--max-workers", "1"]
          .concat("--batch", `${folder}/tasks.jsonl`, "--out", out, ...args),
      );
    const first = await batch("--budget", "steps=2", "--json");
    assert.equal(first.code, 4, first.stderr);
    const { error, result } = JSON.parse(first.stdout);
    assert.deepEqual([error.code, result.done, result.failed], ["budget_exceeded", 2, 2]);
    assert.match(error.message, /2 of 4 tasks failed, the first with: .*budget of 2 steps.*--resume/);
    const lines = (await Deno.readTextFile(out)).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ ok, error }) => ok || error.code), [
      true,
      true,
      "budget_exceeded",
      "budget_exceeded",
    ]);
    const second = await batch("--budget", "steps=2", "--resume", "--json");
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual([JSON.parse(second.stdout).result.skipped, JSON.parse(second.stdout).result.done], [
      2,
      2,
    ]);
  });
});

Deno.test("lllm log fork and replay --continue take --budget as lllm run does, for what they do anew", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", `${folder}/log.db`, "--project", PROJECT];
    const log = (...args: string[]) => lllm(["log", ...args, ...place]);
    assert.equal((await greet(...place.slice(0, 2))).code, 0);
    const fork = await log("fork", "last", "--at", "0", "--budget", "tokens=5", "--json");
    assert.equal(fork.code, 4, fork.stderr);
    assert.equal(JSON.parse(fork.stdout).error.code, "budget_exceeded");
    assert.equal((await log("fork", "last", "--at", "0", "--budget", "tokens=200k")).code, 0);

    const goOn = ["replay", "last", "--continue", "--budget", "tokens=5"];
    assert.equal((await log(...goOn)).code, 0); // all is in the record
    const other = await log(...goOn, "--config", "polite");
    assert.equal(other.code, 4, other.stderr);
    assert.match(other.stderr, /expected to stay within the budget of 5 tokens/);

    const strict = await log("replay", "last", "--budget", "tokens=5");
    assert.equal(strict.code, 2);
    assert.match(strict.stderr, /Cannot use --budget with lllm log replay: expected --continue with it/);
    assert.match(
      (await log("fork", "last", "--at", "0", "--budget", "usd")).stderr,
      /expected limits such as/,
    );
  });
});

Deno.test("lllm run --budget says what is wrong with a limit", async (t) => {
  const cases: [string, RegExp][] = [
    ["", /expected limits such as usd=1,tokens=200k,steps=100,wall=10m, found none/],
    ["usd", /expected limits such as .*, found "usd"/],
    ["dollars=1", /expected usd, tokens, steps, wall, found "dollars"/],
    ["step=1", /found "step"; did you mean steps\?/],
    ["usd=1,usd=2", /found usd twice/],
    ["usd=-1", /expected dollars above 0, such as 0\.5, as usd, found "-1"/],
    ["usd=0", /as usd, found "0"/],
    ["usd=1k", /as usd, found "1k"/],
    ["tokens=1.5", /expected a whole number above 0, such as 50000 or 200k, as tokens, found "1\.5"/],
    ["steps=Infinity", /as steps, found "Infinity"/],
    ["wall=1d", /expected a time above 0, such as 30s, 10m or 2h, as wall, found "1d"/],
    ["wall=0.0001s", /as wall, found/],
  ];
  for (const [budget, message] of cases) {
    await t.step(budget || "nothing", async () => {
      const { code, stderr } = await greet("--budget", budget);
      assert.equal(code, 2, stderr);
      const [line] = stderr.split("\n").filter((line) => line.startsWith("error: Cannot use --budget"));
      assert.match(line ?? stderr, message);
    });
  }
});
