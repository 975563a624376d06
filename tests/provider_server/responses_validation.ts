import { EFFORTS, TIERS } from "./chat_validation.ts";
import { checkTruncation } from "./computer_rules.ts";
import {
  anything,
  type Check,
  flag,
  integer,
  isObject,
  list,
  metadata,
  nullable,
  number,
  oneOf,
  shape,
  someObject,
  text,
  wrongType,
} from "./fields.ts";
import { checkFormat } from "./format_rules.ts";
import { checkPairing } from "./item_pairing.ts";
import { inputItems, type Ledger } from "./ledger.ts";
import { checkApprovedServers } from "./mcp_rules.ts";
import { checkItem } from "./response_items.ts";
import { checkToolChoice, checkTools } from "./tool_rules.ts";
import type { JsonObject } from "./types.ts";
import { refuse } from "./wire_error.ts";

const INCLUDES = [
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
  "code_interpreter_call.outputs",
  "reasoning.encrypted_content",
  "message.output_text.logprobs",
];
const summary = nullable(oneOf("auto", "concise", "detailed"));

/** Parameters that are checked further on are `anything` here. */
const FIELDS: Readonly<Record<string, Check>> = {
  access_programs: someObject,
  background: nullable(flag),
  context_management: nullable(list(someObject)),
  conversation: anything,
  image: someObject,
  include: nullable(list(oneOf(...INCLUDES))),
  input: anything,
  instructions: nullable(text()),
  max_output_tokens: nullable(integer(16, Infinity)),
  max_tool_calls: nullable(integer(1, Infinity)),
  metadata: nullable(metadata),
  model: text({ min: 1 }),
  moderation: nullable(someObject),
  parallel_tool_calls: anything,
  previous_response_id: nullable(text()),
  prompt: nullable(someObject),
  prompt_cache_key: nullable(text()),
  prompt_cache_options: someObject,
  prompt_cache_retention: nullable(oneOf("in_memory", "in-memory", "24h")),
  reasoning: nullable(shape({
    effort: nullable(oneOf(...EFFORTS)),
    summary,
    generate_summary: summary,
    context: nullable(oneOf("auto", "current_turn", "all_turns")),
    mode: text(),
  })),
  safety_identifier: nullable(text()),
  service_tier: nullable(oneOf(...TIERS, "ultrafast")),
  store: nullable(flag),
  stream: nullable(flag),
  stream_options: nullable(shape({ include_obfuscation: flag })),
  temperature: nullable(number(0, 2)),
  text: shape({ format: anything, verbosity: nullable(oneOf("low", "medium", "high")) }),
  tool_choice: anything,
  tools: anything,
  top_logprobs: nullable(integer(0, 20)),
  top_p: nullable(number(0, 1)),
  truncation: nullable(oneOf("auto", "disabled")),
  user: text(),
};
const request = shape(FIELDS, ["model"]);

/** Names of Chat Completions, and what Responses calls them. */
const MOVED: Readonly<Record<string, string>> = {
  messages: "input",
  response_format: "text.format",
  max_tokens: "max_output_tokens",
  max_completion_tokens: "max_output_tokens",
  reasoning_effort: "reasoning.effort",
  verbosity: "text.verbosity",
};

/** Refuses a Responses request that the provider would refuse. */
export function checkResponsesRequest(body: JsonObject, ledger: Ledger): void {
  for (const [old, now] of Object.entries(MOVED)) {
    if (body[old] !== undefined) {
      refuse(
        `Unsupported parameter: '${old}'. In the Responses API, this parameter has moved to '${now}'. Try again with the new parameter.`,
        old,
        "unsupported_parameter",
      );
    }
  }
  request(body, "");
  const prior = priorContext(body, ledger);
  checkInput(body, prior, ledger);
  checkTools(body, "responses");
  checkTruncation(body);
  checkApprovedServers(body, [...prior, ...inputItems(body.input)]);
  checkToolChoice(body, "responses");
  if (isObject(body.text) && body.text.format !== undefined) {
    checkFormat(
      body.text.format,
      "text.format",
      "flat",
      () => JSON.stringify([body.instructions, body.input]),
    );
  }
  if (isObject(body.stream_options) && body.stream !== true) {
    refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  }
}

/** Items of the response that the request goes on from. */
export function priorContext(body: JsonObject, ledger: Ledger): readonly JsonObject[] {
  const id = body.previous_response_id;
  if (body.conversation !== undefined && body.conversation !== null) {
    if (id) {
      refuse(
        "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.",
        "previous_response_id",
        "mutually_exclusive_parameters",
      );
    }
    refuse("Conversation not found.", "conversation", null, 404);
  }
  if (typeof id !== "string") return [];
  const context = ledger.context(id);
  if (context === undefined) {
    refuse(
      `Previous response with id '${id}' not found.`,
      "previous_response_id",
      "previous_response_not_found",
    );
  }
  return context;
}

function checkInput(body: JsonObject, prior: readonly JsonObject[], ledger: Ledger): void {
  const { input } = body;
  if (input === undefined && prior.length === 0 && !isObject(body.prompt)) {
    refuse("Missing required parameter: 'input'.", "input", "missing_required_parameter");
  }
  if (input !== undefined && typeof input !== "string") {
    if (!Array.isArray(input)) wrongType(input, "input", "one of a string or array of input items");
    if (input.length === 0 && prior.length === 0) {
      refuse(
        "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        "input",
        "empty_array",
      );
    }
    input.forEach((item, index) => checkItem(item, `input[${index}]`, ledger));
  }
  checkPairing(prior, inputItems(input), ledger, { store: body.store !== false });
}
