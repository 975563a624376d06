import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { browserTest } from "./_browser.ts";
import { FORM, serveSite } from "./_site.ts";

/** A program of its own with a browser. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #rest = "";

  constructor(address: string, env: Record<string, string> = {}) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", fromFileUrl(new URL("_browser_program.ts", import.meta.url)), address],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      env,
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#input = this.#child.stdin.getWriter();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async line(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`the program ended after ${JSON.stringify(this.#rest)}`);
      this.#rest += value;
    }
    const [line = "", ...rest] = this.#rest.split("\n");
    this.#rest = rest.join("\n");
    return line;
  }

  async act(action: unknown): Promise<string> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(action)}\n`));
    return await this.line();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async end(): Promise<number> {
    await this.#input.close();
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#input.close().catch(() => {});
    await this.#lines.cancel();
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** The processes below one, at any depth (Linux). */
function descendants(pid: number): Process[] {
  const all = [...Deno.readDirSync("/proc")].flatMap(({ name }): Process[] => {
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return []; // no process, or one that has ended
    }
  });
  const below = (parent: number): Process[] =>
    all.filter((other) => other.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

function isAlive(pid: number): boolean {
  try {
    return !/\) Z/.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

async function allGone(processes: readonly Process[]): Promise<void> {
  const end = performance.now() + 10_000;
  while (processes.some(({ pid }) => isAlive(pid))) {
    const left = processes.filter(({ pid }) => isAlive(pid)).map(({ command }) => command.slice(0, 80));
    assert.ok(performance.now() < end, `these are left: ${left.join("; ")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

browserTest("a page that crashes is told of, and the browser goes back to where it began", async () => {
  await using site = serveSite({ "/form": FORM });
  await using program = new Program(`${site.origin}/form`);
  assert.equal(await program.line(), "ready");
  assert.equal(await program.act({ type: "click", x: 1, y: 1 }), "done");
  const renderers = descendants(program.pid).filter(({ command }) => command.includes("--type=renderer"));
  for (const { pid } of renderers) Deno.kill(pid, "SIGKILL");
  await allGone(renderers);
  assert.match(
    await program.act({ type: "wait" }),
    /crashed\. The screen now shows http.*\/form; nothing else was done/,
  );
  assert.equal(await program.act({ type: "click", x: 1, y: 1 }), "done");
  assert.equal(await program.end(), 0);
});

browserTest("no process of the browser outlives its program, killed or not", async () => {
  await using site = serveSite({ "/form": FORM });
  for (const isKilled of [true, false]) {
    await using program = new Program(`${site.origin}/form`);
    assert.equal(await program.line(), "ready");
    const processes = descendants(program.pid);
    assert.ok(processes.length > 2);
    if (isKilled) program.kill();
    else assert.equal(await program.end(), 0);
    await allGone(processes);
  }
});

browserTest("the browser sees no variable of the program's environment", async () => {
  await using site = serveSite({ "/form": FORM });
  await using program = new Program(`${site.origin}/form`, { OPENAI_API_KEY: "SECRET-123" });
  assert.equal(await program.line(), "ready");
  for (const { pid } of descendants(program.pid)) {
    const environment = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => "");
    assert.doesNotMatch(environment, /SECRET-123/);
  }
  assert.equal(await program.end(), 0);
});
