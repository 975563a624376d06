// deno-lint-ignore-file no-console -- a benchmark
/**
 * What recording costs: CPU and wall time of agent turns (model → tool → model) whose runs are kept in an SQLite file, against the same
 * turns of runs that are not kept, side by side: runs of ten turns and of one, 64 in flight, a local server in a process of its own. What
 * it takes to bring the journal into the database, which the first reader does, is told apart.
 *
 *     deno run -A --v8-flags=--expose-gc bench/recording.ts [rounds, default 31]
 */
import { cpuUsage } from "node:process";
import { z } from "zod";
import { type LogStore, sqliteStore } from "../src/log/mod.ts";
import type { CallContext } from "../src/run/mod.ts";
import { NativeTactic } from "../src/tactic/mod.ts";
import { Runtime } from "../src/runtime/mod.ts";
import { tool } from "../src/tools/mod.ts";
import { interleave, median, medianRatio } from "./_measure.ts";

const IN_FLIGHT = 64;
const TURNS = 640;
const ROUNDS = Number(Deno.args[0] ?? 31);
const QUESTION = "What is the answer to everything? ".repeat(5);

const provider = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", new URL("./_provider.ts", import.meta.url).pathname],
  stdout: "piped",
}).spawn();
const baseUrl = await readLine(provider.stdout);

const runtime = new Runtime();
runtime.registerTool(
  "lookup",
  tool({
    name: "lookup",
    description: "Looks something up",
    parameters: z.object({ query: z.string(), limit: z.number().int() }),
    execute: ({ query, limit }) => ({ query, limit, rows: [1, 2, 3] }),
  }),
);
const config = {
  agent_configs: [{
    name: "bench",
    model_name: "gpt-4o-mini",
    model_args: { api_base: baseUrl, api_key: "x" },
    system_prompt: "You answer questions. ".repeat(20),
    tools: ["tools:lookup"],
  }],
};

class Turns extends NativeTactic<string, string> {
  name = "turns";
  agentGroup = ["bench"];
  async call(task: string, { metadata }: CallContext): Promise<string> {
    let reply = "";
    for (let n = 0; n < Number(metadata.turns); n++) {
      this.agent("bench").open(`turn ${n}`).receive(task);
      reply = String((await this.agent("bench").respond()).content);
    }
    return reply;
  }
}

const many = (turns: number, logStore?: LogStore) => {
  const tactic = new Turns({ config, runtime, ...(logStore === undefined ? {} : { logStore }) });
  return async () => {
    let left = TURNS / turns;
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) {
        const reply = await tactic.run(QUESTION, { tags: { bench: "recording" }, metadata: { turns } });
        if (reply !== "The answer is 42.") throw new Error(`Unexpected reply: ${reply}`);
      }
    }));
  };
};

const dir = await Deno.makeTempDir();
const path = `${dir}/log.sqlite`;
const logStore = sqliteStore(path);
const samples = await interleave({
  "plain, ten turns a run": many(10),
  "kept, ten turns a run": many(10, logStore),
  "plain, one turn a run": many(1),
  "kept, one turn a run": many(1, logStore),
}, { rounds: ROUNDS, unitsPerRound: TURNS });
provider.kill("SIGKILL");
await provider.status;

console.log(`${TURNS} turns of three steps a round, ${IN_FLIGHT} in flight, medians of ${ROUNDS} rounds`);
for (const [name, list] of Object.entries(samples)) {
  const cpu = median(list.map((sample) => sample.cpuMs)).toFixed(3);
  const wall = median(list.map((sample) => sample.wallMs)).toFixed(3);
  console.log(`${name.padEnd(23)} cpu ${cpu} ms/turn   wall ${wall} ms/turn`);
}
for (const kind of ["ten turns a run", "one turn a run"]) {
  const ratio = (key: "cpuMs" | "wallMs") => {
    const [kept, plain] = [samples[`kept, ${kind}`]!, samples[`plain, ${kind}`]!];
    return medianRatio(kept.map((sample) => sample[key]), plain.map((sample) => sample[key])).toFixed(3);
  };
  console.log(`kept / plain, ${kind}: cpu ${ratio("cpuMs")}, wall ${ratio("wallMs")}`);
}

const turnsKept = 2 * TURNS * (ROUNDS + 1);
const before = cpuUsage();
await logStore.close();
const { user, system } = cpuUsage(before);
const bytes = (await Deno.stat(path)).size / turnsKept;
console.log(
  `into the database, all at once: cpu ${((user + system) / 1000 / turnsKept).toFixed(3)} ms/turn, ` +
    `${bytes.toFixed(0)} bytes a turn`,
);
await Deno.remove(dir, { recursive: true });

async function readLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) text += (await reader.read()).value ?? "";
  return text.trim();
}
