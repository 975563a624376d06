import { FunctionCall, Message } from "../message/mod.ts";
import type { StepRecord } from "../run/mod.ts";
import { InvokeResult } from "../session/mod.ts";
import { resultText } from "../tools/mod.ts";
import { isPlainObject } from "../util/mod.ts";

/**
 * What a step gives in place of what was recorded: of a tool call, a value that the tool is said to have returned; of a model call,
 * the text of a reply; else, and where it has their form, the output itself.
 */
export function substituteOutput(record: StepRecord, output: unknown): unknown {
  if (record.kind === "tool" && isCall(record.input) && !isCallData(output)) {
    return completeCall(record, output);
  }
  if (record.kind === "model" && typeof output === "string") return replyOf(record, output);
  return structuredClone(output);
}

function completeCall({ input, output: recorded }: StepRecord, result: unknown): FunctionCall {
  const { name, arguments: args } = input as { name: string; arguments: Record<string, unknown> };
  const { id } = (recorded ?? {}) as { id?: unknown };
  const call = new FunctionCall({ id: typeof id === "string" ? id : "forked", name, arguments: args });
  return new FunctionCall({
    id: call.id,
    name,
    arguments: args,
    result,
    resultText: resultText(call, result),
  });
}

function replyOf(record: StepRecord, content: string): InvokeResult {
  const { model, agent } = record.input as { model?: string; agent?: string };
  const message = new Message({
    role: "assistant",
    name: agent ?? "assistant",
    content,
    ...(model === undefined ? {} : { model }),
  });
  return new InvokeResult({ message });
}

/** Whether a step was asked with a call that a model made; tools have steps of other forms too, such as those of a browser. */
export function isCall(input: unknown): boolean {
  return isPlainObject(input) && "arguments" in (input as object);
}

function isCallData(output: unknown): boolean {
  return isPlainObject(output) && "arguments" in (output as object) && "id" in (output as object);
}
