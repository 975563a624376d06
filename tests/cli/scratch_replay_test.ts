/** What a user does who has a copy of the project and no key: runs the market desk, replays it, changes a prompt, replays it again. */
import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { withFolder } from "./_command.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const DESK = "examples/market_desk";
const PARTS = ["deno.json", "deno.lock", "mod.ts", "src", "sandbox", "links", "examples"];

Deno.test("lllm log replay repeats the market desk with neither network nor process nor key, and names a changed prompt", async () => {
  await withFolder(async (folder) => {
    const copy = join(folder, "project");
    await Deno.mkdir(copy);
    for (const part of PARTS) await copyTo(join(ROOT, part), join(copy, part));

    const place = ["--project", DESK];
    const sample = join(DESK, "assets/sample.csv");
    const call = ["market_desk", sample, "--model", "scripted/market_desk", "--json"];
    const run = await deno(copy, "task", "lllm", "run", ...call, ...place);
    assert.equal(run.code, 0, run.stderr);
    const { sessionId, result } = JSON.parse(run.stdout);

    const lllm = (...args: string[]) =>
      deno(copy, "run", "-A", "--deny-net", "--deny-run", "src/cli/main.ts", ...args, ...place);
    const { steps } = JSON.parse((await lllm("log", "show", sessionId, "--json")).stdout).result;
    const kinds = new Set(steps.map(({ kind }: { kind: string }) => kind));
    for (const kind of ["model", "tool", "cell", "api"]) {
      assert(kinds.has(kind), `no ${kind} among the steps`);
    }

    const replayed = await lllm("log", "replay", sessionId, "--json");
    assert.equal(replayed.code, 0, replayed.stderr);
    const again = JSON.parse(replayed.stdout);
    assert.deepEqual(again.result, result);
    assert.deepEqual(again.steps.map(shape), steps.map(shape));
    assert.deepEqual([again.liveCount, again.replayedCount], [0, steps.length]);
    const told = await lllm("log", "replay", sessionId);
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stderr, /0 done · the result is the recorded one/);

    const prompt = join(copy, DESK, "prompts/analyst.md");
    const text = await Deno.readTextFile(prompt);
    const at = text.lastIndexOf(".");
    await Deno.writeTextFile(prompt, `${text.slice(0, at)}!${text.slice(at + 1)}`);
    const diverged = await lllm("log", "replay", sessionId);
    assert.equal(diverged.code, 1);
    assert.match(diverged.stderr, /error: Cannot replay step "analyst\/analysis#0"/);
    assert.match(diverged.stderr, /input\.messages\[0\]\.content: .*\[-(.*)\.-\]\{\+\1!\+\}/);
    const { error } = JSON.parse((await lllm("log", "replay", sessionId, "--json")).stdout);
    assert.equal(error.code, "replay_diverged");
    assert(diverged.stderr.includes(error.diff));
  });
});

function shape({ path, kind, requestHash, output, error }: Record<string, unknown>) {
  return { path, kind, requestHash, output, error };
}

/** Runs `deno` as a user without any settings would: no key, no log or config named, no question asked. */
async function deno(cwd: string, ...args: readonly string[]) {
  const names = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "NPM_CONFIG_REGISTRY", "LANG"];
  const env = Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { ...env, NO_COLOR: "1", DENO_NO_PROMPT: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function copyTo(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    if (!name.startsWith(".")) await copyTo(join(from, name), join(to, name));
  }
}
