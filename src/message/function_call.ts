import { scrubbedJson } from "../run/mod.ts";
import { deepEqual, freezeCopy, type JsonValue, thawLists } from "../util/mod.ts";

/** The fields of a {@linkcode FunctionCall}. */
export interface FunctionCallInit {
  /** The provider's id of the call; a result refers to it. */
  id: string;
  /** The tool's name. */
  name: string;
  /** The arguments that the model gave. */
  arguments: Record<string, unknown>;
  /** What the tool returned. Default: absent. */
  result?: unknown;
  /** What the model is told of the outcome. Default: absent until the call is completed. */
  resultText?: string | null;
  /** What went wrong. Default: absent. */
  errorMessage?: string | null;
}

/**
 * One call of a tool by the model: asked for, or completed with its result. Instances are frozen; completing a call
 * makes a new one.
 *
 * @example
 * ```ts
 * import { FunctionCall } from "@lllm/lllm/message";
 * import assert from "node:assert/strict";
 *
 * const call = new FunctionCall({ id: "call_1", name: "search", arguments: { query: "rain", limit: 3 } });
 * const again = new FunctionCall({ id: "call_2", name: "search", arguments: { limit: 3, query: "rain" } });
 * assert(call.equals(again)); // the id and the order of keys do not matter
 * assert.equal(call.success, false); // it has no result yet
 * ```
 */
export class FunctionCall {
  /** The provider's id of the call. */
  readonly id: string;
  /** The tool's name. */
  readonly name: string;
  /** The arguments that the model gave. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What the tool returned, if it has. */
  readonly result: unknown;
  /** What the model is told of the outcome; null until the call is completed. */
  readonly resultText: string | null;
  /** What went wrong, or null. */
  readonly errorMessage: string | null;
  #argumentsJson: string | undefined;

  /** Creates a call from one record of its fields; they are copied. */
  constructor(init: FunctionCallInit) {
    this.id = init.id;
    this.name = init.name;
    this.arguments = freezeCopy(init.arguments ?? {}) as Record<string, unknown>;
    this.result = freezeCopy(init.result);
    this.resultText = init.resultText ?? null;
    this.errorMessage = init.errorMessage ?? null;
    Object.freeze(this);
  }

  /** Whether the call was completed without an error. */
  get success(): boolean {
    return this.resultText !== null && this.errorMessage === null;
  }

  /** The arguments as canonical JSON, without secrets: what is recorded of them. */
  get argumentsJson(): string {
    return this.#argumentsJson ??= scrubbedJson(this.arguments);
  }

  /** Tells whether `other` calls the same tool with the same arguments, whatever the key order and the ids. */
  equals(other: FunctionCall): boolean {
    return this.name === other.name && deepEqual(this.arguments, other.arguments);
  }

  /** Tells whether a call in `calls` equals this one. */
  isRepeated(calls: Iterable<FunctionCall>): boolean {
    for (const call of calls) if (this.equals(call)) return true;
    return false;
  }

  /** Writes the call in a line for people: name, arguments, and what came of it. */
  toString(): string {
    const outcome = this.errorMessage ?? this.resultText;
    const call = `${this.name}(${JSON.stringify(this.arguments)})`;
    return outcome === null ? call : `${call} → ${this.errorMessage === null ? "" : "error: "}${outcome}`;
  }

  /** Gives the fields as plain data. */
  toJSON(): Record<string, JsonValue> {
    return {
      id: this.id,
      name: this.name,
      arguments: thawLists(this.arguments) as JsonValue,
      ...(this.result === undefined ? {} : { result: thawLists(this.result) as JsonValue }),
      ...(this.resultText === null ? {} : { resultText: this.resultText }),
      ...(this.errorMessage === null ? {} : { errorMessage: this.errorMessage }),
    };
  }
}
