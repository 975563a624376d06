import { APPROVE, PROJECT, VERBOSE } from "./options.ts";
import type { HelpTopics } from "./topic.ts";

/** What is told of `lllm sandbox`. */
export const SANDBOX_HELP: HelpTopics = {
  sandbox: {
    summary: "runs cells in a sandbox, from the terminal, stdin or files",
    usage: ["sandbox [options]"],
    notes: [
      "An empty line ends a cell. At a terminal :reset starts anew, Ctrl-C stops a cell, :quit or Ctrl-D ends.",
      "Elsewhere a cell that fails does not end the session, but makes the exit code 1.",
    ],
    options: [
      ["--language <language>", "python (the default) or typescript"],
      ["--proxies <names>", "what CALL_API reaches, with commas between; default: all of the project"],
      ["--cell <file>", "a file that is one cell; may be given several times"],
      APPROVE,
      PROJECT,
      VERBOSE,
    ],
    examples: ["sandbox --project examples/market_desk"],
  },
};
