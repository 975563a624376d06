import type { SessionStore } from "../session/mod.ts";
import { buildTactic, loadRuntime, type Runtime } from "../runtime/mod.ts";
import { instantiateTactic, type Tactic } from "../tactic/mod.ts";
import { overrideModel } from "./_override_model.ts";
import { writeNote } from "./_io.ts";
import { UsageError } from "./_usage_error.ts";

/** Which tactic to open, and how it is set up. */
export interface OpenTacticOptions {
  /** The key of the tactic. */
  readonly tactic: string;
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** The key of its config. Default: the config of the tactic's name, else `default`. */
  readonly config?: string;
  /** `provider/name` or `scripted/<name>`, for every agent. Default: what the configs say. */
  readonly model?: string;
  /** Where runs are kept: a file of SQLite, or a URL of PostgreSQL. Default: `$LLLM_LOG`, else `.lllm/log.db` in the project. */
  readonly log?: string;
  /** Whether runs are kept nowhere. Default: false. */
  readonly noLog?: boolean;
}

/** How a run was called for, as its record tells it: enough to build the tactic again. */
export function callOf({ tactic, config, model }: OpenTacticOptions): Record<string, unknown> {
  return {
    cli: { tactic, ...(config === undefined ? {} : { config }), ...(model === undefined ? {} : { model }) },
  };
}

/** Loads a project; warnings go to stderr. */
export function openRuntime(project: string | undefined): Promise<Runtime> {
  return loadRuntime(project, { onWarning: ({ message }) => writeNote(`warning: ${message}`) });
}

/** Loads a project, and builds one of its tactics. */
export async function openTactic(
  options: OpenTacticOptions,
  logStore?: SessionStore,
): Promise<Tactic<unknown, unknown>> {
  const { tactic: key, project, config, model } = options;
  const runtime = await openRuntime(project);
  if (runtime.packages.size === 0) {
    throw new UsageError(
      `Cannot find tactic "${key}": expected an lllm.toml in ${
        project ?? Deno.cwd()
      } or above it, found none; ` +
        "name the project by --project",
    );
  }
  const node = runtime.getNode(key, "tactic");
  await node.load();
  if (model !== undefined) {
    overrideModel(runtime, model, node.namespace.replace(/\.?tactics$/, "") || undefined);
  }
  const store = logStore === undefined ? {} : { logStore };
  if (config !== undefined) return await buildTactic(config, { name: node.qualifiedKey, runtime, ...store });
  const tactic = instantiateTactic(node, { runtime, ...store });
  if ("validate" in tactic && typeof tactic.validate === "function") await tactic.validate();
  return tactic;
}
