import type { ContentPart, ImagePart } from "../message/mod.ts";
import { currentRun } from "../run/mod.ts";
import { type ToolContent, toolContent } from "../tools/mod.ts";
import { raceAbort } from "../util/mod.ts";
import type { ComputerAction } from "./action.ts";
import { type Computer, ComputerFailure } from "./computer.ts";

/** What came of one action, as the run's record has it. */
interface ActionOutcome {
  readonly url: string | null;
  readonly notes: readonly string[];
  readonly screenshot: ImagePart;
}

/** Who is at a computer: calls that one reply makes of it at once wait for each other. */
const queues: WeakMap<Computer, Promise<unknown>> = new WeakMap();

/**
 * Carries out the actions of one call, each as a step of the run that gives its screenshot. Gives the last screenshot, and as text
 * what it does not show. An action that fails ends the list, and is told with the screen as it is.
 */
export async function perform(
  computer: Computer,
  actions: readonly ComputerAction[],
  signal: AbortSignal,
): Promise<ToolContent> {
  const before = queues.get(computer) ?? Promise.resolve();
  const work = raceAbort(before.catch(() => {}), signal).then(() => performAll(computer, actions, signal));
  // Work that was aborted may still have its hands on the computer: who comes next waits for the work itself.
  queues.set(computer, Promise.allSettled([before, work]));
  return await work;
}

async function performAll(
  computer: Computer,
  actions: readonly ComputerAction[],
  signal: AbortSignal,
): Promise<ToolContent> {
  const notes: string[] = [];
  let screenshot: ImagePart | undefined;
  for (const [index, action] of actions.entries()) {
    signal.throwIfAborted();
    try {
      const outcome = await asStep(action, async () => {
        await computer.act(action, { signal });
        const shot = await computer.screenshot({ signal });
        return { url: computer.currentUrl, notes: computer.takeNotes(), screenshot: shot };
      });
      notes.push(...outcome.notes);
      screenshot = outcome.screenshot;
    } catch (error) {
      if (!(error instanceof ComputerFailure)) throw error;
      notes.push(...computer.takeNotes(), failureNote(error, actions, index));
      screenshot = await currentScreen(computer, notes, signal);
      break;
    }
  }
  const parts: ContentPart[] = notes.length === 0 ? [] : [{ type: "text", text: notes.join("\n") }];
  return toolContent([...parts, screenshot!]);
}

async function asStep(action: ComputerAction, effect: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
  const run = currentRun();
  if (run === undefined) return await effect();
  const name = `computer:${action.type}`;
  return await run.runStep({ kind: "tool", name, path: run.nextPath(name), input: action }, effect);
}

function failureNote(error: Error, actions: readonly ComputerAction[], index: number): string {
  if (actions.length === 1) return error.message;
  const rest = index + 1 === actions.length ? "" : "; the actions after it were not carried out";
  return `Action ${index + 1} of ${actions.length} failed: ${error.message}${rest}`;
}

/** The screen after a failure. Where there is none to be had, the failure is all that the model is told. */
async function currentScreen(
  computer: Computer,
  notes: readonly string[],
  signal: AbortSignal,
): Promise<ImagePart> {
  try {
    return await asStep(
      { type: "screenshot" },
      async () => ({
        url: computer.currentUrl,
        notes: [],
        screenshot: await computer.screenshot({ signal }),
      }),
    ).then((outcome) => outcome.screenshot);
  } catch (error) {
    if (!(error instanceof ComputerFailure)) throw error;
    throw new ComputerFailure(notes.join("\n"), { cause: error });
  }
}
