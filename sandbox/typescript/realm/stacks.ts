/**
 * What cells read as an error's `stack`: the frames that lie in cells, by their place in the cell's source.
 *
 * Deno leaves the making of that text to a function of the realm, and calls it with objects of the worker's realm. A cell
 * can neither replace the function nor see what it is given; called by a cell, it takes any objects that have a text.
 * There are stacks that V8 writes by itself, where little of the stack is left, and while that function runs code of the
 * cell (getters of an error's name). They cannot be kept from the cell; but they end among frames of the harness, whose
 * file has a name without meaning, since no stack has more than {@linkcode STACK_FRAMES} and so many of these lie below
 * each cell.
 *
 * @module
 */
import { apply, defineProperty, Error, harness } from "./border.ts";
import { STACK_FRAMES } from "./stack_frames.ts";

const errorToString = Error.prototype.toString;

/** Fixes what errors tell of the stack; before any cell. */
export function fixStacks(): void {
  fix("stackTraceLimit", STACK_FRAMES);
  fix("prepareStackTrace", (error: unknown, sites: readonly unknown[]) => headOf(error) + framesOf(sites));
}

function fix(name: string, value: unknown): void {
  const descriptor = { __proto__: null, value, writable: false, enumerable: false, configurable: false };
  defineProperty(Error, name, descriptor as PropertyDescriptor);
}

/** The error's name and message, which may be the cell's own code. */
function headOf(error: unknown): string {
  try {
    return apply(errorToString, error, []);
  } catch {
    return "Error";
  }
}

/** None of what is thrown here is passed on: it may be of another realm. */
function framesOf(sites: readonly unknown[]): string {
  try {
    let text = "";
    for (let index = 0; index < sites.length && index < STACK_FRAMES; index++) {
      text += `\n    at ${sites[index]}`;
    }
    return harness.trace(text);
  } catch {
    return "";
  }
}
