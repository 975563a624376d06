import type { Dialog } from "../dialog/mod.ts";
import type { Invoker, StreamHandler } from "../invokers/mod.ts";
import type { ApiType } from "../message/mod.ts";
import type { Clock, OnApproval, Resolver, RunContext } from "../run/mod.ts";
import type { AgentCallSession, AgentEvent } from "../session/mod.ts";
import type { AgentMcp } from "./_mcp_tools.ts";
import type { RequestWriter } from "./_request_data.ts";
import type { ContextManager } from "./context_manager.ts";

/** The settings of an agent that its calls depend on. */
export interface AgentSettings {
  readonly name: string;
  readonly model: string;
  readonly invoker: Invoker;
  readonly apiType: ApiType;
  readonly maxExceptionRetry: number;
  readonly maxInterruptSteps: number;
  readonly maxLlmRecall: number;
  readonly contextManager: ContextManager | null;
  readonly clock: Clock;
}

type Omitted<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An event without what the call adds to it. */
export type CallEvent = Omitted<AgentEvent, "agentName" | "step">;

/** One `respond()` under way: what its parts share. */
export interface AgentCall {
  readonly settings: AgentSettings;
  /** Writes down what is asked. */
  readonly requests: RequestWriter;
  /** The canonical dialog. */
  readonly dialog: Dialog;
  /** The label of this call's steps: `<agent>/<alias>`. */
  readonly label: string;
  readonly run: RunContext;
  /** Finds what tools refer to. */
  readonly resolver: Resolver | undefined;
  /** The MCP servers that the agent uses. */
  readonly mcp: AgentMcp;
  readonly session: AgentCallSession;
  readonly modelArgs: Readonly<Record<string, unknown>>;
  readonly parserArgs: Readonly<Record<string, unknown>> | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal | undefined;
  readonly onApproval: OnApproval | undefined;
  readonly approvalTimeoutMs: number | undefined;
  /** Where given, replies are streamed to it. */
  readonly streamHandler: StreamHandler | undefined;
  /** The interrupt step, from 0. */
  step: number;
  /** Tells the run and whoever streams about something. */
  readonly emit: (event: CallEvent) => void;
}
