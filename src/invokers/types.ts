import type { Dialog } from "../dialog/mod.ts";
import type { ApiType } from "../message/mod.ts";
import type { Prompt } from "../prompt/mod.ts";
import type { InvokeResult, ModelDelta } from "../session/mod.ts";
import type { CallEstimate } from "./estimate.ts";

/** What a stream handler is given beside the text: the piece in our terms, and as the provider sent it. */
export type StreamChunk = ModelDelta & {
  /** The provider's own event. Default: absent. */
  readonly raw?: unknown;
};

/**
 * Hears of a reply while it arrives.
 *
 * Contract: called in order, and awaited before the next piece is read; what it throws ends the call.
 */
export interface StreamHandler {
  /**
   * Takes one piece. `text` is the piece of the answer's text, empty for pieces of reasoning or of tool calls; `chunk` is a
   * {@linkcode StreamChunk} where the invoker is one of ours.
   */
  handleChunk(text: string, chunk: unknown): void | Promise<void>;
}

/** One call of a model. */
export interface InvokeRequest {
  /** The history to send. It is read, never changed. */
  readonly dialog: Dialog;
  /** The model, with or without a provider prefix. */
  readonly model: string;
  /** Model arguments: `temperature`, `api_base`, headers, … Default: `{}`. */
  readonly modelArgs?: Readonly<Record<string, unknown>>;
  /** Arguments for the parser, as given to `respond()`; an invoker has no need of them. Default: `{}`. */
  readonly parserArgs?: Readonly<Record<string, unknown>>;
  /** The name of the agent that asks: the reply's sender. Default: the dialog's owner. */
  readonly responder?: string;
  /** JSON-safe facts for the reply's metadata. Default: `{}`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Which of the provider's interfaces to use. Default: `"completion"`. */
  readonly apiType?: ApiType;
  /** Where given, the reply is streamed to it. Default: not streamed. */
  readonly streamHandler?: StreamHandler;
  /** Aborts the request: the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The contract in force: its tools, format and addon arguments are sent. Default: the dialog's top prompt. */
  readonly prompt?: Prompt;
  /**
   * How many model calls of this agent by this invoker came before in this run, those included that a replay answered. What an
   * invoker asks another one again on its own is not counted. Default: not told.
   */
  readonly turn?: number;
}

/**
 * The provider boundary: one request, one reply.
 *
 * Contract: resolves with the reply, `executionErrors` naming only what could not be decoded; rejects with the provider's or the
 * network's error, classified by `code`, else by HTTP `status` and `headers`; never retries; may be called concurrently.
 */
export interface Invoker {
  /** Asks the model once. */
  call(request: InvokeRequest): Promise<InvokeResult>;
  /** Estimates what the call may use at most, where a budget wants to know. Default: {@linkcode estimateCall}. */
  estimate?(request: InvokeRequest): CallEstimate;
  /** Tells where the call goes, where a trace wants to know; `undefined` if that cannot be told. Default: unknown. */
  target?(request: InvokeRequest): InvokeTarget | undefined;
}

/** Where a call of a model goes. */
export interface InvokeTarget {
  /** The provider, by the prefix that stands for it. */
  readonly provider: string;
  /** The model's name there. Default: as it was asked for. */
  readonly model?: string;
  /** The address that requests are sent below. Default: unknown. */
  readonly baseUrl?: string;
}
