import { COMPUTER_TOOL, computerArguments, isComputerCall } from "./_computer_use.ts";
import { approvalName, isApprovalRequest } from "./mcp_approval.ts";
import { isCall, itemsText } from "./_output_items.ts";
import { brokenReply } from "./_provider_error.ts";
import { type RawCall, readLogprobs, type ReplyParts } from "./_reply.ts";
import { listOf, objectOf, type Wire } from "./_settings.ts";

/**
 * Reads a response.
 *
 * @throws {LLLMError} `provider_error` or `rate_limited` when it failed, is not finished, or has no output
 */
export function readResponse(response: Wire, model: string): ReplyParts {
  const { status, incomplete_details } = response;
  if (status === "failed" || response.error) throw failure(model, objectOf(response.error));
  const isCut = status === "incomplete";
  if (status !== undefined && status !== "completed" && !isCut) {
    throw brokenReply(model, `expected a finished response, found status "${status}"`);
  }
  const items = listOf(response.output) as Wire[];
  if (items.length === 0 && !isCut) throw brokenReply(model, "expected a response with output, found none");
  const calls = items.filter(isCall);
  const parts = items.filter((item) => item.type === "message").flatMap((item) =>
    listOf(item.content).map(objectOf)
  );
  const annotations = parts.flatMap((part) => listOf(part.annotations));
  return {
    content: itemsText(items),
    calls: calls.map(rawCall),
    reasoning:
      items.filter((item) => item.type === "reasoning").map(reasoningText).filter((text) => text !== "")
        .join("\n\n") || null,
    refused: parts.some((part) => part.type === "refusal"),
    finishReason: isCut
      ? cutReason(objectOf(incomplete_details).reason)
      : calls.length > 0
      ? "tool_calls"
      : "stop",
    logprobs: parts.flatMap((part) => readLogprobs(part.logprobs)),
    usage: objectOf(response.usage),
    metadata: {
      ...(typeof response.id === "string" ? { responseId: response.id } : {}),
      responseItems: items,
      ...(annotations.length > 0 ? { annotations } : {}),
    },
  };
}

function rawCall(item: Wire): RawCall {
  if (isComputerCall(item)) {
    return { id: item.call_id, name: COMPUTER_TOOL, arguments: computerArguments(item) };
  }
  if (!isApprovalRequest(item)) return { id: item.call_id, name: item.name, arguments: item.arguments };
  const approval = { server: String(item.server_label), tool: String(item.name) };
  return { id: item.id, name: approvalName(item), arguments: item.arguments, approval };
}

/** The words that Chat Completions has for it. */
function cutReason(reason: unknown): string {
  return reason === "max_output_tokens" || reason === undefined ? "length" : String(reason);
}

/** The summary of the reasoning, or the reasoning itself where the provider shows it. */
function reasoningText(item: Wire): string {
  const shown = listOf(item.summary).length > 0 ? item.summary : item.content;
  return listOf(shown).map((part) => String(objectOf(part).text ?? "")).join("\n\n");
}

/** A response that failed comes with a good status: its code says whether it was the request's fault. */
function failure(model: string, error: Wire): Error {
  const code = String(error.code ?? "");
  const status = code === "rate_limit_exceeded"
    ? 429
    : /^(invalid_|image_|unsupported_|empty_image)/.test(code)
    ? 400
    : undefined;
  return brokenReply(model, `the provider says: ${error.message ?? (code || "the response failed")}`, {
    ...(status === undefined ? {} : { status }),
    ...(code === "" ? {} : { providerCode: code }),
  });
}
