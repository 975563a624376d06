import type { AgentCallSession, InvokeResult } from "../session/mod.ts";
import {
  isNothing,
  type Outputs,
  type RecordedOutputs,
  referTo,
  REPLY,
  type ReplyReference,
  restoreMessage,
  restoreResult,
  type StepReply,
} from "./_reply_reference.ts";

/**
 * What is kept of a call as most are: each round has one reply and the tools that it called, all as steps gave them. The last reply is
 * the delivery; what it refers to it by is kept beside.
 */
export interface PlainCall extends Pick<ReplyReference, "isUnparsed" | "dialogId"> {
  readonly agentName: string;
  /** Of each round the index of the reply's step, then those of the tools' steps. */
  readonly rounds: readonly (readonly [number, ...number[]])[];
}

/** Gives what is kept of a call that is plain, and nothing of any other. */
export function toPlainCall(call: AgentCallSession, { replies, calls }: Outputs): PlainCall | undefined {
  const { agentName, state, delivery, invokeTraces, interrupts } = call;
  if (state !== "success" || delivery === null || hasMore(call)) return undefined;
  const rounds: [number, ...number[]][] = [];
  const roundCount = countKeys(invokeTraces);
  let unseen = countKeys(interrupts);
  let result: InvokeResult | undefined;
  let reply: StepReply | undefined;
  for (let n = 0; n < roundCount; n++) {
    const isPreviousAsGiven = result === reply?.result; // what was made of a reply is there of the last one alone
    const traces = invokeTraces[n];
    if (!isPreviousAsGiven || traces?.length !== 1) return undefined;
    result = traces[0]!;
    reply = replies.get(result.message.id);
    if (reply === undefined) return undefined;
    const round: [number, ...number[]] = [reply.index];
    for (const done of interrupts[n] ?? []) {
      const index = calls.get(done);
      if (index === undefined) return undefined;
      round.push(index);
    }
    if (round.length > 1) unseen--;
    rounds.push(round);
  }
  if (unseen !== 0 || result === undefined || reply?.result.message.id !== delivery.id) return undefined;
  const made = referTo<ReplyReference>(reply.result.message, result.message, {});
  const given = referTo<ReplyReference>(reply.result.message, delivery, {});
  const hasChanges = made.message !== undefined || made.dialogId !== undefined || given.message !== undefined;
  if (hasChanges || made.isUnparsed !== given.isUnparsed || !isSameBeside(reply.result, result)) {
    return undefined;
  }
  return { agentName, rounds, ...given };
}

/** Tells whether what was kept of a call is that of a plain one. */
export function isPlainCall(kept: object): kept is PlainCall {
  return "rounds" in kept;
}

/** Gives a plain call as its JSON form was. */
export function restorePlainCall(
  { agentName, rounds, ...given }: PlainCall,
  outputs: RecordedOutputs,
): Record<string, unknown> {
  const { isUnparsed = false } = given;
  const invokeTraces: Record<string, unknown> = {};
  const interrupts: Record<string, unknown> = {};
  for (const [n, [reply, ...calls]] of rounds.entries()) {
    const made = n === rounds.length - 1 ? { isUnparsed } : {};
    invokeTraces[n] = [restoreResult({ [REPLY]: reply, ...made }, outputs)];
    if (calls.length > 0) interrupts[n] = calls.map((index) => outputs.get(index));
  }
  const delivery = restoreMessage({ [REPLY]: rounds.at(-1)![0], ...given }, outputs);
  return { agentName, state: "success", ...emptyCall(), interrupts, invokeTraces, delivery };
}

interface EmptyCall {
  readonly interrupts: Readonly<Record<string, readonly never[]>>;
  readonly invokeTraces: Readonly<Record<string, readonly never[]>>;
  readonly delivery: null;
  readonly [key: string]: unknown;
}

/** What an empty call has where nothing was kept. */
export function emptyCall(): EmptyCall {
  return {
    exceptionRetries: {},
    interrupts: {},
    llmRecalls: {},
    repairs: {},
    approvals: {},
    invokeTraces: {},
    delivery: null,
    error: null,
    metadata: {},
  };
}

/** Whether a call has anything that a plain one has not. */
function hasMore(call: AgentCallSession): boolean {
  for (const name in call) {
    if (!PLAIN.has(name) && !isNothing(call[name as keyof AgentCallSession])) return true;
  }
  return false;
}

const PLAIN: ReadonlySet<string> = new Set(["agentName", "state", "delivery", "invokeTraces", "interrupts"]);

function isSameBeside(reply: InvokeResult, result: InvokeResult): boolean {
  for (const name in result) {
    const key = name as keyof InvokeResult;
    if (key !== "message" && result[key] !== reply[key]) return false;
  }
  return true;
}

function countKeys(lists: object): number {
  let count = 0;
  for (const _ in lists) count++;
  return count;
}
