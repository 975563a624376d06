import { qualifyKey } from "../config/mod.ts";
import { writtenIn } from "../config/written_in.ts";
import { LLLMError } from "../errors.ts";
import type { Resolver } from "../run/mod.ts";
import { emitWarning } from "../util/mod.ts";

/** Warns of a `tactic_type` that names no tactic: a tactic that was named besides is built, and nothing else would tell. */
export function warnOfTacticType(config: Readonly<Record<string, unknown>>, resolver: Resolver): void {
  const { tactic_type: key } = config;
  if (typeof key !== "string" || key === "") return;
  const { place, file, packageName } = writtenIn(config, "tactic_type");
  const near = nearTactics(qualifyKey(resolver, key, { type: "tactic", packageName }), resolver);
  if (near === undefined) return;
  const hint = near.length === 0 ? "" : `; did you mean "${near[0]}"?`;
  emitWarning({
    code: "unknown_tactic_type",
    message: `There is no tactic "${key}", which tactic_type names (in ${place})${hint}`,
    data: { key: "tactic_type", found: key, near, ...(file === undefined ? {} : { file }) },
  }, { sink: resolver });
}

/** Keys that resemble one that leads nowhere; `undefined` for one that leads to a tactic. */
function nearTactics(key: string, resolver: Resolver): readonly string[] | undefined {
  try {
    resolver.getNode(key, "tactic");
    return undefined;
  } catch (error) {
    if (!LLLMError.isInstance(error)) throw error;
    return Array.isArray(error.data.near) ? error.data.near : [];
  }
}
