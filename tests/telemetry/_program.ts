// deno-lint-ignore-file no-console -- a program
/** A program that the tests start with `OTEL_DENO`: two reports at once, then one that fails. Argument: the provider's address. */
import { defineProxy } from "../../src/proxies/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { NativeTactic, Tactic } from "../../src/tactic/mod.ts";

const runtime = new Runtime();
runtime.registerProxy(
  "facts",
  defineProxy({
    path: "facts",
    name: "Facts",
    description: "Knows facts",
    endpoints: {
      get: {
        description: "One fact",
        params: { "topic*": ["string", "rain"] },
        response: "wet",
        handler: ({ topic }) => `${topic} is wet`,
      },
    },
  }),
);

class Brief extends NativeTactic<string, string> {
  name = "brief";
  agentGroup = ["writer"] as const;
  async call(task: string): Promise<string> {
    const writer = this.agent("writer").open("main");
    writer.receive(task);
    return String((await writer.respond()).content);
  }
}

const brief = new Brief({
  runtime,
  config: {
    agent_configs: [{
      name: "writer",
      model_name: "openai/gpt-4o-mini",
      system_prompt: "You write. The password is xyzzy.",
      model_args: { api_base: Deno.args[0], api_key: "sk-secret-key", temperature: 0.5, max_tokens: 100 },
      proxy: { exec_env: "typescript" },
    }],
  },
});

class Report extends Tactic<string[], string[]> {
  name = "report";
  async call(topics: string[], context: Parameters<Tactic["call"]>[1]): Promise<string[]> {
    await context.step("prepare", () => Promise.resolve(null));
    return await brief.bcall(topics);
  }
}

console.log(JSON.stringify(await new Report().run(["sun", "rain"])));
console.log(await brief.run("fail").catch((error) => error.cause.code));
