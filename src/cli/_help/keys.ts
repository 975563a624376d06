import { JSON_OUT, PROJECT, VERBOSE } from "./options.ts";
import type { HelpTopics } from "./topic.ts";

/** What is told of `lllm keys`. */
export const KEYS_HELP: HelpTopics = {
  keys: {
    summary: "lists what a project has: tactics, prompts, tools, proxies, configs, …",
    usage: ["keys [options]"],
    options: [
      ["--type <type>", "of this type: prompt, tool, tactic, proxy, config, asset, …"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["keys --type tactic"],
  },
};
