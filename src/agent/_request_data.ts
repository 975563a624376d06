import type { Dialog } from "../dialog/mod.ts";
import type { ApiType, FunctionCall, Message } from "../message/mod.ts";
import type { Prompt } from "../prompt/mod.ts";
import { scrubbedJson, scrubSecrets } from "../run/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import { remember } from "../util/mod.ts";
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
 * Writes the requests of an agent as canonical JSON without secrets, in pieces. Each has most of what the one before had: what it shares is
 * written once, and so are prompts, tools and the messages of long dialogs.
 */
export class RequestWriter {
  #messages: readonly Message[] = [];
  #pieces: readonly string[] = [];
  #head = "";
  #settings: WrittenSettings | undefined;

  /** Writes what {@linkcode requestData} gives. */
  write({ settings, modelArgs }: AgentCall, working: Dialog, { prompt }: Contract): readonly string[] {
    const { name, model, apiType } = settings;
    this.#head ||= `{"agent":${scrubbedJson(name)},"apiType":${scrubbedJson(apiType)},"messages":[`;
    const { messages } = working;
    const pieces = new Array<string>(messages.length + 3);
    pieces[0] = this.#head;
    this.#writeMessages(messages, pieces);
    pieces[messages.length + 1] = this.#settingsJson(model, modelArgs);
    pieces[messages.length + 2] = promptJson(prompt, apiType);
    this.#messages = messages;
    this.#pieces = pieces;
    return pieces;
  }

  /** The arguments of an agent are mostly the same object, with the same plain values. */
  #settingsJson(model: string, modelArgs: Readonly<Record<string, unknown>>): string {
    const known = this.#settings;
    if (known?.model === model && haveSameValues(modelArgs, known.modelArgs)) return known.text;
    const text = `],"model":${scrubbedJson(model)},"modelArgs":${scrubbedJson(modelArgs)},`;
    this.#settings = { model, modelArgs: { ...modelArgs }, text };
    return text;
  }

  /** A comma is a part of what it stands before. */
  #writeMessages(messages: readonly Message[], pieces: string[]): void {
    const isLong = messages.length > SHORT;
    for (let i = 0; i < messages.length; i++) {
      const [message, known] = [messages[i]!, this.#messages[i]];
      if (known === message || isSameText(message, known)) pieces[i + 1] = this.#pieces[i + 1]!;
      else {
        const text = isLong ? written(message, messageJson) : messageJson(message);
        pieces[i + 1] = i === 0 ? text : `,${text}`;
      }
    }
  }
}

/** Whether both are the same plain text by the same sender, such as the system prompts of two dialogs. */
function isSameText(message: Message, known: Message | undefined): boolean {
  return known !== undefined && typeof message.content === "string" && message.content === known.content &&
    message.role === known.role && message.name === known.name && message.functionCalls.length === 0 &&
    known.functionCalls.length === 0 && message.metadata.toolCallId === known.metadata.toolCallId;
}

/** What was written of the model and its arguments. */
interface WrittenSettings {
  readonly model: string;
  readonly modelArgs: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Whether both have the same plain values in the same order. */
function haveSameValues(
  values: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
): boolean {
  let count = 0;
  for (const key in values) {
    const value = values[key];
    if (value !== known[key] || !Object.hasOwn(known, key)) return false;
    if (typeof value === "object" && value !== null) return false; // it may have changed within
    count++;
  }
  for (const _ in known) count--;
  return count === 0;
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
  const { functions, mcpServers } = prompt;
  const servers = mcpServers.size === 0 ? "" : [...mcpServers.keys()].join("\n");
  const known = prompts.get(prompt);
  if (known?.servers === servers && known.apiType === apiType && isListOf(functions, known.tools)) {
    return known.text;
  }
  const tools = [...functions.values()];
  const list = tools.map((tool) => written(tool.toTool(apiType), scrubbedJson)).join(",");
  const text = `"prompt":${scrubbedJson(prompt.infoDict())},"tools":[${list}]}`;
  prompts.set(prompt, { tools, servers, apiType, text });
  return text;
}

function isListOf(functions: ReadonlyMap<string, FunctionTool>, known: readonly FunctionTool[]): boolean {
  let i = 0;
  for (const tool of functions.values()) if (tool !== known[i++]) return false;
  return i === known.length;
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

/** To walk through an object of any shape costs more than to write these, of which most are texts alone. */
function messageJson(message: Message): string {
  const { role, name, content, functionCalls, metadata: { toolCallId } } = message;
  const isText = typeof content === "string" && functionCalls.length === 0;
  if (isText && (toolCallId === undefined || typeof toolCallId === "string")) {
    return JSON.stringify({
      content: scrubSecrets(content),
      name: scrubSecrets(name),
      role,
      toolCallId: scrubSecrets(toolCallId),
    });
  }
  const calls = functionCalls.length === 0
    ? ""
    : `"functionCalls":[${functionCalls.map(callJson).join(",")}],`;
  const id = toolCallId === undefined ? "" : `,"toolCallId":${scrubbedJson(toolCallId)}`;
  return `{"content":${scrubbedJson(content)},${calls}"name":${nameJson(name)},"role":"${role}"${id}}`;
}

function callJson(call: FunctionCall): string {
  const { id, name, result, resultText, errorMessage } = call;
  const isAsked = result === undefined && resultText === null && errorMessage === null;
  if (!isAsked) return scrubbedJson(call);
  return `{"arguments":${call.argumentsJson},"id":${scrubbedJson(id)},"name":${nameJson(name)}}`;
}

const nameJson = remember(scrubbedJson, 1_000);

/** To remember a message costs more than to write it a few times. */
const SHORT = 12;

/** Messages and the definitions of tools never change. */
const texts = new WeakMap<object, string>();

function written<T extends object>(value: T, write: (value: T) => string): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, text = write(value));
  return text;
}
