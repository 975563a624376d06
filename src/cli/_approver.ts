import type { ApprovalAnswer, ApprovalRequest, OnApproval } from "../run/mod.ts";
import { writeNote, writeRaw } from "./_io.ts";
import type { LineReader } from "./_line_reader.ts";
import { plain, plainText } from "./_plain.ts";
import { UsageError } from "./_usage_error.ts";

/** What `--approve` says. */
const APPROVE_MODES = ["all", "none", "ask"] as const;
/** Who decides about calls that need an approval: everything is approved, nothing is, or a person is asked. */
export type ApproveMode = typeof APPROVE_MODES[number];

/** Reads what stands behind `--approve`. */
export function readApproveMode(text: unknown): ApproveMode {
  const mode = APPROVE_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw new UsageError(`Cannot use --approve: expected all, none or ask, found "${text}"`);
}

/** Options of {@linkcode createApprover}. */
export interface ApproverOptions {
  /** What `--approve` says. Default: `ask` where somebody can be asked, else `none`. */
  readonly mode: ApproveMode | undefined;
  /** Where answers come from; `undefined` where stdin is something else. */
  readonly lines: LineReader | undefined;
  /** Whether somebody sits there. Default: stdin and stderr are a terminal. */
  readonly isTerminal?: boolean;
  /** Keeps others from writing until it is disposed of. Default: nobody else writes. */
  readonly pause?: () => Disposable;
  /** Milliseconds, for the time a question is shown. Default: the machine's. */
  readonly now?: () => number;
}

/** An answer that is there sooner was typed before the question could be read. */
const SOONEST_ANSWER_MS = 200;
const MAX_ARGUMENT_CHARS = 20_000;

/**
 * Decides about calls that need an approval as `--approve` says. A person is shown one call at a time, on stderr, whole and without
 * what a terminal would obey; an end of the input is a no.
 *
 * @throws {UsageError} when a person is to be asked and cannot be
 */
export function createApprover(options: ApproverOptions): OnApproval {
  const { isTerminal = Deno.stdin.isTerminal() && Deno.stderr.isTerminal(), lines } = options;
  const canAsk = isTerminal && lines !== undefined;
  const mode = options.mode ?? (canAsk ? "ask" : "none");
  if (mode === "all") return approveAll;
  if (mode === "none") return (request) => refuse(request, options.mode, lines === undefined);
  if (!canAsk) {
    const found = isTerminal ? "stdin that is the input" : "none";
    throw new UsageError(
      `Cannot use --approve ask: expected a terminal to ask at, found ${found}; all or none decides without one`,
    );
  }
  const terminal = new Terminal({ ...options, lines });
  return (request, { signal }) => terminal.ask(request, signal);
}

function approveAll(request: ApprovalRequest): ApprovalAnswer {
  writeNote(`approved by --approve all: ${describe(request)}`);
  return { decision: "approve", by: "--approve all" };
}

function refuse(
  request: ApprovalRequest,
  asked: ApproveMode | undefined,
  inputIsStdin: boolean,
): ApprovalAnswer {
  const reason = asked === "none"
    ? "--approve none was given"
    : `${
      inputIsStdin ? "stdin is the input" : "there is no terminal to ask at"
    }; --approve all approves every call`;
  writeNote(`not approved: ${describe(request)}: ${reason}`);
  return { decision: "deny", by: "lllm", reason };
}

function describe({ agentName, toolName, arguments: args }: ApprovalRequest): string {
  const text = JSON.stringify(args);
  const shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  return plain(`${agentName === "" ? "" : `${agentName}: `}${toolName} ${shown}`);
}

/** Asks a person, one question after the other. */
class Terminal {
  readonly #options: ApproverOptions & { lines: LineReader };
  readonly #always = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ApproverOptions & { lines: LineReader }) {
    this.#options = options;
  }

  async ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      signal.throwIfAborted();
      if (this.#always.has(keyOf(request))) {
        return { decision: "approve", by: "the terminal, for all such calls" };
      }
      return await this.#askNow(request, signal);
    } finally {
      resolve();
    }
  }

  async #askNow(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
    const { lines, pause, now = () => performance.now() } = this.#options;
    using _quiet = pause?.();
    showRequest(request);
    const shownAt = now();
    while (true) {
      writeRaw(`Approve? y: yes, n: no, a: always, all calls of ${plain(request.toolName)} in this run: `);
      const line = await this.#read(lines, signal);
      if (line === undefined) {
        writeNote("");
        return { decision: "deny", by: "lllm", reason: "the terminal was closed" };
      }
      if (now() - shownAt < SOONEST_ANSWER_MS) {
        writeNote("That was typed before the question was there, so it is not taken");
        continue;
      }
      switch (line.trim().toLowerCase()) {
        case "a":
        case "always":
          this.#always.add(keyOf(request)); // falls through
        case "y":
        case "yes":
          return { decision: "approve", by: "the terminal" };
        case "n":
        case "no":
          return { decision: "deny", by: "the terminal" };
      }
    }
  }

  async #read(lines: LineReader, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await lines.read(signal);
    } catch (error) {
      if (signal.aborted) writeNote("\nThe question is of no more use");
      throw error;
    }
  }
}

/** What is approved for good is a tool for one agent. */
function keyOf({ agentName, toolName }: ApprovalRequest): string {
  return JSON.stringify([agentName, toolName]);
}

function showRequest({ agentName, toolName, arguments: args }: ApprovalRequest): void {
  const text = plainText(JSON.stringify(args, null, 2));
  const shown = text.length > MAX_ARGUMENT_CHARS
    ? `${text.slice(0, MAX_ARGUMENT_CHARS)}\n… and ${text.length - MAX_ARGUMENT_CHARS} characters more`
    : text;
  const who = agentName === "" ? "The code" : agentName;
  writeNote(`\n${plain(who)} wants to call ${plain(toolName)} with\n${shown}`);
}
