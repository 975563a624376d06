import { nearest } from "../util/mod.ts";
import { writeNote, writeResult } from "./_io.ts";
import { openRuntime } from "./_open_tactic.ts";
import { reportFailure } from "./_report.ts";
import { UsageError } from "./_usage_error.ts";

/** A list of a project's resources, as `lllm keys` gives it. */
export interface KeysCommand {
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** `prompt`, `tool`, `tactic`, … Default: all. */
  readonly type?: string;
  /** Whether stdout gets one JSON object. Default: false. */
  readonly json?: boolean;
  /** Whether an error is shown with its trace. Default: false. */
  readonly verbose?: boolean;
}

const TYPES = ["prompt", "tool", "tactic", "proxy", "config", "service", "asset", "context_manager"];

/** Writes the keys of a project's resources to stdout, sorted, one a line; gives the exit code. */
export async function keysCommand(command: KeysCommand): Promise<number> {
  const { project, type, json = false, verbose = false } = command;
  try {
    const runtime = await openRuntime(project);
    const types = [...new Set([...TYPES, ...runtime.nodes().map((node) => node.resourceType)])];
    if (type !== undefined && !types.includes(type)) throw unknownType(type, types);
    const keys = runtime.keys(type);
    if (json) {
      const result = keys.map((key) => ({ key, type: runtime.getNode(key).resourceType }));
      writeResult(JSON.stringify({ ok: true, result }));
    } else if (keys.length > 0) {
      writeResult(keys.join("\n"));
    } else {
      writeNote(
        runtime.packages.size === 0
          ? "no lllm.toml was found; name the project by --project"
          : "there are none",
      );
    }
    return 0;
  } catch (error) {
    return reportFailure(error, { json, verbose, topic: "keys" });
  }
}

function unknownType(type: string, types: readonly string[]): UsageError {
  const [near] = nearest(type, types);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return new UsageError(
    `Cannot list keys: expected one of ${types.join(", ")} as --type, found "${type}"${hint}`,
  );
}
