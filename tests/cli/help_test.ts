import assert from "node:assert/strict";
import { OPTIONS } from "../../src/cli/_arguments.ts";
import { TOPICS } from "../../src/cli/_help/all_topics.ts";
import type { HelpTopics } from "../../src/cli/_help/topic.ts";
import { LOG_ACTIONS, LOG_OPTIONS } from "../../src/cli/_log_arguments.ts";
import { PKG_ACTIONS, PKG_OPTIONS } from "../../src/cli/_pkg_arguments.ts";
import { lllm } from "./_command.ts";

Deno.test("lllm <command> --help tells of that command alone: usage, options, an example", async () => {
  for (const args of [["log", "list", "--help"], ["help", "log", "list"], ["log", "-h", "list"]]) {
    const { code, stdout, stderr } = await lllm(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^lllm log list: [^]*Usage:\n {2}lllm log list [^]*\n {2}--tactic <key> [^]*Example:\n/,
    );
    assert.doesNotMatch(stdout, /--batch|--at|lllm run|lllm keys/);
  }
  const run = await lllm(["run", "my_tactic", "--help"]);
  assert.match(run.stdout, /^lllm run: [^]*--max-workers/);
  assert.doesNotMatch(run.stdout, /--language|lllm log/);
});

Deno.test("lllm log --help and lllm pkg --help list what there is, lllm --help all commands", async () => {
  assert.match((await lllm(["log", "--help"])).stdout, /\n {2}list {4}lists sessions[^]*\n {2}gc {6}/);
  assert.match((await lllm(["pkg", "--help"])).stdout, /\n {2}remove {3}/);
  const { stdout } = await lllm(["--help"]);
  for (const name of Object.keys(OPTIONS)) assert.match(stdout, new RegExp(`^  ${name} `, "m"));
});

Deno.test("lllm --help of a command that is none says which are near; a wrong call names its help", async () => {
  for (const args of [["log", "lst", "--help"], ["help", "log", "lst"]]) {
    const { code, stderr } = await lllm(args);
    assert.equal(code, 2);
    assert.match(stderr, /did you mean "list"\?/);
  }
  assert.match((await lllm(["log", "diff", "last"])).stderr, /; lllm log diff --help says more$/m);
  assert.match((await lllm(["run"])).stderr, /; lllm run --help says more$/m);
});

Deno.test("TOPICS tells of every option that a command takes, and of no other", () => {
  for (const [topic, { options }] of Object.entries(TOPICS)) {
    const told = options.map(([option]) => /^--([\w-]+)/.exec(option)![1]!);
    assert.deepEqual(told.toSorted(), optionsOf(topic).toSorted(), topic);
  }
  const topics = [
    ...Object.keys(OPTIONS).filter((name) => name !== "log" && name !== "pkg"),
    ...Object.keys(LOG_ACTIONS).map((action) => `log ${action}`),
    ...Object.keys(PKG_ACTIONS).map((action) => `pkg ${action}`),
  ];
  assert.deepEqual(Object.keys(TOPICS).toSorted(), topics.toSorted());
});

Deno.test("TOPICS lists what the file of each command has, and nothing else", async () => {
  const told: Record<string, unknown> = {};
  for (const name of Object.keys(OPTIONS)) {
    const own: HelpTopics = (await import(`../../src/cli/_help/${name}.ts`))[`${name.toUpperCase()}_HELP`];
    assert(Object.keys(own).every((topic) => topic.split(" ")[0] === name), name);
    Object.assign(told, own);
  }
  assert.deepEqual(TOPICS, told);
});

function optionsOf(topic: string): string[] {
  const [name, action] = topic.split(" ") as [keyof typeof OPTIONS, string | undefined];
  const all = Object.keys(OPTIONS[name]).filter((option) => option !== "help");
  if (name === "log") {
    const own: readonly string[] = LOG_ACTIONS[action as keyof typeof LOG_ACTIONS].options;
    return all.filter((option) => option === "log" || !(option in LOG_OPTIONS) || own.includes(option));
  }
  if (name === "pkg") {
    const own: readonly string[] = PKG_ACTIONS[action as keyof typeof PKG_ACTIONS].options;
    return all.filter((option) => !(option in PKG_OPTIONS) || own.includes(option));
  }
  return all;
}
