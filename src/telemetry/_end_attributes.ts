import type { InvokeCost } from "../message/mod.ts";
import type { TraceScope } from "../run/mod.ts";
import { InvokeResult } from "../session/mod.ts";
import { content, outputMessages } from "./_content.ts";
import { type Attributes, numbers, texts } from "./_start_attributes.ts";
import type { TracingSettings } from "./setup_tracing.ts";

type Facts = Readonly<Record<string, unknown>>;

/** Describes how a scope ended; `result` is `undefined` where it failed. */
export function endAttributes(scope: TraceScope, result: unknown, settings: TracingSettings): Attributes {
  const summary = scope.summary?.() ?? {};
  switch (scope.kind) {
    case "model":
      return result === undefined ? {} : describeReply(result, settings);
    case "agent":
    case "tactic":
      return {
        ...describeUsage(summary.cost as InvokeCost | undefined),
        ...texts({ "lllm.state": summary.state }),
        ...(typeof summary.finishReason === "string"
          ? { "gen_ai.response.finish_reasons": [summary.finishReason] }
          : {}),
      };
    case "tool":
      return content(settings, "gen_ai.tool.call.result", () => resultOf(result));
    case "cell":
      return {
        ...texts({ "lllm.cell.outcome": (result as Facts | undefined)?.outcome }),
        ...content(settings, "lllm.cell.output", () => (result as Facts | undefined)?.text),
      };
    case "api":
      return content(settings, "lllm.api.result", () => result);
    case "effect":
      return {};
  }
}

/** What failed although nothing was thrown: the model is told, and the run goes on. */
export function failureOf(scope: TraceScope, result: unknown): { type: string; message: string } | undefined {
  const facts = (typeof result === "object" && result !== null ? result : {}) as Facts;
  if (scope.kind === "tool" && typeof facts.errorMessage === "string") {
    return { type: "tool_error", message: facts.errorMessage };
  }
  if (scope.kind === "cell" && typeof facts.outcome === "string" && facts.outcome !== "ok") {
    const { message = facts.outcome } = (facts.error ?? {}) as { message?: string };
    return { type: facts.outcome, message };
  }
  return undefined;
}

function describeReply(output: unknown, settings: TracingSettings): Attributes {
  const result = output instanceof InvokeResult ? output : InvokeResult.fromJSON(output);
  const { message, rawResponse } = result;
  const { finishReason, responseId } = message.metadata;
  const raw = rawResponse as Facts | null;
  return {
    ...texts({
      "gen_ai.response.id": responseId ?? raw?.id,
      "gen_ai.response.model": raw?.model ?? message.model,
    }),
    ...(typeof finishReason === "string" ? { "gen_ai.response.finish_reasons": [finishReason] } : {}),
    ...describeUsage(result.cost),
    ...content(settings, "gen_ai.output.messages", () => outputMessages(message)),
  };
}

function describeUsage(cost: InvokeCost | undefined): Attributes {
  if (cost === undefined || cost.totalTokens === 0) return {};
  const some = (count: number) => count > 0 ? count : undefined;
  return numbers({
    "gen_ai.usage.input_tokens": cost.promptTokens,
    "gen_ai.usage.output_tokens": cost.completionTokens,
    "gen_ai.usage.cache_read.input_tokens": some(cost.cachedPromptTokens),
    "gen_ai.usage.reasoning.output_tokens": some(cost.reasoningTokens),
    "gen_ai.usage.audio.input_tokens": some(cost.audioPromptTokens),
    "gen_ai.usage.audio.output_tokens": some(cost.audioCompletionTokens),
    "lllm.cost_usd": some(cost.cost),
  });
}

function resultOf(call: unknown): unknown {
  const { result, resultText } = (call ?? {}) as Facts;
  return result ?? resultText;
}
