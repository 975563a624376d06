import { LLLMError, ParseError } from "../errors.ts";
import {
  composeRunners,
  currentRun,
  directRunner,
  getDefaultResolver,
  type Resolver,
  RunContext,
  type RunEvent,
  type RunTracer,
  type TraceScope,
} from "../run/mod.ts";
import {
  type AgentEvent,
  type SessionStore,
  TacticCallSession,
  TacticError,
  type TacticEvent,
} from "../session/mod.ts";
import { findTracer } from "../telemetry/mod.ts";
import { describeIssues, type SchemaInput, validateSchema } from "../util/mod.ts";
import { createCallContext } from "./_call_context.ts";
import { checkRunNames } from "./_check_run_names.ts";
import { recordRun, type RunRecording } from "./_record_run.ts";
import { createLimits, type RunLimits } from "./_run_limits.ts";
import { STATE, type TacticState } from "./current_session.ts";
import type { RunOptions } from "./types.ts";

/** What one run needs of its tactic. */
export interface TacticRun<In, Out> {
  readonly name: string;
  readonly inputSchema: SchemaInput<In> | undefined;
  readonly outputSchema: SchemaInput<Out> | undefined;
  readonly resolver: Resolver | undefined;
  readonly packageName: string | undefined;
  readonly store: SessionStore | undefined;
  /** Tells the tactic's observers. */
  readonly notify: (event: RunEvent) => void;
  /** Does the work, within the run. */
  readonly body: (task: In, run: RunContext) => Promise<Out>;
}

/**
 * Runs a tactic: opens a session, inside that of the run around where there is one, makes the run's context current, and writes
 * down how it ended.
 */
export async function runTactic<In, Out>(
  tactic: TacticRun<In, Out>,
  task: In,
  options: RunOptions,
): Promise<TacticCallSession<Out>> {
  const around = currentRun();
  const outer = around?.slots.get(STATE) as TacticState | undefined;
  const found = around === undefined ? findTracer() : around.tracer;
  const tracer = found instanceof Promise ? await found : found;
  // What is wrong with the options is told before anybody hears of a run.
  checkRunNames(options);
  const limits = createLimits(options, around);
  const session = createSession<In, Out>(tactic, task, options, outer);
  outer?.session.addSubTacticSession(session as TacticCallSession<unknown>);
  const recording = recordRun(session as TacticCallSession<unknown>, tactic.store, outer?.stores);
  const origin = { around, outer, recording, tracer, limits };
  const { run, forward } = createRun(tactic, options, session, origin);
  const work = async () => {
    await recording?.started; // who hears of the run finds it in the store
    forward({ type: "tactic_start", session } as RunEvent);
    run.signal.throwIfAborted();
    const checked = await check(tactic.inputSchema, task, "task");
    const result = await run.enter(() => tactic.body(checked, run));
    run.signal.throwIfAborted();
    return await check(tactic.outputSchema, result, "result");
  };
  const conclude = async () => {
    try {
      session.state = "running";
      session.delivery = around === undefined || outer === undefined
        ? await work()
        : await asStep(around, tactic, run, task, work);
      session.state = "success";
    } catch (cause) {
      throw endWithError(session, cause, run.signal);
    }
  };
  let failure: { readonly reason: unknown } | undefined;
  try {
    await (tracer === undefined ? conclude() : traceRun(tracer, session, run, around, conclude));
  } catch (reason) {
    failure = { reason };
  }
  session.endedAt = new Date().toISOString();
  run.lifetime.ended = true;
  limits.end();
  forward({ type: "tactic_end", session } as RunEvent);
  try {
    await recording?.end();
  } catch (cause) {
    // What ended the run matters more than that its record is lost; a result is still in the session.
    failure ??= { reason: storeError(session, cause) };
  }
  if (failure !== undefined) throw failure.reason;
  return session;
}

/** Follows a run as one scope, whose trace its steps are told. */
function traceRun<Out>(
  tracer: RunTracer,
  session: TacticCallSession<Out>,
  run: RunContext,
  around: RunContext | undefined,
  body: () => Promise<void>,
): Promise<void> {
  const scope: TraceScope = {
    kind: "tactic",
    name: session.tacticName,
    path: run.path,
    details: () => ({ sessionId: session.sessionId, tacticPath: session.tacticPath }),
    summary: () => ({ cost: session.totalCost, state: session.state }),
  };
  return tracer.trace(scope, around?.trace, (trace) => {
    run.trace = trace;
    return body();
  });
}

function createSession<In, Out>(
  tactic: TacticRun<In, Out>,
  task: In,
  options: RunOptions,
  outer: TacticState | undefined,
): TacticCallSession<Out> {
  const startedAt = new Date().toISOString();
  return new TacticCallSession<Out>({
    sessionId: options.sessionId ?? createSessionId(startedAt),
    tacticName: tactic.name,
    tacticPath: tactic.packageName === undefined ? tactic.name : `${tactic.packageName}::${tactic.name}`,
    task,
    tags: Object.freeze({ ...options.tags }),
    metadata: Object.freeze({ ...options.metadata }),
    startedAt,
    ...(outer === undefined ? {} : { parentId: outer.session.sessionId }),
  });
}

/** The run's context, and how to tell its observers. */
function createRun<In, Out>(
  tactic: TacticRun<In, Out>,
  options: RunOptions,
  session: TacticCallSession<Out>,
  origin: {
    around: RunContext | undefined;
    outer: TacticState | undefined;
    recording: RunRecording | undefined;
    tracer: RunTracer | undefined;
    limits: RunLimits;
  },
): { run: RunContext; forward: (event: RunEvent) => void } {
  const { around, outer, recording, tracer, limits } = origin;
  const forward = (event: RunEvent) => {
    tactic.notify(event);
    outer?.forward(event);
  };
  const emit = (event: RunEvent) => {
    if (event.type === "agent_start") {
      session.addAgentSession((event as AgentEvent & { type: "agent_start" }).session);
    } else if (event.type === "approval_end" && !("agentName" in event)) {
      session.approvals.push((event as TacticEvent & { type: "approval_end" }).approval);
    }
    forward(event);
  };
  const onApproval = options.onApproval ?? around?.onApproval;
  const approvalTimeoutMs = options.approvalTimeoutMs ?? around?.approvalTimeoutMs;
  const resolver = tactic.resolver ?? around?.resolver ?? getDefaultResolver();
  const stores = [...outer?.stores ?? [], ...(recording === undefined ? [] : [recording.store])];
  const callContext = createCallContext(
    session as TacticCallSession<unknown>,
    () => currentRun() ?? run,
    options.runId,
  );
  const run: RunContext = new RunContext({
    path: outer === undefined ? "" : around!.nextPath(`tactic:${tactic.name}`),
    signal: limits.signal,
    // What is answered from a record on the way in reaches no budget.
    steps: composeRunners(
      recording?.runner ?? directRunner,
      options.steps ?? around?.steps ?? directRunner,
      limits.budget ?? directRunner,
    ),
    emit,
    callContext,
    slots: new Map([...around?.slots ?? [], [
      STATE,
      { session, stores, forward } satisfies TacticState as unknown,
    ]]),
    ...(tracer === undefined ? {} : { tracer }),
    ...(resolver === undefined ? {} : { resolver }),
    ...(onApproval === undefined ? {} : { onApproval }),
    ...(approvalTimeoutMs === undefined ? {} : { approvalTimeoutMs }),
  });
  return { run, forward };
}

/** A run inside a run is a step of the outer one. */
function asStep<In, Out>(
  around: RunContext,
  tactic: TacticRun<In, Out>,
  run: RunContext,
  task: In,
  work: () => Promise<Out>,
): Promise<Out> {
  return around.steps.run({ kind: "tactic", name: tactic.name, path: run.path, input: task }, work);
}

async function check<T>(schema: SchemaInput<T> | undefined, value: T, what: string): Promise<T> {
  if (schema === undefined) return value;
  const result = await validateSchema(schema, value);
  if ("value" in result) return result.value as T;
  throw new ParseError(
    `The ${what} does not fit its schema: ${describeIssues(result.issues)}`,
    result.issues,
  );
}

function endWithError<Out>(session: TacticCallSession<Out>, thrown: unknown, signal: AbortSignal): unknown {
  const isOutOfTime = LLLMError.isInstance(signal.reason) && signal.reason.code === "budget_exceeded";
  const cause = isOutOfTime ? signal.reason : thrown;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = LLLMError.isInstance(cause) ? cause.code : "tactic_failed";
  session.error = { name: error.name, code, message: error.message };
  if (error.stack !== undefined) session.errorTraceback = error.stack;
  const isCancelled = signal.aborted && !isOutOfTime;
  session.state = isCancelled ? "cancelled" : "failure";
  if (isCancelled) return signal.reason;
  return new TacticError(`Tactic "${session.tacticName}" failed: ${error.message}`, { session, cause });
}

function storeError<Out>(session: TacticCallSession<Out>, cause: unknown): TacticError<Out> {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TacticError(`Cannot keep the session of tactic "${session.tacticName}": ${reason}`, {
    session,
    cause,
  });
}

/** `YYYYMMDD_HHMMSS_<8 hex>`, in UTC. */
function createSessionId(startedAt: string): string {
  const [date, time] = startedAt.slice(0, 19).replaceAll(/[-:]/g, "").split("T");
  return `${date}_${time}_${crypto.randomUUID().slice(0, 8)}`;
}
