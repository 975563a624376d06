import { orderToolResults } from "../dialog/mod.ts";
import { type Message, Role } from "../message/mod.ts";
import { COMPUTER_TOOL, isComputerTool } from "./_computer_use.ts";
import type { McpServer } from "../tools/mod.ts";
import { hostedMcpLabel } from "./mcp_approval.ts";
import { inputItems } from "./_input_items.ts";
import { type Contract, listOf, objectOf, type Wire, wireTools } from "./_settings.ts";
import { type RequestParts, wireChoice } from "./chat_request.ts";

/** Builds the body of a Responses request. */
export function responsesRequest(parts: RequestParts): Wire {
  const { model, args, contract, stream } = parts;
  const { tool_choice, parallel_tool_calls, include, ...rest } = renameArgs(args.sent);
  const { instructions, messages } = splitInstructions(parts, rest);
  const body: Wire = {
    model,
    ...(instructions === undefined ? {} : { instructions }),
    input: inputItems(messages, {
      names: contract.names,
      systemRole: args.systemRole ?? "system",
      store: rest.store !== false,
    }),
    ...rest,
  };
  addTools(body, parts, tool_choice, parallel_tool_calls);
  const { format, ...text } = objectOf(body.text);
  if (format !== undefined) body.text = { ...text, format };
  else if (contract.format !== null) {
    body.text = { ...text, format: { type: "json_schema", ...contract.format } };
  }
  const included = includes(include, rest, args.sent.logprobs === true);
  if (included.length > 0) body.include = included;
  if (stream) body.stream = true;
  return Object.assign(body, args.extraBody);
}

/** Gives arguments of Chat Completions the names and places that they have in Responses. */
function renameArgs(sent: Wire): Wire {
  const {
    max_tokens,
    max_completion_tokens,
    response_format,
    reasoning_effort,
    verbosity,
    logprobs: _asked,
    ...rest
  } = sent;
  const limit = max_completion_tokens ?? max_tokens;
  if (limit !== undefined) rest.max_output_tokens ??= limit;
  if (reasoning_effort !== undefined) {
    rest.reasoning = { effort: reasoning_effort, ...objectOf(rest.reasoning) };
  }
  if (verbosity !== undefined) rest.text = { verbosity, ...objectOf(rest.text) };
  if (response_format !== undefined) {
    const { json_schema, ...format } = objectOf(response_format);
    rest.text = { format: { ...format, ...objectOf(json_schema) }, ...objectOf(rest.text) };
  }
  return rest;
}

/**
 * Takes the first system message out of the history: it goes as `instructions`. It stays where it is when another role stands
 * for `system`, when the instructions are given as an argument, and when there is nothing else to send.
 */
function splitInstructions(
  parts: RequestParts,
  rest: Wire,
): { instructions?: string; messages: readonly Message[] } {
  const { args } = parts;
  const messages = orderToolResults(parts.messages); // what is left out by it is nothing to send
  const [first] = messages;
  const stays = first?.role !== Role.SYSTEM || typeof first.content !== "string" || messages.length === 1 ||
    args.systemRole !== undefined || rest.instructions !== undefined;
  return stays ? { messages } : { instructions: first.content as string, messages: messages.slice(1) };
}

function addTools(body: Wire, parts: RequestParts, choice: unknown, parallel: unknown): void {
  const { contract, args } = parts;
  const hosted = hostedTools(contract);
  const usesComputer = hosted.some(isComputerTool);
  // What carries out a model's doings on a screen is no function for it to call, and is declared once.
  const own = wireTools(contract, "response").filter((tool) =>
    !usesComputer || (tool.name !== COMPUTER_TOOL && !isComputerTool(tool))
  );
  const tools = [...own, ...hosted, ...args.tools.map(flatTool)];
  if (tools.length === 0) return;
  body.tools = tools;
  if (choice !== undefined) body.tool_choice = flatTool(wireChoice(choice, contract.names));
  if (parallel !== undefined) body.parallel_tool_calls = parallel;
  if (tools.some((tool) => tool.type === COMPUTER)) body.truncation ??= "auto"; // the tool demands it
}

const COMPUTER = "computer_use_preview";

/** Tools that run at the provider. */
function hostedTools({ prompt }: Contract): Wire[] {
  if (prompt === null) return [];
  const tools: Wire[] = [];
  if (prompt.allowWebSearch) tools.push({ type: "web_search", ...objectOf(prompt.addonArgs.web_search) });
  const computer = prompt.computerUseConfig;
  if (Object.keys(computer).length > 0) tools.push({ type: COMPUTER, ...computer });
  for (const server of prompt.mcpServers.values()) {
    if (!server.hosted) continue; // a program on this machine, or one that agents connect to themselves
    tools.push({
      type: "mcp",
      server_label: hostedMcpLabel(server),
      server_url: server.url,
      require_approval: requireApproval(server),
      ...(server.allowedTools === undefined ? {} : { allowed_tools: server.allowedTools }),
      ...(Object.keys(server.headers).length === 0 ? {} : { headers: server.headers }),
    });
  }
  return tools;
}

/** In the provider's words; of its own default every call must be approved. */
function requireApproval({ requireApproval: asked }: McpServer): unknown {
  if (typeof asked !== "string") return { never: { tool_names: asked.never } };
  return asked === "never" || asked === "auto" ? "never" : "always";
}

/** Chat Completions nests what a tool is under `function`; Responses does not. */
function flatTool(tool: unknown): Wire {
  const { function: definition, ...rest } = objectOf(tool);
  return definition === undefined ? tool as Wire : { ...rest, ...objectOf(definition) };
}

/** What the reply must hold beyond the usual: what is not stored at the provider has to come along, encrypted. */
function includes(given: unknown, rest: Wire, logprobs: boolean): string[] {
  const wanted = new Set(listOf(given) as string[]);
  if (rest.store === false) wanted.add("reasoning.encrypted_content");
  if (logprobs) wanted.add("message.output_text.logprobs");
  return [...wanted];
}
