import type { ForkOptions } from "../dialog/mod.ts";
import type { Invoker, StreamHandler } from "../invokers/mod.ts";
import type { ApiType, Role } from "../message/mod.ts";
import { Prompt } from "../prompt/mod.ts";
import type { Clock, OnApproval, Resolver } from "../run/mod.ts";
import { nearest } from "../util/mod.ts";
import type { ContextManager } from "./context_manager.ts";

/** Options of the {@linkcode Agent} constructor. */
export interface AgentOptions {
  /** The agent's name: the owner of its dialogs and the sender of its messages. */
  name: string;
  /** The first message of each of its dialogs; its contract holds wherever no other prompt's does. */
  systemPrompt: Prompt;
  /** The model, with or without a provider prefix. */
  model: string;
  /** Asks the model. */
  invoker: Invoker;
  /** Which of the provider's interfaces to use. Default: `"completion"`. */
  apiType?: ApiType;
  /** Model arguments of every call. Default: `{}`. */
  modelArgs?: Record<string, unknown>;
  /** How often one `respond()` may ask the model to repair a reply. Default: 3. */
  maxExceptionRetry?: number;
  /** Rounds of tool calls in one `respond()` before a final answer is asked for. 0: no limit but a hard stop at 100. Default: 5. */
  maxInterruptSteps?: number;
  /** How many provider errors one `respond()` waits out. Default: 0. */
  maxLlmRecall?: number;
  /** Fits the dialog into the model's window. Default: none. */
  contextManager?: ContextManager | null;
  /** Hears of replies while they arrive; with one, replies are streamed. Default: none. */
  streamHandler?: StreamHandler;
  /** Finds prompts and tools by key. Default: the current run's, else the default runtime. */
  runtime?: Resolver;
  /** Waits between attempts. Default: the machine's clock. */
  clock?: Clock;
  /** Called once when the agent is disposed: ends what it started. Default: nothing. */
  onDispose?: () => Promise<void>;
}

/** Options of {@linkcode Agent.open}. */
export interface OpenOptions {
  /** Values for the slots of the system prompt. Default: `{}`. */
  promptArgs?: Record<string, unknown>;
  /** A name for the dialog in overviews. Default: the alias. */
  sessionName?: string;
  /** Whether the dialog becomes the active one. Default: true. */
  switch?: boolean;
}

/** Options of {@linkcode Agent.fork}. */
export interface AgentForkOptions extends ForkOptions {
  /** Whether the fork becomes the active dialog. Default: true. */
  switch?: boolean;
}

/** Options of what an agent receives. */
export interface ReceiveOptions {
  /** Which dialog. Default: the active one. */
  alias?: string;
  /** Who speaks. Default: `"user"`. */
  role?: Role;
  /** The sender. Default: the role. */
  name?: string;
  /** JSON-safe facts about the message. Default: `{}`. */
  metadata?: Record<string, unknown>;
}

/** Options of {@linkcode Agent.respond}. */
export interface RespondOptions {
  /** Which dialog. Default: the active one. */
  alias?: string;
  /** Model arguments of this call, merged over the agent's. Default: `{}`. */
  args?: Record<string, unknown>;
  /** Arguments for the parser. Default: none. */
  parserArgs?: Record<string, unknown>;
  /** JSON-safe facts for the reply and the session. Default: `{}`. */
  metadata?: Record<string, unknown>;
  /** Aborts the call: it rejects with the signal's reason. Default: the current run's. */
  signal?: AbortSignal;
  /** Decides about tools and endpoints that need approval. Default: the current run's, else they are denied. */
  onApproval?: OnApproval;
  /** How long a decision may take, in milliseconds; then the call is refused. Default: the current run's, else no limit. */
  approvalTimeoutMs?: number;
}

const API_TYPES: readonly ApiType[] = ["completion", "response"];

/** Checks what types alone do not: programs in JavaScript and configs pass here too. */
export function checkAgentOptions(options: AgentOptions): void {
  const { name, systemPrompt, model, invoker, apiType = "completion" } = options;
  const refuse = (expected: string, found: unknown, hint = ""): never => {
    throw new TypeError(
      `Cannot create agent "${name}": expected ${expected}, found ${describe(found)}${hint}`,
    );
  };
  if (typeof name !== "string") refuse("a name", name);
  if (!Prompt.isInstance(systemPrompt)) {
    const isText = typeof systemPrompt === "string";
    refuse(
      "a Prompt as systemPrompt",
      systemPrompt,
      isText ? "; new Prompt({ path, prompt }) makes one" : "",
    );
  }
  if (typeof model !== "string" || model === "") refuse("a model's name as model", model);
  if (typeof invoker?.call !== "function") refuse("an invoker, with call()", invoker);
  if (!API_TYPES.includes(apiType)) {
    const near = typeof apiType === "string" ? nearest(apiType, API_TYPES, 1)[0] : undefined;
    refuse(
      "completion or response as apiType",
      apiType,
      near === undefined ? "" : `; did you mean "${near}"?`,
    );
  }
  const { maxExceptionRetry = 0, maxInterruptSteps = 0, maxLlmRecall = 0 } = options;
  for (const [limit, value] of Object.entries({ maxExceptionRetry, maxInterruptSteps, maxLlmRecall })) {
    if (Number.isInteger(value) && value >= 0) continue;
    throw new RangeError(
      `Cannot create agent "${name}": expected ${limit} to be a whole number from 0, found ${value}`,
    );
  }
}

/** Tells what was given, short: a text as it is, of other things what they are. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return "none";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : typeof value === "function" ? "a function" : String(value);
}
