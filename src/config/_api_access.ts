import { LLLMError } from "../errors.ts";
import type { Parser } from "../prompt/mod.ts";
import { execEnvBlock, ProxyManager, queryApiDocTool } from "../proxies/mod.ts";
import type { Resolver } from "../run/mod.ts";
import {
  type ApiHandler,
  createSandbox,
  NotebookSession,
  type NotebookSessionOptions,
  notebookTagParser,
  runPythonTool,
  runTypescriptTool,
  type Sandbox,
  SandboxLease,
  type SandboxOptions,
} from "../sandbox/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";
import type { AgentSpec } from "./agent_spec.ts";

/** What an agent gets so that code of its model can call APIs. */
export interface ApiAccess {
  /** Tools for the sandbox and the documentation. */
  readonly tools: readonly FunctionTool[];
  /** What the system prompt says of them. */
  readonly promptBlock: string;
  /** Reads replies that are cells, where the prompt does not say how they are read. */
  readonly parser?: Parser;
  /** Opens a notebook in a sandbox of its own, which can call the agent's APIs. */
  readonly openNotebook?: OpenNotebook;
  /** Ends the sandboxes. */
  readonly dispose: () => Promise<void>;
}

/** Opens a notebook of an agent. */
export type OpenNotebook = (options: NotebookSessionOptions) => NotebookSession;

/** Sets up the proxies of a spec, and the sandbox in which its agent's code calls them. The sandbox starts at its first cell. */
export function openApiAccess(spec: AgentSpec, resolver: Resolver | undefined): ApiAccess {
  const { proxy, sandbox = {} } = spec;
  const { activateProxies, execEnv, promptTemplate } = proxy!;
  if (execEnv === "typescript" && sandbox.packages !== undefined && sandbox.packages.length > 0) {
    throw new LLLMError(
      `Cannot build agent "${spec.name}": expected no sandbox.packages where exec_env is typescript, found ${
        sandbox.packages.join(", ")
      }: they are for Python`,
      { code: "config_invalid", data: { key: "sandbox.packages" } },
    );
  }
  const manager = openProxies(spec, resolver, activateProxies);
  const limits = {
    maxOutputChars: proxy!.maxOutputChars,
    truncationIndicator: proxy!.truncationIndicator,
    timeoutMs: proxy!.timeoutMs,
    ...sandbox,
  };
  const promptBlock = execEnvBlock(execEnv, manager, { ...limits, promptTemplate });
  const docs = queryApiDocTool(manager, { form: execEnv === "typescript" ? "typescript" : "text" });
  if (execEnv === null) return { tools: [docs], promptBlock, dispose: async () => {} };
  const settings = {
    language: execEnv === "typescript" ? "typescript" as const : "python" as const,
    callApi: ((path, params, { signal }) => manager.call(path, params, { signal })) as ApiHandler,
    ...limits,
  };
  if (execEnv === "jupyter") {
    return { tools: [docs], promptBlock, parser: notebookTagParser(), ...notebooks(settings) };
  }
  const lease = new SandboxLease(settings, (options) => startSandbox(options, spec));
  return {
    tools: [docs, execEnv === "typescript" ? runTypescriptTool(lease) : runPythonTool(lease)],
    promptBlock,
    dispose: () => lease.dispose(),
  };
}

/** Starts the sandbox of an agent. That the index lacks a package is for whoever wrote the config, not for the model. */
async function startSandbox(options: SandboxOptions, { name, source }: AgentSpec): Promise<Sandbox> {
  try {
    return await createSandbox(options);
  } catch (error) {
    const isUnavailable = LLLMError.isInstance(error) &&
      (error.code === "package_not_found" || error.code === "package_unsafe");
    if (!isUnavailable) throw error;
    const { file } = source;
    throw new LLLMError(
      `Cannot start the sandbox of agent "${name}": ${error.message} (sandbox.packages in ${
        file ?? "config"
      })`,
      {
        code: "config_invalid",
        data: {
          ...error.data,
          agent: name,
          key: "sandbox.packages",
          ...(file === undefined ? {} : { file }),
        },
        cause: error,
      },
    );
  }
}

/** A manager of some proxies, as the agent may use them: up to its cutoff date. */
export function openProxies(
  { name, proxy }: AgentSpec,
  resolver: Resolver | undefined,
  activateProxies: readonly string[],
): ProxyManager {
  const { cutoffDate = null, deployMode = false } = proxy ?? {};
  return new ProxyManager({
    activateProxies,
    deployMode,
    agentName: name,
    ...(cutoffDate === null ? {} : { cutoffDate }),
    ...(resolver === undefined ? {} : { runtime: resolver }),
  });
}

/** Notebooks with the same settings, which all end with the agent. */
function notebooks(settings: NotebookSessionOptions): Required<Pick<ApiAccess, "openNotebook" | "dispose">> {
  const sessions: NotebookSession[] = [];
  return {
    openNotebook: (options) => {
      const session = new NotebookSession({ ...settings, ...options });
      sessions.push(session);
      return session;
    },
    dispose: async () => {
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}
