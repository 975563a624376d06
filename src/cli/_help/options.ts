import type { HelpOption } from "./topic.ts";

/** Of every command that works with a project. */
export const PROJECT: HelpOption = [
  "--project <folder>",
  "the project, or its lllm.toml; default: found from here upwards",
];
/** Of commands whose result programs read too. */
export const JSON_OUT: HelpOption = ["--json", "one JSON object on stdout"];
/** Of commands that run no tactic. */
export const VERBOSE: HelpOption = ["--verbose", "the trace of an error, on stderr"];
/** Of commands that run a tactic. */
export const EVENTS: HelpOption = [
  "--verbose",
  "a line for each event, and the trace of an error, on stderr",
];
/** Of commands that run agents. */
export const MODEL: HelpOption = [
  "--model <provider/name>",
  "the model of every agent; scripted/<name> plays the asset scripts/<name>.yaml",
];
/** Of commands that may come to a call that needs an approval. */
export const APPROVE: HelpOption = [
  "--approve <who>",
  "decides about calls of tools and endpoints that need an approval: ask asks here, at the",
  "terminal; none refuses them, all approves them; default: ask at a terminal, else none",
];
