import type { SessionEvent } from "../session/mod.ts";
import { writeNote, writeRaw } from "./_io.ts";

/** Options of {@linkcode createProgress}. */
export interface ProgressOptions {
  /** Whether each event gets a line of its own. */
  readonly verbose: boolean;
  /** Whether stderr is a terminal: what is under way is then shown in one line that changes. Default: as it is. */
  readonly isTerminal?: boolean;
}

/** Tells on stderr what is under way. */
export interface Progress extends Disposable {
  /** Takes an event of a run. */
  handleEvent(event: SessionEvent): void;
  /** Says what is under way, in place of what was. */
  setStatus(text: string): void;
  /** Writes nothing until that is disposed of: somebody is asked something. */
  pause(): Disposable;
}

/** A file or a pipe gets a line when something takes this long. */
const PIPE_INTERVAL_MS = 10_000;
const TERMINAL_INTERVAL_MS = 1_000;
const CLEAR_LINE = "\r\x1b[K";

/** Creates a progress display; it ends when it is disposed of. */
export function createProgress(options: ProgressOptions): Progress {
  const { verbose, isTerminal = Deno.stderr.isTerminal() } = options;
  let status = "";
  let since = performance.now();
  let isPaused = false;
  const kept: string[] = [];
  const show = () => {
    if (status === "" || isPaused) return;
    const seconds = Math.round((performance.now() - since) / 1000);
    const text = seconds < 1 ? `${status} …` : `${status} … ${seconds} s`;
    if (isTerminal) writeRaw(`${CLEAR_LINE}${text.slice(0, columns() - 1)}`);
    else if (seconds > 0) writeNote(text);
  };
  const clear = () => {
    if (isTerminal && status !== "") writeRaw(CLEAR_LINE);
  };
  const tell = (line: string) => {
    if (isPaused) return void kept.push(line);
    clear();
    writeNote(line);
  };
  const setStatus = (text: string) => {
    status = text;
    since = performance.now();
    if (isTerminal) show();
  };
  const timer = setInterval(show, isTerminal ? TERMINAL_INTERVAL_MS : PIPE_INTERVAL_MS);
  return {
    setStatus,
    handleEvent: (event) => {
      const doing = describeStart(event);
      if (doing !== undefined) setStatus(doing);
      const line = describeDone(event, verbose);
      if (line !== undefined) tell(line);
    },
    pause: () => {
      clear();
      isPaused = true;
      return {
        [Symbol.dispose]: () => {
          isPaused = false;
          for (const line of kept.splice(0)) tell(line);
        },
      };
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      clear();
      status = "";
    },
  };
}

function describeStart(event: SessionEvent): string | undefined {
  if (event.type === "model_start") return `${event.agentName}: ${event.model}`;
  if (event.type === "tool_start") return `${event.agentName}: ${event.call.name}`;
  return undefined;
}

function describeDone(event: SessionEvent, verbose: boolean): string | undefined {
  if (event.type === "recall") {
    return `${event.agentName}: asking again in ${seconds(event.waitMs)} s: ${oneLine(event.error)}`;
  }
  if (!verbose) return undefined;
  switch (event.type) {
    case "model_end":
      return `${event.agentName}: ${
        event.message.model ?? "model"
      } answered, ${event.cost.totalTokens} tokens`;
    case "tool_end": {
      const outcome = event.repeated ? "repeated, not run again" : event.call.success ? "done" : "failed";
      return `${event.agentName}: ${event.call.name} ${outcome}, ${seconds(event.durationMs)} s`;
    }
    case "repair":
      return `${event.agentName}: ${event.rung === "mend" ? "mended" : "asked to repair"} a reply: ${
        oneLine(event.error)
      }`;
    case "tactic_start":
      return `${event.session.tacticName}: session ${event.session.sessionId}`;
    case "tactic_end":
      return `${event.session.tacticName}: ${event.session.state}`;
    default:
      return undefined;
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
