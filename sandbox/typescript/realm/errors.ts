/**
 * Errors in words. What is read of one may be the cell's own code, and may fail.
 *
 * @module
 */
import { nameOf } from "./properties.ts";
import { quote } from "./quote.ts";

const MAX_CAUSES = 5;
/** Of errors within errors: how many each, and how deep. */
const MAX_ERRORS = 10;
const MAX_ERROR_DEPTH = 3;
const MAX_OTHER_CHARS = 1000;

/** What the engine says of assignments to constants of cells, which to it are properties of the global object. */
const READ_ONLY = /^Cannot assign to read only property '(.+)' of object '#<Object>'$/su;

let traceOf: (stack: string) => string = () => "";
let assignedName: (trace: string) => string = () => "";

/**
 * Sets how the frames of a stack are told: those of cells alone, by their place in the cell's source. `nameAt` gives the
 * variable that stands at the first of them.
 */
export function setTrace(trace: (stack: string) => string, nameAt: (trace: string) => string): void {
  traceOf = trace;
  assignedName = nameAt;
}

/** An error's name, message, frames, causes, and the errors that it is made of. */
export function stackOf(error: Error, depth = 0): string {
  const parts: string[] = [];
  const seen: unknown[] = [];
  let next: unknown = error;
  for (let count = 0; isError(next) && !seen.includes(next) && count <= MAX_CAUSES; count++) {
    seen.push(next);
    parts.push(shortError(next) + framesOf(next) + innerErrors(next, depth));
    next = read(next, "cause");
  }
  return parts.join("\nCaused by: ");
}

/** What an `AggregateError` is made of, a paragraph each. */
function innerErrors(error: Error, depth: number): string {
  const errors = hiddenList(error);
  if (errors === null || depth >= MAX_ERROR_DEPTH) return "";
  let text = "";
  const count = Math.min(errors.length, MAX_ERRORS);
  for (let index = 0; index < count; index++) {
    const inner: unknown = read(errors, index);
    const shown = isError(inner) ? stackOf(inner, depth + 1) : otherText(inner);
    text += `\n  [${index}] ${shown.replaceAll("\n", "\n  ")}`;
  }
  return errors.length > count ? `${text}\n  ... ${errors.length - count} more` : text;
}

/** The list that `AggregateError` itself made: such a property of another error is shown as all properties are. */
function hiddenList(error: Error): unknown[] | null {
  try {
    const descriptor = Reflect.getOwnPropertyDescriptor(error, "errors");
    return descriptor?.enumerable === false && Array.isArray(descriptor.value) ? descriptor.value : null;
  } catch {
    return null;
  }
}

function otherText(value: unknown): string {
  if (typeof value === "string") return quote(value, MAX_OTHER_CHARS);
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return String(value);
  return `[${nameOf(value)}]`;
}

/** An error's name and message. */
export function shortError(error: Error): string {
  const message = messageOf(error);
  return message === "" ? errorName(error) : `${errorName(error)}: ${message}`;
}

/** Whether a value is an error, of whatever realm. */
export function isError(value: unknown): value is Error {
  try {
    return Error.isError(value);
  } catch {
    return false;
  }
}

/** An error's message, if it is text. */
export function messageOf(error: Error): string {
  const message = read(error, "message");
  if (typeof message !== "string") return "";
  const name = READ_ONLY.exec(message)?.[1];
  if (name === undefined || assignedName(framesOf(error)) !== name) return message;
  return `Assignment to constant variable '${name}'`;
}

/** The name that the error has, or else that of its class. */
export function errorName(error: Error): string {
  const name = read(error, "name");
  if (typeof name === "string" && name !== "" && name !== "Error") return name;
  try {
    return nameOf(error);
  } catch {
    return "Error";
  }
}

function framesOf(error: Error): string {
  const stack = read(error, "stack");
  return typeof stack === "string" ? traceOf(stack) : "";
}

function read<T extends object>(object: T, key: keyof T): unknown {
  try {
    return object[key];
  } catch {
    return undefined;
  }
}
