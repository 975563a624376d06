import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
/** What a person needs to read a question: an answer that is there sooner was typed blindly. */
const REACTION_MS = 300;

/** Whether this machine can play a terminal. */
export const HAS_TERMINAL = await hasScript();

/** `lllm` at a pseudo terminal. */
export interface TerminalSession {
  /** Resolves once the terminal shows `text`, after what was waited for before. */
  untilShown(text: string): Promise<void>;
  /** Types a line. */
  type(line: string): Promise<void>;
  /** Waits for a question, reads it, and types a line. */
  answer(question: string, line: string): Promise<void>;
  /** Presses Ctrl and a letter. */
  press(letter: string): Promise<void>;
  /** What was shown, and the exit code. */
  readonly outcome: Promise<{ readonly code: number; readonly shown: string }>;
}

/** Starts `lllm` at a pseudo terminal, which `script` of util-linux plays. */
export function startAtTerminal(args: readonly string[]): TerminalSession {
  const parts = [Deno.execPath(), "run", "-A", "--no-prompt", "--config", join(ROOT, "deno.json")]
    .concat(join(ROOT, "src/cli/main.ts"), args);
  // Without a shell in between, which would have Ctrl-C as well.
  const command = `exec ${parts.map((part) => `'${part.replaceAll("'", "'\\''")}'`).join(" ")}`;
  const child = new Deno.Command("script", {
    args: ["--quiet", "--flush", "--return", "--command", command, "/dev/null"],
    env: { NO_COLOR: "1", OPENAI_API_KEY: "", LLLM_CONFIG: "", LLLM_LOG: "off", SHELL: "/bin/sh" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const write = (text: string) => writer.write(new TextEncoder().encode(text));
  const screen = new Screen(child.stdout);
  const type = (line: string) => write(`${line}\n`);
  return {
    untilShown: (text) => screen.until(text),
    type,
    answer: async (question, line) => {
      await screen.until(question);
      await screen.until("Approve?");
      await new Promise((resolve) => setTimeout(resolve, REACTION_MS));
      await type(line);
    },
    press: (letter) => write(String.fromCharCode(letter.toUpperCase().charCodeAt(0) - 64)),
    outcome: (async () => {
      const [shown, { code }] = await Promise.all([screen.all, child.status]);
      await writer.close().catch(() => {});
      return { code, shown: shown.replaceAll("\r\n", "\n") };
    })(),
  };
}

async function hasScript(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const command = new Deno.Command("script", { args: ["--version"], stdout: "null", stderr: "null" });
  return await command.output().then(({ success }) => success, () => false);
}

/** What a terminal shows. */
class Screen {
  readonly all: Promise<string>;
  #text = "";
  #seen = 0;
  #ended = false;
  #changed = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.all = this.#read(stream);
  }

  async until(text: string): Promise<void> {
    while (true) {
      const at = this.#text.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (this.#ended) throw new Error(`Expected "${text}", found "${this.#text.slice(this.#seen)}"`);
      await this.#changed.promise;
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += piece;
      this.#tell();
    }
    this.#ended = true;
    this.#tell();
    return this.#text;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
