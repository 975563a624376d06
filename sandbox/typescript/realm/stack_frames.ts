/**
 * How deep a cell may look into the stack.
 *
 * @module
 */

/** The most frames that an error's stack has, and the fewest of the harness's own that lie below a cell. */
export const STACK_FRAMES = 20;
