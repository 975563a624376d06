import { freezeCopy, raceAbort } from "../util/mod.ts";
import type { ApprovalEvent, ApprovalRecord, ApprovalRequest, OnApproval } from "./approval.ts";
import { type Clock, systemClock } from "./clock.ts";
import { holdClocks } from "./held_clock.ts";
import { currentRun } from "./run_context.ts";
import type { Step } from "./step.ts";

/** Options of {@linkcode askApproval}. */
export interface AskApprovalOptions {
  /** Decides. Default: what the current run says; without anyone the answer is no. */
  readonly onApproval?: OnApproval | undefined;
  /** How long a decision may take, in milliseconds. Default: what the current run says, else for ever. */
  readonly timeoutMs?: number | undefined;
  /** Aborts the wait, which then rejects with its reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** Measures the time. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

/**
 * Asks whether a call may be made, and waits for the decision, while the clocks of the cells that wait with it stand still. Inside a
 * run this is a step, so that a decision is recorded and not asked for again; the run's listeners are told of it.
 *
 * @throws the signal's reason on an abort; no other failure: it counts as a refusal.
 */
export async function askApproval(
  asked: ApprovalRequest,
  options: AskApprovalOptions = {},
): Promise<ApprovalRecord> {
  const request = freezeCopy(asked); // what is decided about, and recorded, is what was asked
  const run = currentRun();
  const { onApproval = run?.onApproval, timeoutMs = run?.approvalTimeoutMs, ...rest } = options;
  const tell = (event: ApprovalEvent) => run?.emit(event);
  const effect = () => decide(request, { ...rest, onApproval, timeoutMs, tell });
  if (run === undefined) return await effect();
  const step: Step = {
    kind: "effect",
    name: "approval",
    path: run.nextPath("approval"),
    input: request,
    replayed: (approval) => repeatApproval(approval as ApprovalRecord, tell),
  };
  return await run.steps.run(step, effect);
}

/** Tells listeners of a decision that comes from a record. */
export function repeatApproval(approval: ApprovalRecord, tell: (event: ApprovalEvent) => void): void {
  tell({ type: "approval_start", request: approval.request });
  tell({ type: "approval_end", approval });
}

async function decide(
  request: ApprovalRequest,
  options: AskApprovalOptions & { tell: (event: ApprovalEvent) => void },
): Promise<ApprovalRecord> {
  const { onApproval, timeoutMs, signal, clock = systemClock, tell } = options;
  const start = clock.now();
  const end = (outcome: Pick<ApprovalRecord, "decision" | "cause" | "by" | "reason">): ApprovalRecord => {
    const askedAt = new Date(start).toISOString();
    const approval = { request, ...outcome, askedAt, waitMs: clock.now() - start };
    tell({ type: "approval_end", approval });
    return approval;
  };
  signal?.throwIfAborted();
  tell({ type: "approval_start", request });
  if (onApproval === undefined) return end({ decision: "deny", cause: "nobody" });
  const useless = new AbortController();
  const whole = signal === undefined ? useless.signal : AbortSignal.any([signal, useless.signal]);
  const timer = timeoutMs === undefined
    ? undefined
    : clock.setTimeout(() => useless.abort(TIME_UP), timeoutMs);
  const release = holdClocks();
  try {
    const answer = await raceAbort(Promise.try(() => onApproval(request, { signal: whole })), whole);
    return end(readAnswer(answer));
  } catch (error) {
    if (signal?.aborted) {
      end({ decision: "deny", cause: "cancelled" });
      throw signal.reason;
    }
    if (error === TIME_UP) return end({ decision: "deny", cause: "timeout" });
    const reason = error instanceof Error ? error.message : String(error);
    return end({ decision: "deny", cause: "error", reason });
  } finally {
    release();
    clock.clearTimeout(timer);
  }
}

const TIME_UP = new DOMException("The time for a decision is up", "TimeoutError");

/** Reads an answer. Whatever is not plainly yes is no. */
function readAnswer(answer: unknown): Pick<ApprovalRecord, "decision" | "cause" | "by" | "reason"> {
  const { decision, by, reason } = typeof answer === "object" && answer !== null
    ? answer as Record<string, unknown>
    : { decision: answer } as Record<string, unknown>;
  return {
    decision: decision === "approve" ? "approve" : "deny",
    cause: "answer",
    ...(typeof by === "string" ? { by } : {}),
    ...(typeof reason === "string" ? { reason } : {}),
  };
}

/** Says why a call may not be made, and what to do about that, for the model that wanted it. */
export function describeRefusal({ cause, by, reason, waitMs }: ApprovalRecord): string {
  const why = reason === undefined || reason === "" ? "" : `: ${reason}`;
  switch (cause) {
    case "timeout":
      return `no decision within ${waitMs} ms. The call was not made; go on without it, or ask again later`;
    case "error":
      return `an error${why}. The call was not made`;
    case "nobody":
      return "nobody to ask. The call was not made; go on without calls that need an approval";
    default:
      return `that it was denied${by === undefined ? "" : ` by ${by}`}${why}. ` +
        "The call was not made; do not repeat it, go on without it";
  }
}
