// deno-lint-ignore-file no-console -- an example
/**
 * A run is logged, repeated without any model, and forked: one tool gets another result, and only what follows is done.
 *
 *     deno run examples/13_replay.ts
 */
import { replaySession } from "@lllm/lllm/replay";
import { NativeTactic } from "@lllm/lllm/tactic";
import { memoryStore, scriptedInvoker } from "@lllm/lllm/testing";
import { tool } from "@lllm/lllm/tools";
import { Prompt } from "@lllm/lllm/prompt";
import type { Invoker } from "@lllm/lllm/invokers";

const stock = tool({
  name: "stock",
  description: "How many of a fruit there are",
  parameters: { type: "object", properties: { fruit: { type: "string" } }, required: ["fruit"] },
  execute: () => 12,
});

class Shop extends NativeTactic<string, string> {
  name = "shop";
  agentGroup = ["clerk"] as const;
  constructor(invoker: Invoker, logStore = memoryStore()) {
    const clerk = { name: "clerk", model_name: "scripted", system_prompt: "You know the stock." };
    super({ config: { agent_configs: [clerk] }, invoker, logStore });
  }
  async call(question: string) {
    const clerk = this.agent("clerk").open("main");
    clerk.receivePrompt(new Prompt({ path: "ask", prompt: "{question}", functions: [stock] }), {
      promptArgs: { question },
    });
    return (await clerk.respond()).content as string;
  }
}

const log = memoryStore();
const asks = { toolCalls: [{ name: "stock", arguments: { fruit: "apple" } }] };
await new Shop(scriptedInvoker([asks, "We have 12 apples."]), log).run("Are there apples?");
const [record] = log.records;

const nobody = scriptedInvoker([]); // no model is asked
const replayed = await replaySession<string, string>(record!, new Shop(nobody));
console.log(`replayed: ${replayed.result} ${replayed.liveCount} steps done, same: ${replayed.isSameResult}`);

const fork = { at: "clerk/main#0/tool:stock#0", output: 0 };
const forked = await replaySession<string, string>(record!, new Shop(scriptedInvoker(["None left."])), {
  fork,
});
console.log(
  `forked: ${forked.result} ${forked.replayedCount} steps from the record, ${forked.liveCount} done`,
);

await replaySession(record!, new Shop(nobody), { task: "Are there pears?" })
  .catch((error) => console.log(error.data.diff));
