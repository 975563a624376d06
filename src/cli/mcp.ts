import { createMcpServer, type ServedTool, type ToolServer } from "../mcp/mod.ts";
import { ProxyManager } from "../proxies/mod.ts";
import type { Runtime } from "../runtime/mod.ts";
import { instantiateTactic } from "../tactic/mod.ts";
import { EXIT } from "./_exit_codes.ts";
import { writeNote } from "./_io.ts";
import { openRuntime } from "./_open_tactic.ts";
import { overrideModel } from "./_override_model.ts";
import { reportFailure } from "./_report.ts";
import { endpointTools, tacticTool, withDistinctNames } from "./_served_tools.ts";
import { UsageError } from "./_usage_error.ts";

/** A server of a package's tactics and proxies, as `lllm mcp` starts it. */
export interface McpCommand {
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** The port to serve on over HTTP, on this machine alone; 0 is any free one. Default: stdin and stdout. */
  readonly port?: number;
  /** The keys of the tactics to serve. Default: those of the package. */
  readonly tactics?: readonly string[];
  /** The names of the proxies to serve. Default: those of the package. */
  readonly proxies?: readonly string[];
  /** `provider/name` or `scripted/<name>`, for every agent. Default: what the configs say. */
  readonly model?: string;
  /** Whether an error is shown with its trace. Default: false. */
  readonly verbose?: boolean;
}

/**
 * Serves the tactics and proxies of a package as MCP tools, until the client leaves or the program is interrupted; stdout holds
 * messages alone. Gives the exit code: 0 ok, 2 usage or config, 130 interrupted.
 */
export async function mcpCommand(command: McpCommand): Promise<number> {
  const { project, port, model, verbose = false } = command;
  using stdout = takeStdout();
  try {
    const runtime = await openRuntime(project);
    const packageInfo = [...runtime.packages.values()][0];
    if (packageInfo === undefined) {
      throw new UsageError(
        `Cannot serve: expected an lllm.toml in ${project ?? Deno.cwd()} or above it, found none`,
      );
    }
    if (model !== undefined) overrideModel(runtime, model, runtime.defaultNamespace || undefined);
    const tools = await servedTools(runtime, command);
    const { name, version, description } = packageInfo;
    const instructions = description === "" ? {} : { instructions: description };
    await using server = createMcpServer(tools, { name, version, ...instructions });
    writeNote(`serving ${tools.map((tool) => tool.name).join(", ")}`);
    if (port !== undefined) return await serveHttp(server, port);
    await server.serve(Deno.stdin.readable, stdout.output);
    return EXIT.ok;
  } catch (error) {
    return reportFailure(error, { verbose, topic: "mcp" });
  }
}

/** Keeps stdout for messages: what anything else in this program writes there goes to stderr. */
function takeStdout(): Disposable & { readonly output: WritableStream<Uint8Array> } {
  const { stdout, stderr } = Deno;
  const write = stdout.writeSync.bind(stdout);
  const output = new WritableStream<Uint8Array>({
    write(bytes) {
      for (let written = 0; written < bytes.length;) written += write(bytes.subarray(written));
    },
  });
  const node =
    (globalThis as { process?: Record<"stdout" | "stderr", { write(text: string): boolean }> }).process;
  const targets: [object, string, unknown][] = [
    [stdout, "writeSync", stderr.writeSync.bind(stderr)],
    [stdout, "write", stderr.write.bind(stderr)],
    ...(node === undefined
      ? []
      : [[node.stdout, "write", node.stderr.write.bind(node.stderr)] satisfies [object, string, unknown]]),
  ];
  const restores = targets.map(([target, name, value]) => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    return () => {
      if (before === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, before);
    };
  });
  return { output, [Symbol.dispose]: () => restores.forEach((restore) => restore()) };
}

async function serveHttp(server: ToolServer, port: number): Promise<number> {
  const interrupted = Promise.withResolvers<void>();
  const onInterrupt = () => interrupted.resolve();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, onInterrupt);
  const http = Deno.serve({
    port,
    hostname: "127.0.0.1",
    onListen: ({ port }) => writeNote(`listening on http://127.0.0.1:${port}/mcp`),
  }, (request) => {
    if (new URL(request.url).pathname === "/mcp") return server.fetch(request);
    return new Response("Not found: the server is at /mcp", { status: 404 });
  });
  await interrupted.promise;
  await server.close();
  await http.shutdown();
  return EXIT.interrupted;
}

async function servedTools(runtime: Runtime, command: McpCommand): Promise<ServedTool[]> {
  const tools = [
    ...await tacticTools(runtime, command.tactics),
    ...await proxiesTools(runtime, command.proxies),
  ];
  if (tools.length > 0) return withDistinctNames(tools);
  throw new UsageError(
    "Cannot serve: expected a package with tactics or proxies, found none that can be served",
  );
}

/** Tactics that the command names must be there; of the package's own, those that cannot be set up are left out. */
async function tacticTools(runtime: Runtime, named: readonly string[] | undefined): Promise<ServedTool[]> {
  const tools: ServedTool[] = [];
  for (const key of named ?? ownKeys(runtime, "tactic")) {
    const node = runtime.getNode(key, "tactic");
    try {
      await node.load();
      const tactic = instantiateTactic(node, { runtime });
      if ("validate" in tactic && typeof tactic.validate === "function") await tactic.validate();
      tools.push(tacticTool(node, runtime, tactic));
    } catch (error) {
      if (named !== undefined) throw error;
      writeNote(`warning: ${key} is not served: ${error instanceof Error ? error.message : error}`);
    }
  }
  return tools;
}

async function proxiesTools(runtime: Runtime, named: readonly string[] | undefined): Promise<ServedTool[]> {
  const keys = named ?? ownKeys(runtime, "proxy");
  if (keys.length === 0) return [];
  for (const key of keys) if (runtime.has(key, "proxy")) await runtime.getNode(key, "proxy").load();
  const manager = new ProxyManager({ activateProxies: keys, runtime, agentName: "mcp" });
  return manager.available().flatMap((name) => endpointTools(manager, name, runtime));
}

function ownKeys(runtime: Runtime, type: string): string[] {
  const own = `${runtime.defaultNamespace}.`;
  return runtime.nodes(type).filter(({ namespace }) => `${namespace}.`.startsWith(own)).map((node) =>
    node.qualifiedKey
  );
}
