import assert from "node:assert/strict";
import type { Invoker } from "@lllm/lllm/invokers";
import { Prompt } from "@lllm/lllm/prompt";
import { replaySession } from "@lllm/lllm/replay";
import { askApproval } from "@lllm/lllm/run";
import type { SessionStore, TacticCallSession } from "@lllm/lllm/session";
import { NativeTactic } from "@lllm/lllm/tactic";
import { memoryStore, scriptedInvoker } from "@lllm/lllm/testing";
import { tool } from "@lllm/lllm/tools";
import { Boss, noInvoker } from "./_programs.ts";

/** Has a tool that needs an approval, and asks for one itself. */
class Careful extends NativeTactic<string, string> {
  name = "careful";
  agentGroup = ["clerk"] as const;
  readonly #pay = tool({
    name: "pay",
    description: "Pays",
    parameters: { type: "object", properties: {} },
    needsApproval: true,
    execute: () => "paid",
  });
  constructor(invoker: Invoker, logStore?: SessionStore) {
    const agent = { name: "clerk", model_name: "scripted", system_prompt: "You pay." };
    super({ config: { agent_configs: [agent] }, invoker, ...(logStore === undefined ? {} : { logStore }) });
  }
  async call(task: string): Promise<string> {
    await askApproval({ agentName: "none", toolName: "start", callId: "1", arguments: {} });
    const clerk = this.agent("clerk").open("main");
    clerk.receivePrompt(new Prompt({ path: "ask", prompt: "{task}", functions: [this.#pay] }), {
      promptArgs: { task },
    });
    return (await clerk.respond()).content as string;
  }
}

const replies = [{ toolCalls: [{ name: "pay", arguments: {} }] }, { text: "Done" }];
const onApproval = () => ({ decision: "approve", by: "Ann" }) as const;
const approvalsOf = (session: TacticCallSession<unknown>) => [
  session.approvals,
  ...Object.values(session.agentSessions).flat().map(({ approvals }) => approvals),
];

Deno.test("replaySession() tells of recorded approvals, in events and sessions, and asks nobody", async () => {
  const logStore = memoryStore();
  const live = new Careful(scriptedInvoker(replies), logStore);
  const events: [string[], string[]] = [[], []];
  live.observe(({ type }) => events[0].push(type));
  const session = await live.run("Pay", { onApproval, returnSession: true });
  const again = new Careful(noInvoker);
  again.observe(({ type }) => events[1].push(type));
  const replayed = await replaySession(logStore.records[0]!, again, {
    onApproval: () => assert.fail("asked"),
  });
  assert.deepEqual(approvalsOf(replayed.session), approvalsOf(session));
  assert.equal(JSON.stringify(approvalsOf(session)).match(/"by":"Ann"/g)?.length, 2);
  const approvals = (types: string[]) => types.filter((type) => type !== "tactic_start");
  assert.deepEqual(approvals(events[1]), approvals(events[0]));
});

Deno.test("replaySession() tells approvals within a tactic that a tool ran in that one's session", async () => {
  const logStore = memoryStore();
  const call = [{ toolCalls: [{ name: "careful", arguments: { task: "Pay" } }] }, { text: "Good" }];
  await new Boss(scriptedInvoker(call), new Careful(scriptedInvoker(replies)), logStore).run("Go", {
    onApproval,
  });
  const { session } = await replaySession(
    logStore.records[0]!,
    new Boss(noInvoker, new Careful(noInvoker)),
  );
  const [inner] = Object.values(session.subTacticSessions).flat();
  assert.deepEqual(inner!.approvals.map(({ request }) => request.toolName), ["start", "pay"]);
  assert.deepEqual(approvalsOf(session), [[], {}]);
});
