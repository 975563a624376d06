/** Types that several files of the provider server share. */

/** A JSON object whose members have not been looked at. */
export type JsonObject = Record<string, unknown>;

/** The two model endpoints. */
export type ProviderApi = "chat" | "responses";

/** One tool call of a reply; `arguments` as a string goes out verbatim, so it may be broken JSON. */
export interface ReplyToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: JsonObject | string;
  /** Responses only: a reasoning item of its own directly before this call. */
  readonly reasoning?: string | readonly string[];
}

/** What a reply does on a screen: one action in the older form of the call, or a list in the newer. */
export interface ReplyComputerCall {
  readonly id?: string;
  readonly action?: JsonObject;
  readonly actions?: readonly JsonObject[];
  readonly safetyChecks?: readonly {
    readonly id: string;
    readonly code?: string;
    readonly message?: string;
  }[];
  /** A reasoning item of its own directly before this call. */
  readonly reasoning?: string | readonly string[];
}

/**
 * One call of a reply on an MCP server that the provider uses itself. Where the request says so, the provider asks first, and makes the
 * call when a later reply has it again, approved.
 */
export interface ReplyMcpCall {
  readonly server: string;
  readonly name: string;
  readonly arguments: JsonObject | string;
  /** What the server answers. Default: "ok". */
  readonly output?: string;
  /** What goes wrong instead. */
  readonly error?: JsonObject;
}

/** Token counts of a reply; what is left out is estimated from the lengths of request and reply. */
export interface ReplyUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cachedTokens?: number;
  readonly reasoningTokens?: number;
  readonly inputAudioTokens?: number;
  readonly outputAudioTokens?: number;
}

/** One token of a reply with its log probability. */
export interface ReplyLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly top?: readonly { readonly token: string; readonly logprob: number }[];
}

/**
 * Something that goes wrong instead of a good answer. `afterChunks` counts text, reasoning, refusal and
 * argument deltas of a stream. For a request without streaming the three mid-stream faults become their
 * nearest relative: `truncated_stream` and `malformed_sse` a cut JSON body, `error_event` a status 500.
 */
export type Fault =
  | {
    readonly kind: "status";
    readonly status: number;
    /** Seconds, or an HTTP date, for the `retry-after` header. */
    readonly retryAfter?: number | string;
    readonly headers?: Readonly<Record<string, string>>;
    /** A string goes out verbatim as text; an object as JSON; default the usual error object. */
    readonly body?: unknown;
  }
  /** The connection is cut before the headers, or after so many bytes of the body. */
  | { readonly kind: "drop"; readonly afterBytes?: number }
  /** The stream ends cleanly, without finish reason, final event or `[DONE]`. */
  | { readonly kind: "truncated_stream"; readonly afterChunks?: number }
  | { readonly kind: "malformed_json"; readonly body?: string }
  | { readonly kind: "html"; readonly body?: string; readonly status?: number }
  /** No choices (chat), no output items (responses). */
  | { readonly kind: "empty_choices" }
  | {
    readonly kind: "error_event";
    readonly afterChunks?: number;
    readonly code?: string;
    readonly message?: string;
  }
  | { readonly kind: "malformed_sse"; readonly afterChunks?: number }
  /** Responses: a well-formed response with status `failed`; chat: as `error_event`. */
  | { readonly kind: "failed"; readonly code?: string; readonly message?: string };

/** Why the model stopped. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** What the model answers. */
export interface Reply {
  readonly text?: string;
  /** Sent as the text, as JSON. */
  readonly json?: unknown;
  readonly toolCalls?: readonly ReplyToolCall[];
  /** Responses only. */
  readonly computerCalls?: readonly ReplyComputerCall[];
  /** Responses only. */
  readonly mcpCalls?: readonly ReplyMcpCall[];
  /** Responses: the summary parts of a reasoning item; chat: `reasoning_content`. */
  readonly reasoning?: string | readonly string[];
  readonly refusal?: string;
  /** `null` leaves usage out of the answer. */
  readonly usage?: ReplyUsage | null;
  /** Default: made up from the text, when the request asks for them. */
  readonly logprobs?: readonly ReplyLogprob[];
  readonly finishReason?: FinishReason;
  /** UTF-16 units per streamed delta, default 8. A surrogate pair stays whole unless `splitSurrogates`. */
  readonly chunkSize?: number;
  readonly splitSurrogates?: boolean;
  /** The body goes out in network writes of so many bytes, wherever they fall. */
  readonly networkBytes?: number;
  /** Wait before the answer begins. */
  readonly delayMs?: number;
  /** Wait before each delta of a stream. */
  readonly chunkDelayMs?: number;
  /** Stop after so many deltas until the client aborts or `release()`; without streaming: before the answer. */
  readonly holdAfterChunks?: number;
  readonly fault?: Fault;
}

/** A request as a script sees it. */
export interface ProviderRequest {
  /** Number of the request at this server, from 0. */
  readonly index: number;
  readonly api: ProviderApi;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  readonly stream: boolean;
  /** Text of the last message, tool result or input item. */
  readonly lastText: string;
  readonly toolNames: readonly string[];
}

/** Computes a reply from a request. */
export type ReplyFunction = (request: ProviderRequest) => Reply | Promise<Reply>;

/** What a rule asks of a request; all that is given must hold. */
export interface RuleCondition {
  readonly api?: ProviderApi;
  readonly model?: string;
  readonly stream?: boolean;
  /** In the last text. */
  readonly contains?: string;
  readonly matches?: RegExp;
  readonly hasTool?: string;
}

/** A reply for the requests that fit, at most `times` times. */
export interface Rule {
  readonly when?: RuleCondition | ((request: ProviderRequest) => boolean);
  readonly times?: number;
  readonly reply: Reply | ReplyFunction;
}

/** A list is tried in order, first match wins; a bare reply in it matches everything, once. */
export type Script = Reply | ReplyFunction | readonly (Reply | Rule)[];

/** Where a request ended up. */
export type Outcome = "pending" | "answered" | "rejected" | "faulted" | "aborted";

/** One request and what became of it. */
export interface RequestRecord {
  readonly index: number;
  /** `null` for other paths. */
  readonly api: ProviderApi | null;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `null` when there was none, or it was no JSON object. */
  readonly body: JsonObject | null;
  outcome: Outcome;
  status: number;
  /** The reply of the script. */
  reply: Reply | null;
  /** The completion, response or error object; for a stream the object that its events add up to. */
  answer: unknown;
  /** Deltas written so far. */
  chunks: number;
}

/** A request that was refused. */
export interface Rejection {
  readonly index: number;
  readonly path: string;
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly body: unknown;
}
