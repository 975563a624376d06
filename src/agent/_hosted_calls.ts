import { hostedMcpCalls, type HostedMcpDecision } from "../invokers/mod.ts";
import { FunctionCall, type Message } from "../message/mod.ts";
import { askApproval, describeRefusal, type RunContext } from "../run/mod.ts";
import type { AgentCall } from "./_call.ts";

/** Where a decision about a call is asked for. */
export interface DecisionPlace {
  /** The run as the tools of this call see it. */
  readonly run: RunContext;
  /** The path of the call. */
  readonly path: string;
  /** Aborts the wait. */
  readonly signal: AbortSignal;
}

/**
 * Decides about a call that the provider makes itself, on an MCP server: the completed call is a success where the provider may make
 * it. Each question is answered on its own, also when the model asks the same once more.
 */
export async function decideHostedCall(
  { settings }: AgentCall,
  request: FunctionCall,
  place: DecisionPlace & { problem: string | undefined },
): Promise<FunctionCall> {
  const { run, path, signal, problem } = place;
  if (problem !== undefined) return denied(request, problem); // nobody can decide about what cannot be read
  const { id: callId, name: toolName, arguments: args } = request;
  const { name: agentName, clock } = settings;
  const question = { agentName, toolName, callId, arguments: args };
  const approval = await run.with({ path }).enter(() => askApproval(question, { signal, clock }));
  if (approval.decision !== "approve") {
    return denied(
      request,
      `The call was not approved: expected an approval, found ${describeRefusal(approval)}.`,
    );
  }
  return new FunctionCall({
    ...fields(request),
    result: "approved",
    resultText: "Approved: the call may be made.",
  });
}

/** Tells the provider's own servers from which calls of a reply were approved: the next request must declare them. */
export function approvedServers(reply: Message, completed: readonly FunctionCall[]): ReadonlySet<string> {
  const asked = hostedMcpCalls(reply);
  const approved = completed.filter((call) => call.success);
  return new Set(approved.flatMap((call) => asked.get(call.id)?.server ?? []));
}

/** What the provider is told, for the metadata of the message that answers its question; nothing for other calls. */
export function decisionOf(reply: Message, completed: FunctionCall): { mcpApproval?: HostedMcpDecision } {
  if (!hostedMcpCalls(reply).has(completed.id)) return {};
  const { success: approve, errorMessage } = completed;
  return { mcpApproval: { approve, ...(approve || errorMessage == null ? {} : { reason: errorMessage }) } };
}

function denied(request: FunctionCall, reason: string): FunctionCall {
  return new FunctionCall({ ...fields(request), resultText: reason, errorMessage: reason });
}

function fields(
  { id, name, arguments: args }: FunctionCall,
): Pick<FunctionCall, "id" | "name" | "arguments"> {
  return { id, name, arguments: args };
}
