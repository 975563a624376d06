import { LLLMError } from "../errors.ts";
import { type ApiType, FunctionCall } from "../message/mod.ts";
import { currentRun, systemClock } from "../run/mod.ts";
import {
  deepFreeze,
  describeIssues,
  type JsonSchema,
  mutableCopy,
  type SchemaInput,
  stripOptionalNulls,
  toObjectSchema,
  toStrictSchema,
  validateSchema,
} from "../util/mod.ts";
import { limit, TimeUp } from "./_limit.ts";
import { failCall, resultText, valueText } from "./result_text.ts";
import type { ToolCallOptions, ToolContext, ToolFunction } from "./tool_context.ts";

const BRAND = Symbol.for("lllm.FunctionTool");

/** What a tool is made of; {@linkcode tool} documents the fields with their types inferred. */
export interface FunctionToolInit {
  /** What the model calls it. */
  name: string;
  /** What it does and when to use it, for the model. */
  description: string;
  /** The arguments: an object schema. */
  parameters: SchemaInput<unknown>;
  /** Does the work. Default: none yet. */
  execute?: ToolFunction<never>;
  /** Writes what the model is told. Default: {@linkcode resultText}. */
  processor?: (result: never, call: FunctionCall) => string;
  /** Milliseconds before a call is given up. Default: no limit. */
  timeoutMs?: number;
  /** Default: `false`. */
  needsApproval?: boolean | ((args: never) => boolean);
  /** Default: `false`. */
  repeatable?: boolean;
  /** Default: none. */
  ref?: string;
  /** Default: none. */
  hosted?: Readonly<Record<string, unknown>>;
}

/**
 * A function that a model may call: its name, what it does, the schema of its arguments, and the code behind it, which
 * may be linked later. Make one with {@linkcode tool}.
 *
 * Recognise it by {@linkcode FunctionTool.isInstance}, not by `instanceof`: two copies of the library can meet.
 */
export class FunctionTool {
  /** What the model calls it. */
  readonly name: string;
  /** What it does and when to use it, for the model. */
  readonly description: string;
  /** The JSON Schema of the arguments, as it was given. */
  readonly parameters: JsonSchema;
  /** The names of the arguments that must be given. */
  readonly required: readonly string[];
  /** Whether the schema that is sent satisfies the rules of strict mode. */
  readonly strict: boolean;
  /** Milliseconds before a call is given up, or `undefined`. */
  readonly timeoutMs: number | undefined;
  /** Key of the resource that an unlinked tool is bound to when an agent runs, or `undefined`. */
  readonly ref: string | undefined;
  readonly #schema: SchemaInput<unknown>;
  readonly #processor: ((result: never, call: FunctionCall) => string) | undefined;
  readonly #needsApproval: boolean | ((args: never) => boolean);
  readonly #repeatable: boolean;
  readonly #hosted: Readonly<Record<string, unknown>> | undefined;
  readonly #sent = new Map<ApiType, Record<string, unknown>>();
  #target: ToolFunction<never> | FunctionTool | undefined;

  /**
   * Creates a tool from one record of its fields.
   *
   * @throws {TypeError} when the name is empty, or `parameters` is no object schema with a JSON Schema
   */
  constructor(init: FunctionToolInit) {
    if (typeof init.name !== "string" || init.name === "") {
      throw new TypeError(`Cannot create a tool: expected a name, found ${JSON.stringify(init.name)}`);
    }
    const action = `Cannot create tool "${init.name}"`;
    if (init.timeoutMs !== undefined && !(init.timeoutMs > 0)) {
      throw new RangeError(`${action}: expected a positive timeoutMs, found ${init.timeoutMs}`);
    }
    if (
      init.execute != null && typeof init.execute !== "function" && !FunctionTool.isInstance(init.execute)
    ) {
      throw new TypeError(`${action}: expected a function in execute, found ${typeof init.execute}`);
    }
    this.name = init.name;
    this.description = init.description;
    this.parameters = toObjectSchema(init.parameters, action);
    this.required = deepFreeze([...(this.parameters.required as string[] | undefined) ?? []]);
    this.strict = toStrictSchema(this.parameters).strict;
    this.timeoutMs = init.timeoutMs;
    this.#needsApproval = init.needsApproval ?? false;
    this.#repeatable = init.repeatable ?? false;
    this.ref = init.ref;
    this.#hosted = init.hosted;
    this.#schema = init.parameters;
    this.#processor = init.processor;
    this.#target = init.execute;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Tells whether `x` is a tool, of this or another copy of the library. */
  static isInstance(x: unknown): x is FunctionTool {
    return typeof x === "object" && x !== null && (x as Record<symbol, unknown>)[BRAND] === true;
  }

  /** Whether there is code behind the tool. */
  get linked(): boolean {
    return FunctionTool.isInstance(this.#target) ? this.#target.linked : this.#target !== undefined;
  }

  /** Whether calls, all or some, must be approved by the run's `onApproval`; so too if the tool that it is linked to says so. */
  get needsApproval(): boolean {
    return this.#needsApproval !== false ||
      (FunctionTool.isInstance(this.#target) && this.#target.needsApproval);
  }

  /** Whether a call must be approved: where a tool decides by the arguments, those that it cannot read must be. */
  asksApproval(functionCall: FunctionCall): boolean {
    if (FunctionTool.isInstance(this.#target) && asks(this.#target, functionCall)) return true;
    if (typeof this.#needsApproval === "boolean") return this.#needsApproval;
    try {
      return this.#needsApproval(functionCall.arguments as never) !== false;
    } catch {
      return true;
    }
  }

  /** Whether an identical call may be run again in one `respond()`; so too if the tool that it is linked to says so. */
  get repeatable(): boolean {
    return this.#repeatable || (FunctionTool.isInstance(this.#target) && this.#target.repeatable);
  }

  /**
   * Puts code behind the tool, in place of what was there: a function, or another tool, which then answers the calls.
   *
   * @returns the same tool
   * @throws {TypeError} when `target` is neither, or leads back to this tool
   */
  link<T>(target: ToolFunction<T> | FunctionTool): this {
    if (typeof target !== "function" && !FunctionTool.isInstance(target)) {
      throw new TypeError(`Cannot link tool "${this.name}": expected a function, found ${typeof target}`);
    }
    for (let next: unknown = target; FunctionTool.isInstance(next); next = next.#target) {
      if (next === this) {
        throw new TypeError(`Cannot link tool "${this.name}": expected other code, found itself`);
      }
      if (!(#target in next)) break; // a tool of another copy of the library
    }
    this.#target = target as ToolFunction<never> | FunctionTool;
    return this;
  }

  /**
   * Makes the call: validates its arguments, runs the code, and writes down the outcome in a new, completed call. A
   * `null` for an optional argument counts as left out.
   *
   * Whatever the model or the tool does wrong (arguments, an exception, a timeout, no code linked) is told in the
   * result. Thrown are an abort, and what nobody in the run can mend: a replay that differs from its record, a budget that is
   * used up, a setting or a key that is missing.
   *
   * @throws the signal's reason when the call is aborted
   */
  async call(functionCall: FunctionCall, options: ToolCallOptions = {}): Promise<FunctionCall> {
    const run = currentRun();
    const signal = options.signal ?? run?.signal;
    signal?.throwIfAborted();
    const tacticContext = options.tacticContext ?? run?.callContext;
    try {
      return await limit(
        (limited) =>
          this.#complete(functionCall, {
            signal: limited,
            callId: functionCall.id,
            agentName: options.agentName ?? "",
            ...(tacticContext === undefined ? {} : { tacticContext }),
          }),
        { signal, timeoutMs: this.timeoutMs, clock: options.clock ?? systemClock },
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (endsRun(error)) throw error;
      return failCall(functionCall, this.#describe(error));
    }
  }

  /** Gives the tool in the form of an interface of a provider: deeply frozen, made once. */
  toTool(apiType: ApiType): Record<string, unknown> {
    let sent = this.#sent.get(apiType);
    if (sent === undefined) {
      if (apiType !== "completion" && apiType !== "response") {
        throw new TypeError(
          `Cannot send tool "${this.name}": expected completion or response, found ${apiType}`,
        );
      }
      const { schema: parameters, strict } = toStrictSchema(this.parameters);
      const definition = { name: this.name, description: this.description, parameters, strict };
      sent = deepFreeze(
        apiType === "completion"
          ? { type: "function", function: definition }
          : { ...(this.#hosted ?? { type: "function", ...definition }) },
      );
      this.#sent.set(apiType, sent);
    }
    return sent;
  }

  async #complete(call: FunctionCall, context: ToolContext): Promise<FunctionCall> {
    const args = await this.#validate(call);
    const target = this.#target;
    let result: unknown;
    if (FunctionTool.isInstance(target)) {
      const completed = await target.call(call, context);
      if (!completed.success || this.#processor === undefined) return completed;
      result = completed.result;
    } else {
      if (target === undefined) throw new Mistake("expected code behind the tool, found none");
      result = await (target as ToolFunction<unknown>)(args, context);
    }
    const safe = jsonSafe(result, this.#processor === undefined);
    const done = { id: call.id, name: call.name, arguments: call.arguments, result: safe };
    const text = this.#processor === undefined
      ? resultText(call, done.result)
      : valueText(await this.#processor(result as never, new FunctionCall(done)));
    return new FunctionCall({ ...done, resultText: text });
  }

  async #validate(call: FunctionCall): Promise<unknown> {
    const given = mutableCopy(stripOptionalNulls(this.parameters, call.arguments));
    const checked = await validateSchema(this.#schema, given);
    if ("issues" in checked) {
      throw new Mistake(
        `expected arguments that match its parameters, found: ${describeIssues(checked.issues)}`,
      );
    }
    return checked.value;
  }

  #describe(error: unknown): string {
    const action = `Cannot run tool "${this.name}"`;
    if (error instanceof Mistake || error instanceof TimeUp) return `${action}: ${error.message}`;
    return `${action}: it failed with ${describeThrown(error)}`;
  }
}

/** A tool of another copy of the library may be of an earlier version. */
function asks(target: FunctionTool, call: FunctionCall): boolean {
  return typeof target.asksApproval === "function" ? target.asksApproval(call) : target.needsApproval;
}

/** Something that the model is told about its call. */
class Mistake extends Error {}

function describeThrown(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  try {
    return valueText(error);
  } catch {
    return `a ${typeof error}`;
  }
}

/** A result as the data that a record of it gives, so that a replay sees the same. `isTold`: the model is told this data. */
function jsonSafe(result: unknown, isTold: boolean): unknown {
  if (result === undefined || typeof result === "string") return result;
  let json: string | undefined;
  try {
    json = JSON.stringify(result);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // of a getter or a toJSON of the result
  }
  if (json === undefined) {
    throw unsafe(typeof result === "object" ? "a bigint or a cycle in it" : `a ${typeof result}`);
  }
  // Of a Map, a stream or a Response, nothing that it holds is in its JSON.
  const kind = json === "{}" && isTold ? Object.prototype.toString.call(result).slice(8, -1) : "Object";
  if (kind !== "Object") throw unsafe(`an object of the kind ${kind}`);
  return JSON.parse(json);
}

function unsafe(found: string): Mistake {
  return new Mistake(`expected a result that JSON can carry, found ${found}`);
}

/** What neither model nor tool can do anything about: the run must end with it, wherever in the run it shows. */
const ENDS_RUN: ReadonlySet<string> = new Set([
  "replay_diverged",
  "budget_exceeded",
  "config_invalid",
  "missing_api_key",
]);

function endsRun(error: unknown): boolean {
  for (let next = error, depth = 0; next instanceof Error && depth < 8; next = next.cause, depth++) {
    if (LLLMError.isInstance(next) && ENDS_RUN.has(next.code)) return true;
  }
  return false;
}
