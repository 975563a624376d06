import type { ApprovalRecord, StepRecord } from "../run/mod.ts";
import { AgentCallSession, InvokeResult, TacticCallSession } from "../session/mod.ts";
import { isPlainObject } from "../util/mod.ts";

/**
 * Adds to a session what the steps within a step that came from the record had done: calls of agents, and tactics. They are not run
 * again, so that nobody else would add them; the steps tell what was asked, what came of it and what it cost, but not how calls were
 * repaired.
 */
export function restoreSessions(
  session: TacticCallSession<unknown>,
  steps: readonly StepRecord[],
  childrenOf: (step: StepRecord) => readonly StepRecord[],
): void {
  const calls = new Map<string, AgentCallSession>();
  for (const step of steps) {
    if (step.kind === "model") addReply(session, step, calls);
    else if (step.kind === "tactic") {
      const inner = toSession(step, session.sessionId);
      session.addSubTacticSession(inner);
      inner.approvals.push(...decisionsOf(childrenOf(step), childrenOf));
      restoreSessions(inner, childrenOf(step), childrenOf);
    } else restoreSessions(session, childrenOf(step), childrenOf);
  }
}

/** The decisions about approvals among steps, those within tactics left out: they are told in the sessions of these. */
export function decisionsOf(
  steps: readonly StepRecord[],
  childrenOf: (step: StepRecord) => readonly StepRecord[],
): ApprovalRecord[] {
  return steps.flatMap((step) =>
    isDecision(step)
      ? [step.output as ApprovalRecord]
      : step.kind === "tactic"
      ? []
      : decisionsOf(childrenOf(step), childrenOf)
  );
}

function isDecision({ kind, name, output }: StepRecord): boolean {
  return kind === "effect" && name === "approval" && isPlainObject(output) && "decision" in output &&
    isPlainObject(output.request);
}

/** Replies of one dialog belong to one call of its agent, until one that calls no tool. */
function addReply(
  session: TacticCallSession<unknown>,
  { path, input, output }: StepRecord,
  calls: Map<string, AgentCallSession>,
): void {
  if (!isPlainObject((output as { message?: unknown } | null | undefined)?.message)) return; // it failed, or was cut
  const { agent = "agent" } = (input ?? {}) as { agent?: string };
  const dialog = path.slice(0, path.lastIndexOf("#"));
  let call = calls.get(dialog);
  if (call === undefined) {
    call = new AgentCallSession(agent);
    session.addAgentSession(call);
    calls.set(dialog, call);
  }
  const result = InvokeResult.fromJSON(output);
  call.record("invokeTraces", Object.keys(call.invokeTraces).length, result);
  if (result.message.isFunctionCall) return;
  call.delivery = result.message;
  call.state = "success";
  calls.delete(dialog);
}

function toSession(step: StepRecord, parentId: string): TacticCallSession<unknown> {
  const { name, input, output, error, durationMs = 0 } = step;
  // A cassette, and a record that somebody edited, may not tell the time.
  const start = Date.parse(step.startedAt);
  const startedAt = new Date(Number.isNaN(start) ? Date.now() : start).toISOString();
  const session = new TacticCallSession<unknown>({
    sessionId: `${startedAt.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_")}_${
      crypto.randomUUID().slice(0, 8)
    }`,
    parentId,
    tacticName: name,
    tacticPath: name,
    task: input,
    tags: {},
    metadata: { fromRecord: true },
    startedAt,
  });
  session.endedAt = new Date(Date.parse(startedAt) + durationMs).toISOString();
  if (error === undefined) {
    session.state = "success";
    session.delivery = output;
  } else {
    session.state = "failure";
    const { code = "tactic_failed", message } = error;
    session.error = { name: error.name, code, message };
  }
  return session;
}
