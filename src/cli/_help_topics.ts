/** What `lllm <command> --help` says of one command. */
export interface HelpTopic {
  /** What it does, in one line. */
  readonly summary: string;
  /** How it is called, without `lllm`. */
  readonly usage: readonly string[];
  /** What is to be known besides. Default: nothing. */
  readonly notes?: readonly string[];
  /** Its options, each with a line or more. */
  readonly options: readonly HelpOption[];
  /** Calls to try, without `lllm`. */
  readonly examples: readonly string[];
}

type HelpOption = readonly [option: string, ...lines: string[]];

const PROJECT: HelpOption = [
  "--project <folder>",
  "the project, or its lllm.toml; default: found from here upwards",
];
const JSON_OUT: HelpOption = ["--json", "one JSON object on stdout"];
const VERBOSE: HelpOption = ["--verbose", "the trace of an error, on stderr"];
const EVENTS: HelpOption = ["--verbose", "a line for each event, and the trace of an error, on stderr"];
const CONFIG: HelpOption = [
  "--config <name>",
  'the config of the agents; default: that of the tactic\'s name, else "default"',
];
const MODEL: HelpOption = [
  "--model <provider/name>",
  "the model of every agent; scripted/<name> plays the asset scripts/<name>.yaml",
];
const APPROVE: HelpOption = [
  "--approve <who>",
  "decides about calls of tools and endpoints that need an approval: ask asks here, at the",
  "terminal; none refuses them, all approves them; default: ask at a terminal, else none",
];
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
  ["--after <date>", "started then or later: 2026-01-31, or 2026-01-31T12:00:00Z"],
  ["--before <date>", "started then or earlier"],
];
const RERUN: readonly HelpOption[] = [
  ["--config <name>", "the config of the agents; default: that of the session"],
  ["--model <provider/name>", "the model of every agent; default: that of the session"],
];
const SAVE: HelpOption = ["--save", "keeps the new session in the log"];
const A_SESSION = "A session is named by its id, the beginning or end of that, or last: the newest.";

/** The commands, in the order in which they are listed; those of `log` and `pkg` under both words. */
export const TOPICS: Readonly<Record<string, HelpTopic>> = {
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
      CONFIG,
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
      SAVE,
      ...RERUN,
      LOG,
      PROJECT,
      JSON_OUT,
      EVENTS,
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
      SAVE,
      ...RERUN,
      LOG,
      PROJECT,
      JSON_OUT,
      EVENTS,
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
  create: {
    summary: "makes a project that runs, with tests, in a folder that is new or empty",
    usage: ["create <name> [options]"],
    options: [["--link <folder>", "uses this copy of the library; default: the published one"], VERBOSE],
    examples: ["create demo"],
  },
  "pkg inspect": {
    summary: "shows what is in a package; none of its code is run",
    usage: ["pkg inspect <archive or folder> [options]"],
    options: [PROJECT, JSON_OUT, VERBOSE],
    examples: ["pkg inspect desk.zip"],
  },
  "pkg install": {
    summary: "shows what is in an archive, asks, and installs it; none of its code is run",
    usage: ["pkg install <archive> [options]"],
    options: [
      ["--alias <name>", "installs it under this name"],
      ["--scope <scope>", "user (the default): ~/.lllm/packages/; project: lllm_packages/ in the project"],
      ["--yes, -y", "installs without asking"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["pkg install desk.zip --scope project"],
  },
  "pkg export": {
    summary: "packs a package as an archive",
    usage: ["pkg export <name> <archive> [options]"],
    options: [
      ["--bundle-deps", "packs the packages that it depends on too"],
      ["--force", "replaces the archive, if it is there"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["pkg export market_desk desk.zip --bundle-deps"],
  },
  "pkg list": {
    summary: "lists the packages that are installed",
    usage: ["pkg list [options]"],
    options: [["--scope <scope>", "user or project; default: both"], PROJECT, JSON_OUT, VERBOSE],
    examples: ["pkg list --scope user"],
  },
  "pkg remove": {
    summary: "removes a package that is installed",
    usage: ["pkg remove <name> [options]"],
    options: [
      ["--scope <scope>", "user or project; default: where it is"],
      PROJECT,
      JSON_OUT,
      VERBOSE,
    ],
    examples: ["pkg remove market_desk"],
  },
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
  mcp: {
    summary: "serves tactics and proxies as MCP tools, over stdin and stdout until the client leaves",
    usage: ["mcp [package folder] [options]"],
    options: [
      ["--http <port>", "over HTTP on this machine in place of that, at /mcp; 0 is any free port"],
      ["--tactics <keys>", "the tactics, with commas between; default: all of the package"],
      ["--proxies <names>", "the proxies, with commas between; default: all of the package"],
      MODEL,
      PROJECT,
      VERBOSE,
    ],
    examples: ["mcp examples/market_desk --http 0 --model scripted/market_desk"],
  },
};
