// deno-lint-ignore-file no-console -- a program of its own
/**
 * Runs a batch whose sessions are kept, and writes a line to stdout for each session that started and for each step whose result was
 * handed on: what the store must have, whenever this program is killed.
 *
 *     deno run -A tests/log/_batch_program.ts sqlite|local|postgres <path or URL> <runs> <steps a run>
 */
import { localStore, postgresStore, sqliteStore } from "../../src/log/mod.ts";
import type { CallContext } from "../../src/run/mod.ts";
import { Tactic } from "../../src/tactic/mod.ts";

const [kind, path, runs, steps] = Deno.args as [string, string, string, string];

class Work extends Tactic<number, number> {
  name = "work";
  async call(task: number, context: CallContext): Promise<number> {
    for (let n = 0; n < Number(steps); n++) {
      await context.step(`part${n}`, () => Promise.resolve(`result ${n} of ${task} ${"x".repeat(300)}`));
      console.log(`step ${context.sessionId} step:part${n}#0`);
    }
    return task;
  }
}

await using logStore = kind === "local"
  ? localStore(path)
  : kind === "postgres"
  ? postgresStore(path)
  : sqliteStore(path);
const work = new Work({ logStore });
work.observe((event) => {
  if (event.type === "tactic_start") console.log(`start ${event.session.sessionId}`);
});
const tasks = Array.from({ length: Number(runs) }, (_, n) => n);
for await (const [, session] of work.ccall(tasks, { maxWorkers: 20, returnSessions: true })) {
  console.log(`end ${session.sessionId}`);
}
