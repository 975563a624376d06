import type { CallContext } from "@lllm/lllm/run";
import { NativeTactic, Tactic } from "@lllm/lllm/tactic";
import { tool } from "@lllm/lllm/tools";
import { Prompt } from "@lllm/lllm/prompt";
import type { Invoker } from "@lllm/lllm/invokers";
import type { SessionStore } from "@lllm/lllm/session";

/** An invoker that must not be asked. */
export const noInvoker: Invoker = {
  call: () => Promise.reject(new Error("a model was asked")),
};

/** What is different in a run of {@linkcode Research}. */
export interface ResearchOptions {
  invoker?: Invoker;
  logStore?: SessionStore;
  systemPrompt?: string;
  model?: string;
  /** Hears of each search that is really done. */
  onSearch?: (query: string) => void;
  streamHandler?: { handleChunk(text: string, chunk: unknown): void };
}

/** A tactic with an agent, a tool, time, chance and an effect. */
export class Research extends NativeTactic<string, Record<string, unknown>> {
  name = "research";
  agentGroup = ["scout"] as const;
  readonly #search;

  constructor(
    { systemPrompt = "You look things up.", model = "scripted", onSearch, ...rest }: ResearchOptions = {},
  ) {
    super({
      config: { agent_configs: [{ name: "scout", model_name: model, system_prompt: systemPrompt }] },
      invoker: noInvoker,
      ...rest,
    });
    this.#search = tool({
      name: "search",
      description: "Looks something up",
      parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
      execute: (args) => {
        const { query } = args as { query: string };
        onSearch?.(query);
        if (query === "nothing") throw new Error("There is nothing");
        return `Facts on ${query}`;
      },
    });
  }

  async call(task: string, context: CallContext): Promise<Record<string, unknown>> {
    const id = context.uuid();
    const luck = context.random();
    const at = context.now().toISOString();
    const seed = await context.step("seed", () => Promise.resolve({ value: Math.random() }));
    const scout = this.agent("scout").open("main");
    scout.receivePrompt(new Prompt({ path: "ask", prompt: "{task}", functions: [this.#search] }), {
      promptArgs: { task },
    });
    const answer = (await scout.respond()).content;
    return { id, luck, at, seed, answer, runId: context.runId };
  }
}

/** Replies of a scripted model for {@linkcode Research}: a search, then an answer. */
export function researchReplies(query = "rain") {
  return [
    { toolCalls: [{ name: "search", arguments: { query } }] },
    { text: `An answer about ${query}` },
  ];
}

/** Asks one question of the model through one agent, as a part of other tactics. */
export class Ask extends NativeTactic<string, string> {
  name = "ask";
  agentGroup = ["one"] as const;
  constructor(invoker: Invoker, logStore?: SessionStore, settings: Record<string, unknown> = {}) {
    const agent = { name: "one", model_name: "scripted", system_prompt: "You answer.", ...settings };
    super({ config: { agent_configs: [agent] }, invoker, ...(logStore === undefined ? {} : { logStore }) });
  }
  async call(task: string): Promise<string> {
    const one = this.agent("one").open("main");
    one.receive(task);
    return (await one.respond()).content as string;
  }
}

/** Asks the same question several times at once, and tells in which order the answers came. */
export class Race extends Tactic<number, string[]> {
  name = "race";
  readonly ask: Ask;
  constructor(invoker: Invoker, logStore?: SessionStore) {
    super(logStore === undefined ? {} : { logStore });
    this.ask = new Ask(invoker);
  }
  async call(count: number): Promise<string[]> {
    const order: string[] = [];
    await Promise.all(Array.from({ length: count }, async (_, index) => {
      order.push(`${index}: ${await this.ask.run("Which number?")}`);
    }));
    return order;
  }
}

/** Has one agent, whose only tool is another tactic. */
export class Boss extends NativeTactic<string, string> {
  name = "boss";
  agentGroup = ["boss"] as const;
  constructor(invoker: Invoker, readonly inner: Tactic<string, string>, logStore?: SessionStore) {
    const agent = { name: "boss", model_name: "scripted", system_prompt: "You lead." };
    super({ config: { agent_configs: [agent] }, invoker, ...(logStore === undefined ? {} : { logStore }) });
  }
  async call(task: string): Promise<string> {
    const boss = this.agent("boss").open("main");
    const prompt = new Prompt({ path: "ask", prompt: "{task}", functions: [this.inner.asTool()] });
    boss.receivePrompt(prompt, { promptArgs: { task } });
    return (await boss.respond()).content as string;
  }
}
