import { APPROVE, EVENTS, JSON_OUT, MODEL, PROJECT } from "./options.ts";
import type { HelpTopics } from "./topic.ts";

/** What is told of `lllm run`. */
export const RUN_HELP: HelpTopics = {
  run: {
    summary: "runs a tactic on one task, or on each line of a file",
    usage: [
      "run <tactic key> [input | @file | -] [options]",
      "run <tactic key> --batch tasks.jsonl --out results.jsonl [options]",
    ],
    notes: [
      "Input is a text, the content of a file (@file), or stdin (-); @@ starts a text that begins with @.",
      "Where the tactic takes no text, the input is JSON. lllm keys --type tactic lists the keys.",
    ],
    options: [
      [
        "--config <name>",
        'the config of the agents; default: that of the tactic\'s name, else "default"',
      ],
      MODEL,
      APPROVE,
      [
        "--budget <limits>",
        "usd=1,tokens=200k,steps=100,wall=10m, or some of them: what the run, or the whole batch, may",
        "use; what does not fit is not done, and the run ends with exit code 4",
      ],
      ["--batch <file>", "runs each line of the file, a JSON value, as a task"],
      [
        "--out <file>",
        "batch: gets one line a task, as soon as it has ended:",
        "{index, ok, result | error, taskHash, sessionId, summary}",
      ],
      ["--max-workers <number>", "batch: tasks at once; default: the config's max_workers, else 8"],
      ["--resume", "batch: goes on with --out: tasks that succeeded are skipped, others run (again)"],
      [
        "--log <place>",
        "where the run is kept: a file of SQLite, a folder (name/) of JSON files, or a URL of",
        "PostgreSQL; default: $LLLM_LOG (off: nowhere), else .lllm/log.db in the project",
      ],
      ["--no-log", "keeps it nowhere"],
      PROJECT,
      JSON_OUT,
      EVENTS,
    ],
    examples: ["run market_desk prices.csv --model scripted/market_desk"],
  },
};
