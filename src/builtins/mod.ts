/**
 * Proxies of well-known public services. Each is written from the vendor's public documentation and tested against a local
 * server of that shape; none was run live here. They are used where a program registers them, and need the vendor's key.
 *
 * @module
 */
export type { BuiltinProxyOptions } from "./_builtin_proxy.ts";
export { exaProxy } from "./exa.ts";
export { financialModelingPrepProxy } from "./financial_modeling_prep.ts";
export { fredProxy } from "./fred.ts";
export { wolframAlphaProxy } from "./wolfram_alpha.ts";
export type { Clock } from "../run/mod.ts";
export type {
  ApiDirectory,
  AutoTestResult,
  BaseProxy,
  DateParam,
  EndpointContext,
  EndpointInfo,
  EndpointOptions,
  FinishedCall,
  ParamDeclaration,
  ParamType,
  PostCall,
  ProxyClass,
  ProxyOptions,
  Secret,
} from "../proxies/mod.ts";
export type { JsonObject, JsonSchema, JsonValue } from "../util/mod.ts";
