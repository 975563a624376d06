import type { Dialog } from "../dialog/mod.ts";
import type { Message } from "../message/mod.ts";
import { scrubbedJson } from "../run/mod.ts";
import type { AgentCall } from "./_call.ts";
import type { Contract } from "./_contract.ts";

/** What a model's reply depends on, as those see it who look on. */
export function requestData(call: AgentCall, working: Dialog, contract: Contract): Record<string, unknown> {
  const { settings, modelArgs } = call;
  return {
    agent: settings.name,
    apiType: settings.apiType,
    messages: working.messages.map(messageData),
    model: settings.model,
    modelArgs,
    prompt: contract.prompt.infoDict(),
    tools: toolsOf(call, contract),
  };
}

/**
 * The same as canonical JSON without secrets. Every request has most of what the one before had: tools are written once, however often
 * they are sent, and so are the messages of long dialogs.
 */
export function requestJson(call: AgentCall, working: Dialog, contract: Contract): string {
  const { settings, modelArgs } = call;
  const isLong = working.messages.length > SHORT;
  const messages = working.messages.map((message) =>
    isLong ? written(message, messageJson) : messageJson(message)
  );
  const tools = toolsOf(call, contract).map((tool) => written(tool, scrubbedJson)).join(",");
  return `{"agent":${scrubbedJson(settings.name)},"apiType":${scrubbedJson(settings.apiType)},` +
    `"messages":[${messages.join(",")}],"model":${scrubbedJson(settings.model)},"modelArgs":${
      scrubbedJson(modelArgs)
    },` +
    `"prompt":${scrubbedJson(contract.prompt.infoDict())},"tools":[${tools}]}`;
}

function toolsOf({ settings }: AgentCall, { prompt }: Contract): Record<string, unknown>[] {
  return Array.from(prompt.functions.values(), (tool) => tool.toTool(settings.apiType));
}

/** What of a message a model is sent. */
function messageData({ role, name, content, functionCalls, metadata }: Message): Record<string, unknown> {
  const { toolCallId } = metadata;
  return {
    content,
    ...(functionCalls.length === 0 ? {} : { functionCalls }),
    name,
    role,
    ...(toolCallId === undefined ? {} : { toolCallId }),
  };
}

/** Piece by piece: to walk through an object of any shape costs more than to write these. */
function messageJson({ role, name, content, functionCalls, metadata }: Message): string {
  const { toolCallId } = metadata;
  return `{"content":${scrubbedJson(content)}` +
    (functionCalls.length === 0 ? "" : `,"functionCalls":${scrubbedJson(functionCalls)}`) +
    `,"name":${scrubbedJson(name)},"role":${scrubbedJson(role)}` +
    (toolCallId === undefined ? "}" : `,"toolCallId":${scrubbedJson(toolCallId)}}`);
}

/** To remember a message costs more than to write it a few times. */
const SHORT = 12;

/** Messages and the definitions of tools never change. */
const texts = new WeakMap<object, string>();

function written<T extends object>(value: T, write: (value: T) => string): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, text = write(value));
  return text;
}
