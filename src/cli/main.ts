/**
 * The `lllm` command: runs tactics of a project, one task or many, shows and replays what was logged of them,
 * lists what a project has, and opens a sandbox.
 *
 * ```sh
 * deno run -A jsr:@lllm/lllm/cli run my_tactic "A task"
 * ```
 *
 * @module
 */
import { parseArguments } from "./_arguments.ts";
import { writeResult } from "./_io.ts";
import { reportFailure } from "./_report.ts";
import { batchCommand } from "./batch.ts";
import { createCommand } from "./create.ts";
import { doctorCommand } from "./doctor.ts";
import { topicOf } from "./help.ts";
import { keysCommand } from "./keys.ts";
import { logCommand } from "./log.ts";
import { pkgCommand } from "./pkg.ts";
import { mcpCommand } from "./mcp.ts";
import { runCommand } from "./run.ts";
import { sandboxCommand } from "./sandbox.ts";

export type { Budget } from "../run/mod.ts";
export { type BatchCommand, batchCommand } from "./batch.ts";
export { type CreateCommand, createCommand } from "./create.ts";
export { type DoctorCommand, doctorCommand } from "./doctor.ts";
export { type KeysCommand, keysCommand } from "./keys.ts";
export { type LogAction, type LogCommand, logCommand } from "./log.ts";
export { type PkgCommand, pkgCommand } from "./pkg.ts";
export type { OpenTacticOptions } from "./_open_tactic.ts";
export { type McpCommand, mcpCommand } from "./mcp.ts";
export { type RunCommand, runCommand } from "./run.ts";
export { type SandboxCommand, sandboxCommand } from "./sandbox.ts";

/**
 * Does what the command line says, and gives the exit code: 0 ok, 1 the run failed, 2 usage or config, 3 provider or key, 4 budget,
 * 130 interrupted. The result goes to stdout, everything else to stderr.
 *
 * @example
 * ```ts
 * import { main } from "@lllm/lllm/cli";
 *
 * const exitCode = await main(["--version"]); // writes the version
 * console.log(exitCode); // 0
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const command = await parseArguments(args);
    switch (command.type) {
      case "help":
        writeResult(command.text);
        return 0;
      case "version":
        writeResult(await readVersion());
        return 0;
      case "run":
        return await runCommand(command.command);
      case "batch":
        return await batchCommand(command.command);
      case "keys":
        return await keysCommand(command.command);
      case "sandbox":
        return await sandboxCommand(command.command);
      case "create":
        return await createCommand(command.command);
      case "mcp":
        return await mcpCommand(command.command);
      case "doctor":
        return await doctorCommand(command.command);
      case "pkg":
        return await pkgCommand(command.command);
      case "log":
        return await logCommand(command.command);
    }
  } catch (error) {
    const [json, verbose] = [args.includes("--json"), args.includes("--verbose")];
    return reportFailure(error, { json, verbose, topic: topicOf(args) });
  }
}

async function readVersion(): Promise<string> {
  const { default: { version } } = await import("../../deno.json", { with: { type: "json" } });
  return version;
}

/** What a package logs is no result. */
function logToStderr(): void {
  // deno-lint-ignore no-console -- that is what is redirected
  Object.assign(console, { log: console.error, info: console.error, debug: console.error });
}

if (import.meta.main) {
  logToStderr();
  Deno.exit(await main(Deno.args));
}
