/**
 * Configs: settings of tactics and agents as data, checked and built into live agents.
 *
 * @module
 */
export type {
  AgentSource,
  AgentSpec,
  ContextManagerSpec,
  ExecEnv,
  ProxySpec,
  SandboxSpec,
} from "./agent_spec.ts";
export type { PackageIndex } from "../sandbox/mod.ts";
export { buildAgent, type BuildAgentOptions } from "./build_agent.ts";
export { openNotebook, type OpenNotebookOptions } from "./open_notebook.ts";
export { parseAgentConfigs, type ParseAgentConfigsOptions } from "./parse_agent_configs.ts";
export { qualifyKey, type QualifyKeyOptions } from "./qualify_key.ts";
export { resolveConfig, type ResolveConfigOptions, vendorConfig } from "./resolve_config.ts";
export { emitWarning, type OnWarning, type Warning } from "../util/mod.ts";
