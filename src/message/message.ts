import { freezeCopy, type JsonValue, thawLists } from "../util/mod.ts";
import type { ContentPart } from "./content.ts";
import { FunctionCall, type FunctionCallInit } from "./function_call.ts";
import { InvokeCost } from "./invoke_cost.ts";
import { type ApiType, isRole, type Modality, type Role } from "./role.ts";
import type { TokenLogprob } from "./token_logprob.ts";

/** The fields of a {@linkcode Message}; only `role` and `content` are required. */
export interface MessageInit {
  /** Who speaks. */
  role: Role;
  /** A text, or a list of parts. */
  content: string | readonly ContentPart[];
  /** The sender. Default: the role. */
  name?: string;
  /** Default: a new UUID. */
  id?: string;
  /** Default: `"text"`. */
  modality?: Modality;
  /** The calls that the model asks for. Default: `[]`. */
  functionCalls?: readonly (FunctionCall | FunctionCallInit)[];
  /** What the contract's parser or format made of the content. Default: `{}`. */
  parsed?: unknown;
  /** The provider's usage record, with the invoker's `*_cost` keys. Default: `{}`. */
  usage?: Readonly<Record<string, unknown>>;
  /** The model that wrote the message. Default: `null`. */
  model?: string | null;
  /** Default: `[]`. */
  logprobs?: readonly TokenLogprob[];
  /** The reasoning text that the provider showed. Default: `null`. */
  reasoning?: string | null;
  /** JSON-safe facts about the message. Default: `{}`. */
  metadata?: Readonly<Record<string, unknown>>;
  /** Default: `"completion"`. */
  apiType?: ApiType;
  /** Embeddings of the content, by name. Default: `{}`. */
  vectors?: Readonly<Record<string, unknown>>;
  /** ISO 8601 time. Default: now. */
  createdAt?: string;
}

const BRAND = Symbol.for("lllm.Message");

/**
 * One turn of a dialog. A message is deeply frozen: it never changes after it was made, so forks can share it.
 *
 * Shape: every field survives {@linkcode Message.toJSON} and {@linkcode Message.fromJSON}.
 *
 * @example
 * ```ts
 * import { Message, Role } from "@lllm/lllm/message";
 * import assert from "node:assert/strict";
 *
 * const message = new Message({ role: Role.USER, content: "Good morning", name: "Ann Lee" });
 * assert.equal(message.sanitizedName, "Ann_Lee");
 * assert.deepEqual(Message.fromJSON(message.toJSON()), message);
 * ```
 */
export class Message {
  /** Unique id. */
  readonly id: string;
  /** Who speaks. */
  readonly role: Role;
  /** A text, or a list of parts. */
  readonly content: string | readonly ContentPart[];
  /** The sender. */
  readonly name: string;
  /** What the message carries. */
  readonly modality: Modality;
  /** The calls that the model asks for. */
  readonly functionCalls: readonly FunctionCall[];
  /** What the contract's parser or format made of the content. */
  // deno-lint-ignore no-explicit-any
  readonly parsed: any;
  /** The provider's usage record. */
  readonly usage: Readonly<Record<string, unknown>>;
  /** The model that wrote the message, or null. */
  readonly model: string | null;
  /** Log-probabilities of the content's tokens, where they were asked for. */
  readonly logprobs: readonly TokenLogprob[];
  /** The reasoning text that the provider showed, or null. */
  readonly reasoning: string | null;
  /** JSON-safe facts about the message. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Which interface the message came from. */
  readonly apiType: ApiType;
  /** Embeddings of the content, by name. */
  readonly vectors: Readonly<Record<string, unknown>>;
  /** ISO 8601 time of creation. */
  readonly createdAt: string;

  /**
   * Creates a message; what is given is copied and frozen.
   *
   * @throws {TypeError} when `role` is no role, `content` neither text nor a list, or `name`, `modality` or `apiType` none.
   */
  constructor(init: MessageInit) {
    if (!isRole(init.role)) {
      throw new TypeError(`Cannot create a message: expected a role, found ${JSON.stringify(init.role)}`);
    }
    if (typeof init.content !== "string" && !Array.isArray(init.content)) {
      throw new TypeError(
        `Cannot create a message: expected a text or a list of parts, found ${typeof init.content}`,
      );
    }
    checkChoices(init);
    this.id = init.id ?? createId();
    this.role = init.role;
    this.content = freezeCopy(init.content);
    this.name = init.name ?? init.role;
    this.modality = init.modality ?? "text";
    this.functionCalls = freezeCalls(init.functionCalls);
    this.parsed = freezeCopy(init.parsed ?? EMPTY);
    this.usage = freezeCopy(init.usage ?? EMPTY);
    this.model = init.model ?? null;
    this.logprobs = freezeCopy(init.logprobs ?? EMPTY_LIST);
    this.reasoning = init.reasoning ?? null;
    this.metadata = freezeCopy(init.metadata ?? EMPTY);
    this.apiType = init.apiType ?? "completion";
    this.vectors = freezeCopy(init.vectors ?? EMPTY);
    this.createdAt = init.createdAt ?? new Date().toISOString();
    Object.freeze(this);
  }

  /** Tells whether `x` is a message, of this or another copy of the library. */
  static isInstance(x: unknown): x is Message {
    return typeof x === "object" && x !== null && BRAND in x;
  }

  /** What the message cost, read from its usage record. */
  get cost(): InvokeCost {
    return InvokeCost.fromUsage(this.usage);
  }

  /** Whether the message asks for tools. */
  get isFunctionCall(): boolean {
    return this.functionCalls.length > 0;
  }

  /** The name with every character outside `[A-Za-z0-9_-]` replaced by `_`, at most 64 characters, never empty. */
  get sanitizedName(): string {
    return this.name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) || "_";
  }

  /** Makes a copy with some fields replaced; what is not replaced is shared. */
  with(changes: Partial<MessageInit>): Message {
    const { functionCalls, ...rest } = changes;
    const copy = Object.assign(Object.create(Message.prototype), this);
    for (const key of Object.keys(rest) as (keyof typeof rest)[]) {
      if (rest[key] !== undefined) copy[key] = freezeCopy(rest[key]);
    }
    if (functionCalls !== undefined) copy.functionCalls = freezeCalls(functionCalls);
    return Object.freeze(copy);
  }

  /** Gives every field as plain data. */
  toJSON(): Record<string, JsonValue> {
    return {
      id: this.id,
      role: this.role,
      content: thawLists(this.content),
      name: this.name,
      modality: this.modality,
      functionCalls: this.functionCalls.map((call) => call.toJSON()),
      parsed: thawLists(this.parsed),
      usage: this.usage,
      model: this.model,
      logprobs: thawLists(this.logprobs),
      reasoning: this.reasoning,
      metadata: thawLists(this.metadata),
      apiType: this.apiType,
      vectors: thawLists(this.vectors),
      createdAt: this.createdAt,
    } satisfies Record<keyof MessageInit, unknown> as unknown as Record<string, JsonValue>;
  }

  /** Makes a message of what {@linkcode Message.toJSON} gave. */
  static fromJSON(data: unknown): Message {
    return new Message(data as MessageInit);
  }
}
Object.defineProperty(Message.prototype, BRAND, { value: true });

/** A text of the engine, in one piece: what comes from outside of it, and what `+` puts together, JSON.stringify writes in its slow way. */
function createId(): string {
  const id = crypto.randomUUID();
  return [id.slice(0, 18), id.slice(18)].join("");
}

const EMPTY: Readonly<Record<string, unknown>> = Object.freeze({});
const EMPTY_LIST: readonly never[] = Object.freeze([]);

function checkChoices({ name, modality, apiType }: MessageInit): void {
  if (name !== undefined && typeof name !== "string") fail("a name", name);
  if (modality !== undefined && !isModality(modality)) fail("a modality", modality);
  if (apiType !== undefined && apiType !== "completion" && apiType !== "response") {
    fail("completion or response as apiType", apiType);
  }
}

function isModality(x: unknown): x is Modality {
  return x === "text" || x === "image" || x === "audio" || x === "function_call";
}

function fail(expected: string, found: unknown): never {
  throw new TypeError(`Cannot create a message: expected ${expected}, found ${JSON.stringify(found)}`);
}

function freezeCalls(
  calls: readonly (FunctionCall | FunctionCallInit)[] | undefined,
): readonly FunctionCall[] {
  if (calls === undefined || calls.length === 0) return EMPTY_LIST;
  return Object.freeze(calls.map((call) => call instanceof FunctionCall ? call : new FunctionCall(call)));
}
