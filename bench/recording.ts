// deno-lint-ignore-file no-console -- a benchmark
/**
 * What recording costs: CPU and wall time of runs of one agent turn each (model → tool → model) that are kept in an SQLite file, against
 * the same runs that are not kept, side by side: 64 runs in flight, a local server in a process of its own.
 *
 *     deno run -A bench/recording.ts [rounds, default 15]
 */
import { z } from "zod";
import { type LogStore, sqliteStore } from "../src/log/mod.ts";
import { NativeTactic } from "../src/tactic/mod.ts";
import { Runtime } from "../src/runtime/mod.ts";
import { tool } from "../src/tools/mod.ts";
import { interleave, median, medianRatio } from "./_measure.ts";

const IN_FLIGHT = 64;
const TURNS = 640;
const ROUNDS = Number(Deno.args[0] ?? 15);
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

class Turn extends NativeTactic<string, string> {
  name = "turn";
  agentGroup = ["bench"];
  async call(task: string): Promise<string> {
    this.agent("bench").open("main").receive(task);
    return String((await this.agent("bench").respond()).content);
  }
}

const many = (logStore?: LogStore) => {
  const tactic = new Turn({ config, runtime, ...(logStore === undefined ? {} : { logStore }) });
  return async () => {
    let left = TURNS;
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) {
        const reply = await tactic.run(QUESTION, { tags: { bench: "recording" } });
        if (reply !== "The answer is 42.") throw new Error(`Unexpected reply: ${reply}`);
      }
    }));
  };
};

const dir = await Deno.makeTempDir();
const logStore = sqliteStore(`${dir}/log.sqlite`);
const samples = await interleave({ plain: many(), kept: many(logStore) }, {
  rounds: ROUNDS,
  unitsPerRound: TURNS,
});
const [newest] = await logStore.listSessions({ limit: 1 });
const { length } = (await logStore.loadSessionRecord(newest!.id)).steps;
await logStore.close();
const bytes = (await Deno.stat(`${dir}/log.sqlite`)).size / TURNS / (ROUNDS + 1);
await Deno.remove(dir, { recursive: true });
provider.kill("SIGKILL");
await provider.status;

console.log(
  `${TURNS} runs a round, ${IN_FLIGHT} in flight, medians of ${ROUNDS} rounds; ${length} steps a run`,
);
for (const [name, list] of Object.entries(samples)) {
  const cpu = median(list.map((sample) => sample.cpuMs)).toFixed(3);
  const wall = median(list.map((sample) => sample.wallMs)).toFixed(3);
  console.log(`${name.padEnd(6)} cpu ${cpu} ms/run   wall ${wall} ms/run`);
}
const ratio = (key: "cpuMs" | "wallMs") =>
  medianRatio(samples.kept!.map((s) => s[key]), samples.plain!.map((s) => s[key])).toFixed(3);
console.log(`kept / plain: cpu ${ratio("cpuMs")}, wall ${ratio("wallMs")}; ${bytes.toFixed(0)} bytes a run`);

async function readLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes("\n")) text += (await reader.read()).value ?? "";
  return text.trim();
}
