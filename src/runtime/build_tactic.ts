import { qualifyKey, resolveConfig } from "../config/mod.ts";
import { writtenIn } from "../config/written_in.ts";
import { LLLMError, ResourceNotFoundError } from "../errors.ts";
import type { Invoker } from "../invokers/mod.ts";
import { currentRun, type ResolvedResource, type Resolver } from "../run/mod.ts";
import type { SessionStore } from "../session/mod.ts";
import { instantiateTactic, type Tactic } from "../tactic/mod.ts";
import { getDefaultRuntime } from "./default_runtime.ts";

/** Options of {@linkcode buildTactic}. */
export interface BuildTacticOptions {
  /** The key of the tactic. Default: the config's `tactic_type`. */
  name?: string;
  /** Where keys are looked up. Default: the current run's runtime, else the default runtime. */
  runtime?: Resolver;
  /** Keeps the sessions of its runs. Default: they are not kept. */
  logStore?: SessionStore;
  /** Asks the models of all agents. Default: what the config's `invoker` names. */
  invoker?: Invoker;
}

/**
 * Builds a tactic from its config: resolves `base`, finds the tactic that `tactic_type` names, and checks the agents'
 * settings, all before any request.
 *
 * @example
 * ```ts
 * import { buildTactic, Runtime } from "@lllm/lllm/runtime";
 * import { NativeTactic } from "@lllm/lllm/tactic";
 * import { scriptedInvoker } from "@lllm/lllm/testing";
 * import assert from "node:assert/strict";
 *
 * class Greet extends NativeTactic<string, string> {
 *   name = "greet";
 *   agentGroup = ["greeter"];
 *   async call(task: string) {
 *     const greeter = this.agent("greeter").open("main");
 *     greeter.receive(task);
 *     return (await greeter.respond()).content as string;
 *   }
 * }
 * const runtime = new Runtime();
 * runtime.registerTactic("greet", Greet);
 * runtime.registerConfig("default", {
 *   tactic_type: "greet",
 *   agent_configs: [{ name: "greeter", model_name: "scripted", system_prompt: "You greet." }],
 * });
 * const tactic = await buildTactic("default", { runtime, invoker: scriptedInvoker([{ text: "Good morning" }]) });
 * assert.equal(await tactic.run("Ann is here"), "Good morning");
 * ```
 *
 * @param config the key of a config, or a config as an object
 * @throws {LLLMError} `config_invalid`, naming file, agent and key; `resource_not_found`, for a key that leads nowhere
 */
export async function buildTactic(
  config: string | Readonly<Record<string, unknown>>,
  options: BuildTacticOptions = {},
  // deno-lint-ignore no-explicit-any -- which tactic it is, is known when the config is read
): Promise<Tactic<any, any>> {
  const { name, logStore, invoker, runtime = currentRun()?.resolver ?? getDefaultRuntime() } = options;
  const resolved = resolveConfig(config, { runtime });
  const node = name === undefined ? findTactic(config, resolved, runtime) : runtime.getNode(name, "tactic");
  await node.load();
  const tactic = instantiateTactic(node, {
    config: resolved,
    runtime,
    ...(logStore === undefined ? {} : { logStore }),
    ...(invoker === undefined ? {} : { invoker }),
  });
  if ("validate" in tactic && typeof tactic.validate === "function") await tactic.validate();
  return tactic;
}

/** Finds the tactic that a config names; a bare name means one of the config's own package first. */
function findTactic(config: unknown, resolved: Record<string, unknown>, runtime: Resolver): ResolvedResource {
  const { tactic_type: tacticType } = resolved;
  const { place, file } = writtenIn(resolved, "tactic_type");
  if (typeof tacticType !== "string" || tacticType === "") {
    const found = JSON.stringify(tacticType) ?? "none";
    throw new LLLMError(
      `Cannot build a tactic of ${
        nameOf(config, place)
      }: expected the key of a tactic as tactic_type, found ${found} (in ${place})`,
      {
        code: "config_invalid",
        data: {
          key: "tactic_type",
          ...(typeof config === "string" ? { config } : {}),
          ...(file === undefined ? {} : { file }),
        },
      },
    );
  }
  try {
    return runtime.getNode(qualify(config, tacticType, runtime), "tactic");
  } catch (error) {
    if (!LLLMError.isInstance(error)) throw error;
    const message = `${error.message} (tactic_type in ${place})`;
    if (error.code === "resource_not_found") {
      const data = error.data as ConstructorParameters<typeof ResourceNotFoundError>[0];
      throw new ResourceNotFoundError(data, { message });
    }
    const data = { ...error.data, setting: "tactic_type", ...(file === undefined ? {} : { file }) };
    throw new LLLMError(message, { code: error.code, data, cause: error });
  }
}

function nameOf(config: unknown, place: string): string {
  if (typeof config === "string") return `config "${config}"`;
  return place === "config" ? "the config" : place;
}

function qualify(config: unknown, tacticType: string, runtime: Resolver): string {
  if (typeof config !== "string") return tacticType;
  const [, packageName] = runtime.getNode(config, "config").qualifiedKey.match(/^(.+)\.configs:/) ?? [];
  return qualifyKey(runtime, tacticType, { type: "tactic", packageName });
}
