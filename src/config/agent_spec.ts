import type { ApiType } from "../message/mod.ts";
import type { PackageIndex } from "../sandbox/mod.ts";
import type { JsonObject } from "../util/mod.ts";

/** Where an agent's code cells run: in Python, in TypeScript, in a notebook that the tactic drives, or nowhere. */
export type ExecEnv = "interpreter" | "typescript" | "jupyter" | null;

/** The APIs that an agent's code may call, and how that code runs. */
export interface ProxySpec {
  /** Which proxies; empty for all of them. */
  readonly activateProxies: readonly string[];
  /** Data after this ISO date is hidden; `null` for none. */
  readonly cutoffDate: string | null;
  /** Handed to the proxies. */
  readonly deployMode: boolean;
  /** Where the code runs. */
  readonly execEnv: ExecEnv;
  /** Units: UTF-16 characters of a cell's output; 0 for no limit. */
  readonly maxOutputChars: number;
  /** What is put where output was cut. */
  readonly truncationIndicator: string;
  /** Units: seconds per cell, as in the file. */
  readonly timeout: number;
  /** The same in milliseconds. */
  readonly timeoutMs: number;
  /** Replaces the block that explains the interface in the system prompt; `null` for the usual one. */
  readonly promptTemplate: string | null;
}

/** The limits of an agent's sandbox; what is left out has the sandbox's own default. */
export interface SandboxSpec {
  /** Units: MiB. */
  readonly memoryMb?: number;
  /** From asking a cell to stop to ending its process. Units: milliseconds. */
  readonly graceMs?: number;
  /** Most API calls of one cell. */
  readonly maxApiCalls?: number;
  /** Most cells of the agent's sandbox. */
  readonly maxCells?: number;
  /** Most sandbox processes of the program at a time: with so many, this agent's sandbox does not start. */
  readonly maxProcesses?: number;
  /** Hosts that the code may reach. */
  readonly allowNet?: readonly string[];
  /** Packages that the code may import. */
  readonly packages?: readonly string[];
  /** Where the packages come from. */
  readonly packageIndex?: PackageIndex;
}

/** Which context manager an agent has. */
export interface ContextManagerSpec {
  /** `default`, or the name of a registered one. */
  readonly type: string;
  /** Units: tokens. Default: the model's window. */
  readonly maxTokens?: number;
  /** Its other settings, their names in camelCase. */
  readonly [setting: string]: unknown;
}

/** Where an agent's config was written: how bare keys in it are resolved, and what errors name. */
export interface AgentSource {
  /** The config file, absolute; absent for a config that was made in the program. */
  readonly file?: string;
  /** The package of the config that wrote the system prompt's key. */
  readonly systemPromptPackage?: string;
  /** The package of the config that wrote the list of tools. */
  readonly toolsPackage?: string;
  /** The package of the config that wrote the context manager's type. */
  readonly contextManagerPackage?: string;
}

/** One agent as its config describes it: checked, with defaults filled in, and still plain data. */
export interface AgentSpec {
  /** Its name in the tactic. */
  readonly name: string;
  /** The model, with or without a provider prefix. */
  readonly modelName: string;
  /** Arguments for the model: `model_args`, and every key that is no setting of the agent. */
  readonly modelArgs: Readonly<Record<string, unknown>>;
  /** The template of the system prompt itself; then there is no `systemPromptPath`. */
  readonly systemPrompt?: string;
  /** The key of the system prompt. */
  readonly systemPromptPath?: string;
  /** Which of the provider's interfaces to use. Default: `completion`. */
  readonly apiType: ApiType;
  /** Keys of tools, tactics, method tools (`tactic#method`) and proxies. */
  readonly tools: readonly string[];
  /** APIs for the agent's code; absent for none. */
  readonly proxy?: ProxySpec;
  /** Limits of the agent's sandbox; absent for the defaults. */
  readonly sandbox?: SandboxSpec;
  /** How the history is fitted into the window; `null` for not at all. */
  readonly contextManager: ContextManagerSpec | null;
  /** Names of skills, their URLs, ids of those that the provider keeps (`skill_…`), `*` for all local ones. */
  readonly skills: readonly string[];
  /** Hosts that URLs of skills may name with http, or that are at addresses which are not public; absent for none. */
  readonly skillsAllowNet?: readonly string[];
  /** Settings that the library does not read. */
  readonly extraSettings: Readonly<Record<string, unknown>>;
  /** Re-asks after a reply that could not be read. Default: 3. */
  readonly maxExceptionRetry: number;
  /** Rounds of tool calls; 0 for no limit of its own. Default: 5. */
  readonly maxInterruptSteps: number;
  /** Repeated requests after a failure of the provider. Default: 0. */
  readonly maxLlmRecall: number;
  /** The invoker by name; absent for the program's own choice. */
  readonly invoker?: string;
  /** The script of a scripted model: a path, or its content. */
  readonly script?: string | JsonObject;
  /** Where all this was written. */
  readonly source: AgentSource;
}
