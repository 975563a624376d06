import type { Dialog } from "../dialog/mod.ts";
import type { ApiType, Message } from "../message/mod.ts";
import type { Prompt } from "../prompt/mod.ts";
import { scrubbedJson } from "../run/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
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
    tools: [...contract.prompt.functions.values()].map((tool) => tool.toTool(settings.apiType)),
  };
}

/**
 * The same as canonical JSON without secrets. Every request has most of what the one before had: prompts and tools are written once,
 * however often they are sent, and so are the messages of long dialogs.
 */
export function requestJson(call: AgentCall, working: Dialog, contract: Contract): string {
  const { settings, modelArgs } = call;
  const isLong = working.messages.length > SHORT;
  const messages = working.messages.map((message) =>
    isLong ? written(message, messageJson) : messageJson(message)
  );
  return `{"agent":${scrubbedJson(settings.name)},"apiType":${scrubbedJson(settings.apiType)},` +
    `"messages":[${messages.join(",")}],"model":${scrubbedJson(settings.model)},` +
    `"modelArgs":${scrubbedJson(modelArgs)},${promptJson(contract.prompt, settings.apiType)}}`;
}

/** What was written of a prompt, and what of it may change. */
interface WrittenPrompt {
  readonly tools: readonly FunctionTool[];
  readonly servers: string;
  readonly apiType: ApiType;
  readonly text: string;
}

const prompts = new WeakMap<Prompt, WrittenPrompt>();

function promptJson(prompt: Prompt, apiType: ApiType): string {
  const tools = [...prompt.functions.values()];
  const servers = [...prompt.mcpServers.keys()].join("\n");
  const known = prompts.get(prompt);
  const isKnown = known?.servers === servers && known.apiType === apiType &&
    known.tools.length === tools.length && tools.every((tool, i) => tool === known.tools[i]);
  if (isKnown) return known.text;
  const list = tools.map((tool) => written(tool.toTool(apiType), scrubbedJson)).join(",");
  const text = `"prompt":${scrubbedJson(prompt.infoDict())},"tools":[${list}]`;
  prompts.set(prompt, { tools, servers, apiType, text });
  return text;
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
