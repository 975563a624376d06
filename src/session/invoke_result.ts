import { type InvokeCost, type JsonValue, Message } from "../message/mod.ts";
import { scrubSecrets } from "../run/mod.ts";

/** Something that is wrong with a model's reply. */
export interface ExecutionError {
  /** `decode`: the reply's own form; `parse`: the contract's parser; `format`: the contract's schema; `length`: it was cut. */
  readonly type: "decode" | "parse" | "format" | "length";
  /** What was expected and what was found. */
  readonly message: string;
}

/** The fields of an {@linkcode InvokeResult}. */
export interface InvokeResultInit {
  /** The provider's reply as it came, JSON-safe. Default: `null`. */
  rawResponse?: unknown;
  /** The model arguments that were sent. Default: `{}`. */
  modelArgs?: Readonly<Record<string, unknown>>;
  /** What is wrong with the reply. Default: `[]`. */
  executionErrors?: readonly ExecutionError[];
  /** The reply as a message that belongs to no dialog yet. */
  message: Message;
}

/**
 * What one call of a model gave.
 *
 * @example
 * ```ts
 * import { InvokeResult } from "@lllm/lllm/session";
 * import { Message } from "@lllm/lllm/message";
 *
 * const result = new InvokeResult({ message: new Message({ role: "assistant", content: "Yes" }) });
 * console.log(result.hasErrors, result.cost.cost); // false 0
 * ```
 */
export class InvokeResult {
  /** The provider's reply as it came. */
  readonly rawResponse: unknown;
  /** The model arguments that were sent. */
  readonly modelArgs: Readonly<Record<string, unknown>>;
  /** What is wrong with the reply. */
  readonly executionErrors: readonly ExecutionError[];
  /** The reply. */
  readonly message: Message;
  #cost: InvokeCost | undefined;

  /** Creates a result from one record of its fields. */
  constructor(init: InvokeResultInit) {
    this.rawResponse = init.rawResponse ?? null;
    this.modelArgs = init.modelArgs ?? {};
    this.executionErrors = init.executionErrors ?? [];
    this.message = init.message;
  }

  /** Whether anything is wrong with the reply. */
  get hasErrors(): boolean {
    return this.executionErrors.length > 0;
  }

  /** Everything that is wrong with the reply, in one line; empty if nothing is. */
  get errorMessage(): string {
    return this.executionErrors.map((error) => error.message).join("; ");
  }

  /** What the call cost. */
  get cost(): InvokeCost {
    return this.#cost ??= this.message.cost;
  }

  /** Makes a copy with other errors and, if given, another message. */
  with(changes: Partial<InvokeResultInit>): InvokeResult {
    const copy = new InvokeResult({ ...this, ...changes });
    if (copy.message.usage === this.message.usage) copy.#cost = this.#cost;
    return copy;
  }

  /** Gives the fields as plain data, model arguments without secrets. */
  toJSON(): Record<string, JsonValue> {
    return {
      rawResponse: this.rawResponse as JsonValue,
      modelArgs: scrubSecrets(this.modelArgs) as JsonValue,
      executionErrors: [...this.executionErrors] as unknown as JsonValue,
      message: this.message.toJSON(),
    };
  }

  /** Makes a result of what {@linkcode InvokeResult.toJSON} gave. */
  static fromJSON(data: unknown): InvokeResult {
    const init = data as InvokeResultInit;
    return new InvokeResult({ ...init, message: Message.fromJSON(init.message) });
  }
}
