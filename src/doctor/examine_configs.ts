import { type AgentSpec, parseAgentConfigs, qualifyKey, resolveConfig } from "../config/mod.ts";
import type { ResourceNode, Runtime } from "../runtime/mod.ts";
import type { TacticClass } from "../runtime/mod.ts";
import { isPlainObject } from "../util/mod.ts";
import { examineAgent, type ExaminedAgent, placeOf } from "./examine_agent.ts";
import type { Findings } from "./findings.ts";
import type { ConfigReport, Problem } from "./types.ts";

/** Where and what configs are examined. */
export interface ExamineConfigsOptions {
  readonly runtime: Runtime;
  readonly findings: Findings;
  /** The key of the one config to look at. Default: all of the project's own package. */
  readonly config?: string;
}

/** What the configs say, and what they lead to. */
export interface ExaminedConfigs {
  readonly reports: readonly ConfigReport[];
  /** The packages that something in them comes from. */
  readonly packages: ReadonlySet<string>;
  /** The sandboxes that agents run code in, by language. */
  readonly sandboxes: readonly NonNullable<ExaminedAgent["sandbox"]>[];
  /** All agents. */
  readonly specs: readonly AgentSpec[];
}

/** Looks at the configs of a project, and at those of the tactics that their agents call. */
export async function examineConfigs(options: ExamineConfigsOptions): Promise<ExaminedConfigs> {
  const { runtime, config } = options;
  const own = `${runtime.defaultNamespace}.configs`;
  const first = config === undefined
    ? runtime.nodes("config").filter(({ namespace }) => namespace === own)
    : [runtime.getNode(config, "config")];
  const examination = new ConfigExamination(options, new Set(first.flatMap((node) => baseOf(node, runtime))));
  examination.queue.push(...first);
  for (let node = examination.queue.shift(); node !== undefined; node = examination.queue.shift()) {
    await examination.examine(node);
  }
  if (config === undefined) examination.examineTactics();
  examination.examineCalled();
  return {
    reports: examination.reports,
    packages: examination.packages,
    sandboxes: [...examination.sandboxes.values()],
    specs: examination.specs,
  };
}

class ConfigExamination {
  readonly queue: ResourceNode[] = [];
  readonly reports: ConfigReport[] = [];
  readonly packages = new Set<string>();
  readonly sandboxes = new Map<string, NonNullable<ExaminedAgent["sandbox"]>>();
  readonly specs: AgentSpec[] = [];
  readonly #runtime: Runtime;
  readonly #findings: Findings;
  readonly #bases: ReadonlySet<string>;
  readonly #seen = new Map<string, Record<string, unknown>>();
  /** Tactics that agents call, each with the first of those agents. */
  readonly #called = new Map<ResourceNode, AgentSpec>();

  constructor({ runtime, findings }: ExamineConfigsOptions, bases: ReadonlySet<string>) {
    this.#runtime = runtime;
    this.#findings = findings;
    this.#bases = bases;
  }

  async examine(node: ResourceNode): Promise<void> {
    const key = node.qualifiedKey;
    if (this.#seen.has(key)) return;
    this.#seen.set(key, {});
    let config: Record<string, unknown>;
    try {
      config = resolveConfig(key, { runtime: this.#runtime });
    } catch (error) {
      return this.#findings.failure(error);
    }
    this.#seen.set(key, config);
    this.packages.add(packageOf(node));
    const label = this.#examineType(config, node);
    const agents = [];
    for (const name of agentNames(config)) {
      const spec = this.#parse(config, name, label, key);
      if (spec === undefined) continue;
      const examined = await examineAgent(spec, { runtime: this.#runtime, findings: this.#findings });
      agents.push(examined.report);
      this.specs.push(spec);
      if (examined.sandbox !== undefined) this.sandboxes.set(examined.sandbox.language, examined.sandbox);
      for (const found of examined.nodes) {
        this.#follow(found);
        const called = tacticOf(found, this.#runtime);
        if (called !== undefined && !this.#called.has(called)) this.#called.set(called, spec);
      }
    }
    const file = node.metadata.file_path;
    if (agents.length === 0) return;
    this.reports.push({ key, ...(typeof file === "string" ? { file } : {}), agents });
  }

  /** Tactics of the project that no agent calls, whose config lacks an agent, or that have no config. */
  examineTactics(): void {
    const own = `${this.#runtime.defaultNamespace}.tactics`;
    for (const node of this.#runtime.nodes("tactic").filter(({ namespace }) => namespace === own)) {
      if (this.#called.has(node)) continue; // examineCalled() tells of it
      const group = agentGroupOf(node.value as TacticClass);
      if (group === undefined) continue;
      const config = defaultConfigOf(node, this.#runtime);
      const resolved = config === undefined ? undefined : this.#seen.get(config.qualifiedKey);
      if (config === undefined && !this.#isTypeOfConfig(node)) {
        this.#findings.warning({
          code: "tactic_without_config",
          message: `Tactic "${node.key}" has no config: expected one named after it, or "default"`,
          data: { tactic: node.qualifiedKey },
        });
      }
      if (resolved !== undefined) this.#examineGroup(group, resolved, node.key, config!.qualifiedKey);
    }
  }

  /** Tactics that agents call: each is set up by a config of its own, and by no other. */
  examineCalled(): void {
    for (const [node, spec] of this.#called) {
      const group = agentGroupOf(node.value as TacticClass);
      if (group === undefined) continue;
      const config = defaultConfigOf(node, this.#runtime);
      if (config === undefined) this.#findings.problem(withoutConfig(node, spec));
      const resolved = config === undefined ? undefined : this.#seen.get(config.qualifiedKey);
      if (resolved !== undefined) this.#examineGroup(group, resolved, node.key, config!.qualifiedKey);
    }
  }

  #examineGroup(group: readonly string[], config: Record<string, unknown>, label: string, key: string): void {
    const entries = agentNames(config);
    for (const name of group.filter((name) => !entries.includes(name))) this.#parse(config, name, label, key);
  }

  #isTypeOfConfig(node: ResourceNode): boolean {
    return [...this.#seen.values()].some(({ tactic_type: type }) =>
      typeof type === "string" && this.#runtime.has(type, "tactic") &&
      this.#runtime.getNode(type, "tactic") === node
    );
  }

  /** Names the tactic for messages; one that a config names has to be there. */
  #examineType({ tactic_type: type }: Record<string, unknown>, node: ResourceNode): string {
    if (typeof type !== "string" || type === "") return node.key;
    try {
      const key = qualifyKey(this.#runtime, type, { type: "tactic", packageName: packageOf(node) });
      this.#follow(this.#runtime.getNode(key, "tactic"));
    } catch (error) {
      this.#findings.failure(error);
    }
    return type;
  }

  #parse(
    config: Record<string, unknown>,
    name: string,
    label: string,
    key: string,
  ): AgentSpec | undefined {
    try {
      const onWarning = (warning: Parameters<Findings["warning"]>[0]) => this.#findings.warning(warning);
      return parseAgentConfigs(config, [name], label, { onWarning })[name];
    } catch (error) {
      // What others complete need not be complete itself.
      if (!this.#bases.has(key)) this.#findings.failure(error);
      return undefined;
    }
  }

  /** A tactic that is called may have a config of its own. */
  #follow(node: ResourceNode): void {
    this.packages.add(packageOf(node));
    const tactic = tacticOf(node, this.#runtime);
    const config = tactic === undefined ? undefined : defaultConfigOf(tactic, this.#runtime);
    if (config !== undefined) this.queue.push(config);
  }
}

/** The tactic that a resource is, or whose method it is. */
function tacticOf(
  { resourceType, key, qualifiedKey }: ResourceNode,
  runtime: Runtime,
): ResourceNode | undefined {
  const isMethod = resourceType === "tool" && key.includes("#");
  if (!isMethod && resourceType !== "tactic") return undefined;
  const tactic = isMethod ? qualifiedKey.replace(/#[^#]*$/, "") : qualifiedKey;
  return runtime.has(tactic, "tactic") ? runtime.getNode(tactic, "tactic") : undefined;
}

/** `<package>.tactics:<name>` is set up by `<package>.configs:<name>`, else by `<package>.configs:default`. */
function defaultConfigOf({ namespace, key }: ResourceNode, runtime: Runtime): ResourceNode | undefined {
  const configs = namespace.replace(/(^|\.)tactics$/, "$1configs");
  const name = [`${configs}:${key}`, `${configs}:default`].find((name) => runtime.has(name, "config"));
  return name === undefined ? undefined : runtime.getNode(name, "config");
}

function withoutConfig(tactic: ResourceNode, spec: AgentSpec): Problem {
  const { key, namespace, qualifiedKey } = tactic;
  const names = [key, "default"].map((name) => `"${namespace.replace(/tactics$/, "configs")}:${name}"`);
  return {
    kind: "missing",
    code: "config_invalid",
    message: `Tactic "${qualifiedKey}" has no config: expected ${names.join(" or ")} (${
      placeOf(spec, "tools")
    })`,
    advice: "write one of them in its package, or take the tactic out of the tools",
  };
}

/** The agents of a native tactic; constructors do not act. */
function agentGroupOf(tacticClass: TacticClass): string[] | undefined {
  try {
    const { agentGroup } = new tacticClass({ config: {} }) as { agentGroup?: unknown };
    return Array.isArray(agentGroup) ? agentGroup.map(String) : undefined;
  } catch {
    return undefined; // it wants more than a config: only its own program can tell
  }
}

function agentNames(config: Record<string, unknown>): string[] {
  const names = ["agent_group_configs", "agent_configs"].flatMap((group) => {
    const value = config[group];
    if (Array.isArray(value)) {
      return value.flatMap((entry) =>
        isPlainObject(entry) && typeof entry.name === "string" ? [entry.name] : []
      );
    }
    return isPlainObject(value) ? Object.keys(value) : [];
  });
  return [...new Set(names)];
}

function baseOf(node: ResourceNode, runtime: Runtime): string[] {
  try {
    const value = node.value;
    if (!isPlainObject(value) || typeof value.base !== "string") return [];
    const key = qualifyKey(runtime, value.base, { type: "config", packageName: packageOf(node) });
    return [runtime.getNode(key, "config").qualifiedKey];
  } catch {
    return []; // it is told when the config itself is looked at
  }
}

/** The package that a resource belongs to. */
export function packageOf({ namespace }: ResourceNode): string {
  return namespace.replace(/\.[^.]*$/, "");
}
