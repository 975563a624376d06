import { InvokeCost, type JsonValue } from "../message/mod.ts";
import type { ApprovalRecord } from "../run/mod.ts";
import { AgentCallSession, gatherCosts } from "./agent_call_session.ts";

/** How far a run of a tactic has come. */
export type TacticCallState = "initial" | "running" | "success" | "failure" | "interrupted" | "cancelled";

/** What a run came to, in figures. */
export interface TacticCallSummary {
  /** The tactic's name. */
  readonly tactic: string;
  /** How the run ended. */
  readonly state: TacticCallState;
  /** Calls of agents, those of sub-tactics included. */
  readonly agentCalls: number;
  /** Runs of sub-tactics, at any depth. */
  readonly subTacticCalls: number;
  /** Tokens, sent and received, in all. */
  readonly totalTokens: number;
  /** US dollars in all. */
  readonly totalCostUsd: number;
  /** Milliseconds from start to end, or to now. */
  readonly durationMs: number;
}

/** The fields that a {@linkcode TacticCallSession} starts with. */
export interface TacticCallSessionInit {
  /** `YYYYMMDD_HHMMSS_<8 hex>`. */
  sessionId: string;
  /** The session that this run is part of. Default: none. */
  parentId?: string;
  /** The tactic's name. */
  tacticName: string;
  /** `<package>::<name>`, or the bare name. */
  tacticPath: string;
  /** What the tactic was asked. */
  task: unknown;
  /** Texts to filter by. */
  tags: Readonly<Record<string, string>>;
  /** Free facts. */
  metadata: Readonly<Record<string, unknown>>;
  /** ISO 8601 time. */
  startedAt: string;
}

/** Everything that happened in one run of a tactic, those of its sub-tactics included. */
export class TacticCallSession<Out = unknown> {
  /** `YYYYMMDD_HHMMSS_<8 hex>`. */
  readonly sessionId: string;
  /** The session that this run is part of. */
  readonly parentId: string | undefined;
  /** The tactic's name. */
  readonly tacticName: string;
  /** `<package>::<name>`, or the bare name. */
  readonly tacticPath: string;
  /** What the tactic was asked. */
  readonly task: unknown;
  /** Texts to filter by. */
  readonly tags: Readonly<Record<string, string>>;
  /** Free facts. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** ISO 8601 time. */
  readonly startedAt: string;
  /** ISO 8601 time, once the run has ended. */
  endedAt?: string;
  /** How far the run has come. */
  state: TacticCallState = "initial";
  /** Calls of this run's agents, by agent, in the order in which they started. */
  readonly agentSessions: Record<string, AgentCallSession[]> = {};
  /** Runs of sub-tactics, by tactic, in the order in which they started. */
  readonly subTacticSessions: Record<string, TacticCallSession<unknown>[]> = {};
  /** Who decided what about API calls that the tactic itself made, not one of its agents. */
  readonly approvals: ApprovalRecord[] = [];
  /** What the tactic returned. */
  delivery?: Out;
  /** What ended the run, if it failed. */
  error?: { name: string; code: string; message: string };
  /** The stack of that error. */
  errorTraceback?: string;

  /** Creates a session that has not started. */
  constructor(init: TacticCallSessionInit) {
    this.sessionId = init.sessionId;
    this.parentId = init.parentId;
    this.tacticName = init.tacticName;
    this.tacticPath = init.tacticPath;
    this.task = init.task;
    this.tags = init.tags;
    this.metadata = init.metadata;
    this.startedAt = init.startedAt;
  }

  /** What this run's own agents cost. */
  get agentCost(): InvokeCost {
    return InvokeCost.sum(this.#ownCosts());
  }

  /** What the sub-tactics cost, at any depth. */
  get subTacticCost(): InvokeCost {
    return InvokeCost.sum(this.#children().map((child) => child.totalCost));
  }

  /** What the run cost in all. */
  get totalCost(): InvokeCost {
    return InvokeCost.sum(this.#allCosts());
  }

  /** Calls of this run's own agents. */
  get agentCallCount(): number {
    return Object.values(this.agentSessions).flat().length;
  }

  /** Adds a call of one of this run's agents. */
  addAgentSession(session: AgentCallSession): void {
    addTo(this.agentSessions, session.agentName, session);
  }

  /** Adds a run of a sub-tactic. */
  addSubTacticSession(session: TacticCallSession<unknown>): void {
    addTo(this.subTacticSessions, session.tacticName, session);
  }

  /** Gives the run in figures. */
  summary(): TacticCallSummary {
    const total = this.totalCost;
    const end = this.endedAt === undefined ? Date.now() : Date.parse(this.endedAt);
    return {
      tactic: this.tacticName,
      state: this.state,
      agentCalls: this.#count((session) => session.agentCallCount),
      subTacticCalls: this.#count((session) => session.#children().length),
      totalTokens: total.totalTokens,
      totalCostUsd: total.cost,
      durationMs: end - Date.parse(this.startedAt),
    };
  }

  /** Gives the session as plain data. */
  toJSON(): Record<string, JsonValue> {
    const { agentSessions, subTacticSessions, ...fields } = this;
    return {
      ...fields,
      agentSessions: mapLists(agentSessions),
      subTacticSessions: mapLists(subTacticSessions),
    } as unknown as Record<string, JsonValue>;
  }

  /** Makes a session of what {@linkcode TacticCallSession.toJSON} gave. */
  static fromJSON(data: unknown): TacticCallSession<unknown> {
    const { agentSessions = {}, subTacticSessions = {}, approvals = [], ...fields } =
      data as TacticCallSession;
    const session = new TacticCallSession<unknown>(fields as TacticCallSessionInit);
    const { state, endedAt, delivery, error, errorTraceback } = fields;
    session.state = state;
    if (endedAt !== undefined) session.endedAt = endedAt;
    if (delivery !== undefined) session.delivery = delivery;
    if (error !== undefined) session.error = error;
    if (errorTraceback !== undefined) session.errorTraceback = errorTraceback;
    session.approvals.push(...approvals);
    for (const call of Object.values(agentSessions).flat()) {
      session.addAgentSession(AgentCallSession.fromJSON(call));
    }
    for (const child of Object.values(subTacticSessions).flat()) {
      session.addSubTacticSession(TacticCallSession.fromJSON(child));
    }
    return session;
  }

  #ownCosts(costs: InvokeCost[] = []): InvokeCost[] {
    for (const name in this.agentSessions) {
      for (const call of this.agentSessions[name]!) gatherCosts(call, costs);
    }
    return costs;
  }

  #allCosts(costs: InvokeCost[] = []): InvokeCost[] {
    this.#ownCosts(costs);
    for (const child of this.#children()) child.#allCosts(costs);
    return costs;
  }

  #children(): TacticCallSession<unknown>[] {
    return Object.values(this.subTacticSessions).flat();
  }

  #count(own: (session: TacticCallSession<unknown>) => number): number {
    return this.#children().reduce((total, child) => total + child.#count(own), own(this));
  }
}

/** Adds to the list of a name; a name such as `constructor` is one like any other. */
function addTo<T>(lists: Record<string, T[]>, name: string, entry: T): void {
  if (Object.hasOwn(lists, name)) lists[name]!.push(entry);
  else {Object.defineProperty(lists, name, {
      value: [entry],
      enumerable: true,
      configurable: true,
      writable: true,
    });}
}

function mapLists(lists: Record<string, { toJSON(): JsonValue }[]>): JsonValue {
  return Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, list.map((entry) => entry.toJSON())]),
  );
}
