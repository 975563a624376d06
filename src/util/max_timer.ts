/** What a timer of the engine can wait: it takes longer waits, and those without end, for none at all. Units: milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
