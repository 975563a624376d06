import { VERBOSE } from "./options.ts";
import type { HelpTopics } from "./topic.ts";

/** What is told of `lllm create`. */
export const CREATE_HELP: HelpTopics = {
  create: {
    summary: "makes a project that runs, with tests, in a folder that is new or empty",
    usage: ["create <name> [options]"],
    options: [["--link <folder>", "uses this copy of the library; default: the published one"], VERBOSE],
    examples: ["create demo"],
  },
};
