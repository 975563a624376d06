/** Options of {@linkcode setupTracing}. */
export interface SetupTracingOptions {
  /**
   * Whether spans carry what was said: messages, arguments and results of tools, code of cells. It may be confidential. Default:
   * what `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` says where it may be read, else false.
   */
  readonly captureContent?: boolean;
  /**
   * Replaces content before it goes into a span. `attribute` is the span's attribute, `content` JSON data in which the values of
   * keys that hold secrets are already gone; what is `undefined` is left out. Default: content is kept.
   */
  readonly redact?: (attribute: string, content: unknown) => unknown;
}

/** How spans are made. */
export interface TracingSettings {
  readonly captureContent: boolean;
  readonly redact: (attribute: string, content: unknown) => unknown;
}

let chosen: SetupTracingOptions = {};
let settings: TracingSettings | undefined;

/**
 * Says what spans carry. Without it they carry names, models, counts and costs, and nothing that was said.
 *
 * Spans are made wherever an OpenTelemetry provider is registered, as `OTEL_DENO=true` does, and nowhere else: there is nothing
 * to switch on here.
 *
 * @example
 * ```ts
 * import { setupTracing } from "@lllm/lllm/telemetry";
 *
 * setupTracing({ captureContent: true, redact: (attribute, content) => attribute.includes("tool") ? undefined : content });
 * setupTracing({ captureContent: false });
 * ```
 */
export function setupTracing(options: SetupTracingOptions): void {
  chosen = { ...options };
  settings = undefined;
}

/** Gives the settings in force; the environment is looked at when the first span is made. */
export function tracingSettings(): TracingSettings {
  return settings ??= {
    captureContent: chosen.captureContent ?? readVariable(),
    redact: chosen.redact ?? ((_attribute, content) => content),
  };
}

const VARIABLE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

function readVariable(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  return state === "granted" && Deno.env.get(VARIABLE)?.toLowerCase() === "true";
}
