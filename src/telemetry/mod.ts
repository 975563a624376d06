/**
 * Telemetry: spans for whatever OpenTelemetry provider is registered, by the GenAI semantic conventions.
 *
 * @module
 */
export { findTracer } from "./find_tracer.ts";
export { setupTracing, type SetupTracingOptions } from "./setup_tracing.ts";
export type { RunTracer, TraceScope } from "../run/mod.ts";
