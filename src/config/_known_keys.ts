import { nearest } from "../util/mod.ts";

/** The keys that files may use, as they are written there. */

/** Keys at the top of a config. */
export const CONFIG_KEYS = [
  "base",
  "tactic_type",
  "invoker",
  "script",
  "global",
  "agent_configs",
  "agent_group_configs",
  "max_workers",
] as const;

/** Keys of an agent, and of `global`. Any other key is an argument for the model. */
export const AGENT_KEYS = [
  "name",
  "model_name",
  "model_args",
  "system_prompt",
  "system_prompt_path",
  "api_type",
  "tools",
  "proxy",
  "sandbox",
  "context_manager",
  "skills",
  "skills_allow_net",
  "extra_settings",
  "max_exception_retry",
  "max_interrupt_steps",
  "max_llm_recall",
  "invoker",
  "script",
] as const;

/** Keys of `proxy`. */
export const PROXY_KEYS = [
  "activate_proxies",
  "cutoff_date",
  "deploy_mode",
  "exec_env",
  "max_output_chars",
  "truncation_indicator",
  "timeout",
  "prompt_template",
] as const;

/** Keys of `sandbox`. */
export const SANDBOX_KEYS = [
  "memory_mb",
  "grace_ms",
  "max_api_calls",
  "max_cells",
  "max_processes",
  "allow_net",
  "packages",
  "package_index",
] as const;

/** Keys that are close to none by their letters, and what they mean elsewhere. */
export const MEANT_KEYS: Readonly<Record<string, string>> = {
  model: "model_name",
  prompt: "system_prompt",
  prompt_path: "system_prompt_path",
  agents: "agent_configs",
};

/** The known key that a key resembles, or usually means. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const meant = Object.hasOwn(MEANT_KEYS, key) ? MEANT_KEYS[key]! : "";
  return known.includes(meant) ? meant : nearest(key, known, 1)[0];
}
