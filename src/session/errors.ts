import { type ErrorCode, LLLMError } from "../errors.ts";
import type { AgentCallSession } from "./agent_call_session.ts";
import type { TacticCallSession } from "./tactic_call_session.ts";

/** Says why a call of an agent ended without a reply; `session` holds what happened until then. */
export class AgentError extends LLLMError {
  /** The class name, as in the message of an uncaught error. */
  override readonly name: string = "AgentError";
  /** What happened until the call ended. */
  readonly session: AgentCallSession;

  /** Creates an error for a session that has ended. */
  constructor(message: string, options: { code: ErrorCode; session: AgentCallSession; cause?: unknown }) {
    super(message, {
      code: options.code,
      data: { agentName: options.session.agentName, ...budgetData(options) },
      cause: options.cause,
    });
    this.session = options.session;
  }
}

/** The figures of a budget that was exceeded are told on every level. */
function budgetData({ code, cause }: { code: ErrorCode; cause?: unknown }): Record<string, unknown> {
  return code === "budget_exceeded" && LLLMError.isInstance(cause) ? cause.data : {};
}

/** Says that a run of a tactic failed: `cause` is the original error, `session` holds what happened until then. */
export class TacticError<Out = unknown> extends LLLMError {
  /** The class name, as in the message of an uncaught error. */
  override readonly name: string = "TacticError";
  /** What happened until the run ended. */
  readonly session: TacticCallSession<Out>;

  /** Creates an error with code `tactic_failed`. */
  constructor(message: string, options: { session: TacticCallSession<Out>; cause: unknown }) {
    super(message, {
      code: "tactic_failed",
      data: { tactic: options.session.tacticName, sessionId: options.session.sessionId },
      cause: options.cause,
    });
    this.session = options.session;
  }
}
