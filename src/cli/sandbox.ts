import { ProxyManager } from "../proxies/mod.ts";
import { createSandbox, type Sandbox } from "../sandbox/mod.ts";
import { createApprover } from "./_approver.ts";
import { type CellDraft, readEntries, type SessionEntry } from "./_cell_input.ts";
import { EXIT, type ExitCode } from "./_exit_codes.ts";
import { readText } from "./_input.ts";
import { writeNote, writeRaw } from "./_io.ts";
import { LineReader } from "./_line_reader.ts";
import { openRuntime } from "./_open_tactic.ts";
import { reportFailure } from "./_report.ts";
import { showResult } from "./_show_result.ts";

/** A session in the sandbox, as `lllm sandbox` does it. */
export interface SandboxCommand {
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** The language of the cells. Default: `"python"`. */
  readonly language?: "python" | "typescript";
  /** Which proxies `CALL_API` reaches. Default: all of the project. */
  readonly proxies?: readonly string[];
  /** Files that are a cell each, in place of stdin. Default: none. */
  readonly cells?: readonly string[];
  /** Whether an error is shown with its trace. Default: false. */
  readonly verbose?: boolean;
  /** What happens with calls that need an approval. Default: `"ask"` at a terminal, else `"none"`. */
  readonly approve?: "all" | "none" | "ask";
}

/** Output for people may be long, but not without an end. */
const MAX_OUTPUT_CHARS = 100_000;
const NAMES = { python: "Python", typescript: "TypeScript" } as const;

/**
 * Runs cells in a sandbox, from a terminal, stdin or files: what a cell prints and its value go to stdout, errors and notes to
 * stderr. Gives the exit code: 0 ok, 1 a cell failed (not at a terminal), 2 usage or config, 130 interrupted.
 */
export async function sandboxCommand(command: SandboxCommand): Promise<number> {
  const { project, language = "python", proxies = [], cells, verbose = false } = command;
  const lines = new LineReader();
  const session = new CellSession(cells === undefined && Deno.stdin.isTerminal(), lines);
  using _interrupts = listen(() => session.onInterrupt());
  try {
    const onApproval = createApprover({ mode: command.approve, lines });
    const texts = cells === undefined ? undefined : await Promise.all(cells.map(readText));
    const runtime = await openRuntime(project);
    const manager = new ProxyManager({ activateProxies: proxies, runtime, onApproval });
    await using sandbox = await createSandbox({
      language,
      callApi: (path, params, { signal }) => manager.call(path, params, { signal }),
      maxOutputChars: MAX_OUTPUT_CHARS,
    });
    session.greet(NAMES[language], manager.available());
    return await session.run(sandbox, texts);
  } catch (error) {
    return reportFailure(error, { verbose, topic: "sandbox" });
  }
}

/** What goes on between a person, or a pipe, and a sandbox. */
class CellSession {
  readonly #interactive: boolean;
  readonly #lines: LineReader;
  readonly #draft: CellDraft = { lines: [] };
  #sandbox: Sandbox | undefined;
  #doing: "starting" | "reading" | "running" | "stopping" = "starting";
  #failed = false;
  #interrupted = false;

  constructor(interactive: boolean, lines: LineReader) {
    this.#interactive = interactive;
    this.#lines = lines;
  }

  /** Says how the session is used, to those who sit at a terminal. */
  greet(language: string, proxies: readonly string[]): void {
    if (!this.#interactive) return;
    writeNote(`${language} in the sandbox. An empty line runs the cell; Ctrl-C stops it; Ctrl-D ends.`);
    writeNote(`:reset starts anew, :quit ends. CALL_API reaches: ${proxies.join(", ") || "nothing"}`);
  }

  /** Runs the cells, those of the files or of stdin, to their end. */
  async run(sandbox: Sandbox, files: readonly string[] | undefined): Promise<ExitCode> {
    this.#sandbox = sandbox;
    this.#doing = "reading";
    for await (const entry of files === undefined ? this.#readStdin() : toEntries(files)) {
      if (entry.type === "cell") await this.#runCell(sandbox, entry.code);
      else if (entry.name === "quit") break;
      else await this.#doCommand(sandbox, entry.name);
    }
    if (this.#interactive) return EXIT.ok;
    if (this.#interrupted) return EXIT.interrupted;
    return this.#failed ? EXIT.failed : EXIT.ok;
  }

  /** Ctrl-C: stops the cell; without one, or the second time, ends the session, but a terminal's line is just forgotten. */
  onInterrupt(): void {
    if (this.#doing === "running") {
      this.#doing = "stopping";
      this.#interrupted = true;
      void this.#sandbox?.interrupt();
    } else if (this.#doing === "reading" && this.#interactive) {
      this.#draft.lines = [];
      writeRaw("\n(Ctrl-D or :quit ends)\n>>> ");
    } else {
      Deno.exit(EXIT.interrupted);
    }
  }

  #readStdin(): AsyncIterable<SessionEntry> {
    const prompt = (isFirst: boolean) => {
      if (this.#interactive) writeRaw(isFirst ? ">>> " : "... ");
    };
    return readEntries(this.#lines, this.#draft, prompt);
  }

  async #runCell(sandbox: Sandbox, code: string): Promise<void> {
    this.#doing = "running";
    const result = await sandbox.runCell(code);
    this.#doing = "reading";
    showResult(result);
    if (result.outcome !== "ok") this.#failed = true;
  }

  async #doCommand(sandbox: Sandbox, name: string): Promise<void> {
    if (name !== "reset") {
      writeNote(`error: Cannot do ":${name}": expected :reset or :quit`);
      this.#failed = true;
      return;
    }
    await sandbox.reset();
    writeNote("The session was started anew");
  }
}

function toEntries(codes: readonly string[]): AsyncIterable<SessionEntry> {
  return ReadableStream.from(codes.map((code) => ({ type: "cell" as const, code })));
}

function listen(onInterrupt: () => void): Disposable {
  Deno.addSignalListener("SIGINT", onInterrupt);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", onInterrupt) };
}
