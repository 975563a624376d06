/** What `lllm --help` says. */
export const HELP = `lllm: run tactics from the command line

Usage:
  lllm run <tactic key> [input | @file | -] [options]
  lllm run <tactic key> --batch tasks.jsonl --out results.jsonl [options]
  lllm keys [--type <type>] [--project <folder>] [--json]
  lllm doctor [--project <folder>] [--config <name>] [--json]
  lllm create <name> [--link <folder>]
  lllm pkg inspect <archive or folder> [--json]
  lllm pkg install <archive> [--alias <name>] [--scope user|project] [--yes] [--json]
  lllm pkg export <name> <archive> [--bundle-deps] [--force] | list [--scope <scope>] | remove <name> [--scope <scope>]
  lllm sandbox [--language <language>] [--proxies <names>] [--cell <file>]... [--approve <who>] [--project <folder>]
  lllm log list | cost [--tactic <key>] [--tag <name>=<value>]... [--state <state>] [--after, --before <date>]
  lllm log show | tree | export | replay | fork | delete <session> [options]
  lllm log diff <session> <session>
  lllm log gc [--before <date>] [--keep <number>] [--max-age-days <number>] [--max-bytes <number, or 500MB>]
  lllm mcp [<package folder>] [--http <port>] [--tactics <keys>] [--proxies <names>] [--model <provider/name>]

Input is a text, the content of a file (@file), or stdin (-); @@ starts a text that begins with @.
Where the tactic takes no text, the input is JSON.

Options of run:
  --project <folder>       the project, or its lllm.toml; default: found from here upwards
  --config <name>          the config of the agents; default: that of the tactic's name, else "default"
  --model <provider/name>  the model of every agent; scripted/<name> plays the asset scripts/<name>.yaml
  --json                   one JSON object on stdout
  --verbose                a line for each event, and the trace of an error, on stderr
  --batch <file>           runs each line of the file, a JSON value, as a task
  --out <file>             gets one line a task, as soon as it has ended:
                           {index, ok, result | error, taskHash, sessionId, summary}
  --max-workers <number>   tasks at once; default: the config's max_workers, else 8
  --resume                 goes on with an --out file: tasks that succeeded are skipped, others run (again)
  --approve <who>          decides about calls of tools and endpoints that need an approval: ask asks here, at the
                           terminal; none refuses them, all approves them; default: ask at a terminal, else none
  --budget <limits>        usd=1,tokens=200k,steps=100,wall=10m, or some of them: what the run, or the whole batch, may
                           use; what does not fit is not done, and the run ends with exit code 4

  --log <file>             where the run is kept: a file of SQLite, a folder (name/) of JSON files, or a URL of
                           PostgreSQL; default: $LLLM_LOG (off: nowhere), else .lllm/log.db in the project
  --no-log                 keeps it nowhere

Options of log: a session is named by its id, the beginning or end of that, or last; --log as above
  --limit, --cursor        list: how many (20), and from where on
  --batch                  diff: compares two batches, named after their --out files without the ending
  --step <path or index>   show: one step, whole
  --format, --out          export: json, jsonl or markdown; to a file
  --continue               replay: goes on live after what was recorded; default: the first difference ends it
  --at <path or index>     fork: the step from which on everything is done anew
  --output <text or @file> fork: what that step gives, in place of being done
  --config, --model        replay, fork: as in run; default: as the session was run
  --approve <who>          replay --continue, fork: ask, none or all, as in run
  --save                   replay, fork: keeps the new session in the log

Options of sandbox: cells come from the terminal, stdin or files; an empty line ends a cell
  --language <language>    python (the default) or typescript
  --proxies <names>        what CALL_API reaches, with commas between; default: all of the project
  --cell <file>            a file that is one cell; may be given several times
  --approve <who>          ask, none or all, as in run
  At a terminal :reset starts anew, Ctrl-C stops a cell, :quit or Ctrl-D ends. Elsewhere a cell that
  fails does not end the session, but makes the exit code 1.

Options of doctor: what is there, what is missing, and the flags that a program needs
  --config <name>          what this config alone needs; default: all configs of the project

Options of create: makes a project that runs, with tests, in a folder that is new or empty
  --link <folder>          uses this copy of the library; default: the published one

Options of pkg: no code of a package is run; install shows what is in it, and asks
  --alias <name>           installs it under this name
  --scope <scope>          user: ~/.lllm/packages/, for install the default; project: lllm_packages/ in the project
  --yes                    installs without asking
  --bundle-deps            packs the packages that it depends on too
  --force                  replaces the archive, if it is there

Options of mcp: serves tactics and proxies as MCP tools, over stdin and stdout until the client leaves
  --http <port>            over HTTP on this machine in place of that, at /mcp; 0 is any free port
  --tactics, --proxies     what is served, with commas between; default: all of the package

Other:
  --help, --version

stdout holds only the result; everything else goes to stderr.
Exit codes: 0 ok, 1 the run failed, 2 usage or config, 3 provider or key, 4 budget, 130 interrupted.`;
