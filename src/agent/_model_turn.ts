import type { Dialog } from "../dialog/mod.ts";
import { LLLMError } from "../errors.ts";
import {
  classifyProviderError,
  type Invoker,
  type InvokeRequest,
  type StreamHandler,
} from "../invokers/mod.ts";
import { TurnCounter } from "../invokers/turn_counter.ts";
import { getLogger } from "../logging/mod.ts";
import { isRevived, type Step, type StepCost, wait } from "../run/mod.ts";
import { AgentError, InvokeResult, type ModelDelta } from "../session/mod.ts";
import { raceAbort } from "../util/mod.ts";
import { Allowance } from "./_allowance.ts";
import { Backoff } from "./_backoff.ts";
import type { AgentCall } from "./_call.ts";
import type { Contract } from "./_contract.ts";
import { requestData } from "./_request_data.ts";
import { streamReply } from "./_stream_reply.ts";

const logger = getLogger("agent");
const TURNS = new WeakMap<Invoker, TurnCounter>();

/** A reply, and the path of the step that gave it. */
export interface ModelTurn {
  readonly result: InvokeResult;
  readonly path: string;
}

/**
 * Asks the model until it replies: provider and network errors are waited out while the call's limits allow.
 *
 * @throws {AgentError} when the provider refuses the request, or the recalls are used up.
 */
export async function modelTurn(call: AgentCall, working: Dialog, contract: Contract): Promise<ModelTurn> {
  const { session, settings, step } = call;
  const backoff = new Backoff();
  const handlerErrors: unknown[] = [];
  for (let attempt = 0;; attempt++) {
    try {
      return await attemptTurn(call, working, contract, { attempt, handlerErrors });
    } catch (cause) {
      call.signal?.throwIfAborted();
      if (handlerErrors.length > 0) throw handlerErrors[0]; // asking the model again would not mend the handler
      const error = classifyProviderError(cause, { now: settings.clock.now() });
      if (error.kind === "abort") throw cause;
      if (error.kind === "fatal") {
        const code = LLLMError.isInstance(cause) ? cause.code : "provider_error";
        logger.error("A model call failed", () => ({ ...whose(call), code, error: error.message }));
        throw new AgentError(error.message, { code, session, cause });
      }
      const recallsLeft = settings.maxLlmRecall - session.llmRecallsCount;
      const decision = backoff.decide(error, recallsLeft);
      if (!decision.retry) {
        logger.error(
          "A model call failed",
          () => ({ ...whose(call), attempts: attempt + 1, error: error.message }),
        );
        const recalls = session.llmRecallsCount === 1 ? "1 recall" : `${session.llmRecallsCount} recalls`;
        const asked = !error.retryAfterMs
          ? ""
          : ` (the provider asks to wait ${Math.ceil(error.retryAfterMs / 1000)} s)`;
        throw new AgentError(`Model call failed after ${recalls}: ${error.message}${asked}`, {
          code: "recalls_exhausted",
          session,
          cause,
        });
      }
      const { waitMs, countsAsRecall } = decision;
      session.state = "llm_recall";
      session.record("llmRecalls", step, { error: error.message, waitMs, countsAsRecall });
      call.emit({ type: "recall", error: error.message, waitMs, countsAsRecall });
      logger.warn("A model call is repeated", () => ({ ...whose(call), waitMs, error: error.message }));
      if (isRevived(cause)) continue; // the provider was waited for when this was recorded
      await wait(waitMs, {
        clock: settings.clock,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      });
    }
  }
}

/** Which call it is, for the log. */
function whose({ settings, label }: AgentCall): Record<string, unknown> {
  return { agent: settings.name, model: settings.model, call: label };
}

async function attemptTurn(
  call: AgentCall,
  working: Dialog,
  contract: Contract,
  { attempt, handlerErrors }: { attempt: number; handlerErrors: unknown[] },
): Promise<ModelTurn> {
  const { settings, run, signal, modelArgs } = call;
  call.emit({ type: "model_start", model: settings.model, attempt });
  const path = run.nextPath(call.label);
  const request: InvokeRequest = {
    dialog: working,
    model: settings.model,
    modelArgs,
    responder: settings.name,
    metadata: call.metadata,
    apiType: settings.apiType,
    prompt: contract.prompt,
    turn: turnsOf(settings.invoker).next(working, settings.name, { context: run }),
    ...(call.parserArgs === undefined ? {} : { parserArgs: call.parserArgs }),
    ...(signal === undefined ? {} : { signal }),
  };
  const allowance = new Allowance(settings.invoker, request);
  const { streamHandler } = call;
  const step: Step = {
    kind: "model",
    name: settings.model,
    path,
    get input() {
      return requestData(call, working, contract);
    },
    inputPieces: () => call.requests.write(call, working, contract),
    measure: measureModel,
    estimate: () => allowance.estimate(),
    measureSoFar: () => allowance.soFar(),
    signal,
    ...(streamHandler === undefined ? {} : {
      replayed: (output: unknown) =>
        streamReply(readResult(output).message, withEvents(call, streamHandler, allowance, handlerErrors)),
    }),
    details: () => ({
      ...settings.invoker.target?.(request),
      stream: streamHandler !== undefined,
      dialogId: call.dialog.dialogId,
    }),
  };
  const output = await run.runStep(step, () =>
    ask(settings.invoker, allowance, {
      ...request,
      ...(allowance.outputCap === undefined
        ? {}
        : { modelArgs: { ...modelArgs, max_tokens: allowance.outputCap } }),
      ...(streamHandler === undefined
        ? {}
        : { streamHandler: withEvents(call, streamHandler, allowance, handlerErrors) }),
    }));
  const result = readResult(output);
  call.emit({ type: "model_end", message: result.message, cost: result.cost });
  if (allowance.outputCap !== undefined && result.message.metadata.finishReason === "length") {
    call.session.record("invokeTraces", call.step, result);
    throw cutByBudget(settings.model, allowance.outputCap);
  }
  return { result, path };
}

/** Agents of one name may have different invokers: each counts its own. */
function turnsOf(invoker: Invoker): TurnCounter {
  let turns = TURNS.get(invoker);
  if (turns === undefined) TURNS.set(invoker, turns = new TurnCounter());
  return turns;
}

/** Sends the request, and notes for a budget how far it came. */
async function ask(invoker: Invoker, allowance: Allowance, request: InvokeRequest): Promise<InvokeResult> {
  try {
    request.signal?.throwIfAborted();
    allowance.sent();
    const result = await raceAbort(Promise.resolve(invoker.call(request)), request.signal);
    allowance.answered(result);
    return result;
  } catch (error) {
    allowance.failed(error, request.signal);
    throw error;
  }
}

/** Nobody asked for a reply that ends in the middle: it is not taken for one. */
function cutByBudget(model: string, outputCap: number): LLLMError {
  return new LLLMError(
    `Cannot take the reply of model "${model}": expected it to end within the ${outputCap} tokens that the budget had left for it, ` +
      "found it cut there",
    { code: "budget_exceeded", data: { outputCap } },
  );
}

/** A runner may answer with the JSON form; an invoker of somebody else with nothing of use. */
function readResult(output: unknown): InvokeResult {
  if (output instanceof InvokeResult) return output;
  if ((output as { message?: unknown } | null | undefined)?.message != null) {
    return InvokeResult.fromJSON(output);
  }
  throw new LLLMError(
    "Cannot read a reply: expected an InvokeResult with a message from the invoker, found none",
    {
      code: "provider_error",
      data: { retryable: false },
    },
  );
}

function measureModel(output: unknown): StepCost {
  const { cost } = output instanceof InvokeResult ? output : InvokeResult.fromJSON(output);
  return { tokens: cost.totalTokens, costUsd: cost.cost };
}

/** Tells about each piece as an event, then hands it on. What the handler throws is kept, to be told from the provider's errors. */
function withEvents(
  call: AgentCall,
  handler: StreamHandler,
  allowance: Allowance,
  errors: unknown[],
): StreamHandler {
  const keep = (error: unknown): never => {
    errors.push(error);
    throw error;
  };
  return {
    handleChunk(text, chunk) {
      const delta = toDelta(text, chunk);
      if (delta !== undefined) {
        allowance.streamed(delta.type === "tool_call_delta" ? delta.argumentsDelta : delta.text);
      }
      if (delta !== undefined) call.emit(delta);
      try {
        const told: unknown = handler.handleChunk(text, chunk);
        return told === undefined ? undefined : Promise.resolve(told as Promise<void>).catch(keep);
      } catch (error) {
        return keep(error);
      }
    },
  };
}

/** An invoker of somebody else may hand on pieces of another form: their text counts. */
function toDelta(text: string, chunk: unknown): ModelDelta | undefined {
  const type = (chunk as { type?: unknown } | null)?.type;
  if (type === "text_delta" || type === "reasoning_delta" || type === "tool_call_delta") {
    const { raw: _raw, ...delta } = chunk as ModelDelta & { raw?: unknown };
    return delta as ModelDelta;
  }
  return text === "" ? undefined : { type: "text_delta", text };
}
