/**
 * What the tests of code mode share: a tactic whose agent runs the cells that it is given, and what came of it.
 *
 * @module
 */
import type { ProxyClass } from "../../src/proxies/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import type { SessionEvent, TacticCallSession } from "../../src/session/mod.ts";
import { NativeTactic, type RunOptions } from "../../src/tactic/mod.ts";
import { memoryStore, scriptedInvoker } from "../../src/testing/mod.ts";
import type { SessionRecord } from "../../src/session/mod.ts";

/** The languages of code mode. */
export const LANGUAGES = ["python", "typescript"] as const;
export type Language = typeof LANGUAGES[number];

/** One piece of code in each language. */
export type InBoth = Readonly<Record<Language, string>>;

/** What came of a run. */
export interface Outcome {
  /** What the model was told of each cell. */
  readonly told: readonly string[];
  readonly session: TacticCallSession<unknown>;
  readonly events: readonly SessionEvent[];
  readonly record: SessionRecord | undefined;
  /** What the run rejected with. */
  readonly error?: unknown;
}

class Coder extends NativeTactic<string, string> {
  name = "coder";
  agentGroup: readonly string[] = ["coder"];
  async call(task: string): Promise<string> {
    const agent = this.agent("coder").open("main");
    agent.receive(task);
    return String((await agent.respond()).content);
  }
}

/** Runs cells one after the other, as if a model had written them, with the given proxies. */
export async function runCells(
  language: Language,
  cells: readonly string[],
  setup: { proxies: Record<string, ProxyClass>; run?: RunOptions; proxy?: Record<string, unknown> },
): Promise<Outcome> {
  const runtime = new Runtime();
  for (const [name, proxyClass] of Object.entries(setup.proxies)) runtime.registerProxy(name, proxyClass);
  const store = memoryStore();
  const name = `run_${language}`;
  const coder = new Coder({
    runtime,
    logStore: store,
    config: {
      agent_configs: [{
        name: "coder",
        model_name: "scripted",
        system_prompt: "You code.",
        max_interrupt_steps: 0,
        proxy: { exec_env: language === "python" ? "interpreter" : "typescript", ...setup.proxy },
      }],
    },
    invoker: scriptedInvoker([
      ...cells.map((code) => ({ tool_calls: [{ name, arguments: { code } }] })),
      { text: "done" },
    ]),
  });
  const events: SessionEvent[] = [];
  let session: TacticCallSession<unknown> | undefined;
  coder.observe((event) => {
    events.push(event);
    if (event.type === "tactic_end") session = event.session;
  });
  let error: unknown;
  await coder.run("go", setup.run).catch((reason) => error = reason);
  const told = Object.values(session!.agentSessions["coder"]?.[0]?.interrupts ?? {}).flat()
    .map((call) => call.resultText ?? "");
  const record = store.records.find((record) => record.id === session!.sessionId);
  return { told, session: session!, events, record, ...(error === undefined ? {} : { error }) };
}
