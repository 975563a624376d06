import assert from "node:assert/strict";
import { join } from "@std/path";
import { sqliteStore } from "@lllm/lllm/log";
import { Tactic } from "@lllm/lllm/tactic";
import { compareBatches } from "../../src/cli/_compare_batches.ts";
import { lllm, PROJECT, withFolder } from "./_command.ts";

/** Gives what it is told to give, one after the other. */
class Told extends Tactic<string, string> {
  name = "told";
  results: string[] = [];
  call(): string {
    return this.results.shift()!;
  }
}

Deno.test("compareBatches() pairs equal tasks first with first, with and without the name of a batch to resume", async () => {
  for (const name of ["resumeKey", "tags"]) {
    await using logStore = sqliteStore(":memory:");
    const run = (batch: string, tasks: string[], results: string[]) => {
      const told = new Told({ logStore });
      told.results = results;
      const options = name === "resumeKey" ? { resumeKey: batch } : { tags: { batch } };
      return told.bcall(tasks, { maxWorkers: 1, ...options });
    };
    await run("one", ["a", "b", "a", "a"], ["A1", "B", "A2", "A3"]);
    await run("two", ["b", "a", "a"], ["B", "A1", "changed"]);
    const { batches, equalCount, changed, onlyIn } = await compareBatches(logStore, ["one", "two"]);
    assert.deepEqual(batches.map(({ taskCount }) => taskCount), [4, 3], name);
    assert.deepEqual([equalCount, onlyIn], [2, [1, 0]], name);
    assert.deepEqual(changed.map(({ task, result }) => [task, result[0]!.field]), [["a", "result"]], name);
    const [before] = changed[0]!.sessions;
    assert.equal((await logStore.loadSessionRecord(before)).result, "A2", name);
  }
});

Deno.test("lllm log diff --batch compares what the file of tasks has now, whatever ran under the name before", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    const run = async (name: string, ...tasks: string[]) => {
      const files = ["--batch", join(folder, "tasks.jsonl"), "--out", join(folder, `${name}.jsonl`)];
      await Deno.writeTextFile(files[1]!, tasks.map((task) => JSON.stringify(task)).join("\n"));
      const { code, stderr } = await lllm(["run", "echo", ...files, ...place]);
      assert.equal(code, 0, stderr);
    };
    await run("monday", "a", "b");
    await Deno.remove(join(folder, "monday.jsonl"));
    await run("monday", "b", "a");
    await run("tuesday", "a", "c");
    const { stdout } = await lllm(["log", "diff", "--batch", "monday", "tuesday", ...place]);
    assert.match(stdout, /- monday {2}2 of 2 ok[^]*1 task alike, 0 not, 1 and 1 in one alone/);
  });
});

Deno.test("lllm log diff --batch leaves out what was forked from a session of the batch", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    const files = ["--batch", join(folder, "tasks.jsonl"), "--out", join(folder, "monday.jsonl")];
    await Deno.writeTextFile(files[1]!, '"Ann"');
    await lllm(["run", "greet", "--model", "scripted/hello", ...files, ...place]);
    const fork = ["log", "fork", "last", "--at", "0", "--output", "Good night", "--save", ...place];
    assert.equal((await lllm(fork)).stdout, "Good night\n");
    const { stdout } = await lllm(["log", "diff", "--batch", "monday", "monday", "--json", ...place]);
    const { batches, equalCount } = JSON.parse(stdout).result;
    assert.deepEqual([batches[0].taskCount, equalCount], [1, 1]);
    const [forked] = JSON.parse((await lllm(["log", "list", "--json", ...place])).stdout).result;
    assert.deepEqual(forked.tags, {});
  });
});
