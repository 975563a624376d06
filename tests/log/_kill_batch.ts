import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import type { LogStore } from "../../src/log/mod.ts";

/** What a batch said before it was killed. */
export interface KilledBatch {
  /** Sessions that started. */
  readonly started: ReadonlySet<string>;
  /** Of each session, the paths of the steps whose results were handed on. */
  readonly steps: ReadonlyMap<string, readonly string[]>;
  /** Sessions whose runs were over. */
  readonly ended: ReadonlySet<string>;
}

/**
 * Runs a batch in a program of its own, and kills it with SIGKILL after it has said so many lines. Of a batch that is much longer
 * it cannot be at the end by then: a pipe that nobody reads makes it wait.
 */
export async function killBatch(
  kind: "sqlite" | "local" | "postgres",
  path: string,
  options: { runs: number; stepsPerRun: number; killAfterLines: number },
): Promise<KilledBatch> {
  const program = fromFileUrl(new URL("./_batch_program.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, kind, path, `${options.runs}`, `${options.stepsPerRun}`],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let isKilled = false;
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (isKilled || text.split("\n").length < options.killAfterLines) continue;
    child.kill("SIGKILL");
    isKilled = true;
  }
  await child.status;
  return readLines(text.slice(0, text.lastIndexOf("\n") + 1).split("\n"));
}

function readLines(lines: readonly string[]): KilledBatch {
  const started = new Set<string>();
  const ended = new Set<string>();
  const steps = new Map<string, string[]>();
  for (const line of lines) {
    const [what, id = "", path = ""] = line.split(" ");
    if (what === "start") started.add(id);
    if (what === "end") ended.add(id);
    if (what === "step") steps.set(id, [...steps.get(id) ?? [], path]);
  }
  return { started, ended, steps };
}

/**
 * Checks that a store has what a batch said before it was killed, and shows nothing as running; gives the number of sessions that it
 * shows as interrupted.
 */
export async function checkKilledBatch(store: LogStore, batch: KilledBatch): Promise<number> {
  const { started, ended, steps } = batch;
  const list = await store.listSessions({ limit: 10_000 });
  const states = new Map(list.map(({ id, state }) => [id, state]));
  assert.equal(states.size, list.length, "no session twice");
  for (const id of started) assert(states.has(id), `session ${id} is lost`);
  for (const id of ended) assert.equal(states.get(id), "success");
  assert.deepEqual(await store.listSessions({ state: "running" }), []);
  const interrupted = await store.listSessions({ state: "interrupted", limit: 10_000 });
  assert.equal(interrupted.length, list.filter(({ state }) => state === "interrupted").length);
  for (const [id, paths] of steps) {
    const record = await store.loadSessionRecord(id);
    const kept = record.steps.map((step) => step.path);
    assert.deepEqual(kept.slice(0, paths.length), paths);
    assert(kept.length <= 5 && new Set(kept).size === kept.length, "no step twice");
    assert(
      record.steps.every(({ output }, n) => String(output).startsWith(`result ${n} of ${record.task} `)),
    );
  }
  return interrupted.length;
}
