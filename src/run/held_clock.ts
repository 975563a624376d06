import { AsyncLocalStorage } from "node:async_hooks";

/** A clock that can stand still, such as that of a cell's time limit. */
export interface HeldClock {
  /** Stops the clock; may be called again while it is stopped, and then takes as many calls of {@linkcode HeldClock.resume}. */
  hold(): void;
  /** Lets the clock go on. */
  resume(): void;
}

const storage = new AsyncLocalStorage<readonly HeldClock[]>();

/** Runs `body` so that {@linkcode holdClocks} in it also stops `clock`. */
export function withClock<T>(clock: HeldClock, body: () => T): T {
  return storage.run([...storage.getStore() ?? [], clock], body);
}

/**
 * Stops the clocks of everything that waits for the current code: that of the cell that made the current call, and that of the
 * cell around it, if there is one. Who waits for a person calls it, so that their time is not the cell's.
 *
 * @returns what lets the clocks go on; calling it again does nothing
 */
export function holdClocks(): () => void {
  const clocks = storage.getStore() ?? [];
  for (const clock of clocks) clock.hold();
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    for (const clock of clocks) clock.resume();
  };
}
