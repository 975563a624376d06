import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
/** A project with a tactic for each thing that can happen. */
export const PROJECT = fromFileUrl(new URL("./_project", import.meta.url));

/** How a command ended. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode startLllm}. */
export interface StartOptions {
  readonly stdin?: string;
  readonly script?: string;
}

/** A command that runs. */
export interface RunningCommand {
  /** Resolves once stderr holds the text. */
  untilTold(text: string): Promise<void>;
  interrupt(): void;
  /** Ends it as an outage would. */
  kill(): void;
  readonly outcome: Promise<CommandOutcome>;
}

/** Starts `lllm` (or another script of this repository) as a process of its own, without any key. */
export function startLllm(args: readonly string[], options: StartOptions = {}): RunningCommand {
  const { stdin, script = "src/cli/main.ts" } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--config", join(ROOT, "deno.json"), join(ROOT, script), ...args],
    env: { NO_COLOR: "1", OPENAI_API_KEY: "", LLLM_CONFIG: "", LLLM_LOG: "off" },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const told = new Lines(child.stderr);
  const outcome = (async () => {
    if (stdin !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(stdin));
      await writer.close();
    }
    const [stdout, stderr, { code }] = await Promise.all([
      new Response(child.stdout).text(),
      told.all,
      child.status,
    ]);
    return { code, stdout, stderr };
  })();
  return {
    untilTold: (text) => told.until(text),
    interrupt: () => child.kill("SIGINT"),
    kill: () => child.kill("SIGKILL"),
    outcome,
  };
}

/** Runs `lllm` to its end. */
export function lllm(args: readonly string[], options: StartOptions = {}): Promise<CommandOutcome> {
  return startLllm(args, options).outcome;
}

/** Runs `body` with a folder that is gone afterwards. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a stream has told so far. */
class Lines {
  readonly all: Promise<string>;
  #text = "";
  #listeners = new Set<() => void>();
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.all = this.#read(stream);
  }

  until(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (this.#text.includes(text)) resolve();
        else if (this.#ended) reject(new Error(`Expected "${text}" on stderr, found "${this.#text}"`));
      };
      this.#listeners.add(check);
      check();
    });
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += piece;
      for (const listener of this.#listeners) listener();
    }
    this.#ended = true;
    for (const listener of this.#listeners) listener();
    return this.#text;
  }
}
