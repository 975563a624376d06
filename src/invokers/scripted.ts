import { LLLMError } from "../errors.ts";
import { contentText, type Message } from "../message/mod.ts";
import { type Clock, wait } from "../run/mod.ts";
import { InvokeResult } from "../session/mod.ts";
import { splitArgs } from "./_model_args.ts";
import { normalizeReply, type PreparedRule, prepareRules, takeRule } from "./_script_rules.ts";
import { readScript } from "./_script_source.ts";
import { scriptedError, scriptedMessage, streamMessage } from "./_scripted_reply.ts";
import { TurnCounter } from "./turn_counter.ts";
import type { Invoker, InvokeRequest } from "./types.ts";

/** What a rule asks of a request; all that is given must hold. */
export interface ScriptCondition {
  /** The agent that asks. */
  readonly agent?: string;
  /** How many model calls of this agent came before in this run, those included that an invoker around this one repeats. */
  readonly turn?: number;
  /** The role of the last message. */
  readonly role?: string;
  /** A piece of the last message. */
  readonly contains?: string;
  /** A regular expression that the last message matches. */
  readonly matches?: string | RegExp;
}

/** A call of a tool in a scripted reply. */
export interface ScriptedToolCall {
  /** The tool's name. */
  readonly name: string;
  /** The arguments; a text goes out as it is, so that it may be broken JSON. Default: `{}`. */
  readonly arguments?: Readonly<Record<string, unknown>> | string;
  /** Default: made of turn and place. */
  readonly id?: string;
}

/** A failure in place of a reply, or after the text of one that is streamed. */
export interface ScriptedError {
  /** The HTTP status. Default: none, as when the network fails. */
  readonly status?: number;
  /** Seconds to wait that the provider asks for. Default: none. */
  readonly retry_after?: number;
  /** Default: made of the status. */
  readonly message?: string;
}

/**
 * What the model answers. In texts, and in all texts inside `json` and arguments, the slots `{last_tool_result}`,
 * `{last_message}`, `{task}` (the first message of a user) and `{json:<path into the last tool result>}` are filled.
 *
 * The names are those of script files; `toolCalls`, `delayMs`, `finishReason` and `retryAfter` are understood too.
 */
export interface ScriptedReply {
  /** The text. */
  readonly text?: string;
  /** A value that is answered as JSON. */
  readonly json?: unknown;
  /** Calls of tools. */
  readonly tool_calls?: readonly ScriptedToolCall[];
  /** The same as `tool_calls`. */
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** A failure. */
  readonly error?: ScriptedError;
  /** Milliseconds before the reply. Default: 0. */
  readonly delay_ms?: number;
  /** The same as `delay_ms`. */
  readonly delayMs?: number;
  /** The provider's usage record. Default: tokens estimated from the lengths of the texts. */
  readonly usage?: Readonly<Record<string, unknown>>;
  /** A refusal: it is delivered as text with `metadata.refusal`. */
  readonly refusal?: string;
  /** The reasoning that the provider shows. */
  readonly reasoning?: string;
  /** Default: `"tool_calls"` with calls, else `"stop"`. */
  readonly finish_reason?: string;
  /** The same as `finish_reason`. */
  readonly finishReason?: string;
}

/** A reply, its text alone, or a function that computes one. */
export type ScriptReply =
  | string
  | ScriptedReply
  | ((request: InvokeRequest) => string | ScriptedReply | Promise<string | ScriptedReply>);

/** A reply for the requests that fit. */
export interface ScriptRule {
  /** Which requests fit. Default: all. */
  readonly when?: ScriptCondition;
  /** How often the rule answers. Default: without limit. */
  readonly times?: number;
  /** The reply. */
  readonly reply: ScriptReply;
}

/** What a script file holds. */
export interface ScriptDocument {
  /** The version of the format. */
  readonly version?: 1;
  /** The first that fits answers. */
  readonly rules: readonly ScriptRule[];
}

/** A document, a list of rules and bare replies (each of which answers once), a path, or the YAML text itself. */
export type Script = ScriptDocument | readonly (ScriptRule | ScriptReply)[] | string | URL;

/** Options of {@linkcode scriptedInvoker}. */
export interface ScriptedInvokerOptions {
  /** The folder that a relative path starts from. Default: the working folder. */
  readonly baseDir?: string;
  /** Characters per piece of a streamed text. Default: 8. */
  readonly chunkSize?: number;
  /** Waits for `delay_ms`. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** One call that a script has answered. */
export interface ScriptedCall {
  /** The agent that asked. */
  readonly agent: string;
  /** How many model calls of this agent came before in its run. */
  readonly turn: number;
  /** The role of the last message. */
  readonly role: string;
  /** The text of the last message. */
  readonly text: string;
  /** The model that was asked. */
  readonly model: string;
}

/** An invoker that answers from a script. */
export interface ScriptedInvoker extends Invoker {
  /** The latest calls, oldest first; at most 1,000. */
  readonly calls: readonly ScriptedCall[];
  /**
   * Makes sure that every reply with a limited number of uses was used.
   *
   * @throws {Error} that counts those that were not
   */
  assertDone(): void;
}

const MAX_CALLS = 1000;

/**
 * Creates an invoker that answers from a script, without key and network: a test double, and the model of demos.
 *
 * Rules are tried in order, the first that fits answers; a bare reply in a list fits everything, once. `times` counts over the
 * life of the invoker, `turn` within a run: many concurrent runs may share one invoker, and none sees another's turns. Calls of an
 * agent that a replay answered from its record count as turns too.
 *
 * @example
 * ```ts
 * import { scriptedInvoker } from "@lllm/lllm/invokers";
 * import { Dialog } from "@lllm/lllm/dialog";
 * import assert from "node:assert/strict";
 *
 * const invoker = scriptedInvoker({ rules: [{ when: { contains: "rain" }, reply: { text: "You said: {last_message}" } }] });
 * const dialog = new Dialog({ owner: "poet" });
 * dialog.putText("About rain.");
 * const { message } = await invoker.call({ dialog, model: "any" });
 * assert.equal(message.content, "You said: About rain.");
 * ```
 *
 * @throws {LLLMError} `config_invalid` when the script is no script; for a path or a text that shows at the first call
 */
export function scriptedInvoker(script: Script, options: ScriptedInvokerOptions = {}): ScriptedInvoker {
  const { baseDir, chunkSize = 8, clock } = options;
  const isSource = typeof script === "string" || script instanceof URL;
  let rules: PreparedRule[] | undefined = isSource ? undefined : prepareRules(script);
  let loading: Promise<PreparedRule[]> | undefined;
  const load = () => loading ??= readScript(script as string | URL, baseDir).then(prepareRules);
  const turns = new TurnCounter();
  const calls: ScriptedCall[] = [];
  return {
    calls,
    target: () => ({ provider: "scripted" }),
    async call(request: InvokeRequest): Promise<InvokeResult> {
      request.signal?.throwIfAborted();
      rules ??= await load();
      const turn = describeTurn(request, turns);
      calls.push(turn);
      if (calls.length > MAX_CALLS) calls.shift();
      const rule = takeRule(rules, turn);
      if (rule === undefined) throw unanswered(turn, rules);
      const reply = normalizeReply(
        typeof rule.reply === "function" ? await rule.reply(request) : rule.reply,
        "a function",
      );
      if (reply.delay_ms !== undefined && reply.delay_ms > 0) {
        await wait(reply.delay_ms, {
          ...waitOptions(request.signal),
          ...(clock === undefined ? {} : { clock }),
        });
      }
      request.signal?.throwIfAborted();
      const message = scriptedMessage(reply, request, turn.turn);
      if (request.streamHandler !== undefined) await streamMessage(message, request, chunkSize);
      if (reply.error !== undefined) throw scriptedError(reply.error, request.model);
      return new InvokeResult({
        rawResponse: { scripted: true, turn: turn.turn },
        modelArgs: splitArgs(request.modelArgs ?? {}).sent,
        message,
      });
    },
    assertDone(): void {
      const unused = (rules ?? []).filter(({ left }) => left > 0 && left < Infinity);
      if (rules === undefined || unused.length > 0) {
        throw new Error(
          `Cannot end script: expected all replies to be used, found ${unused.length || "all"} unused`,
        );
      }
    },
  };
}

function waitOptions(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function describeTurn(request: InvokeRequest, turns: TurnCounter): ScriptedCall {
  const { dialog, model } = request;
  const agent = request.responder ?? dialog.owner;
  const tail: Message | undefined = dialog.tail;
  return {
    agent,
    turn: turns.next(dialog, agent, { told: request.turn }),
    role: tail?.role ?? "",
    text: tail === undefined ? "" : contentText(tail.content),
    model,
  };
}

function unanswered(turn: ScriptedCall, rules: readonly PreparedRule[]): LLLMError {
  const shown = turn.text.length > 200 ? `${turn.text.slice(0, 200)}…` : turn.text;
  const isUsedUp = rules.length > 0 && rules.every(({ left }) => left <= 0);
  const count = rules.reduce((sum, { times }) => sum + times, 0);
  const found = isUsedUp
    ? `found ${count === 1 ? "its one reply" : `all ${count} of its replies`} used up`
    : "found none";
  return new LLLMError(
    `Cannot answer agent "${turn.agent}", turn ${turn.turn}: expected a rule of the script that fits, ${found} for ${turn.role} "${shown}"`,
    { code: "provider_error", data: { ...turn, status: 400 } },
  );
}
