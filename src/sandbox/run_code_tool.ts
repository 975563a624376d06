import { type FunctionTool, tool } from "../tools/mod.ts";
import type { SandboxLease } from "./sandbox_lease.ts";

/**
 * Makes the tool `run_python`: its code runs in the lease's sandbox, and the model reads what the cell printed, its last value
 * or its traceback.
 */
export function runPythonTool(lease: SandboxLease): FunctionTool {
  return codeTool(lease, "run_python", "Python", "Variables, functions and imports persist between calls.");
}

/** Makes the tool `run_typescript`, which is to TypeScript what {@linkcode runPythonTool} is to Python. */
export function runTypescriptTool(lease: SandboxLease): FunctionTool {
  const note = "Variables and functions persist between calls; top-level await works, imports do not.";
  return codeTool(lease, "run_typescript", "TypeScript", note);
}

function codeTool(lease: SandboxLease, name: string, language: string, note: string): FunctionTool {
  return tool<{ code: string }, string>({
    name,
    description:
      `Runs ${language} code in a sandbox and gives what it prints and the value of its last expression. ${note}`,
    parameters: {
      type: "object",
      properties: { code: { type: "string", description: `${language} code` } },
      required: ["code"],
      additionalProperties: false,
    },
    repeatable: true,
    execute: ({ code }, { signal }) => lease.runCell(code, { signal }),
    processor: (text) => text,
  });
}
