/** Batches of agents that are killed, looked at, gone on with: what must hold each time. */
import { fromFileUrl } from "@std/path";
import { startProviderServer } from "../tests/provider_server/mod.ts";

/** What to do. */
export interface KillRoundsOptions {
  /** The store's kind. */
  readonly kind: "sqlite" | "postgres";
  /** Its file or URL. It may hold other sessions. */
  readonly path: string;
  /** Batches; each is killed once, and up to twice again while it is gone on with. */
  readonly rounds: number;
  /** Tasks of a batch: each is three model calls and two tool calls. */
  readonly tasks: number;
  /** Chooses the moments. */
  readonly seed: number;
  /** Hears of each round that is over. */
  readonly onRound?: (round: KillRound) => void;
}

/** What came of one batch. */
export interface KillRound {
  readonly batch: string;
  /** Times that a program of this batch was killed. */
  readonly kills: number;
  /** Steps whose results were handed on before a kill. */
  readonly acknowledged: number;
  /** Sessions that a kill interrupted. */
  readonly interrupted: number;
  /** Model calls that were kept in those sessions. */
  readonly keptCalls: number;
  /** Model calls that the provider answered more than once: under way at a kill, not kept. */
  readonly repeatedInFlight: number;
  /** What must not be. */
  readonly problems: readonly string[];
}

const CALLS_PER_TASK = 3;
const STEPS_PER_TASK = 5;
const WORKERS = 16;

/** Runs the batches, one after the other, in one store. */
export async function killRounds(options: KillRoundsOptions): Promise<KillRound[]> {
  const { rounds, seed, onRound } = options;
  const random = mulberry32(seed);
  const ledger: string[] = [];
  await using provider = await startProviderServer({
    validate: false,
    record: false,
    keepAlive: true,
    latencyMs: () => random() * 8,
    script: ({ body }) => {
      const messages = body.messages as { role: string; content: string }[];
      const task = messages.find(({ role }) => role === "user")!.content;
      const turn = messages.filter(({ role }) => role === "tool").length;
      ledger.push(`${task}/${turn}`);
      return turn < CALLS_PER_TASK - 1
        ? { toolCalls: [{ name: "lookup", arguments: { task, part: turn } }] }
        : { text: answerTo(task) };
    },
  });
  const done: KillRound[] = [];
  for (let n = 0; n < rounds; n++) {
    const round = await new Round(`${seed}-${n}`, options, provider.baseUrl, ledger, random).run(n % 3);
    done.push(round);
    onRound?.(round);
  }
  return done;
}

/** A session as the program shows it. */
interface SeenSession {
  readonly id: string;
  readonly state: string;
  readonly task: string;
  readonly result?: unknown;
  readonly place: string;
  readonly steps: readonly {
    readonly kind: string;
    readonly index: number;
    readonly place: string;
    readonly failed: boolean;
    readonly turn: number;
    readonly id?: string;
  }[];
}

class Round {
  readonly #problems: string[] = [];
  /** Model calls, and runs of tools, that the store had at some time: none of them may be done again. */
  readonly #keptCalls = new Set<string>();
  readonly #keptTools = new Set<string>();
  readonly #started = new Set<string>();
  readonly #steps = new Set<string>();
  #done = 0;
  #kills = 0;

  constructor(
    readonly batch: string,
    readonly options: KillRoundsOptions,
    readonly baseUrl: string,
    readonly ledger: readonly string[],
    readonly random: () => number,
  ) {}

  async run(killsAgain: number): Promise<KillRound> {
    const { tasks } = this.options;
    const first = this.ledger.length;
    // Beside the steps each run says three lines: it starts, and its tools are run.
    const lines = tasks * (STEPS_PER_TASK + 3);
    // As long as there are more tasks than workers, it is not over.
    const latest = Math.min(0.9, 1 - WORKERS / tasks);
    await this.#program("run", { afterLines: Math.ceil(lines * (0.03 + (latest - 0.03) * this.random())) });
    // Who looks first brings what was appended to its place: killed meanwhile, it leaves the rest to the next one.
    await this.#program("inspect", { afterMs: 100 + 600 * this.random() });
    let sessions = await this.#inspect();
    const interrupted = sessions.filter(({ state }) => state === "interrupted").length;
    const keptCalls = sessions.filter(({ state }) => state === "interrupted")
      .reduce((sum, { steps }) => sum + steps.filter(({ kind }) => kind === "model").length, 0);
    const acknowledged = this.#steps.size;
    for (let n = 0; n < killsAgain; n++) {
      await this.#program("continue", { afterLines: 1 + Math.floor(this.random() * 3 * interrupted) });
      await this.#inspect();
    }
    await this.#program("continue");
    sessions = await this.#inspect();
    for (const { id, state } of sessions) {
      if (state !== "success") this.#problems.push(`${id} is ${state} after it was gone on with`);
    }
    await this.#program("run");
    this.#checkEnd(await this.#inspect());
    const replayed = (await this.#program("replay")).filter((line) => line.startsWith("same ")).length;
    if (replayed !== tasks) this.#problems.push(`${replayed} of ${tasks} sessions can be replayed alike`);
    const answered = this.ledger.slice(first);
    const repeated = answered.length - new Set(answered).size;
    if (repeated > this.#kills * WORKERS) {
      this.#problems.push(`${repeated} calls were done again, more than were under way`);
    }
    const { batch } = this;
    const facts = { batch, kills: this.#kills, acknowledged, interrupted, keptCalls };
    return { ...facts, repeatedInFlight: repeated, problems: this.#problems };
  }

  /** Runs the program to its end, or kills it after a while, or at a moment after it has written so many lines; gives its lines. */
  async #program(
    action: string,
    { afterLines = Infinity, afterMs }: { afterLines?: number; afterMs?: number } = {},
  ): Promise<string[]> {
    const { kind, path, tasks } = this.options;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", PROGRAM, kind, path, this.batch, `${tasks}`, this.baseUrl, action],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const errors = new Response(child.stderr).text();
    const kill = () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
    };
    const timer = afterMs === undefined ? undefined : setTimeout(kill, afterMs);
    let text = "";
    let count = 0;
    let isKilled = false;
    const before = this.ledger.length;
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += piece;
      count += piece.split("\n").length - 1;
      if (isKilled || count < afterLines) continue;
      isKilled = true;
      setTimeout(kill, this.random() * 6); // somewhere within the next steps
    }
    const { success, signal } = await child.status;
    clearTimeout(timer);
    if (signal === "SIGKILL") this.#kills++;
    else if (!success) this.#problems.push(`${action} failed: ${await errors}`);
    await errors;
    const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
    this.#hear(lines);
    for (const call of this.ledger.slice(before)) {
      if (this.#keptCalls.has(call)) this.#problems.push(`call ${call} was kept, and done again`);
    }
    return lines;
  }

  /** Takes down what a program said: from then on the store must have it. */
  #hear(lines: readonly string[]): void {
    for (const line of lines) {
      const [what, a = "", b = "", c = ""] = line.split(" ");
      if (what === "start") this.#started.add(a);
      if (what === "step") this.#steps.add(`${a} ${b} ${c}`);
      if (what === "done") this.#done = Math.max(this.#done, Number(a));
      if (what === "did" && this.#keptTools.has(a)) {
        this.#problems.push(`tool ${a} was kept, and run again`);
      }
    }
  }

  /** Lets a fresh program look, and checks that the store has what was acknowledged, once. */
  async #inspect(): Promise<SeenSession[]> {
    let sessions: SeenSession[];
    do {
      const lines = await this.#program("inspect");
      sessions = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as SeenSession);
      // A database server hears of the end of a program when it reads from the connection.
    } while (this.options.kind === "postgres" && sessions.some(({ state }) => state === "running"));
    const problems = this.#problems;
    const ids = new Set(sessions.map(({ id }) => id));
    if (ids.size !== sessions.length) problems.push("a session is listed twice");
    if (new Set(sessions.map(({ place }) => place)).size !== sessions.length) {
      problems.push("a task has two sessions");
    }
    for (const id of this.#started) if (!ids.has(id)) problems.push(`session ${id} is lost`);
    const successes = sessions.filter(({ state }) => state === "success").length;
    if (successes < this.#done) problems.push(`${this.#done} runs were over, ${successes} are kept`);
    const kept = new Set<string>();
    for (const session of sessions) this.#checkSession(session, kept);
    for (const step of this.#steps) if (!kept.has(step)) problems.push(`step ${step} is lost`);
    return sessions;
  }

  #checkSession({ id, state, task, result, steps }: SeenSession, kept: Set<string>): void {
    const problems = this.#problems;
    if (state !== "success" && state !== "interrupted") problems.push(`session ${id} is ${state}`);
    if (state === "success" && result !== answerTo(task)) problems.push(`session ${id} has another result`);
    if (new Set(steps.map(({ place }) => place)).size !== steps.length) {
      problems.push(`session ${id} has a step twice`);
    }
    if (steps.some(({ index }, n) => index !== n)) problems.push(`session ${id} has a gap`);
    for (const { kind, failed, turn, id: step } of steps) {
      if (failed) problems.push(`session ${id}: a step failed`);
      kept.add(`${id} ${kind} ${step}`);
      const key = `${task}/${turn}`;
      if (kind === "tool") this.#keptTools.add(key);
      else this.#keptCalls.add(key);
    }
  }

  #checkEnd(sessions: readonly SeenSession[]): void {
    const { tasks } = this.options;
    const over = sessions.filter(({ state, steps }) =>
      state === "success" && steps.length === STEPS_PER_TASK
    );
    const different = new Set(over.map(({ task }) => task)).size;
    if (sessions.length !== tasks || different !== tasks) {
      this.#problems.push(
        `${tasks} tasks ended as ${sessions.length} sessions, ${different} of them whole and different`,
      );
    }
  }
}

const PROGRAM = fromFileUrl(new URL("./_kill_batch_program.ts", import.meta.url));

function answerTo(task: unknown): string {
  return `The answer to ${task}`;
}

/** Numbers from 0 to 1, the same ones for a seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
