import type { Agent } from "../agent/mod.ts";
import { type AgentSpec, buildAgent, parseAgentConfigs, resolveConfig } from "../config/mod.ts";
import { LLLMError } from "../errors.ts";
import { buildInvoker, type Invoker, type InvokerConfig, type StreamHandler } from "../invokers/mod.ts";
import { currentRun, type RunContext } from "../run/mod.ts";
import { SkillCache } from "../skills/mod.ts";
import { nearest } from "../util/mod.ts";
import { Tactic, type TacticOptions } from "./tactic.ts";
import { NATIVE_BRAND } from "./instantiate_tactic.ts";
import { toolOfResource } from "./_tool_of_resource.ts";
import { warnOfTacticType } from "./_warn_of_tactic_type.ts";

/** Options of the {@linkcode NativeTactic} constructor. */
export interface NativeTacticOptions extends TacticOptions {
  /** The agents' settings: an object, or the key of a config. */
  config: string | Record<string, unknown>;
  /** Asks the models of all agents. Default: what the config's `invoker` names. */
  invoker?: Invoker;
  /** Asks the models of agents whose config names no `invoker`. Default: the `openai` invoker. */
  fallbackInvoker?: Invoker;
  /** Hears of the agents' replies while they arrive. Default: replies are not streamed. */
  streamHandler?: StreamHandler;
}

/** The agents of one run. */
interface RunAgents {
  readonly owner: unknown;
  readonly agents: Record<string, Agent>;
}

const AGENTS = Symbol("agents");

/**
 * A tactic with a group of agents, set up by a config. Each run gets fresh agents, and their calls are recorded in the run's
 * session.
 *
 * @example
 * ```ts
 * import { NativeTactic } from "@lllm/lllm/tactic";
 * import { scriptedInvoker } from "@lllm/lllm/testing";
 * import assert from "node:assert/strict";
 *
 * class Greet extends NativeTactic<string, string> {
 *   name = "greet";
 *   agentGroup = ["greeter"] as const;
 *   async call(task: string) {
 *     const greeter = this.agent("greeter").open("main");
 *     greeter.receive(task);
 *     return (await greeter.respond()).content as string;
 *   }
 * }
 * const greet = new Greet({
 *   config: { agent_configs: [{ name: "greeter", model_name: "scripted", system_prompt: "You greet." }] },
 *   invoker: scriptedInvoker([{ text: "Good morning" }]),
 * });
 * assert.equal(await greet.run("Ann is here"), "Good morning");
 * ```
 */
export abstract class NativeTactic<In = string, Out = string> extends Tactic<In, Out> {
  /** Marks the classes that need a config, of this or another copy of the library. */
  static readonly [NATIVE_BRAND]: boolean = true;
  /** Names of the agents; the config has an entry for each. */
  abstract agentGroup: readonly string[];
  readonly #settings: NativeTacticOptions;
  readonly #invokers = new Map<string, Invoker>();
  readonly #skillCache = new SkillCache();

  /** Creates a tactic; its config is read at the first run, or by {@linkcode NativeTactic.validate}. */
  constructor(options: NativeTacticOptions) {
    super(options);
    this.#settings = options;
  }

  /**
   * The agents of the current run, by name.
   *
   * @throws {TypeError} outside a run.
   */
  get agents(): Record<string, Agent> {
    const run = currentRun()?.slots.get(AGENTS) as RunAgents | undefined;
    if (run?.owner !== this) {
      throw new TypeError(
        `Cannot use the agents of tactic "${this.name}": expected to be inside its call(), found no run`,
      );
    }
    return run.agents;
  }

  /**
   * One agent of the current run.
   *
   * @throws {RangeError} when the group has no agent of that name.
   */
  agent(name: string): Agent {
    const { agents } = this;
    if (Object.hasOwn(agents, name)) return agents[name]!;
    const near = nearest(name, this.agentGroup);
    const hint = near.length === 0 ? "" : `; did you mean "${near[0]}"?`;
    throw new RangeError(
      `Tactic "${this.name}" has no agent "${name}": expected one of ${this.agentGroup.join(", ")}${hint}`,
    );
  }

  /**
   * Checks the config: every agent of the group is there and well-formed, every key in it resolves. A `tactic_type` that names no
   * tactic is a warning, since this is the tactic that was asked for.
   *
   * @throws {LLLMError} `config_invalid`, naming file, agent and key; `resource_not_found`.
   */
  async validate(): Promise<void> {
    if (this.runtime !== undefined) warnOfTacticType(this.#config(), this.runtime);
    for (const agent of Object.values(await this.#buildAgents())) await agent[Symbol.asyncDispose]();
  }

  /** Builds the run's agents, does the work, and ends what the agents started. */
  protected override async execute(task: In, run: RunContext): Promise<Out> {
    const agents = await this.#buildAgents();
    const slots = new Map([...run.slots, [AGENTS, { owner: this, agents } satisfies RunAgents as unknown]]);
    const inside = run.with({ path: run.path, slots });
    try {
      return await inside.enter(() => super.execute(task, inside));
    } finally {
      await Promise.all(Object.values(agents).map((agent) => agent[Symbol.asyncDispose]()));
    }
  }

  /** Names of the tactic's agents. */
  protected override agentNames(): readonly string[] {
    return this.agentGroup;
  }

  /** The config's `max_workers`, else 8. */
  protected override defaultMaxWorkers(): number {
    const { max_workers } = this.#config();
    return typeof max_workers === "number" ? max_workers : super.defaultMaxWorkers();
  }

  async #buildAgents(): Promise<Record<string, Agent>> {
    const config = this.#config();
    const specs = parseAgentConfigs(config, this.agentGroup, this.name);
    const { runtime: resolver } = this;
    const { streamHandler, invoker, fallbackInvoker } = this.#settings;
    const built = await Promise.all(
      Object.entries(specs).map(async ([name, spec]): Promise<[string, Agent]> => [
        name,
        await buildAgent(spec, {
          invoker: this.#invokerOf(spec),
          toolOfResource: (node, resolver) => toolOfResource(node, resolver, invoker ?? fallbackInvoker),
          skillCache: this.#skillCache,
          ...(resolver === undefined ? {} : { resolver }),
          ...(streamHandler === undefined ? {} : { streamHandler }),
        }),
      ]),
    );
    return Object.fromEntries(built);
  }

  #config(): Record<string, unknown> {
    const { config } = this.#settings;
    const options = this.runtime === undefined ? {} : { runtime: this.runtime };
    return resolveConfig(config, options);
  }

  /** One invoker for all runs of agents with the same settings, so that they share its connections. */
  #invokerOf(spec: AgentSpec): Invoker {
    if (this.#settings.invoker !== undefined) return this.#settings.invoker;
    if (spec.invoker === undefined && spec.script === undefined && this.#settings.fallbackInvoker) {
      return this.#settings.fallbackInvoker;
    }
    const { invoker = "openai", script, source } = spec;
    const key = JSON.stringify([invoker, script, source.file]);
    let built = this.#invokers.get(key);
    if (built === undefined) {
      const folder = source.file === undefined ? {} : { baseDir: source.file.replace(/[/\\][^/\\]*$/, "") };
      built = this.#buildInvoker(spec, { invoker, ...(script === undefined ? {} : { script }), ...folder });
      this.#invokers.set(key, built);
    }
    return built;
  }

  #buildInvoker(spec: AgentSpec, config: InvokerConfig): Invoker {
    try {
      return buildInvoker(config);
    } catch (cause) {
      if (!LLLMError.isInstance(cause)) throw cause;
      const { file } = spec.source;
      throw new LLLMError(
        `Cannot build agent "${spec.name}" of tactic "${this.name}"${
          file === undefined ? "" : ` (${file})`
        }: ${cause.message}`,
        { code: cause.code, data: { ...cause.data, agent: spec.name, tactic: this.name }, cause },
      );
    }
  }
}
