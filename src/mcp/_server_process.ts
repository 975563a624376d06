/**
 * The process of a server: started with next to nothing in its environment, and ended with certainty.
 *
 * @module
 */
import { LLLMError } from "../errors.ts";
import type { McpServer } from "../tools/mod.ts";
import type { Redactor } from "../util/mod.ts";
import { redactorOf } from "./_redactor_of.ts";

/** What a program needs to run at all, and what holds no secret. */
const INHERITED = Deno.build.os === "windows"
  ? [
    "PATH",
    "PATHEXT",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "TEMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "USERNAME",
  ]
  : ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/** How long a server may take to end by itself, and then after it was asked to. */
const GRACE_MS = 1_000;
const MAX_STDERR_CHARS = 4_000;

/** The program that dies with its parent and takes the place of what it starts; part of every Linux. */
const DEATH_WATCH = "setpriv";
let hasDeathWatch = Deno.build.os === "linux";

/** A server's process. */
export class ServerProcess {
  /** The process's number. */
  readonly pid: number;
  /** Its output. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** Resolves when it is gone, with what there is to say about that. */
  readonly ended: Promise<string>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #command: string;
  readonly #redactor: Redactor;
  #stderr = "";

  private constructor(child: Deno.ChildProcess, command: string, redactor: Redactor) {
    this.#child = child;
    this.#command = command;
    this.#redactor = redactor;
    this.pid = child.pid;
    this.stdout = child.stdout;
    this.#input = child.stdin.getWriter();
    this.#input.closed.catch(() => {}); // a process that ended reads no more
    const errors = this.#readStderr().catch(() => {});
    this.ended = this.#watch(errors);
  }

  /**
   * Starts the program of a server.
   *
   * @throws {LLLMError} `config_invalid` when it may not be started, or is not there
   */
  static start(server: McpServer): ServerProcess {
    const command = server.command!;
    return new ServerProcess(spawn(server, command), command, redactorOf(server));
  }

  /** Writes to its input. */
  write(text: string): Promise<void> {
    return this.#input.write(new TextEncoder().encode(text));
  }

  /** Lets the program end while nothing is asked of the server, or not. */
  setIdle(idle: boolean): void {
    if (idle) this.#child.unref();
    else this.#child.ref();
  }

  /** Ends the process: closes its input, then asks, then kills; resolves when it is gone. */
  async end(): Promise<void> {
    this.#child.ref();
    await Promise.race([this.#input.close().catch(() => {}), waitMs(0)]); // it may never read what is still to be written
    if (await this.#endsWithin(GRACE_MS)) return this.#killGroup("SIGKILL"); // what it started and left
    this.#killGroup("SIGTERM");
    if (await this.#endsWithin(GRACE_MS)) return this.#killGroup("SIGKILL");
    this.kill();
    await this.ended;
  }

  /** Kills the process, and what it started. */
  kill(): void {
    this.#killGroup("SIGKILL");
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), ms));
    const ended = await Promise.race([this.ended.then(() => true), late]);
    clearTimeout(timer);
    return ended;
  }

  /** The process leads a group of its own: npx and its like start the server as a child. */
  #killGroup(signal: "SIGTERM" | "SIGKILL"): void {
    try {
      if (Deno.build.os !== "windows" && isGranted({ name: "run" })) Deno.kill(-this.pid, signal);
      else this.#child.kill(signal);
    } catch {
      // It is gone already.
    }
  }

  async #watch(errors: Promise<void>): Promise<string> {
    const { code, signal } = await this.#child.status;
    await Promise.race([errors, waitMs(200)]); // a child of the process may keep it open
    if (code === 127 && this.#stderr.startsWith(`${DEATH_WATCH}: `)) {
      return `expected a program "${this.#command}", found none that can be started`;
    }
    const stderr = this.#stderr.trim();
    return `its process ended with ${signal ?? `exit code ${code}`}${stderr === "" ? "" : `: ${stderr}`}`;
  }

  async #readStderr(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      // A key that was cut could not be found any more.
      this.#stderr = this.#redactor.redact(this.#stderr + text).slice(-MAX_STDERR_CHARS);
    }
  }
}

function spawn(server: McpServer, command: string): Deno.ChildProcess {
  const options: Deno.CommandOptions = {
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    clearEnv: true,
    env: { ...inheritedEnv(), ...server.env },
    detached: true, // a group of its own, so that all of it can be ended
  };
  try {
    if (hasDeathWatch && isGranted({ name: "run", command: DEATH_WATCH })) {
      try {
        const args = ["--pdeathsig", "KILL", "--", command, ...server.args];
        return new Deno.Command(DEATH_WATCH, { ...options, args }).spawn();
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        hasDeathWatch = false;
      }
    }
    return new Deno.Command(command, { ...options, args: [...server.args] }).spawn();
  } catch (cause) {
    throw refused(server, command, cause);
  }
}

function refused(server: McpServer, command: string, cause: unknown): unknown {
  const action = `Cannot start MCP server "${server.label}"`;
  if (cause instanceof Deno.errors.NotCapable) {
    const flag = `--allow-run=${command}`;
    return new LLLMError(`${action}: expected the permission ${flag}, found it missing`, {
      code: "config_invalid",
      data: { server: server.label, flag },
      cause,
    });
  }
  if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.PermissionDenied)) return cause;
  return new LLLMError(`${action}: expected a program "${command}", found none that can be started`, {
    code: "config_invalid",
    data: { server: server.label, command },
    cause,
  });
}

function inheritedEnv(): Record<string, string> {
  const entries = INHERITED.filter((variable) => isGranted({ name: "env", variable }))
    .map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

function waitMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
