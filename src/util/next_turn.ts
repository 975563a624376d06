/**
 * Resolves in the next turn of the event loop, when what is ready now has had its turn. A timer of 0 ms would take a millisecond.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
