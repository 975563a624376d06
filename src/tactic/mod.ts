/**
 * Tactics: programs that call agents and other tactics.
 *
 * @module
 */
export { type InstantiateOptions, instantiateTactic } from "./instantiate_tactic.ts";
export { NativeTactic, type NativeTacticOptions } from "./native_tactic.ts";
export { type CallableTactic, type ParameterMode, tacticAsFunction } from "./tactic_as_function.ts";
export { tacticProxy, type TacticProxyOptions } from "./tactic_proxy.ts";
export { type QuickOptions, Tactic, type TacticOptions } from "./tactic.ts";
export {
  tacticMethodTool,
  tactictool,
  type TacticToolMethod,
  type TacticToolOptions,
  tacticTools,
} from "./tactictool.ts";
export type { BatchOptions, BatchProgress, RunOptions, TacticInfo, TacticSurface } from "./types.ts";
