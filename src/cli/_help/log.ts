import { EVENTS, JSON_OUT, PROJECT, VERBOSE } from "./options.ts";
import type { HelpOption, HelpTopics } from "./topic.ts";

/** What `lllm log` is for. */
export const LOG_SUMMARY = "looks at what runs left in the log, repeats it, goes on with it, clears it away";

const LOG: HelpOption = [
  "--log <place>",
  "the log: a file of SQLite, a folder (name/) of JSON files, or a URL of PostgreSQL;",
  "default: $LLLM_LOG, else .lllm/log.db in the project",
];
const LOG_COMMON = [LOG, PROJECT, JSON_OUT, VERBOSE];
const FILTERS: readonly HelpOption[] = [
  ["--tactic <key>", "of this tactic: package::name, or the name alone"],
  ["--tag <name>=<value>", "with this tag; may be given several times"],
  ["--state <state>", "running, success, failure, interrupted or cancelled"],
  [
    "--after <date>",
    "started then or later: 2026-01-31 (as it begins in UTC), or 2026-01-31T12:00:00Z;",
    "a time without a zone is one of this machine",
  ],
  ["--before <date>", "started then or earlier"],
];
/** Of the commands that run a session again. */
const RERUN: readonly HelpOption[] = [
  ["--save", "keeps the new session in the log"],
  ["--config <name>", "the config of the agents; default: that of the session"],
  ["--model <provider/name>", "the model of every agent; default: that of the session"],
  LOG,
  PROJECT,
  JSON_OUT,
  EVENTS,
];
const LIVE_BUDGET = "what may be used by what is done anew: usd=1,tokens=200k, … as in lllm run";
const A_SESSION = "A session is named by its id, the beginning or end of that, or last: the newest.";

/** What is told of the commands of `lllm log`, in the order in which they are listed. */
export const LOG_HELP: HelpTopics = {
  "log list": {
    summary: "lists sessions, the newest first",
    usage: ["log list [options]"],
    options: [
      ...FILTERS,
      ["--limit <number>", "how many; default: 20"],
      ["--cursor <cursor>", "from where on: each page tells the cursor of the next"],
      ...LOG_COMMON,
    ],
    examples: ["log list --tactic market_desk --tag kind=test --state failure"],
  },
  "log show": {
    summary: "shows a session, or one of its steps",
    usage: ["log show <session> [options]"],
    notes: [A_SESSION],
    options: [["--step <path or index>", "one step, whole"], ...LOG_COMMON],
    examples: ["log show last --step 3"],
  },
  "log tree": {
    summary: "shows the steps of a session as they are in each other",
    usage: ["log tree <session> [options]"],
    notes: [A_SESSION],
    options: LOG_COMMON,
    examples: ["log tree last"],
  },
  "log diff": {
    summary: "compares two sessions, or two batches",
    usage: ["log diff <session> <session> [options]", "log diff --batch <name> <name> [options]"],
    notes: [A_SESSION],
    options: [
      ["--batch", "compares batches, named after their --out files without the ending, task by task"],
      ...LOG_COMMON,
    ],
    examples: ["log diff 20261121_101500_0a1b2c3d last", "log diff --batch monday tuesday"],
  },
  "log cost": {
    summary: "adds up what sessions cost, by tactic, day and model",
    usage: ["log cost [options]"],
    options: [...FILTERS, ...LOG_COMMON],
    examples: ["log cost --tactic market_desk --after 2026-11-01"],
  },
  "log export": {
    summary: "writes a session as a text",
    usage: ["log export <session> [options]"],
    notes: [A_SESSION],
    options: [
      ["--format <format>", "json, jsonl (a line for each step) or markdown; default: json"],
      ["--out <file>", "the file to write; default: stdout"],
      ["--force", "replaces the file, if it is there"],
      ...LOG_COMMON,
    ],
    examples: ["log export last --format markdown --out run.md"],
  },
  "log replay": {
    summary: "runs a session again, with everything that it did taken from the record",
    usage: ["log replay <session> [options]"],
    notes: [A_SESSION, "The first step that is not the recorded one ends it with exit code 1."],
    options: [
      ["--continue", "goes on live after what was recorded, in the same session if that was interrupted"],
      ["--approve <who>", "with --continue: ask, none or all, as in lllm run"],
      ["--budget <limits>", `with --continue: ${LIVE_BUDGET}`],
      ...RERUN,
    ],
    examples: ["log replay last", "log replay last --continue"],
  },
  "log fork": {
    summary: "runs a session again, and from one step on anew",
    usage: ["log fork <session> --at <path or index> [options]"],
    notes: [A_SESSION, "lllm log show tells the paths and indexes of the steps."],
    options: [
      ["--at <path or index>", "the step from which on everything is done anew"],
      ["--output <text>", "what that step gives, in place of being done: a text, JSON, or @file"],
      ["--approve <who>", "ask, none or all, as in lllm run"],
      ["--budget <limits>", LIVE_BUDGET],
      ...RERUN,
    ],
    examples: ["log fork last --at 7 --save", 'log fork last --at 7 --output "No findings"'],
  },
  "log delete": {
    summary: "forgets sessions",
    usage: ["log delete <session>... [options]"],
    notes: [A_SESSION],
    options: LOG_COMMON,
    examples: ["log delete last"],
  },
  "log gc": {
    summary: "forgets sessions that are too old or too many; those that run stay",
    usage: ["log gc [options]"],
    notes: ["Without a filter, --keep or a limit nothing is forgotten."],
    options: [
      ["--keep <number>", "keeps as many of the newest (of those that the filter finds)"],
      ["--max-age-days <number>", "forgets what is older"],
      ["--max-bytes <number>", "forgets the oldest until the log takes no more: 500000, or 500MB"],
      ...FILTERS,
      ...LOG_COMMON,
    ],
    examples: ["log gc --max-age-days 90", "log gc --state failure --before 2026-01-01"],
  },
};
