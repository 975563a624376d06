import { Dialog } from "../dialog/mod.ts";
import { LLLMError } from "../errors.ts";
import type { StreamHandler } from "../invokers/mod.ts";
import type { ApiType, Message } from "../message/mod.ts";
import type { Prompt } from "../prompt/mod.ts";
import {
  currentRun,
  directRunner,
  getDefaultResolver,
  type Resolver,
  RunContext,
  systemClock,
} from "../run/mod.ts";
import { AgentCallSession, AgentError, type AgentEvent } from "../session/mod.ts";
import { findTracer } from "../telemetry/mod.ts";
import { joinSignals } from "../util/mod.ts";
import type { AgentCall, AgentSettings } from "./_call.ts";
import { DialogBook } from "./_dialog_book.ts";
import { AgentMcp } from "./_mcp_tools.ts";
import { EventChannel } from "./_event_channel.ts";
import { RequestWriter } from "./_request_data.ts";
import {
  type AgentForkOptions,
  type AgentOptions,
  checkAgentOptions,
  type OpenOptions,
  type ReceiveOptions,
  type RespondOptions,
} from "./agent_options.ts";
import { respondLoop } from "./respond_loop.ts";

/**
 * The caller: a system prompt, a model, named dialogs, and the call loop.
 *
 * @example
 * ```ts
 * import { Agent } from "@lllm/lllm/agent";
 * import { Prompt } from "@lllm/lllm/prompt";
 * import { scriptedInvoker } from "@lllm/lllm/testing";
 * import assert from "node:assert/strict";
 *
 * const agent = new Agent({
 *   name: "greeter",
 *   systemPrompt: new Prompt({ path: "greeter/system", prompt: "You greet in {language}." }),
 *   model: "scripted",
 *   invoker: scriptedInvoker([{ text: "Bonjour" }]),
 * });
 * agent.open("main", { promptArgs: { language: "French" } });
 * agent.receive("Hello");
 * const reply = await agent.respond();
 * assert.equal(reply.content, "Bonjour");
 * ```
 */
export class Agent implements AsyncDisposable {
  /** The agent's name. */
  readonly name: string;
  /** The first message of each of its dialogs. */
  readonly systemPrompt: Prompt;
  /** The model. */
  readonly model: string;
  /** Model arguments of every call. */
  readonly modelArgs: Readonly<Record<string, unknown>>;
  /** Which of the provider's interfaces it uses. */
  readonly apiType: ApiType;
  /** Hears of replies while they arrive. */
  streamHandler: StreamHandler | undefined;
  readonly #settings: AgentSettings;
  readonly #runtime: Resolver | undefined;
  readonly #book: DialogBook;
  readonly #standalone: RunContext;
  readonly #mcp = new AgentMcp();
  readonly #requests = new RequestWriter();
  #onDispose: (() => Promise<void>) | undefined;

  /**
   * Creates an agent without any dialog.
   *
   * @throws {RangeError} when a limit is no whole number from 0.
   * @throws {TypeError} when name, prompt, model, invoker or interface are none.
   */
  constructor(options: AgentOptions) {
    const { maxExceptionRetry = 3, maxInterruptSteps = 5, maxLlmRecall = 0 } = options;
    checkAgentOptions(options);
    this.name = options.name;
    this.#book = new DialogBook(options.name);
    this.systemPrompt = options.systemPrompt;
    this.model = options.model;
    this.modelArgs = options.modelArgs ?? {};
    this.apiType = options.apiType ?? "completion";
    this.streamHandler = options.streamHandler;
    this.#runtime = options.runtime;
    this.#onDispose = options.onDispose;
    this.#settings = {
      name: options.name,
      model: options.model,
      invoker: options.invoker,
      apiType: this.apiType,
      maxExceptionRetry,
      maxInterruptSteps,
      maxLlmRecall,
      contextManager: options.contextManager ?? null,
      clock: options.clock ?? systemClock,
    };
    this.#standalone = new RunContext({
      signal: NEVER,
      steps: directRunner,
      ...(options.runtime === undefined ? {} : { resolver: options.runtime }),
    });
  }

  /** The open dialogs, by alias. */
  get dialogs(): ReadonlyMap<string, Dialog> {
    return this.#book.all;
  }

  /** The alias of the active dialog, or null. */
  get activeAlias(): string | null {
    return this.#book.activeAlias;
  }

  /**
   * The active dialog.
   *
   * @throws {LLLMError} `no_active_dialog`.
   */
  get currentDialog(): Dialog {
    return this.#book.get();
  }

  /**
   * Opens a dialog that starts with the system prompt.
   *
   * @throws {LLLMError} `dialog_exists`; `missing_prompt_args`.
   */
  open(alias: string, options: OpenOptions = {}): this {
    this.#book.refuseTaken(alias);
    const dialog = new Dialog({
      owner: this.name,
      sessionName: options.sessionName ?? alias,
      ...(this.#runtime === undefined ? {} : { runtime: this.#runtime }),
    });
    dialog.putPrompt(this.systemPrompt, {
      role: "system",
      ...(options.promptArgs === undefined ? {} : { promptArgs: options.promptArgs }),
    });
    this.#book.add(alias, dialog, options.switch ?? true);
    return this;
  }

  /**
   * Opens a dialog as a fork of another.
   *
   * @throws {LLLMError} `dialog_not_found`; `dialog_exists`.
   */
  fork(alias: string, childAlias: string, options: AgentForkOptions = {}): this {
    const { switch: makeActive = true, ...cut } = options;
    const parent = this.#book.get(alias);
    this.#book.refuseTaken(childAlias);
    this.#book.add(childAlias, parent.fork(cut), makeActive);
    return this;
  }

  /** Takes over a dialog that was made elsewhere, and makes it the active one. */
  attach(alias: string, dialog: Dialog): this {
    this.#book.refuseTaken(alias);
    this.#book.add(alias, dialog, true);
    return this;
  }

  /** Makes a dialog the active one. */
  switch(alias: string): this {
    this.#book.activate(alias);
    return this;
  }

  /** Forgets a dialog and returns it. If it was the active one, none is. */
  close(alias: string): Dialog {
    return this.#book.remove(alias);
  }

  /** Appends a text to a dialog. */
  receive(text: string, options: ReceiveOptions = {}): Message {
    const { alias, ...put } = options;
    return this.#book.get(alias).putText(text, put);
  }

  /** Appends a rendered prompt to a dialog; its contract holds for the next turn. */
  receivePrompt(
    prompt: Prompt | string,
    options: ReceiveOptions & { promptArgs?: Record<string, unknown> } = {},
  ): Message {
    const { alias, ...put } = options;
    return this.#book.get(alias).putPrompt(prompt, put);
  }

  /** Appends an image to a dialog. */
  async receiveImage(
    image: string | URL | Uint8Array,
    options: ReceiveOptions & { caption?: string } = {},
  ): Promise<Message> {
    const { alias, ...put } = options;
    return await this.#book.get(alias).putImage(image, put);
  }

  /**
   * Asks the model until there is a reply that fits the contract, and appends it.
   *
   * @throws {AgentError} when the call ends without a reply; its `session` tells what happened.
   * @throws whatever the signal was aborted with.
   */
  respond(options: RespondOptions & { returnSession: true }): Promise<AgentCallSession>;
  /** Gives the reply, where the session is not asked for. */
  respond(options?: RespondOptions & { returnSession?: false }): Promise<Message>;
  /** The implementation of both. */
  async respond(
    options: RespondOptions & { returnSession?: boolean } = {},
  ): Promise<Message | AgentCallSession> {
    const session = new AgentCallSession(this.name);
    const message = await this.#respond(options, session, this.streamHandler);
    return options.returnSession === true ? session : message;
  }

  /**
   * Responds, and gives what happens on the way. The call starts with the iteration, in the run in which `stream()` was
   * called; leaving the loop aborts it.
   */
  stream(options: RespondOptions = {}): AsyncIterable<AgentEvent> {
    const run = currentRun();
    return { [Symbol.asyncIterator]: () => this.#iterate(options, run) };
  }

  /** Ends what the agent started: its sandbox, its connections to MCP servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    const dispose = this.#onDispose;
    this.#onDispose = undefined;
    await Promise.all([dispose?.(), this.#mcp.dispose()]);
  }

  #iterate(options: RespondOptions, run: RunContext | undefined): AsyncIterator<AgentEvent> {
    const channel = new EventChannel<AgentEvent>();
    const leaving = new AbortController();
    let work: Promise<void> | undefined;
    const start = () => {
      const session = new AgentCallSession(this.name);
      const signal = joinSignals(options.signal, leaving.signal)!;
      const handler = this.streamHandler ?? { handleChunk: () => {} };
      const respond = () =>
        this.#respond({ ...options, signal }, session, handler, (event) => channel.push(event));
      const reply = run === undefined ? respond() : run.enter(respond);
      work = reply.then(() => channel.end(), (error) => channel.fail(error));
    };
    return {
      next: () => {
        if (work === undefined) start();
        return channel.next();
      },
      return: async () => {
        leaving.abort(new DOMException("The event stream was left", "AbortError"));
        await work;
        return { done: true, value: undefined };
      },
    };
  }

  async #respond(
    options: RespondOptions,
    session: AgentCallSession,
    streamHandler: StreamHandler | undefined,
    listener?: (event: AgentEvent) => void,
  ): Promise<Message> {
    const dialog = this.#book.get(options.alias);
    if (BUSY.has(dialog)) {
      throw new TypeError(
        `Cannot respond as "${this.name}": expected the dialog to be idle, found a call under way; fork it instead`,
      );
    }
    BUSY.add(dialog);
    try {
      const base = currentRun() ?? this.#standalone;
      const found = base.tracer ?? (base === this.#standalone ? findTracer() : undefined);
      const tracer = found instanceof Promise ? await found : found;
      const respond = (run: RunContext) =>
        this.#respondIn(this.#prepareCall(dialog, options, session, streamHandler, listener, run));
      if (tracer === undefined) return await respond(base);
      return await tracer.trace(
        {
          kind: "agent",
          name: this.name,
          details: () => ({ model: this.model, dialogId: dialog.dialogId, provider: this.#provider(dialog) }),
          summary: () => ({
            cost: session.cost,
            state: session.state,
            finishReason: session.delivery?.metadata.finishReason,
          }),
        },
        base.trace,
        (trace) => respond(base.traced(tracer, trace)),
      );
    } finally {
      BUSY.delete(dialog);
    }
  }

  async #respondIn(call: AgentCall): Promise<Message> {
    const { session } = call;
    try {
      call.emit({ type: "agent_start", session });
      call.signal?.throwIfAborted();
      const message = await respondLoop(call, this.systemPrompt);
      call.emit({ type: "agent_end", message, session });
      return message;
    } catch (cause) {
      throw endSession(call, cause);
    }
  }

  /** Whom the agent's model is asked of, for those who follow the call. */
  #provider(dialog: Dialog): string | undefined {
    const { model, modelArgs, apiType } = this;
    return this.#settings.invoker.target?.({ dialog, model, modelArgs, apiType })?.provider;
  }

  #prepareCall(
    dialog: Dialog,
    options: RespondOptions,
    session: AgentCallSession,
    streamHandler: StreamHandler | undefined,
    listener: ((event: AgentEvent) => void) | undefined,
    run: RunContext,
  ): AgentCall {
    const alias = options.alias ?? this.#book.activeAlias ?? dialog.sessionName;
    session.metadata = options.metadata ?? {};
    const call: AgentCall = {
      settings: this.#settings,
      requests: this.#requests,
      dialog,
      label: `${this.name}/${alias}`,
      run,
      resolver: this.#runtime ?? run.resolver ?? getDefaultResolver(),
      mcp: this.#mcp,
      session,
      modelArgs: options.args === undefined ? this.modelArgs : { ...this.modelArgs, ...options.args },
      parserArgs: options.parserArgs,
      metadata: session.metadata,
      signal: joinSignals(options.signal, run.signal === NEVER ? undefined : run.signal),
      onApproval: options.onApproval ?? run.onApproval,
      approvalTimeoutMs: options.approvalTimeoutMs ?? run.approvalTimeoutMs,
      streamHandler,
      step: 0,
      emit: (event) => {
        if (listener === undefined && !run.hasListener) return;
        const full = { ...event, agentName: this.name, step: call.step } as AgentEvent;
        listener?.(full);
        run.emit(full);
      },
    };
    return call;
  }
}

const NEVER: AbortSignal = new AbortController().signal;

/** The dialogs with a call under way: an attached dialog may have several agents. */
const BUSY = new WeakSet<Dialog>();

/** Writes into the session how the call ended, and gives the error to throw: an abort is the signal's reason itself. */
function endSession(call: AgentCall, cause: unknown): unknown {
  const { session, signal } = call;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = LLLMError.isInstance(cause) ? cause.code : undefined;
  session.error = { name: error.name, message: error.message, ...(code === undefined ? {} : { code }) };
  session.state = signal?.aborted ? "cancelled" : "failure";
  if (signal?.aborted) return signal.reason;
  if (cause instanceof AgentError) return cause;
  return new AgentError(error.message, { code: code ?? "agent_failed", session, cause });
}
