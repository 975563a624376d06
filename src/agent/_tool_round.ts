import { hostedMcpCalls } from "../invokers/mod.ts";
import { getLogger } from "../logging/mod.ts";
import { FunctionCall, type Message } from "../message/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import {
  type ApprovalEvent,
  askApproval,
  describeRefusal,
  type RunContext,
  type RunEvent,
  scrubbedJson,
} from "../run/mod.ts";
import { followSignals, nearest } from "../util/mod.ts";
import type { AgentCall } from "./_call.ts";
import type { Contract } from "./_contract.ts";
import { decideHostedCall } from "./_hosted_calls.ts";
import { isCut, mendJson } from "./_parse_reply.ts";

const logger = getLogger("agent");

/**
 * Runs the tools that a reply asks for, in parallel; gives the completed calls in call order. What the model got wrong is
 * told in the calls' results.
 */
export async function runToolRound(
  call: AgentCall,
  reply: Message,
  contract: Contract,
  modelPath: string,
): Promise<FunctionCall[]> {
  const earlier = Object.values(call.session.interrupts).flat().filter((done) => !unread.has(done));
  const hosted = hostedMcpCalls(reply);
  const isHosted = (request: FunctionCall): boolean => hosted.has(request.id);
  const asked = await Promise.all(
    reply.functionCalls.map((request) => mendArguments(call, reply, request, isHosted)),
  );
  const run = runOfTools(call, modelPath);
  const labels = asked.map(({ request }) =>
    run.nextPath(`${isHosted(request) ? "mcp" : "tool"}:${request.name}`)
  );
  const round = followSignals(call.signal);
  const works = asked.map(async ({ request, problem }, index) => {
    const sameReply = asked.slice(0, index).some((other) =>
      other.problem === undefined && other.request.equals(request)
    );
    const repeated = !isHosted(request) && problem === undefined &&
      isRefusedRepeat(request, contract.tools.get(request.name), earlier, sameReply);
    call.emit({ type: "tool_start", call: request });
    const start = performance.now();
    const place = { run, path: labels[index]!, signal: round.signal };
    const completed = isHosted(request)
      ? await decideHostedCall(call, request, { ...place, problem })
      : repeated
      ? tell(request, repetitionText(request))
      : problem !== undefined
      ? tellUnread(request, problem)
      : await runTool(call, request, contract, place);
    if (!completed.success) {
      logger.info("A tool failed", () => ({
        agent: call.settings.name,
        tool: request.name,
        error: completed.errorMessage,
      }));
    }
    call.emit({ type: "tool_end", call: completed, durationMs: performance.now() - start, repeated });
    return completed;
  });
  try {
    return await Promise.all(works);
  } catch (error) {
    round.abort(error); // what ends the run ends the other tools too
    await Promise.allSettled(works);
    throw error;
  } finally {
    round.release();
  }
}

/** The run as the tools see it: what they and their code ask for is decided as this call says, and written into its session. */
function runOfTools(call: AgentCall, path: string): RunContext {
  const { onApproval, approvalTimeoutMs } = call;
  const emit = (event: RunEvent): void => {
    const approval = event as ApprovalEvent | { type: "" };
    if ("agentName" in event || (approval.type !== "approval_start" && approval.type !== "approval_end")) {
      return call.run.emit(event);
    }
    if (approval.type === "approval_end") call.session.record("approvals", call.step, approval.approval);
    call.emit(approval);
  };
  return call.run.with({
    path,
    emit,
    ...(onApproval === undefined ? {} : { onApproval }),
    ...(approvalTimeoutMs === undefined ? {} : { approvalTimeoutMs }),
  });
}

/** An identical call is not run again; one that failed may be repeated once. */
function isRefusedRepeat(
  request: FunctionCall,
  tool: FunctionTool | undefined,
  earlier: readonly FunctionCall[],
  sameReply: boolean,
): boolean {
  if (tool?.repeatable === true) return false;
  if (sameReply) return true;
  const same = earlier.filter((other) => other.equals(request));
  return same.some((other) => other.success) || same.length > 1;
}

async function runTool(
  call: AgentCall,
  request: FunctionCall,
  contract: Contract,
  place: { run: RunContext; path: string; signal: AbortSignal },
): Promise<FunctionCall> {
  const { run, path, signal } = place;
  const tool = contract.tools.get(request.name);
  if (tool === undefined) return tell(request, unknownToolText(request.name, contract));
  const step = {
    kind: "tool" as const,
    name: request.name,
    path,
    get input() {
      return { name: request.name, arguments: request.arguments };
    },
    inputPieces: () => [`{"arguments":${request.argumentsJson},"name":${scrubbedJson(request.name)}}`],
    details: () => ({ callId: request.id, description: tool.description }),
  };
  const output = await run.runStep(step, async () => {
    const refusal = tool.asksApproval(request) ? await refusalOf(call, request, signal) : undefined;
    if (refusal !== undefined) return tell(request, refusal);
    return await tool.call(request, {
      agentName: call.settings.name,
      signal,
      ...(call.run.callContext === undefined ? {} : { tacticContext: call.run.callContext }),
    });
  });
  return output instanceof FunctionCall ? output : new FunctionCall(output);
}

/** Asks for approval: gives what the model is told where it is refused. */
async function refusalOf(
  { settings }: AgentCall,
  request: FunctionCall,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { id: callId, name: toolName } = request;
  const { name: agentName, clock } = settings;
  const question = { agentName, toolName, callId, arguments: request.arguments };
  const approval = await askApproval(question, { signal, clock });
  if (approval.decision === "approve") return undefined;
  return `The call of ${toolName} was not approved: expected an approval, found ${
    describeRefusal(approval)
  }.`;
}

/** Reads arguments that came as broken JSON: mends them, or says what is wrong. Those of calls that are made elsewhere stay as they are. */
async function mendArguments(
  call: AgentCall,
  reply: Message,
  request: FunctionCall,
  isHosted: (request: FunctionCall) => boolean,
): Promise<{ request: FunctionCall; problem?: string }> {
  const raw = (reply.metadata.rawArguments as Record<string, unknown> | undefined)?.[request.id];
  if (typeof raw !== "string") return { request };
  const cut = isCut(reply);
  const error = `The arguments of ${request.name} are not a JSON object${
    cut ? ", the reply was cut off" : ""
  }: ${JSON.stringify(raw.slice(0, 200))}`;
  if (cut || isHosted(request)) return { request, problem: error };
  const mended = await mendJson(raw);
  const value: unknown = mended === undefined ? undefined : JSON.parse(mended);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { request, problem: error };
  call.session.record("repairs", call.step, { rung: "mend", error, attempt: 0, costUsd: 0 });
  call.emit({ type: "repair", rung: "mend", error, attempt: 0 });
  return {
    request: new FunctionCall({
      id: request.id,
      name: request.name,
      arguments: value as Record<string, unknown>,
    }),
  };
}

function tell(request: FunctionCall, message: string): FunctionCall {
  return new FunctionCall({
    id: request.id,
    name: request.name,
    arguments: request.arguments,
    resultText: message,
    errorMessage: message,
  });
}

/** Calls whose arguments nobody could read: what they asked for is not known, so that no other call repeats them. */
const unread = new WeakSet<FunctionCall>();

function tellUnread(request: FunctionCall, problem: string): FunctionCall {
  const told = tell(request, problem);
  unread.add(told);
  return told;
}

function repetitionText(request: FunctionCall): string {
  return `${request.name} was already called with these arguments, so it was not called again. ` +
    "Use the earlier result, or call it with other arguments.";
}

function unknownToolText(name: string, contract: Contract): string {
  const near = nearest(name, contract.tools.keys());
  const known = [...contract.tools.keys()].join(", ") || "none";
  const hint = near.length === 0 ? "" : ` Did you mean ${near[0]}?`;
  return `There is no tool "${name}".${hint} Available tools: ${known}.`;
}
