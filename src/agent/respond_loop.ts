import { CANCELLED_RESULT, type Dialog, toolCallId, toolResultMessage } from "../dialog/mod.ts";
import { type FunctionCall, type Message, Role } from "../message/mod.ts";
import { AgentError, type InvokeResult } from "../session/mod.ts";
import { getLogger } from "../logging/mod.ts";
import { toolMedia } from "../tools/mod.ts";
import { raceAbort } from "../util/mod.ts";
import type { AgentCall } from "./_call.ts";
import { type Contract, contractInForce, withoutTools } from "./_contract.ts";
import { modelTurn } from "./_model_turn.ts";
import { parseReply } from "./_parse_reply.ts";
import { approvedServers, decisionOf } from "./_hosted_calls.ts";
import { runToolRound } from "./_tool_round.ts";
import type { ContextManager } from "./context_manager.ts";

const logger = getLogger("agent");

/** Rounds of tool calls after which even an agent without a limit of its own is stopped. */
const HARD_INTERRUPT_STOP = 100;

/** A reply that fits its contract, and the path of the step that gave it. */
interface Reply {
  readonly message: Message;
  readonly path: string;
}

/**
 * The call loop: asks the model, answers its calls of tools, and asks again, until it replies with a message; that message is
 * appended to the canonical dialog and delivered.
 *
 * Repairs happen on a fork, so that the canonical dialog holds only what counts. Whatever ends the loop early, every call
 * of a tool in the canonical dialog is answered.
 */
export async function respondLoop(call: AgentCall, systemPrompt: Contract["prompt"]): Promise<Message> {
  const { dialog, session, settings } = call;
  const contract = await call.mcp.offer(contractInForce(dialog, systemPrompt, call.resolver), call);
  const roundLimit = settings.maxInterruptSteps === 0 ? HARD_INTERRUPT_STOP : settings.maxInterruptSteps;
  let approved: ReadonlySet<string> = new Set();
  try {
    for (call.step = 0; call.step < roundLimit; call.step++) {
      const reply = await validReply(call, contract);
      if (!reply.message.isFunctionCall) return deliver(call, reply.message);
      session.state = "interrupt";
      approved = await answerTools(call, contract, reply);
    }
    askForFinalAnswer(call, contract);
    const reply = await validReply(call, withoutTools(contract, approved));
    if (!reply.message.isFunctionCall) return deliver(call, reply.message);
    throw new AgentError(
      `Agent "${settings.name}" called a tool in its final answer, after ${roundLimit} rounds of tool calls`,
      { code: "interrupt_limit", session },
    );
  } catch (error) {
    answerOpenCalls(dialog);
    throw error;
  }
}

/** Asks until a reply fits the contract, on a fork; what the fork held besides is forgotten. */
async function validReply(call: AgentCall, contract: Contract): Promise<Reply> {
  const { session, settings, step } = call;
  const fork = call.dialog.fork({ tracked: false });
  const working = settings.contextManager === null ? fork : await fit(call, fork, settings.contextManager);
  while (true) {
    const { result, path } = await modelTurn(call, working, contract);
    let checked = result;
    try {
      checked = await checkReply(call, result, contract);
    } finally {
      session.record("invokeTraces", step, checked); // it is paid for, whatever becomes of it
    }
    if (!checked.hasErrors) return { message: checked.message, path };

    const attempt = session.exceptionRetriesCount + 1;
    if (attempt > settings.maxExceptionRetry) {
      throw new AgentError(
        `Agent "${settings.name}" gave no valid reply after ${settings.maxExceptionRetry} repairs: ${checked.errorMessage}`,
        { code: "exception_retries_exhausted", session },
      );
    }
    session.state = "exception";
    session.record("exceptionRetries", step, checked.errorMessage);
    session.record("repairs", step, {
      rung: "reask",
      error: checked.errorMessage,
      attempt,
      costUsd: checked.cost.cost,
    });
    call.emit({ type: "repair", rung: "reask", error: checked.errorMessage, attempt });
    logger.info("A reply is asked for again", () => ({
      agent: settings.name,
      model: settings.model,
      attempt,
      error: checked.errorMessage,
    }));
    working.append(checked.message);
    working.putPrompt(contract.prompt.onException(session), {
      promptArgs: { error_message: checked.errorMessage },
    });
  }
}

/** Lets the context manager choose what is sent. */
async function fit({ signal }: AgentCall, dialog: Dialog, manager: ContextManager): Promise<Dialog> {
  const given = manager.apply(dialog);
  const fitted: unknown = given instanceof Promise ? await raceAbort(given, signal) : await given;
  if (typeof (fitted as Dialog | undefined)?.append === "function") return fitted as Dialog;
  throw new TypeError(
    `Cannot use context manager "${manager.name}": expected a dialog from apply(), found ${typeof fitted}`,
  );
}

/** Adds what the contract says of a reply: the parsed value, or what is wrong with it. */
async function checkReply(call: AgentCall, result: InvokeResult, contract: Contract): Promise<InvokeResult> {
  if (result.hasErrors || result.message.isFunctionCall) return result;
  const parsed = await parseReply(result.message, contract.prompt, call);
  if (!parsed.ok) return result.with({ executionErrors: [parsed.error] });
  if (parsed.mended !== undefined) {
    call.session.record("repairs", call.step, { rung: "mend", error: parsed.mended, attempt: 0, costUsd: 0 });
    call.emit({ type: "repair", rung: "mend", error: parsed.mended, attempt: 0 });
  }
  return result.with({ message: result.message.with({ parsed: parsed.parsed }) });
}

/**
 * Appends a reply that asks for tools, runs them, and appends their results in call order. Gives the provider's own servers whose
 * calls were approved.
 */
async function answerTools(
  call: AgentCall,
  contract: Contract,
  { message, path }: Reply,
): Promise<ReadonlySet<string>> {
  call.dialog.append(message);
  const completed = await runToolRound(call, message, contract, path);
  for (const toolCall of completed) {
    call.session.record("interrupts", call.step, toolCall);
    const text = resultText(call, contract, toolCall);
    const answer = toolResultMessage(toolCall, text, toolMedia(toolCall.result));
    const metadata = { ...answer.metadata, ...decisionOf(message, toolCall) };
    call.dialog.append(answer.with({ metadata }));
  }
  return approvedServers(message, completed);
}

function resultText(call: AgentCall, contract: Contract, toolCall: FunctionCall): string {
  const prompt = contract.prompt.onInterrupt(call.session);
  return prompt.render({ call_results: toolCall.resultText ?? "", tool_name: toolCall.name });
}

function askForFinalAnswer(call: AgentCall, contract: Contract): void {
  const { dialog, session } = call;
  const top = dialog.topPrompt;
  const last = session.lastInterrupt.map((toolCall) => toolCall.resultText ?? "").join("\n");
  dialog.putPrompt(contract.prompt.onInterruptFinal(session), { promptArgs: { call_results: last } });
  dialog.topPrompt = top; // the contract of the next turn is not the handler's
}

function deliver(call: AgentCall, message: Message): Message {
  const delivered = call.dialog.append(message);
  call.session.delivery = delivered;
  call.session.state = "success";
  return delivered;
}

/** Answers the calls of the last round that were not answered, so that the dialog stays valid. */
function answerOpenCalls(dialog: Dialog): void {
  const { messages } = dialog;
  const asking = messages.findLastIndex((message) => message.isFunctionCall);
  if (asking === -1) return;
  const answered = new Set(messages.slice(asking + 1).filter((m) => m.role === Role.TOOL).map(toolCallId));
  for (const call of messages[asking]!.functionCalls) {
    if (!answered.has(call.id)) dialog.append(toolResultMessage(call, CANCELLED_RESULT));
  }
}
