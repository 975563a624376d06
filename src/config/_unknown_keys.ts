import { emitWarning, type OnWarning } from "../util/mod.ts";
import { nearestKey } from "./_known_keys.ts";
import { describeOrigin, type Origin, originOf } from "./_origins.ts";

/** Where unknown keys are looked for, and who hears of them. */
export interface UnknownKeysOptions {
  /** The mapping, for people. */
  readonly where: string;
  /** Facts for the warnings' data. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The config as a whole. */
  readonly root: Origin | undefined;
  readonly onWarning: OnWarning | undefined;
  /** Warn of every unknown key, also of one that resembles no known one. Default: `false`. */
  readonly all?: boolean;
}

/** Warns of the keys of a mapping that look like a known one, misspelled. */
export function warnOfUnknownKeys(
  mapping: Readonly<Record<string, unknown>>,
  known: readonly string[],
  options: UnknownKeysOptions,
): void {
  for (const key of Object.keys(mapping)) {
    if (known.includes(key)) continue;
    const near = nearestKey(key, known);
    if (near === undefined && !options.all) continue;
    const origin = originOf(mapping, key) ?? options.root;
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    emitWarning({
      code: "unknown_key",
      message: `Unknown key "${key}" in ${options.where} (in ${describeOrigin(origin)})${hint}`,
      data: { ...options.data, key, ...(near === undefined ? {} : { near }), file: origin?.file },
    }, {
      sink: options.root?.resolver,
      ...(options.onWarning === undefined ? {} : { onWarning: options.onWarning }),
    });
  }
}
