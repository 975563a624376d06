import { Agent } from "../agent/mod.ts";
import { buildInvoker, type Invoker } from "../invokers/mod.ts";
import { Prompt } from "../prompt/mod.ts";
import {
  type CallContext,
  currentRun,
  getDefaultResolver,
  type Resolver,
  type RunContext,
  type RunEvent,
} from "../run/mod.ts";
import type { SessionEvent, SessionStore, TacticCallSession } from "../session/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import { isStandardSchema, type Schema, settleAfterAbort, toJsonSchema } from "../util/mod.ts";
import { type BatchEntry, type BatchWorker, checkMaxWorkers, runBatch } from "./_batch.ts";
import { STATE, type TacticState } from "./current_session.ts";
import { FinishedTasks } from "./_finished_tasks.ts";
import { runTactic } from "./_run_tactic.ts";
import { type ParameterMode, tacticAsFunction } from "./tactic_as_function.ts";
import type { BatchOptions, RunOptions, TacticInfo } from "./types.ts";

const BRAND = Symbol.for("lllm.Tactic");

/** How long an aborted `call()` may take to clean up before the run rejects without it. */
const ABORT_GRACE_MS = 1_000;

/** What a tactic is handed by whoever builds it. */
export interface TacticOptions {
  /** Finds resources. Default: the run around, else the default runtime. */
  runtime?: Resolver;
  /** Keeps the sessions of its runs. Default: they are not kept. */
  logStore?: SessionStore;
  /** Runs under way at once in a batch that does not say. Default: 8. */
  maxWorkers?: number;
}

/** Options of {@linkcode Tactic.quick}. */
export interface QuickOptions {
  /** The model. */
  model: string;
  /** Asks the model. Default: the `openai` invoker. */
  invoker?: Invoker;
  /** Model arguments of every call. Default: `{}`. */
  modelArgs?: Record<string, unknown>;
  /** The agent's name. Default: `"assistant"`. */
  name?: string;
  /** Tools that the model may call. Default: `[]`. */
  tools?: readonly FunctionTool[];
}

/**
 * The program: a task in, a result out, and in between whatever `call()` does with agents and other tactics.
 *
 * Every run is on its own: it has a session, a signal and a place in the run around it. Instance fields are shared between runs.
 *
 * @example
 * ```ts
 * import { Tactic } from "@lllm/lllm/tactic";
 * import assert from "node:assert/strict";
 *
 * class Shout extends Tactic<string, string> {
 *   name = "shout";
 *   call(task: string) {
 *     return task.toUpperCase();
 *   }
 * }
 * assert.equal(await new Shout().run("hello"), "HELLO");
 * assert.deepEqual(await new Shout().bcall(["a", "b"]), ["A", "B"]);
 * ```
 */
export abstract class Tactic<In = string, Out = string> {
  /** Marks the classes of tactics, of this or another copy of the library. */
  static readonly [BRAND]: boolean = true;
  /** The tactic's name. */
  abstract name: string;
  /** What a task looks like; tasks are validated. Default: anything. */
  inputSchema?: Schema<In>;
  /** What a result looks like; results are validated. Default: anything. */
  outputSchema?: Schema<Out>;
  /** What the tactic does, for people and for models that call it as a tool. */
  description?: string;
  /** Gives a result in pieces, where the tactic can. Default: it cannot. */
  stream?(task: In, options?: RunOptions): AsyncIterable<unknown>;
  /** Gives what happens in a run as it happens, where the tactic can. Default: it cannot. */
  events?(task: In, options?: RunOptions): AsyncIterable<unknown>;
  readonly #observers = new Set<(event: SessionEvent) => void>();
  readonly #options: TacticOptions;

  /** Creates a tactic; constructors of subclasses must not act. */
  constructor(options: TacticOptions = {}) {
    this.#options = options;
  }

  /** Tells whether `x` is the class of a tactic, of this or another copy of the library. */
  static isTacticClass(x: unknown): x is typeof Tactic {
    return typeof x === "function" && (x as unknown as Record<symbol, unknown>)[BRAND] === true;
  }

  /** Does the work. */
  abstract call(task: In, context: CallContext): Promise<Out> | Out;

  /**
   * Runs the tactic once.
   *
   * @throws {TacticError} when the run fails; its `session` tells what happened, its `cause` is the original error.
   * @throws whatever the signal was aborted with.
   */
  run(task: In, options: RunOptions & { returnSession: true }): Promise<TacticCallSession<Out>>;
  /** Gives the result, where the session is not asked for. */
  run(task: In, options?: RunOptions & { returnSession?: false }): Promise<Out>;
  /** The implementation of both. */
  async run(
    task: In,
    options: RunOptions & { returnSession?: boolean } = {},
  ): Promise<Out | TacticCallSession<Out>> {
    const resolver = this.runtime;
    const session = await runTactic<In, Out>(
      {
        name: this.name,
        inputSchema: this.inputSchema,
        outputSchema: this.outputSchema,
        resolver: this.#options.runtime,
        packageName: resolver?.packageOf(this.constructor),
        store: this.#options.logStore,
        notify: (event) => this.#notify(event),
        body: (checked, run) => this.execute(checked, run),
      },
      task,
      options,
    );
    return options.returnSession === true ? session : session.delivery as Out;
  }

  /**
   * Runs the tactic on many tasks, at most `maxWorkers` at once; results are in input order. With `failFast` the first failure
   * aborts the other runs, waits for them, and rejects.
   */
  bcall(tasks: Iterable<In>, options: BatchOptions & { failFast: false; returnSessions: true }): Promise<
    PromiseSettledResult<TacticCallSession<Out>>[]
  >;
  /** Gives every outcome, where a failure does not end the batch. */
  bcall(
    tasks: Iterable<In>,
    options: BatchOptions & { failFast: false },
  ): Promise<PromiseSettledResult<Out>[]>;
  /** Gives sessions in place of results. */
  bcall(
    tasks: Iterable<In>,
    options: BatchOptions & { returnSessions: true },
  ): Promise<TacticCallSession<Out>[]>;
  /** Gives the results. */
  bcall(tasks: Iterable<In>, options?: BatchOptions): Promise<Out[]>;
  /** The implementation of all. */
  async bcall(tasks: Iterable<In>, options: BatchOptions = {}): Promise<unknown[]> {
    const results: unknown[] = [];
    for await (const [index, outcome] of this.#batch(tasks, options)) {
      results[index] = options.failFast === false
        ? outcome
        : (outcome as PromiseFulfilledResult<unknown>).value;
    }
    return results;
  }

  /**
   * Runs the tactic on many tasks, and gives each result with its index as soon as it is there. Leaving the loop aborts what is under
   * way.
   */
  ccall(
    tasks: Iterable<In>,
    options: BatchOptions & { failFast: false; returnSessions: true },
  ): AsyncIterable<[index: number, result: PromiseSettledResult<TacticCallSession<Out>>]>;
  /** Gives every outcome, where a failure does not end the batch. */
  ccall(
    tasks: Iterable<In>,
    options: BatchOptions & { failFast: false },
  ): AsyncIterable<[index: number, result: PromiseSettledResult<Out>]>;
  /** Gives sessions in place of results. */
  ccall(
    tasks: Iterable<In>,
    options: BatchOptions & { returnSessions: true },
  ): AsyncIterable<[index: number, result: TacticCallSession<Out>]>;
  /** Gives the results. */
  ccall(tasks: Iterable<In>, options?: BatchOptions): AsyncIterable<[index: number, result: Out]>;
  /** The implementation of all. */
  ccall(tasks: Iterable<In>, options: BatchOptions = {}): AsyncIterable<[index: number, result: unknown]> {
    const batch = this.#batch(tasks, options);
    return {
      async *[Symbol.asyncIterator]() {
        for await (const [index, outcome] of batch) {
          yield [
            index,
            options.failFast === false ? outcome : (outcome as PromiseFulfilledResult<unknown>).value,
          ];
        }
      },
    };
  }

  /** Hears of everything that happens in the tactic's runs, until the returned function is called. */
  observe(observer: (event: SessionEvent) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** The tactics in this one's public fields, by the fields' names. */
  get subTactics(): Record<string, Tactic<unknown, unknown>> {
    return Object.fromEntries(
      Object.entries(this).filter(([, value]) => value !== this && Tactic.isTacticClass(value?.constructor)),
    );
  }

  /** Makes a tool of the tactic: a model can call it. */
  asTool(options: { parameterMode?: ParameterMode } = {}): FunctionTool {
    return tacticAsFunction(this, options);
  }

  /** What the tactic says of itself. */
  info(): TacticInfo {
    return {
      name: this.name,
      ...(this.description === undefined ? {} : { description: this.description }),
      ...schemaInfo("inputSchema", this.inputSchema),
      ...schemaInfo("outputSchema", this.outputSchema),
      agents: [...this.agentNames()],
      subTactics: Object.values(this.subTactics).map((tactic) => tactic.name),
      surfaces: [
        "run",
        ...(typeof this.stream === "function" ? ["stream" as const] : []),
        ...(typeof this.events === "function" ? ["events" as const] : []),
      ],
    };
  }

  /** Creates an agent without a tactic; no dialog is open yet. */
  static quick(systemPrompt: string | Prompt, options: QuickOptions): Agent {
    const { model, name = "assistant", tools = [], modelArgs = {} } = options;
    const prompt = typeof systemPrompt === "string"
      ? new Prompt({ path: `${name}/system`, prompt: systemPrompt, functions: tools })
      : tools.length === 0
      ? systemPrompt
      : systemPrompt.extend({
        path: systemPrompt.path,
        functions: [...systemPrompt.functions.values(), ...tools],
      });
    const invoker = options.invoker ?? buildInvoker({ invoker: "openai" });
    return new Agent({ name, systemPrompt: prompt, model, invoker, modelArgs });
  }

  /** Finds resources: what the tactic was created with, else the run around, else the default runtime. */
  protected get runtime(): Resolver | undefined {
    return this.#options.runtime ?? currentRun()?.resolver ?? getDefaultResolver();
  }

  /** Does what a run needs around {@linkcode Tactic.call}. Subclasses of the library prepare their agents here. */
  protected execute(task: In, run: RunContext): Promise<Out> {
    const work = Promise.resolve().then(() => this.call(task, run.callContext!));
    return settleAfterAbort(work, run.signal, ABORT_GRACE_MS);
  }

  /** Names of the tactic's agents. */
  protected agentNames(): readonly string[] {
    return [];
  }

  /** Runs under way at once in a batch that does not say. */
  protected defaultMaxWorkers(): number {
    return this.#options.maxWorkers ?? 8;
  }

  #batch(tasks: Iterable<In>, options: BatchOptions): AsyncIterable<BatchEntry<unknown>> {
    const maxWorkers = checkMaxWorkers(options.maxWorkers ?? this.defaultMaxWorkers());
    const { tags = {}, metadata = {}, returnSessions = false } = options;
    const metadataOf = typeof metadata === "function" ? metadata : () => metadata;
    const run = async (task: In, runOptions: RunOptions) => {
      const session = await this.run(task, { ...runOptions, returnSession: true });
      return returnSessions ? session : session.delivery;
    };
    const { resumeKey } = options;
    if (resumeKey === undefined) {
      const worker: BatchWorker<In, unknown> = (task, shared, index) =>
        run(task, { tags, metadata: metadataOf(index), ...shared });
      return runBatch(tasks, worker, { ...options, maxWorkers });
    }
    const all = [...tasks];
    const { logStore: store } = this.#options;
    const outerStores = (currentRun()?.slots.get(STATE) as TacticState | undefined)?.stores;
    const finished = new FinishedTasks({ store, tacticName: this.name, outerStores }, resumeKey, all);
    const worker: BatchWorker<In, unknown> = async (task, shared, index) => {
      const session = await finished.find(index);
      if (session !== undefined) return returnSessions ? session : session.delivery;
      return await run(task, {
        tags: { ...tags, ...finished.tagsOf(index) },
        metadata: metadataOf(index),
        ...shared,
      });
    };
    return runBatch(all, worker, { ...options, maxWorkers });
  }

  #notify(event: RunEvent): void {
    for (const observer of this.#observers) {
      // An observer only looks on: what goes wrong in it, now or later, must not end the run.
      try {
        const later: unknown = observer(event as SessionEvent);
        if (later instanceof Promise) later.catch(() => {});
      } catch {
        // see above
      }
    }
  }
}

function schemaInfo(
  key: "inputSchema" | "outputSchema",
  schema: Schema<unknown> | undefined,
): Partial<Record<"inputSchema" | "outputSchema", Record<string, unknown>>> {
  if (schema === undefined || !isStandardSchema(schema)) return schema === undefined ? {} : { [key]: schema };
  return { [key]: toJsonSchema(schema) as Record<string, unknown> };
}
