import { type ApprovalRequest, askApproval, type AskApprovalOptions, describeRefusal } from "../run/mod.ts";

/**
 * Waits until a call of an endpoint may go ahead; without anyone to ask it may not.
 *
 * @throws {DOMException} `NotAllowedError` when it may not: its message tells the code's author why, and what to do
 * @throws the signal's reason on an abort
 */
export async function approve(request: ApprovalRequest, options: AskApprovalOptions): Promise<void> {
  const approval = await askApproval(request, options);
  if (approval.decision === "approve") return;
  throw new DOMException(
    `Cannot call API "${request.toolName}": expected an approval, found ${describeRefusal(approval)}`,
    "NotAllowedError",
  );
}
