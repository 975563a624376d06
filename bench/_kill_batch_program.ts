// deno-lint-ignore-file no-console -- a program of its own
/**
 * A batch of runs with an agent that asks a model three times and calls a tool twice, kept in a store. Each line that it writes tells of
 * something that the store must have from then on, whenever this program is killed:
 *
 *     start <session>                      the run has started
 *     step <session> model <message id>    the reply was handed on
 *     step <session> tool <call id>        the tool's result was handed on
 *     done <number>                        so many runs of the batch are over
 *     did <task>/<number>                  the tool was run (whether or not its result was kept)
 *
 *     deno run -A bench/_kill_batch_program.ts <sqlite|postgres> <path or URL> <batch> <tasks> <base URL> run|continue|inspect|replay
 */
import { type LogStore, postgresStore, type SessionSummary, sqliteStore } from "../src/log/mod.ts";
import { replaySession } from "../src/replay/mod.ts";
import { currentRun } from "../src/run/mod.ts";
import { Runtime } from "../src/runtime/mod.ts";
import { NativeTactic } from "../src/tactic/mod.ts";
import { tool } from "../src/tools/mod.ts";

const [kind, path, batch, taskCount, baseUrl, action] = Deno.args as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const WORKERS = 16;

const runtime = new Runtime();
runtime.registerTool(
  "lookup",
  tool({
    name: "lookup",
    description: "Looks a part of a task up",
    parameters: {
      type: "object",
      properties: { task: { type: "string" }, part: { type: "integer" } },
      required: ["task", "part"],
    },
    execute: (args) => {
      const { task, part } = args as { task: string; part: number };
      console.log(`did ${task}/${part}`);
      return { task, part, rows: [1, 2, 3] };
    },
  }),
);

class Work extends NativeTactic<string, string> {
  name = "work";
  agentGroup = ["worker"];
  async call(task: string): Promise<string> {
    this.agent("worker").open("main").receive(task);
    return String((await this.agent("worker").respond()).content);
  }
}

await using logStore = kind === "postgres" ? postgresStore(path) : sqliteStore(path);
const config = {
  agent_configs: [{
    name: "worker",
    model_name: "gpt-4o-mini",
    model_args: { api_base: baseUrl, api_key: "x" },
    system_prompt: "You look the parts of a task up, then answer.",
    tools: ["tools:lookup"],
  }],
};
const tactic = new Work({ runtime, logStore, config });
tactic.observe((event) => {
  const id = currentRun()?.callContext?.sessionId;
  if (event.type === "tactic_start") console.log(`start ${event.session.sessionId}`);
  if (event.type === "model_end") console.log(`step ${id} model ${event.message.id}`);
  if (event.type === "tool_end") console.log(`step ${id} tool ${event.call.id}`);
});

const ACTIONS: Record<string, () => Promise<void>> = {
  async run() {
    const tasks = Array.from({ length: Number(taskCount) }, (_, n) => `${batch}:${n}`);
    const onProgress = ({ done }: { done: number }) => console.log(`done ${done}`);
    await tactic.bcall(tasks, { resumeKey: batch, maxWorkers: WORKERS, onProgress });
  },
  async continue() {
    const interrupted = await sessionsOf(logStore, { state: "interrupted" });
    await Promise.all(Array.from({ length: WORKERS }, async () => {
      for (let next = interrupted.pop(); next !== undefined; next = interrupted.pop()) {
        const record = await logStore.loadSessionRecord(next.id);
        await replaySession(record, tactic, { mode: "continue", sessionId: record.id });
      }
    }));
  },
  /** What the store has of the batch: a line for each session. */
  async inspect() {
    for (const { id, state, tags } of await sessionsOf(logStore)) {
      const { task, result, steps } = await logStore.loadSessionRecord(id);
      console.log(
        JSON.stringify({ id, state, task, result, place: tags.batch_task, steps: steps.map(seen) }),
      );
    }
  },
  /** Runs every session of the batch again, strictly: a model that is asked is an error. */
  async replay() {
    const quiet = new Work({ runtime, config });
    for (const { id } of await sessionsOf(logStore)) {
      const { isSameResult } = await replaySession(await logStore.loadSessionRecord(id), quiet);
      console.log(`${isSameResult ? "same" : "other"} ${id}`);
    }
  },
};

/** A step in short: what it was asked, and what was acknowledged of it. */
function seen({ kind, path, ordinal, index, input, output, error }: {
  readonly kind: string;
  readonly path: string;
  readonly ordinal: number;
  readonly index: number;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
}): Record<string, unknown> {
  const place = { kind, index, place: `${path} ${ordinal}`, failed: error !== undefined };
  if (kind === "model") {
    const { messages } = input as { messages: readonly { role: string }[] };
    const turn = messages.filter(({ role }) => role === "tool").length;
    return { ...place, turn, id: (output as { message?: { id?: string } } | undefined)?.message?.id };
  }
  const { part } = (input as { arguments: { part: number } }).arguments;
  return { ...place, turn: part, id: (output as { id?: string } | undefined)?.id };
}

async function sessionsOf(
  store: LogStore,
  filter: { state?: SessionSummary["state"] } = {},
): Promise<SessionSummary[]> {
  return await store.listSessions({ tags: { batch }, limit: 100_000, ...filter });
}

await ACTIONS[action]!();
