import type { ApiType, Message } from "../message/mod.ts";
import { InvokeResult } from "../session/mod.ts";
import type { JsonValue } from "../util/mod.ts";
import { connect } from "./_connect.ts";
import { type Connection, CONNECTION_ARGS } from "./_connection.ts";
import { addCosts, replyPrice } from "./_costs.ts";
import { estimateCall } from "./estimate.ts";
import { hostedKeys, tellsKey, withoutKeys } from "./_hosted_keys.ts";
import { splitArgs } from "./_model_args.ts";
import { replyMessage, type ReplyParts } from "./_reply.ts";
import { contractOf, type Wire } from "./_settings.ts";
import { ToldUsage } from "./_told_usage.ts";
import { type Answer, Transport } from "./_transport.ts";
import { readChatReply } from "./chat_reply.ts";
import { chatRequest, type RequestParts } from "./chat_request.ts";
import { readChatStream } from "./chat_stream.ts";
import { type ModelPrice, priceOf } from "./prices.ts";
import { readResponse } from "./responses_reply.ts";
import { responsesRequest } from "./responses_request.ts";
import { readResponseStream } from "./responses_stream.ts";
import type { Invoker, InvokeRequest } from "./types.ts";
import type { WireNames } from "./wire_names.ts";

/** Options of {@linkcode openaiInvoker}. */
export interface OpenAIInvokerOptions {
  /** Model arguments of every call; those of the call win. Default: `{}`. */
  readonly modelArgs?: Readonly<Record<string, unknown>>;
  /** Carries the requests. Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch;
}

/**
 * Creates an invoker that speaks Chat Completions and Responses, streamed or not, with OpenAI and with every provider that
 * speaks its language: the model's prefix (`groq/…`, `ollama/…`) says which, `model_args.api_base` or `OPENAI_BASE_URL` where.
 *
 * The SDK is loaded, and the environment read, at the first call. It never retries by itself.
 *
 * @example
 * ```ts
 * import { openaiInvoker } from "@lllm/lllm/invokers";
 *
 * const invoker = openaiInvoker({ modelArgs: { temperature: 0 } }); // needs no key and no permission yet
 * console.log(typeof invoker.call); // "function"
 * ```
 */
export function openaiInvoker(options: OpenAIInvokerOptions = {}): Invoker {
  const transport = new Transport(options);
  const targets = new Map<string, Target>();
  const argsOf = (request: InvokeRequest) => ({ ...options.modelArgs, ...request.modelArgs });
  return {
    estimate: (request) => estimateCall({ ...request, modelArgs: argsOf(request) }),
    target(request) {
      try {
        const { connection } = findTarget(targets, request, argsOf(request));
        const { provider, model, baseUrl } = connection;
        return { provider: provider.name, model, baseUrl };
      } catch {
        return undefined; // the call itself will tell why
      }
    },
    async call(request: InvokeRequest): Promise<InvokeResult> {
      request.signal?.throwIfAborted();
      const modelArgs = argsOf(request);
      const api = APIS[request.apiType ?? "completion"];
      const { connection, price } = findTarget(targets, request, modelArgs);
      const args = splitArgs(modelArgs);
      const contract = contractOf(request.prompt ?? request.dialog.topPrompt);
      const body = api.request({
        messages: request.dialog.messages,
        model: connection.model,
        args,
        contract,
        provider: connection.provider,
        stream: request.streamHandler !== undefined,
      });
      const { names } = contract;
      const keys = hostedKeys(contract.prompt);
      const told = new ToldUsage();
      const { reply, parts } = await transport.send(connection, {
        path: api.path,
        body,
        headers: args.headers,
        query: args.query,
        timeoutMs: args.timeoutMs,
        signal: request.signal,
        model: request.model,
      }, async (answer) => {
        const reply = keys.redactJson(
          await api.collect(told.watch(answer), request, names) as JsonValue,
        ) as Wire;
        return { reply, parts: api.read(reply, request, args.sent) };
      }).catch((error) => {
        told.tell(error, price);
        if (tellsKey(error, connection.apiKey)) keys.remember(connection.apiKey);
        throw withoutKeys(error, keys);
      });
      const usage = addCosts(parts.usage, replyPrice(price, reply.model));
      const message: Message = replyMessage({ ...parts, usage }, request, names);
      return new InvokeResult({ rawResponse: reply, modelArgs: args.sent, message });
    },
  };
}

/** How one of the two interfaces works. */
interface Api {
  readonly path: string;
  request(parts: RequestParts): Wire;
  /** Gives the reply as one object, whether it was streamed or not. */
  collect(answer: Answer, request: InvokeRequest, names: WireNames): Wire | Promise<Wire>;
  read(reply: Wire, request: InvokeRequest, args: Wire): ReplyParts;
}

const APIS: Readonly<Record<ApiType, Api>> = {
  completion: {
    path: "/chat/completions",
    request: chatRequest,
    collect: (answer, { model, streamHandler }, names) =>
      "json" in answer
        ? answer.json
        : readChatStream(answer.events, { model, names, handler: streamHandler }),
    read: (reply, { model }, args) =>
      readChatReply(reply, { model, audioFormat: (args.audio as Wire | undefined)?.format }),
  },
  response: {
    path: "/responses",
    request: responsesRequest,
    collect: (answer, { model, streamHandler }, names) =>
      "json" in answer
        ? answer.json
        : readResponseStream(answer.events, { model, names, handler: streamHandler }),
    read: (reply, { model }) => readResponse(reply, model),
  },
};

/** Keys that change from call to call must not fill the memory. */
const MAX_KNOWN = 1000;

/** Where a call goes, and what it costs there. */
interface Target {
  readonly connection: Connection;
  readonly price: ModelPrice | undefined;
}

/**
 * Finds out how a model is reached and what it costs, once for each set of arguments that say so: the environment is not read
 * again. What is wrong with a price file shows here, before it could cost a reply.
 */
function findTarget(
  known: Map<string, Target>,
  request: InvokeRequest,
  args: Readonly<Record<string, unknown>>,
): Target {
  const apiType = request.apiType ?? "completion";
  const key = JSON.stringify([request.model, apiType, ...CONNECTION_ARGS.map((name) => args[name])]);
  let target = known.get(key);
  if (target === undefined) {
    if (known.size >= MAX_KNOWN) known.clear();
    target = { connection: connect(request.model, args, apiType), price: priceOf(request.model) };
    known.set(key, target);
  }
  return target;
}
