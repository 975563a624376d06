/** Asks whether a tool call may go ahead. */
export interface ApprovalRequest {
  /** Which agent wants to make the call. */
  readonly agentName: string;
  /** The tool, or the API endpoint. */
  readonly toolName: string;
  /** Identifies the call: the provider's id of a tool call, the step's path of an API call. */
  readonly callId: string;
  /** The arguments that the model gave: a frozen copy. The call is made with these and no others. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What whoever decides is given beside the request. */
export interface ApprovalContext {
  /** Aborted when the decision is of no more use: the time is up, or the call was cancelled. */
  readonly signal: AbortSignal;
}

/** A decision; the longer form says who made it, and why. */
export type ApprovalAnswer = "approve" | "deny" | {
  /** The decision. */
  readonly decision: "approve" | "deny";
  /** Who made it, for the record. */
  readonly by?: string;
  /** Why, for the record; of a refusal, the model is told too. */
  readonly reason?: string;
};

/**
 * Decides about calls of tools and API endpoints that need approval. Rejecting counts as `"deny"` with the error's message. May be
 * called concurrently: each call waits for its own decision, and one that comes too late is dropped.
 */
export type OnApproval = (
  request: ApprovalRequest,
  context: ApprovalContext,
) => Promise<ApprovalAnswer> | ApprovalAnswer;

/** What came of a request for approval: JSON-safe. */
export interface ApprovalRecord {
  /** What was asked. */
  readonly request: ApprovalRequest;
  /** Whether the call may be made. */
  readonly decision: "approve" | "deny";
  /**
   * What decided: an answer; that there was none in time; that asking failed; that the call was cancelled meanwhile; that there was
   * nobody to ask.
   */
  readonly cause: "answer" | "timeout" | "error" | "cancelled" | "nobody";
  /** Who decided, where the answer says so. */
  readonly by?: string;
  /** Why, where the answer or the error says so. */
  readonly reason?: string;
  /** ISO 8601 time. */
  readonly askedAt: string;
  /** How long the call waited. Units: milliseconds. */
  readonly waitMs: number;
}

/** What happens about an approval, as a run's listeners are told. */
export type ApprovalEvent =
  | { readonly type: "approval_start"; readonly request: ApprovalRequest }
  | { readonly type: "approval_end"; readonly approval: ApprovalRecord };
