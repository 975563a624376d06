/**
 * The runtime: a registry of resources with keys such as `my_pkg.prompts:research/system`, and the packages that fill it.
 *
 * `loadRuntime()` finds a project's `lllm.toml` and loads what it describes; `Runtime` alone is an empty registry.
 * Packages are installed, exported, listed and removed by the names of `@lllm/lllm/packages`.
 *
 * @module
 */
export { buildTactic, type BuildTacticOptions } from "./build_tactic.ts";
export { getDefaultRuntime, getRuntime, setDefaultRuntime } from "./default_runtime.ts";
export { findConfigFile, type FindConfigFileOptions } from "./discover.ts";
export { loadPackage, type LoadPackageOptions } from "./load_package.ts";
export {
  loadConfig,
  loadPrompt,
  loadProxy,
  loadResource,
  type LoadResourceOptions,
  loadTactic,
  loadTool,
} from "./load_resource.ts";
export { loadRuntime, type LoadRuntimeOptions } from "./load_runtime.ts";
export {
  type DependencyEntry,
  type PackageManifest,
  parseManifest,
  type ParseManifestOptions,
  type PathEntry,
} from "./manifest.ts";
export type { PackageInfo, PackageInfoInit } from "./package_info.ts";
export type { ContextManagerClass, TacticClass } from "./resource_classes.ts";
export { type ResourceLoader, ResourceNode, type ResourceNodeOptions } from "./resource_node.ts";
export { type RegisterOptions, Runtime, type RuntimeOptions } from "./runtime.ts";
