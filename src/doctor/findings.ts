import { LLLMError } from "../errors.ts";
import type { Warning } from "../util/mod.ts";
import { Needs } from "./needs.ts";
import type { Problem, VariableReport } from "./types.ts";

/** What an examination has found so far. */
export class Findings {
  readonly needs: Needs = new Needs();
  readonly optional: Needs = new Needs();
  /** What needs all permissions. */
  readonly needsAll: Set<string> = new Set();
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #variables = new Map<string, { isMissing: boolean; by: Set<string> }>();

  /** Keeps a problem, once. */
  problem(problem: Problem): void {
    if (!this.problems.some(({ message }) => message === problem.message)) this.problems.push(problem);
  }

  /** Keeps what an examination step threw. */
  failure(error: unknown, advice?: string): void {
    if (!LLLMError.isInstance(error)) throw error;
    const { code, message } = error;
    const kind = INVALID.has(code) ? "invalid" : "missing";
    this.problem({ kind, code, message, advice: advice ?? ADVICE[code] ?? "mend it, then ask again" });
  }

  /** Keeps what the loading of the project warned of: some of it is more than a warning. */
  warning({ code, message }: Warning): void {
    const advice = ADVICE[code] ?? "look at it";
    if (MISSING.has(code)) return this.problem({ kind: "missing", code, message, advice });
    const isKnown = this.warnings.some((known) => known.message === message);
    if (!isKnown) this.warnings.push({ kind: "invalid", code, message, advice });
  }

  /** Keeps a variable and who reads it. */
  variable(name: string, by: string, options: { isMissing?: boolean } = {}): void {
    const known = this.#variables.get(name) ?? { isMissing: false, by: new Set() };
    known.by.add(by);
    known.isMissing ||= options.isMissing ?? false;
    this.#variables.set(name, known);
  }

  /** The variables by name: whether they are set, never to what. */
  get environment(): VariableReport[] {
    return [...this.#variables].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { isMissing, by }]) => ({
      name,
      isSet: Boolean(Deno.env.get(name)),
      isMissing,
      by: [...by],
    }));
  }
}

const INVALID: ReadonlySet<string> = new Set(["config_invalid", "manifest_invalid"]);

/** Warnings of the runtime that say that something is not there. */
const MISSING: ReadonlySet<string> = new Set([
  "missing_dependency",
  "missing_path",
  "package_failed",
  "module_load_failed",
  "config_not_found",
]);

const ADVICE: Readonly<Record<string, string>> = {
  missing_dependency: "put the package there, or change dependencies.packages in lllm.toml",
  missing_path: "make the folder, or take it out of the manifest",
  section_skipped: "give the section another name",
  manifest_invalid: "correct lllm.toml",
  missing_manifest: "write a lllm.toml with [package] and a name",
  package_failed: "mend the package, or take it out of lllm_packages",
  package_conflict: "rename one of the packages",
  module_load_failed: "deno check shows the place; everything that the module exports is missing until then",
  config_not_found: "set LLLM_CONFIG to a manifest or its folder, or unset it",
  resource_not_found: "lllm keys lists what there is",
  resource_replaced: "give one of the two another name",
  resource_type_mismatch: "lllm keys --type <type> lists what would fit",
  nameless_class: "give the class a static tacticName or managerName",
  unknown_key: "correct the key, or take it out",
  open_permission: "add that flag with the paths, hosts, variables or programs that it uses",
  tactic_without_config: "write configs/default.yaml",
  unknown_invoker: "correct the name, or register it by registerInvoker()",
  unquoted_text: "put the value into quotes",
  python_modules: "write the modules anew in TypeScript, and take the .py files away",
  no_context_manager: "give the class an apply(dialog), or take its managerName away",
  two_prompts: "take one of the two away, or set it to null",
  no_chromium: "install it (apt-get install chromium), or give executablePath",
  alias_taken: "choose another alias",
  sandbox_limits_missing: "install util-linux; permissions, time and output are limited without it too",
};
