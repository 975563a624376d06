import { FunctionCall, InvokeCost, type JsonValue, Message } from "../message/mod.ts";
import type { ApprovalRecord } from "../run/mod.ts";
import { InvokeResult } from "./invoke_result.ts";

/** How far a call of an agent has come. */
export type AgentCallState =
  | "initial"
  | "exception"
  | "interrupt"
  | "llm_recall"
  | "success"
  | "failure"
  | "cancelled";

/** One rung of the repair ladder that was tried on a reply. */
export interface RepairRecord {
  /** `mend`: nearly valid JSON was completed without a model call; `reask`: the model was asked again. */
  readonly rung: "mend" | "reask";
  /** What was wrong with the reply. */
  readonly error: string;
  /** Counts the re-asks of this call from 1; 0 for a mend. */
  readonly attempt: number;
  /** What the faulty reply had cost; a mend itself costs nothing. */
  readonly costUsd: number;
}

/** One provider or network error that was waited out. */
export interface RecallRecord {
  /** What the provider said. */
  readonly error: string;
  /** Milliseconds waited before the next attempt. */
  readonly waitMs: number;
  /** False for a rate limit, which uses up no recall. */
  readonly countsAsRecall: boolean;
}

/**
 * Everything that happened in one `respond()` of an agent.
 *
 * Shape: `exceptionRetries`, `interrupts`, `llmRecalls`, `repairs`, `approvals` and `invokeTraces` are lists by interrupt step,
 * from 0; `interrupts` holds completed calls of tools.
 */
export class AgentCallSession {
  /** The agent. */
  readonly agentName: string;
  /** How far the call has come. */
  state: AgentCallState = "initial";
  /** Errors of replies that the model was asked to repair. */
  readonly exceptionRetries: Record<number, string[]> = {};
  /** The calls of tools, completed. */
  readonly interrupts: Record<number, FunctionCall[]> = {};
  /** Provider errors that were waited out. */
  readonly llmRecalls: Record<number, RecallRecord[]> = {};
  /** The rungs of the repair ladder that were tried. */
  readonly repairs: Record<number, RepairRecord[]> = {};
  /** Who decided what about calls that need approval: of tools, and of APIs by the model's code. */
  readonly approvals: Record<number, ApprovalRecord[]> = {};
  /** Every result that the invoker gave, faulty ones included. */
  readonly invokeTraces: Record<number, InvokeResult[]> = {};
  /** The final message, once there is one. */
  delivery: Message | null = null;
  /** What ended the call, if it failed. */
  error: { name: string; code?: string; message: string } | null = null;
  /** Free facts about the call, as given to `respond()`. */
  metadata: Record<string, unknown> = {};

  /** Creates an empty session. */
  constructor(agentName: string) {
    this.agentName = agentName;
  }

  /** How often the model was asked to repair a reply. */
  get exceptionRetriesCount(): number {
    return countEntries(this.exceptionRetries);
  }

  /** How many recalls were used up; waits for rate limits are not counted. */
  get llmRecallsCount(): number {
    return Object.values(this.llmRecalls).flat().filter((recall) => recall.countsAsRecall).length;
  }

  /** How many rounds of tool calls there were. */
  get interruptsCount(): number {
    return Object.keys(this.interrupts).length;
  }

  /** What all model calls cost, faulty replies included. */
  get cost(): InvokeCost {
    return InvokeCost.sum(gatherCosts(this));
  }

  /** The error of the latest faulty reply, or an empty text. What `{error_message}` stands for in handlers. */
  get lastErrorMessage(): string {
    return this.#last(this.exceptionRetries) ?? "";
  }

  /** The latest completed calls of tools. */
  get lastInterrupt(): readonly FunctionCall[] {
    const steps = Object.keys(this.interrupts).map(Number);
    return steps.length === 0 ? [] : this.interrupts[Math.max(...steps)]!;
  }

  /** Adds an entry to one of the lists by step. */
  record<
    K extends "exceptionRetries" | "interrupts" | "llmRecalls" | "repairs" | "approvals" | "invokeTraces",
  >(
    list: K,
    step: number,
    entry: AgentCallSession[K][number][number],
  ): void {
    const lists = this[list] as Record<number, unknown[]>;
    (lists[step] ??= []).push(entry);
  }

  /** Gives the session as plain data. */
  toJSON(): Record<string, JsonValue> {
    return {
      agentName: this.agentName,
      state: this.state,
      exceptionRetries: { ...this.exceptionRetries } as JsonValue,
      interrupts: mapLists(this.interrupts, (call) => call.toJSON()),
      llmRecalls: { ...this.llmRecalls } as unknown as JsonValue,
      repairs: { ...this.repairs } as unknown as JsonValue,
      approvals: { ...this.approvals } as unknown as JsonValue,
      invokeTraces: mapLists(this.invokeTraces, (result) => result.toJSON()),
      delivery: this.delivery?.toJSON() ?? null,
      error: this.error as JsonValue,
      metadata: this.metadata as JsonValue,
    };
  }

  /** Makes a session of what {@linkcode AgentCallSession.toJSON} gave. */
  static fromJSON(data: unknown): AgentCallSession {
    const fields = data as AgentCallSession;
    const session = new AgentCallSession(fields.agentName);
    Object.assign(session.exceptionRetries, fields.exceptionRetries);
    Object.assign(session.llmRecalls, fields.llmRecalls);
    Object.assign(session.repairs, fields.repairs);
    Object.assign(session.approvals, fields.approvals);
    Object.assign(session.interrupts, mapLists(fields.interrupts, (call) => new FunctionCall(call)));
    Object.assign(
      session.invokeTraces,
      mapLists(fields.invokeTraces, (result) => InvokeResult.fromJSON(result)),
    );
    session.state = fields.state;
    session.delivery = fields.delivery === null ? null : Message.fromJSON(fields.delivery);
    session.error = fields.error;
    session.metadata = fields.metadata;
    return session;
  }

  #last<T>(lists: Record<number, T[]>): T | undefined {
    const steps = Object.keys(lists).map(Number);
    return steps.length === 0 ? undefined : lists[Math.max(...steps)]!.at(-1);
  }
}

/** Adds to a list what the model calls of a session cost, one by one, and gives it. */
export function gatherCosts({ invokeTraces }: AgentCallSession, costs: InvokeCost[] = []): InvokeCost[] {
  for (const step in invokeTraces) {
    const results = invokeTraces[step]!;
    for (let i = 0; i < results.length; i++) costs.push(results[i]!.cost);
  }
  return costs;
}

function countEntries(lists: Record<number, readonly unknown[]>): number {
  return Object.values(lists).reduce((sum, list) => sum + list.length, 0);
}

function mapLists<T, U>(lists: Record<number, readonly T[]>, map: (entry: T) => U): Record<string, U[]> {
  return Object.fromEntries(Object.entries(lists).map(([step, list]) => [step, list.map(map)]));
}
