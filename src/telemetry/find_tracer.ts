import type { RunTracer } from "../run/mod.ts";
import { outsideRun } from "../util/mod.ts";

/** Where every copy of `@opentelemetry/api` 1.x finds what was registered with any of them. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

let tracer: RunTracer | undefined;
let loading: Promise<RunTracer> | undefined;

/**
 * Finds out who follows runs: a tracer that makes spans where an OpenTelemetry provider of traces is registered, nobody where
 * there is none. Only then `@opentelemetry/api` is loaded, which is what the promise is for.
 */
export function findTracer(): RunTracer | undefined | Promise<RunTracer | undefined> {
  const registry = (globalThis as Record<symbol, unknown>)[REGISTRY] as { trace?: unknown } | undefined;
  if (registry?.trace === undefined) return undefined;
  return tracer ?? (loading ??= loadTracer().catch(() => {
    loading = undefined; // a program must not fail because nobody can look on
    return undefined;
  }) as Promise<RunTracer>);
}

async function loadTracer(): Promise<RunTracer> {
  const [api, { openTelemetryTracer }] = await outsideRun(() =>
    Promise.all([import("@opentelemetry/api"), import("./_open_telemetry_tracer.ts")])
  );
  return tracer = openTelemetryTracer(api);
}
