import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { NativeTactic } from "../../src/tactic/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";

class Analyse extends NativeTactic<string, string> {
  name = "analyse";
  agentGroup = ["analyst"] as const;
  async call(task: string): Promise<string> {
    const analyst = this.agent("analyst").open("main");
    analyst.receive(task);
    return (await analyst.respond()).content as string;
  }
}

Deno.test("a run ends with the error when the index lacks a package of the agent's sandbox", async () => {
  const invoker = scriptedInvoker([{ tool_calls: [{ name: "run_python", arguments: { code: "1" } }] }]);
  const agent = {
    name: "analyst",
    model_name: "m",
    system_prompt: "You compute.",
    proxy: {},
    sandbox: { packages: ["nosuchpkg"] },
  };
  const tactic = new Analyse({ config: { agent_configs: [agent] }, invoker });

  const error = await tactic.run("How many?").then(() => undefined, (error) => error);

  const causes: unknown[] = [];
  for (let next = error; next !== undefined; next = next.cause) causes.push(next);
  const telling = causes.findLast((cause) => LLLMError.isInstance(cause) && cause.code === "config_invalid");
  assert(LLLMError.isInstance(telling), String(error));
  assert.match(
    telling.message,
    /^Cannot start the sandbox of agent "analyst": .*"nosuchpkg".*\(sandbox\.packages in config\)$/,
  );
  assert.equal(telling.data.agent, "analyst");
  assert.equal(telling.data.key, "sandbox.packages");
});
