import { JSON_OUT, PROJECT, VERBOSE } from "./options.ts";
import type { HelpTopics } from "./topic.ts";

/** What is told of `lllm doctor`. */
export const DOCTOR_HELP: HelpTopics = {
  doctor: {
    summary: "says what a project has, what is missing, and which flags its program needs",
    usage: ["doctor [options]"],
    options: [
      ["--config <name>", "what this config alone needs; default: all configs of the project"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["doctor --project examples/market_desk"],
  },
};
