import { Prompt } from "@lllm/lllm/prompt";
import { NativeTactic } from "@lllm/lllm/tactic";
import { tool } from "@lllm/lllm/tools";

const pay = tool<{ to: string; amount: number }>({
  name: "pay",
  description: "Pays",
  parameters: {
    type: "object",
    properties: { to: { type: "string" }, amount: { type: "number" } },
    required: ["to", "amount"],
  },
  needsApproval: true,
  execute: ({ to, amount }) => `paid ${amount} to ${to.slice(0, 3)}`,
});

/** Lets an agent pay, and gives what came of it: a line for each approval. */
export class Pay extends NativeTactic<string, string> {
  name = "pay";
  agentGroup = ["clerk"] as const;
  async call(task: string): Promise<string> {
    const clerk = this.agent("clerk").open("main");
    clerk.receivePrompt(new Prompt({ path: "pay", prompt: task || "Pay", functions: [pay] }));
    const session = await clerk.respond({ returnSession: true });
    const approvals = Object.values(session.approvals).flat();
    return approvals.map(({ decision, cause, by, reason }) =>
      [decision, cause, by, reason].filter((part) => part !== undefined).join(" | ")
    ).join("\n");
  }
}
