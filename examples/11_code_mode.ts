// deno-lint-ignore-file no-console -- an example
/**
 * Code mode: the model's TypeScript calls functions and another tactic, and waits for an approval in the middle of its cell.
 *
 *     deno run -A examples/11_code_mode.ts
 */
import { defineProxy, NativeTactic, Runtime, Tactic, tacticProxy } from "@lllm/lllm";
import { scriptedInvoker } from "@lllm/lllm/testing";

class Risk extends Tactic<string, string> {
  name = "risk";
  override description = "Says how risky a payment to somebody is";
  call(task: string): string {
    return task === "Mallory" ? "high" : "low";
  }
}

const Bank = defineProxy({
  path: "bank",
  name: "Bank",
  description: "Bills and payments",
  endpoints: {
    bills: {
      description: "The open bills",
      response: [{ to: "Ann", amount: 12.5 }],
      handler: () => [{ to: "Ann", amount: 12.5 }, { to: "Mallory", amount: 900 }],
    },
    pay: {
      description: "Pays somebody",
      params: { "to*": ["string", "Ann"], "amount*": ["number", 12.5] },
      needsApproval: true,
      handler: ({ to, amount }) => `paid ${amount} to ${to}`,
    },
  },
});

class Desk extends NativeTactic<string, string> {
  name = "desk";
  agentGroup = ["clerk"] as const;
  async call(task: string): Promise<string> {
    const agent = this.agent("clerk").open("main");
    agent.receive(task);
    return (await agent.respond()).content as string;
  }
}

const CODE = `
for (const { to, amount } of await CALL_API("bank/bills")) {
  const risk = await CALL_API("risk/run", { task: to });
  try {
    console.log(risk, "risk:", await CALL_API("bank/pay", { to, amount }));
  } catch (error) {
    console.log(risk, "risk:", error.message);
  }
}`;
const runtime = new Runtime();
runtime.registerProxy("bank", Bank);
runtime.registerProxy("risk", tacticProxy(new Risk()));
const desk = new Desk({
  runtime,
  config: {
    agent_configs: [{
      name: "clerk",
      model_name: "gpt-4o-mini",
      system_prompt: "You pay bills.",
      proxy: { exec_env: "typescript" },
    }],
  },
  invoker: scriptedInvoker([
    { tool_calls: [{ name: "run_typescript", arguments: { code: CODE } }] },
    { text: "This is what my code said:\n{last_tool_result}" },
  ]),
});
const session = await desk.run("Pay the bills.", {
  returnSession: true,
  approvalTimeoutMs: 60_000,
  onApproval: ({ arguments: { amount } }) =>
    Number(amount) < 100
      ? { decision: "approve", by: "the rule for small sums" }
      : { decision: "deny", by: "the rule for small sums", reason: "a person has to look at it" },
});
console.log(session.delivery);
for (const { request, decision, by } of session.agentSessions.clerk![0]!.approvals[0]!) {
  console.log(`${decision} by ${by}:`, request.arguments);
}
