import type { Dialog } from "../dialog/mod.ts";
import { currentRun, type RunContext } from "../run/mod.ts";

/**
 * Counts the model calls of each agent in each run. A run is known by its call context, which is one object per run of a
 * tactic and gone with it; outside of runs the root of the dialog stands for it, since the forks in which an agent works all
 * lead there.
 */
export class TurnCounter {
  readonly #runs: WeakMap<object, Map<string, number>> = new WeakMap();

  /** Says how many calls of the agent came before, and counts this one. */
  next(dialog: Dialog, agent: string, context: RunContext | undefined = currentRun()): number {
    const run = context?.callContext ?? rootOf(dialog);
    let agents = this.#runs.get(run);
    if (agents === undefined) this.#runs.set(run, agents = new Map());
    const turn = agents.get(agent) ?? 0;
    agents.set(agent, turn + 1);
    return turn;
  }
}

function rootOf(dialog: Dialog): Dialog {
  let root = dialog;
  while (root.parent !== null) root = root.parent;
  return root;
}
