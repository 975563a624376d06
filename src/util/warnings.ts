/** Something that is worth a look and stops nothing. */
export interface Warning {
  /** Tells the kinds apart: `unknown_key`, `missing_dependency`, … */
  readonly code: string;
  /** One line for people. */
  readonly message: string;
  /** The facts, under names that the kind gives. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Hears of warnings. */
export type OnWarning = (warning: Warning) => void;

/** Messages that the console was already given. */
const told = new Set<string>();

/**
 * Gives a warning to whoever listens: to `sink` if it collects warnings (a `Runtime` does), and to `onWarning`. Where
 * there is neither, the console gets it, each message once in the life of the program.
 */
export function emitWarning(warning: Warning, options: { sink?: unknown; onWarning?: OnWarning } = {}): void {
  const { sink, onWarning } = options;
  const collects = isSink(sink);
  if (collects) sink.warn(warning);
  onWarning?.(warning);
  if (collects || onWarning !== undefined || told.has(warning.message)) return;
  told.add(warning.message);
  // deno-lint-ignore no-console -- the last resort, where nobody else listens
  console.warn(`Warning: ${warning.message}`);
}

function isSink(sink: unknown): sink is { warn(warning: Warning): void } {
  return typeof sink === "object" && sink !== null && "warn" in sink && typeof sink.warn === "function";
}
