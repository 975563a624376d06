import type * as OpenTelemetry from "@opentelemetry/api";
import { LLLMError } from "../errors.ts";
import type { RunTracer, TraceScope } from "../run/mod.ts";
import { endAttributes, failureOf } from "./_end_attributes.ts";
import { describeStart } from "./_start_attributes.ts";
import { tracingSettings } from "./setup_tracing.ts";

type Api = typeof OpenTelemetry;
type Context = OpenTelemetry.Context;
type Span = OpenTelemetry.Span;

/** What a scope is told of the scope around it. */
interface Trace {
  context: Context;
}

/** Makes a span of every scope, each within the one around it. */
export function openTelemetryTracer(api: Api): RunTracer {
  const scopeKey = api.createContextKey("lllm scope");
  /**
   * The context to make a span in. That of the code is the right one where it comes from the scope around, since the program may
   * have spans of its own in between; else the scope's own is: events are often read in another scope than they come from.
   */
  const contextWithin = (around: Trace | undefined): Context => {
    const active = api.context.active();
    return around === undefined || active.getValue(scopeKey) === around ? active : around.context;
  };
  const startSpan = (scope: TraceScope, context: Context): Span => {
    const { name, isClient, attributes } = describeStart(scope, tracingSettings());
    const kind = isClient ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL;
    return api.trace.getTracer("@lllm/lllm").startSpan(name, { kind, attributes }, context);
  };
  const end = (span: Span, scope: TraceScope, outcome: { result: unknown } | { error: unknown }): void => {
    if (span.isRecording()) {
      const failure = "error" in outcome ? describeError(outcome.error) : failureOf(scope, outcome.result);
      const result = "error" in outcome ? undefined : outcome.result;
      quietly(() => span.setAttributes(endAttributes(scope, result, tracingSettings())));
      if (failure !== undefined) {
        span.setAttribute("error.type", failure.type);
        span.setStatus({ code: api.SpanStatusCode.ERROR, message: failure.message });
      }
    }
    span.end();
  };
  return {
    async trace<T>(scope: TraceScope, around: unknown, body: (trace: unknown) => Promise<T>): Promise<T> {
      const opened = quietly(() => {
        const outer = contextWithin(around as Trace | undefined);
        const span = startSpan(scope, outer);
        const trace = {} as Trace;
        trace.context = api.trace.setSpan(outer, span).setValue(scopeKey, trace);
        return { span, trace };
      });
      if (opened === undefined) return await body(around);
      const { span, trace } = opened;
      try {
        const result = await api.context.with(trace.context, () => body(trace));
        quietly(() => end(span, scope, { result }));
        return result;
      } catch (error) {
        quietly(() => end(span, scope, { error }));
        throw error;
      }
    },
  };
}

/** What goes wrong in whoever looks on is nothing to the run. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function describeError(error: unknown): { type: string; message: string } {
  if (!(error instanceof Error)) return { type: "_OTHER", message: String(error) };
  const status = (error as { status?: unknown }).status ??
    (LLLMError.isInstance(error) ? error.data.status : undefined);
  const type = typeof status === "number"
    ? String(status)
    : LLLMError.isInstance(error)
    ? (error.code === "tactic_failed" && LLLMError.isInstance(error.cause) ? error.cause.code : error.code)
    : error.name;
  return { type, message: error.message };
}
