import type { Dialog } from "../dialog/mod.ts";
import { currentRun, type RunContext } from "../run/mod.ts";

interface NextTurnOptions {
  /** The run. Default: the current one. */
  readonly context?: RunContext | undefined;
  /** The turn as the caller counts, who may know of more calls, or of fewer. */
  readonly told?: number | undefined;
}

interface Turns {
  next: number;
  readonly told: Set<number>;
  /** How many calls came that the caller does not count. */
  extra: number;
}

/**
 * Counts the model calls of each agent in each run. A run is known by its call context, which is one object per run of a
 * tactic and gone with it; outside of runs the root of the dialog stands for it, since the forks in which an agent works all
 * lead there.
 */
export class TurnCounter {
  readonly #runs: WeakMap<object, Map<string, Turns>> = new WeakMap();

  /** Says how many calls of the agent came before, and counts this one. A turn that is told again is one more call. */
  next(dialog: Dialog, agent: string, { context = currentRun(), told }: NextTurnOptions = {}): number {
    const run = context?.callContext ?? rootOf(dialog);
    let agents = this.#runs.get(run);
    if (agents === undefined) this.#runs.set(run, agents = new Map());
    let turns = agents.get(agent);
    if (turns === undefined) agents.set(agent, turns = { next: 0, told: new Set(), extra: 0 });
    if (told === undefined || turns.told.has(told)) turns.extra++;
    const turn = told === undefined ? turns.next : told + turns.extra;
    if (told !== undefined) turns.told.add(told);
    turns.next = Math.max(turns.next, turn + 1);
    return turn;
  }
}

function rootOf(dialog: Dialog): Dialog {
  let root = dialog;
  while (root.parent !== null) root = root.parent;
  return root;
}
